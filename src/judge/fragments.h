/* The pieces of which sentences about verdicts are made. Each appends to `out`. */
#ifndef DNSPOLICY_JUDGE_FRAGMENTS_H
#define DNSPOLICY_JUDGE_FRAGMENTS_H

#include "dnspolicy/judge/verdict.h"

struct telling {
    const struct plan_probe *probe;
    const struct dns_question *asked;
    const struct outcome *outcome;
    const struct dns_reply *reply; /* of the outcome; meaningful with RESPONSE */
    struct judgement judgement;
    struct strbuf *out;
};

void tell(const struct telling *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
void tell_expected(const struct telling *t); /* "REFUSED or NOTAUTH was expected" */
void tell_client(const struct telling *t);   /* "office (10.20.0.0/16)" */
void tell_where(const struct telling *t);    /* "10.20.30.40:53 over udp" */
void tell_reply(const struct telling *t);    /* "REFUSED with EDE 18 (Prohibited: "text")" */
/* "REFUSED was expected; ns1 answered NOERROR to office (10.20.0.0/16)" */
void tell_expected_and_came(const struct telling *t);
void tell_records(const struct telling *t); /* "no record", "1 record", "3 records" */
void tell_error(const struct telling *t);   /* what the network or this host said */
/* The name as it was asked in the attempt that counts. */
void tell_name(const struct telling *t);
/* The sentence for a part of the expectation that does not hold although the rcode is right. */
void tell_failed_part(const struct telling *t);

#endif
