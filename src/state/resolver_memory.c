/*
 * Decides which nodes of a resolver have a place. An NSID is whatever a server likes to send, so places are few, and a
 * node is known by its label: two NSIDs with one label must be one node, or /metrics would show a sample twice.
 */
#include "resolver_memory.h"

#include <stdlib.h>
#include <string.h>

#include "dnspolicy/base/clock.h"
#include "dnspolicy/base/mem.h"
#include "dnspolicy/base/text.h"

#define HOUR_NS (3600 * NS_PER_SEC)
#define NODE_KEPT_NS (24 * HOUR_NS)

static const char label_none[] = "none";
static const char label_other[] = "other";

static void copy_resolver_memory(void *to, const void *from)
{
    struct resolver_memory *copy = to;
    const struct resolver_memory *memory = from;
    for (int transport = 0; transport < TRANSPORTS; transport++) {
        const struct histogram *histogram = &memory->response_time[transport];
        struct histogram *target = &copy->response_time[transport];
        for (int i = 0; i < HISTOGRAM_BUCKETS; i++)
            atomic_store(&target->buckets[i], atomic_load(&histogram->buckets[i]));
        atomic_store(&target->sum_ns, atomic_load(&histogram->sum_ns));
    }
    copy->followup_queries = memory->followup_queries;
    copy->certificate_not_after_s = memory->certificate_not_after_s;
    copy->nodes = mem_copy(memory->nodes, memory->node_count * sizeof(*memory->nodes));
    copy->node_count = memory->node_count;
    copy->node_capacity = memory->node_count;
    copy->named_count = memory->named_count;
    copy->last = SIZE_MAX;
    copy->next_sweep_mono_ns = memory->next_sweep_mono_ns;
}

static void fini_resolver_memory(void *object) { free(((struct resolver_memory *)object)->nodes); }

const struct object_kind resolver_memory_kind = {
    .size = sizeof(struct resolver_memory),
    .copy = copy_resolver_memory,
    .fini = fini_resolver_memory,
};

static bool is_reserved(const char *label) { return strcmp(label, label_none) == 0 || strcmp(label, label_other) == 0; }

/* An NSID that reads like one of our own words is shown in hex. */
static void format_label(const struct dns_reply *reply, char out[2 * STATE_NODE_TEXT])
{
    static const char digits[] = "0123456789abcdef";
    size_t len = reply->nsid_len;
    REQUIRE(len <= DNS_NSID_MAX);
    if (!reply->has_nsid || len == 0) {
        memcpy(out, label_none, sizeof(label_none));
        return;
    }
    if (text_is_printable_ascii(reply->nsid, len)) {
        memcpy(out, reply->nsid, len);
        out[len] = '\0';
        if (!is_reserved(out)) return;
    }
    for (size_t i = 0; i < len; i++) {
        out[2 * i] = digits[reply->nsid[i] >> 4];
        out[2 * i + 1] = digits[reply->nsid[i] & 15];
    }
    out[2 * len] = '\0';
}

static struct node *find_node(struct resolver_memory *memory, const char *label)
{
    for (size_t i = 0; i < memory->node_count; i++)
        if (strcmp(memory->nodes[i].seen.nsid, label) == 0) return &memory->nodes[i];
    return NULL;
}

static struct node *add_node(struct resolver_memory *memory, const char *label)
{
    memory->nodes = mem_grow(memory->nodes, memory->node_count, &memory->node_capacity, sizeof(*memory->nodes));
    struct node *node = &memory->nodes[memory->node_count++];
    *node = (struct node){0};
    memcpy(node->seen.nsid, label, strlen(label) + 1);
    if (!is_reserved(label)) memory->named_count++;
    return node;
}

static void give_up_unseen(struct resolver_memory *memory, uint64_t now_mono_ns)
{
    size_t kept = 0;
    memory->named_count = 0;
    for (size_t i = 0; i < memory->node_count; i++) {
        struct node *node = &memory->nodes[i];
        bool reserved = is_reserved(node->seen.nsid);
        if (!reserved && now_mono_ns - node->last_seen_mono_ns >= NODE_KEPT_NS) continue;
        if (!reserved) memory->named_count++;
        if (kept != i) memory->nodes[kept] = *node;
        kept++;
    }
    memory->node_count = kept;
    memory->last = SIZE_MAX;
}

void resolver_memory_sweep(struct resolver_memory *memory, uint64_t now_mono_ns)
{
    if (now_mono_ns < memory->next_sweep_mono_ns) return;
    memory->next_sweep_mono_ns = now_mono_ns + HOUR_NS;
    give_up_unseen(memory, now_mono_ns);
}

static struct node *node_of(struct resolver_memory *memory, const struct dns_reply *reply, uint64_t now_mono_ns)
{
    char label[2 * STATE_NODE_TEXT];
    format_label(reply, label);
    struct node *node = find_node(memory, label);
    if (!node && !is_reserved(label) && memory->named_count >= STATE_NODES_MAX) {
        give_up_unseen(memory, now_mono_ns);
        if (memory->named_count >= STATE_NODES_MAX) {
            memcpy(label, label_other, sizeof(label_other));
            node = find_node(memory, label);
        }
    }
    return node ? node : add_node(memory, label);
}

/* Most resolvers are one node, so its label need not be made from every reply. */
static bool is_last_node(const struct resolver_memory *memory, const struct dns_reply *reply)
{
    return memory->last < memory->node_count && memory->last_nsid_len == reply->nsid_len &&
           (!reply->nsid_len || memcmp(memory->last_nsid, reply->nsid, reply->nsid_len) == 0);
}

static void remember_last_node(struct resolver_memory *memory, const struct dns_reply *reply, const struct node *node)
{
    memory->last = (size_t)(node - memory->nodes);
    memory->last_nsid_len = reply->nsid_len;
    if (reply->nsid_len) memcpy(memory->last_nsid, reply->nsid, reply->nsid_len);
}

void resolver_memory_count_node(struct resolver_memory *memory, const struct dns_reply *reply, enum verdict verdict,
                                uint64_t now_mono_ns)
{
    if (!is_last_node(memory, reply)) remember_last_node(memory, reply, node_of(memory, reply, now_mono_ns));
    struct node *node = &memory->nodes[memory->last];
    node->last_seen_mono_ns = now_mono_ns;
    node->seen.verdicts[verdict]++;
}

uint32_t resolver_memory_copy_nodes(const struct resolver_memory *memory, struct state_node out[STATE_NODES_MAX + 2])
{
    REQUIRE(memory->node_count <= STATE_NODES_MAX + 2);
    for (size_t i = 0; i < memory->node_count; i++) out[i] = memory->nodes[i].seen;
    return (uint32_t)memory->node_count;
}
