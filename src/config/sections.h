/* The sections of the policy file: their tables, for loader and manual, and their readers. */
#ifndef DNSPOLICY_SRC_CONFIG_SECTIONS_H
#define DNSPOLICY_SRC_CONFIG_SECTIONS_H

#include "schema.h"

extern const struct schema_section root_section;
extern const struct schema_section global_section;
extern const struct schema_section client_section;
extern const struct schema_section resolver_section;
extern const struct schema_section check_section;
extern const struct schema_section query_section;
extern const struct schema_section expect_section;
extern const struct schema_section answer_section;

schema_read read_global, read_clients, read_resolvers, read_checks; /* target: the config */
schema_read read_check_query, read_check_expect;                    /* target: the check */

/* timeout × attempts below the interval; `node` is what sets them. */
void check_run_fits(struct loader *loader, const struct node *node, uint64_t interval_ns, uint64_t timeout_ns,
                    uint32_t attempts);

void expectation_fini(struct expectation *expectation); /* the regular expressions; the rest is the arena's */

/* "NAME [TYPE] [CLASS]" */
bool read_short_query(struct loader *loader, const struct node *node, const char *text, struct dns_question *out);
/* Canonical, in the arena; NULL: reported. */
const char *read_dns_name(struct loader *loader, const struct node *node, const char *text);

/* Lists of names of a check. */
schema_read read_client_picks, read_resolver_picks;

#endif
