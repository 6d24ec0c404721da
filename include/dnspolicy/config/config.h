/*
 * The configuration as checked data: what the YAML file says, defaults filled in, names resolved to pointers. Immutable
 * once loaded, reference-counted, readable from any thread. Durations are nanoseconds. Arrays have dense ids (`index`).
 */
#ifndef DNSPOLICY_CONFIG_CONFIG_H
#define DNSPOLICY_CONFIG_CONFIG_H

#include <regex.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dnspolicy/base/addr.h"
#include "dnspolicy/config/problems.h"
#include "dnspolicy/dns/numbers.h"
#include "dnspolicy/dns/query.h"
#include "dnspolicy/dns/tsig.h"

enum transport { TRANSPORT_UDP, TRANSPORT_TCP, TRANSPORT_TLS, TRANSPORT_HTTPS, TRANSPORTS };
extern const char *const transport_names[TRANSPORTS]; /* "udp", "tcp", "tls", "https" */
static inline bool transport_is_stream(enum transport transport) { return transport != TRANSPORT_UDP; }

struct config_global {
    uint64_t interval_ns;
    uint64_t timeout_ns;
    uint32_t attempts;
    double max_qps_per_resolver; /* 0: no limit */
    double max_denied_qps;       /* 0: no limit */
};

struct config_key {
    uint32_t index;
    struct place place;
    const char *name; /* canonical domain name: what goes over the wire */
    enum dns_tsig_algorithm algorithm;
    struct dns_tsig_key *tsig;
    const char *secret_path; /* absolute, for people; NULL: the secret stands in the file */
    bool is_clause; /* the file at secret_path is a `key` clause as tsig-keygen writes it, which dig -k reads */
};

struct config_client {
    uint32_t index;
    struct place place;
    const char *name;
    const char *description;                /* NULL: none */
    struct subnet subnet[ADDR_FAMILIES];    /* at least one present */
    const char *subnet_text[ADDR_FAMILIES]; /* the `subnet` label; NULL where the family is absent */
    struct addr source[ADDR_FAMILIES];      /* absent: the kernel chooses */
    bool nat;
    const char *interface; /* NULL: none */
    const char *netns;     /* path of the network namespace; NULL: our own */
    bool has_mark;
    uint32_t mark;
    bool transparent;
    struct addr proxy[ADDR_FAMILIES]; /* what a PROXYv2 header claims; absent: nothing */
    struct subnet ecs;                /* base.present: sent with every query */
    struct dns_ecs ecs_option;
    const struct config_key *key; /* NULL: unsigned */
};
static inline bool config_client_has_proxy(const struct config_client *client)
{
    return client->proxy[ADDR_V4].present || client->proxy[ADDR_V6].present;
}

struct config_resolver {
    uint32_t index;
    struct place place;
    const char *name; /* "host/10.0.0.53" for one that {address: system} gave */
    const char *description;
    struct addr address;
    uint16_t port;               /* of all transports; 0: each one's own (config_resolver_port) */
    bool proxy;                  /* every query carries a PROXYv2 header */
    const char *tls_server_name; /* what the certificate must name; NULL: the address */
    const char *tls_ca_file;     /* absolute, for people; NULL: the host's certificates */
    const char *tls_ca_pem;      /* the file's text */
    struct place tls_ca_place;
    const char *https_path;   /* "/dns-query" */
    bool https_get;           /* GET, else POST */
    const char *group;        /* NULL: none */
    const char **zones;       /* canonical names, NULL-terminated */
    const char *control_name; /* canonical; NULL: none. A name that diagnosis may compare with */
    uint16_t control_type;
};

uint16_t config_resolver_port(const struct config_resolver *resolver, enum transport transport); /* 53, 853, 443 */

struct config_query {
    struct place place;
    struct dns_question question;
};

