/* What is remembered per resolver: response times, follow-ups, and the nodes behind it, told apart by NSID (RFC
 * 5001). */
#ifndef DNSPOLICY_STATE_RESOLVER_MEMORY_H
#define DNSPOLICY_STATE_RESOLVER_MEMORY_H

#include "dnspolicy/state/state.h"
#include "object.h"

struct node {
    struct state_node seen;
    uint64_t last_seen_mono_ns;
};
struct resolver_memory {
    struct object object;
    struct histogram response_time[TRANSPORTS];
    uint64_t followup_queries;
    int64_t certificate_not_after_s; /* the latest that was shown; 0: none yet */
    struct node *nodes;              /* in the order in which they were first seen */
    size_t node_count;
    size_t node_capacity;
    size_t named_count; /* of nodes: all but "none" and "other" */
    size_t last;        /* the node of the last reply; out of range: not known */
    uint8_t last_nsid[DNS_NSID_MAX];
    uint16_t last_nsid_len; /* 0: that reply had none, or an empty one */
    uint64_t next_sweep_mono_ns;
};
extern const struct object_kind resolver_memory_kind;

void resolver_memory_count_node(struct resolver_memory *memory, const struct dns_reply *reply, enum verdict verdict,
                                uint64_t now_mono_ns);
/* Takes the places of nodes that were not seen for 24 hours; cheap when there is nothing to do. */
void resolver_memory_sweep(struct resolver_memory *memory, uint64_t now_mono_ns);
uint32_t resolver_memory_copy_nodes(const struct resolver_memory *memory, struct state_node out[STATE_NODES_MAX + 2]);

#endif
