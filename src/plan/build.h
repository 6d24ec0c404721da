/* The steps of plan_build(), in this order. Each adds to the plan or to the problems. */
#ifndef PLAN_BUILD_H
#define PLAN_BUILD_H

#include "dnspolicy/plan/plan.h"

/* What plan->arena points to. */
struct plan_arena {
    char (*qtype_labels)[2 * DNS_NUMBER_TEXT_SIZE]; /* per query */
    struct dns_query *soas;                         /* of the transfers */
    const struct plan *whole; /* of a selection: owns all but the probes, one reference; else NULL */
};

/* False, with an error: the checks multiply to more than PLAN_PROBES_MAX. Nothing is built yet. */
bool expand_is_bounded(const struct config *config, struct problems *problems);
void queries_build(struct plan *plan, struct problems *problems); /* errors: two of a check with the same labels */
char *queries_path(const struct config_check *check, size_t idx); /* for problems; the caller frees */
/* Of class IN and opcode QUERY, and in none of the resolver's zones: only recursion or a cache can answer it. */
bool queries_is_foreign(const struct dns_question *question, const struct config_resolver *resolver);
void expand_probes(struct plan *plan, struct problems *problems); /* errors: pairs that cannot be asked */
void limits_measure_cost(struct plan *plan);
void limits_check_rates(const struct plan *plan, struct problems *problems);
void identities_check(const struct plan *plan, struct problems *problems); /* errors: equal ids by chance */
void contradictions_check(const struct plan *plan,
                          struct problems *problems); /* errors: policies that cannot both hold */
void warnings_collect(const struct plan *plan, struct problems *problems);

#endif
