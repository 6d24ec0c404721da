/* Sentences by verdict. The two files share the work: what an outcome without a reply means, and what a reply means. */
#ifndef DNSPOLICY_JUDGE_EXPLAIN_H
#define DNSPOLICY_JUDGE_EXPLAIN_H

#include "fragments.h"

void explain_local_error(const struct telling *t);
void explain_network_error(const struct telling *t);
void explain_no_response(const struct telling *t);

#endif