/* What an rcode list may allow besides rcodes. */
enum expect_word {
    EXPECT_ANSWERED = 1 << 0,
    EXPECT_DENIED = 1 << 1,
    EXPECT_NO_RESPONSE = 1 << 2,
    EXPECT_BADSIG = 1 << 3, /* NOTAUTH with this TSIG error */
    EXPECT_BADKEY = 1 << 4,
    EXPECT_BADTIME = 1 << 5
};
struct expect_pattern {
    const char *text; /* NULL: not asked for */
    regex_t regex;    /* POSIX extended, no back-references, REG_NOSUB */
};
struct expectation {
    uint8_t words;    /* enum expect_word */
    uint16_t *rcodes; /* in the order of the file */
    size_t rcode_count;
    const char **rcode_texts; /* words and rcodes as shown in JSON, in the order of the file; NULL-terminated */
    uint8_t flags_set;        /* enum dns_flag */
    uint8_t flags_clear;
    bool has_answer_min;
    bool has_answer_max;
    uint32_t answer_min; /* records of the answer section */
    uint32_t answer_max;
    const char **answer_contains;            /* RDATA texts; each must be there; NULL-terminated, NULL: not asked for */
    struct expect_pattern answer_matches;    /* at least one record's RDATA */
    struct expect_pattern answer_none_match; /* no record's RDATA */
    uint16_t *ede;                           /* at least one of them */
    size_t ede_count;
    struct expect_pattern nsid;
};
/* A denial is expected when REFUSED, NOTAUTH, NO_RESPONSE or DENIED is allowed, and neither NOERROR nor ANSWERED. */
bool expectation_is_denial(const struct expectation *expectation);
bool expectation_allows_rcode(const struct expectation *expectation,
                              uint16_t rcode);                          /* as a number; words do not count */
bool expectation_allows_silence(const struct expectation *expectation); /* NO_RESPONSE or DENIED */

/* One name of a `client:` or `resolver:` list. */
struct config_client_pick {
    const struct config_client *client;
    bool by_wildcard; /* through "*": pairs that cannot be asked are left out; else they are errors */
    struct place place;
};
struct config_resolver_pick {
    const struct config_resolver *resolver;
    bool by_wildcard;
    struct place place;
};

struct config_check {
    uint32_t index;
    struct place place;
    const char *path; /* "checks[2]", for problems found later */
    const char *name;
    const char *description;
    const char *severity;
    struct config_client_pick *clients; /* no client twice: a named pick wins over "*" */
    size_t client_count;
    struct config_resolver_pick *resolvers;
    size_t resolver_count;
    struct config_query *queries;
    size_t query_count;
    uint8_t transports; /* bits 1 << enum transport */
    struct expectation expect;
    uint64_t interval_ns;
    uint64_t timeout_ns;   /* of one attempt */
    uint32_t attempts;     /* over UDP; the others have one */
    bool reuse_connection; /* TCP, TLS, HTTPS: a connection that an earlier run of the same client has left open may
                              serve */
    const struct config_policy *policy; /* NULL: from `checks` */
};

enum policy_operation { POLICY_RECURSION, POLICY_QUERY, POLICY_TRANSFER, POLICY_UPDATE, POLICY_OPERATIONS };
extern const char *const policy_operation_names[POLICY_OPERATIONS]; /* "recursion", … */

/* A guest list. It comes to at most two checks of its name: one for the allowed, one for all others. */
struct config_policy {
    uint32_t index;
    struct place place;
    const char *path; /* "policies[2]" */
    const char *name;
    const char *description;
    enum policy_operation operation;
    const struct config_check *allowed; /* NULL: nobody is */
    const struct config_check *denied;  /* NULL: nobody is */
};

struct config {
    atomic_uint references;
    char *file;
    struct config_global global;
    struct config_key *keys;
    size_t key_count;
    struct config_client *clients;
    size_t client_count;
    struct config_resolver *resolvers;
    size_t resolver_count;
    struct config_check *checks; /* those of `checks`, then those that the policies come to */
    size_t check_count;
    struct config_policy *policies;
    size_t policy_count;
    void *arena; /* owns every string and array above */
};

/* What the host says about its own resolvers, for {address: system}. NULL paths: the real ones. */
struct config_sources {
    const char *resolv_conf_path;          /* /etc/resolv.conf */
    const char *resolved_resolv_conf_path; /* /run/systemd/resolve/resolv.conf */
};

#define CONFIG_FILE_MAX (16u << 20)

/* NULL: *problems has at least one error. Warnings may be there on success too. One reference is the caller's. */
struct config *config_load(const char *path, const struct config_sources *sources, struct problems *problems);
/* The same from memory, for tests and fuzzing; `base_path` is the name in messages. */
struct config *config_parse(const char *base_path, const char *text, size_t len, const struct config_sources *sources,
                            struct problems *problems);
struct config *config_ref(struct config *config);
void config_unref(struct config *config); /* NULL is fine */

#endif
