/*
 * Decides who sends next under the rate limits. A visitor is charged at all its gates in the moment it goes, so a wait
 * at the server's gate cannot bunch the queries of a pair. Knows nothing of probes, sockets and clocks.
 */
#include "gates.h"

#include <stdlib.h>

#include "dnspolicy/base/mem.h"

struct gate *gate_new(void)
{
    struct gate *gate = mem_alloc(sizeof(*gate));
    for (int i = 0; i < GATE_QUEUES; i++) list_init(&gate->waiting[i]);
    return gate;
}

static bool is_waited_at(const struct gate *gate)
{
    for (int i = 0; i < GATE_QUEUES; i++)
        if (!list_is_empty(&gate->waiting[i])) return true;
    return false;
}

void gate_free(struct gate *gate)
{
    if (!gate) return;
    REQUIRE(!is_waited_at(gate) && !heap_contains(&gate->node));
    free(gate);
}

void gate_arm(struct heap *openings, struct gate *gate)
{
    if (!is_waited_at(gate) || gate->is_held) {
        heap_remove(openings, &gate->node);
    } else {
        heap_put(openings, &gate->node, pacer_opens_at(&gate->pacer));
    }
}

static bool is_open(const struct gate *gate, uint64_t now)
{
    return !is_waited_at(gate) && !gate->is_held && pacer_opens_at(&gate->pacer) <= now;
}

static enum gate_queue queue_of(const struct gate_visitor *visitor)
{
    if (visitor->is_following) return GATE_QUEUE_FOLLOWING;
    return visitor->pair ? GATE_QUEUE_PAIRED : GATE_QUEUE_PLAIN;
}

static void wait_at(struct heap *openings, struct gate_visitor *visitor, struct gate *gate)
{
    visitor->waits_at = gate;
    list_append(&gate->waiting[queue_of(visitor)], &visitor->link);
    gate_arm(openings, gate);
}

static void stop_waiting(struct gate_visitor *visitor)
{
    list_remove(&visitor->link);
    visitor->waits_at = NULL;
}

static void charge(struct heap *openings, struct gate *gate, uint64_t now)
{
    pacer_charge(&gate->pacer, now);
    gate->is_held = false;
    gate_arm(openings, gate);
}

/* The pair's gate lets the visitor through: it goes, or waits for the server and keeps those behind it waiting. */
static bool pass_server(struct heap *openings, struct gate_visitor *visitor, uint64_t now)
{
    bool goes = is_open(visitor->server, now);
    if (goes) {
        charge(openings, visitor->server, now);
        if (visitor->pair) charge(openings, visitor->pair, now);
        return true;
    }
    if (visitor->pair && visitor->pair->pacer.spacing_ns) {
        visitor->pair->is_held = true;
        gate_arm(openings, visitor->pair);
    }
    wait_at(openings, visitor, visitor->server);
    return false;
}

bool gates_enter(struct heap *openings, struct gate_visitor *visitor, uint64_t now_mono_ns)
{
    if (visitor->pair && !is_open(visitor->pair, now_mono_ns)) {
        wait_at(openings, visitor, visitor->pair);
        return false;
    }
    return pass_server(openings, visitor, now_mono_ns);
}

static struct gate_visitor *take_first(struct gate *gate)
{
    const struct list *queue = gate->waiting;
    while (list_is_empty(queue)) queue++;
    struct gate_visitor *visitor = CONTAINER_OF(queue->next, struct gate_visitor, link);
    stop_waiting(visitor);
    return visitor;
}

struct gate_visitor *gates_release(struct heap *openings, uint64_t now_mono_ns)
{
    struct heap_node *node;
    while ((node = heap_first(openings, now_mono_ns))) {
        struct gate *gate = CONTAINER_OF(node, struct gate, node);
        struct gate_visitor *visitor = take_first(gate);
        if (gate == visitor->server) {
            charge(openings, gate, now_mono_ns);
            if (visitor->pair) charge(openings, visitor->pair, now_mono_ns);
            return visitor;
        }
        gate_arm(openings, gate);
        if (pass_server(openings, visitor, now_mono_ns)) return visitor;
    }
    return NULL;
}

void gates_leave(struct heap *openings, struct gate_visitor *visitor)
{
    struct gate *gate = visitor->waits_at;
    if (!gate) return;
    stop_waiting(visitor);
    gate_arm(openings, gate);
    if (gate == visitor->server && visitor->pair) {
        visitor->pair->is_held = false;
        gate_arm(openings, visitor->pair);
    }
}
