/* The sections of the policy file: their tables, for loader and manual, and their readers. */
#ifndef DNSPOLICY_SRC_CONFIG_SECTIONS_H
#define DNSPOLICY_SRC_CONFIG_SECTIONS_H

#include "schema.h"

extern const struct schema_section root_section;
extern const struct schema_section global_section;
extern const struct schema_section client_section;
extern const struct schema_section key_section;
extern const struct schema_section resolver_section;
extern const struct schema_section tls_section;
extern const struct schema_section https_section;
extern const struct schema_section check_section;
extern const struct schema_section policy_section;
extern const struct schema_section query_section;
extern const struct schema_section expect_section;
extern const struct schema_section answer_section;

/* Target: the config. The last two add to the array of checks, which has room for both. */
schema_read read_global, read_keys, read_clients, read_resolvers, read_checks, read_policies;
/* Target: the check. */
schema_read read_check_query, read_check_expect, read_transports, read_resolver_picks, read_client_picks;
schema_read read_resolver_tls, read_resolver_https; /* target: the resolver */

/* timeout × attempts below the interval; `node` is what sets them. */
void check_run_fits(struct loader *loader, const struct node *node, uint64_t interval_ns, uint64_t timeout_ns,
                    uint32_t attempts);

void expectation_fini(struct expectation *expectation); /* the regular expressions; the rest is the arena's */

/* "NAME [TYPE] [CLASS]" */
bool read_short_query(struct loader *loader, const struct node *node, const char *text, struct dns_question *out);
/* Canonical, in the arena; NULL: reported. */
const char *read_dns_name(struct loader *loader, const struct node *node, const char *text);

/* What a query is taken for where it does not say so itself. */
struct query_preset {
    uint8_t opcode;
    uint16_t type;
    const char *first_label; /* of the name, before the zone; NULL: the name must be given */
};
/* One query, in short form or as a mapping. False: it is not good, and reported. */
bool read_query(struct loader *loader, const struct node *node, const struct query_preset *preset,
                struct config_query *query);
/* The rules between opcode, type, name and zone, for a query whose keys are read; `node` is what it was read from. */
bool query_settle(struct loader *loader, const struct node *node, const struct query_preset *preset,
                  struct dns_question *question);

/* The picks of a list of clients, in the arena. */
size_t read_client_list(struct loader *loader, const struct node *node, bool may_be_empty,
                        struct config_client_pick **picks);

/* What a check takes from where it stands and from the globals. */
void check_begin(struct loader *loader, const struct node *node, struct config_check *check);
/* Reports a name that another check or policy has; else adds it to the table. */
void check_claim_name(struct loader *loader, const struct node *node, struct name_table *table, const char *name,
                      size_t idx);
/* The rules between the parts of a check that is read. */
struct check_keys {
    const char *query; /* the keys that hold them */
    const char *expect;
};
void check_settle(struct loader *loader, const struct node *node, const struct check_keys *keys,
                  struct config_check *check);
/* The rules between a check's queries, its transports and its resolvers' zones. */
void check_settle_transports(struct loader *loader, const struct node *node, struct config_check *check);
void check_zones(struct loader *loader, const struct node *node, const struct check_keys *keys,
                 const struct config_check *check);

#endif
