/*
 * The plan: what a configuration comes to. Every probe that will run, with its identity, its query's bytes and what it
 * shares with others. Pure: no I/O, no clock. Immutable once built, reference-counted, readable from any thread.
 * Arrays have dense indexes, so whoever keeps something per probe, server or pair keeps an array.
 */
#ifndef DNSPOLICY_PLAN_PLAN_H
#define DNSPOLICY_PLAN_PLAN_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dnspolicy/config/config.h"
#include "dnspolicy/config/problems.h"
#include "dnspolicy/dns/query.h"

#define PLAN_NONE UINT32_MAX
#define PLAN_PROBES_MAX 2000000u

/* One question on the wire, shared by the probes that ask it. */
struct plan_query {
    const struct config_query *config;
    struct dns_query wire;
    const struct dns_query *soa; /* a transfer: the query that goes before it on the same connection; else NULL */
    const char *qname_label;     /* the `qname` label: canonical name, {random} as written */
    const char *qtype_label;     /* the `qtype` label: "A", "TYPE65280", "CH:TXT", "UPDATE", "NOTIFY" */
};

/* One server address: what queries per second are counted against, and what a lane owns as a whole. */
struct plan_server {
    uint64_t key; /* of the address; equal across plans */
    struct addr address;
};
/* One address, port and transport, as seen in one network namespace, with or without a PROXYv2 header, and over TLS and
 * HTTPS under one name and path: whose life vouches for silence. */
struct plan_endpoint {
    uint64_t key;
    uint32_t server;
    uint16_t port;
    uint8_t transport;
};
/* One client and resolver: what probes that expect a denial are paced by. */
struct plan_pair {
    uint64_t key;
    uint32_t server;
};

struct plan_probe {
    uint64_t
        id; /* of check, client, resolver, transport, opcode, class, type and name as written: equal across plans */
    uint64_t digest; /* of all else that changes the wire or the judgement, interval and timeout included */
    const struct config_check *check;
    const struct config_client *client;
    const struct config_resolver *resolver;
    const struct plan_query *query;
    uint32_t server;
    uint32_t endpoint;
    uint32_t denied_pair;  /* PLAN_NONE unless a denial is expected */
    uint8_t transport;     /* enum transport */
    uint8_t family;        /* enum addr_family of the resolver: which source of the client */
    uint8_t subnet_family; /* which subnet of the client it stands for: the claimed address' family, else `family` */
    uint8_t attempts;      /* 1 to 10 */
    uint16_t port;         /* of the resolver, for this transport */
    bool expects_denial;
    const struct addr
        *claimed; /* the source that a PROXYv2 header claims; NULL: LOCAL, or no header (resolver->proxy) */
};

/* A pair that "*" left out. */
struct plan_omission {
    const struct config_check *check;
    const struct config_client *client;
    const struct config_resolver *resolver;
    const char *reason; /* static sentence */
};

/* What the plan costs, for `lint` and for the warning about descriptors. */
struct plan_cost {
    double queries_per_second; /* one query a run; a transfer two */
    double busiest_server_qps;
    uint32_t busiest_server;   /* PLAN_NONE: no probe */
    uint64_t sockets_at_worst; /* runs waiting at the same time when every server is silent */
};

struct plan {
    atomic_uint references;
    struct config *config;     /* one reference */
    struct plan_probe *probes; /* in the order check, client, resolver, query, transport */
    uint32_t probe_count;
    struct plan_query *queries;
    uint32_t query_count;
    struct plan_server *servers;
    uint32_t server_count;
    struct plan_endpoint *endpoints;
    uint32_t endpoint_count;
    struct plan_pair *pairs;
    uint32_t pair_count;
    struct plan_omission *omissions;
    uint32_t omission_count;
    struct plan_cost cost;
    void *arena;
};

/* Expands the config. NULL: *problems has an error (a pair that cannot be asked, a rate limit exceeded, equal metric
 * labels, a policy that contradicts another or a check, no probe at all). Takes a reference of its own to the config.
 * One reference to the plan is the caller's. */
struct plan *plan_build(struct config *config, struct problems *problems);
struct plan *plan_ref(const struct plan *plan);
void plan_unref(const struct plan *plan); /* NULL is fine */
/* The same plan with only those probes that `wants` says true to, in the same order; servers, endpoints and pairs keep
 * their indexes, and some have no probe. NULL: none was wanted. It shares the rest with `plan`, of which it holds a
 * reference. */
struct plan *plan_select(const struct plan *plan, bool (*wants)(const struct plan_probe *probe, void *ctx), void *ctx);

#define PLAN_ID_TEXT_SIZE 17
void plan_format_id(uint64_t id, char out[PLAN_ID_TEXT_SIZE]); /* 16 lower-case hex digits */
bool plan_parse_id(const char *text, uint64_t *id);
/* PLAN_NONE if no probe has the id. Linear in time is fine here: people ask, loops do not. */
uint32_t plan_find(const struct plan *plan, uint64_t id);

/* What became of each probe of `next`. */
struct plan_diff {
    uint32_t *previous; /* per probe of next: its index in the previous plan, or PLAN_NONE */
    bool *is_unchanged; /* same id and same digest: schedule, history and counters stay */
    uint32_t unchanged_count;
    uint32_t changed_count; /* same id, new digest: counters stay, the verdict goes to pending */
    uint32_t added_count;
    uint32_t removed_count;
};
void plan_diff_init(struct plan_diff *diff, const struct plan *previous,
                    const struct plan *next); /* previous may be NULL */
void plan_diff_fini(struct plan_diff *diff);

#endif
