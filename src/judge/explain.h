/* Sentences by verdict. The files share the work: no reply at all, an exchange that failed, and what a server's policy
 * said. */
#ifndef DNSPOLICY_JUDGE_EXPLAIN_H
#define DNSPOLICY_JUDGE_EXPLAIN_H

#include "fragments.h"

void explain_local_error(const struct telling *t);
void explain_network_error(const struct telling *t);
void explain_no_response(const struct telling *t);

void explain_bad_credentials(const struct telling *t);
void explain_protocol_error(const struct telling *t);

void explain_open_transfer(const struct telling *t);
void explain_open_update(const struct telling *t);
void explain_open_recursion(const struct telling *t);
void explain_open_cache(const struct telling *t);
void explain_unexpected_answer(const struct telling *t);
void explain_unexpected_refusal(const struct telling *t);
/* What a NOTAUTH without TSIG error may mean; nothing for any other reply. */
void explain_notauth(const struct telling *t);

#endif
