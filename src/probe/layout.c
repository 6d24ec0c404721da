/*
 * Decides what of one plan lives on in the next: tasks whose probe is unchanged and stays on its lane, gates whose key
 * stays. Knows nothing of what runs do.
 */
#include "layout.h"

#include <stdlib.h>

#include "dnspolicy/base/clock.h"
#include "dnspolicy/base/hash.h"
#include "dnspolicy/base/mem.h"
#include "lane.h"
#include "schedule.h"

static struct task *task_new(uint32_t probe, unsigned lane)
{
    struct task *task = mem_alloc(sizeof(*task));
    task->probe = probe;
    task->lane = (uint8_t)lane;
    return task;
}

static void task_free(struct task *task)
{
    tls_ticket_fini(&task->ticket);
    free(task);
}

static void place_tasks(struct layout *layout, const struct placement *placement, const struct plan_diff *diff,
                        const struct layout *previous)
{
    for (uint32_t i = 0; i < layout->plan->probe_count; i++) {
        const struct plan_probe *probe = &layout->plan->probes[i];
        unsigned lane = placement_lane(placement, probe);
        layout->lane_qps[lane] += (double)NS_PER_SEC / (double)probe->check->interval_ns;
        uint32_t was = previous && diff->is_unchanged[i] ? diff->previous[i] : PLAN_NONE;
        if (was == PLAN_NONE || previous->tasks[was]->lane != lane) {
            layout->tasks[i] = task_new(i, lane);
            continue;
        }
        layout->tasks[i] = previous->tasks[was];
        layout->is_taken_task[i] = true;
        layout->keeps_task[was] = true;
    }
}

static void place_server_gates(struct layout *layout, const struct layout *previous)
{
    AUTO(hash_index_fini) struct hash_index index = {0};
    for (uint32_t i = 0; previous && i < previous->plan->server_count; i++)
        hash_index_put(&index, previous->plan->servers[i].key, i);
    for (uint32_t i = 0; i < layout->plan->server_count; i++) {
        uint32_t was = hash_index_get(&index, layout->plan->servers[i].key);
        layout->server_gates[i] = was == HASH_INDEX_NONE ? gate_new() : previous->server_gates[was];
    }
}

static void place_pair_gates(struct layout *layout, const struct layout *previous)
{
    AUTO(hash_index_fini) struct hash_index index = {0};
    for (uint32_t i = 0; previous && i < previous->plan->pair_count; i++)
        hash_index_put(&index, previous->plan->pairs[i].key, i);
    for (uint32_t i = 0; i < layout->plan->pair_count; i++) {
        uint32_t was = hash_index_get(&index, layout->plan->pairs[i].key);
        layout->pair_gates[i] = was == HASH_INDEX_NONE ? gate_new() : previous->pair_gates[was];
    }
}

struct layout *layout_new(const struct plan *plan, const struct placement *placement, const struct plan_diff *diff,
                          const struct layout *previous)
{
    struct layout *layout = mem_alloc(sizeof(*layout));
    layout->plan = plan_ref(plan);
    layout->lanes = placement->lanes;
    layout->tasks = mem_array(plan->probe_count, sizeof(struct task *));
    layout->server_gates = mem_array(plan->server_count, sizeof(struct gate *));
    layout->pair_gates = mem_array(plan->pair_count, sizeof(struct gate *));
    layout->lane_of_server = mem_copy(placement->lane_of_server, plan->server_count);
    layout->lane_qps = mem_array(placement->lanes, sizeof(*layout->lane_qps));
    layout->is_taken_task = mem_array(plan->probe_count, sizeof(bool));
    layout->keeps_task = mem_array(previous ? previous->plan->probe_count : 0, sizeof(bool));
    layout->tls = tls_trust_new(plan);
    place_tasks(layout, placement, diff, previous);
    place_server_gates(layout, previous);
    place_pair_gates(layout, previous);
    return layout;
}

static void take_over_tasks(struct layout *next, struct layout *previous, struct lane *const *lanes, uint64_t now)
{
    for (uint32_t i = 0; previous && i < previous->plan->probe_count; i++) {
        if (next->keeps_task[i]) continue;
        struct task *gone = previous->tasks[i];
        heap_remove(&lanes[gone->lane]->due, &gone->node);
        task_free(gone);
    }
    for (uint32_t i = 0; i < next->plan->probe_count; i++) {
        struct task *task = next->tasks[i];
        task->probe = i;
        if (next->is_taken_task[i]) continue;
        const struct plan_probe *probe = &next->plan->probes[i];
        struct lane *lane = lanes[task->lane];
        task->due_mono_ns = lane->once ? now : schedule_first(probe->id, probe->check->interval_ns, now);
        heap_put(&lane->due, &task->node, task->due_mono_ns);
    }
}

static void show_queries(struct lane *lane)
{
    for (struct list *link = lane->runs.next; link != &lane->runs; link = link->next)
        run_show_query(lane, CONTAINER_OF(link, struct run, link));
}

static void mark_gates(struct layout *layout, bool is_kept)
{
    for (uint32_t i = 0; i < layout->plan->server_count; i++) layout->server_gates[i]->is_kept = is_kept;
    for (uint32_t i = 0; i < layout->plan->pair_count; i++) layout->pair_gates[i]->is_kept = is_kept;
}

static void free_unkept_gates(struct gate **gates, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (!gates[i]->is_kept) gate_free(gates[i]);
}

/* A query may go a tick early: that is what one wake-up can tell apart. */
static void set_rates(struct layout *layout, struct lane *const *lanes)
{
    const struct config_global *global = &layout->plan->config->global;
    for (uint32_t i = 0; i < layout->plan->server_count; i++) {
        struct lane *lane = lanes[layout->lane_of_server[i]];
        pacer_set_rate(&layout->server_gates[i]->pacer, global->max_qps_per_resolver, lane->tick_ns);
        gate_arm(&lane->openings, layout->server_gates[i]);
    }
    for (uint32_t i = 0; i < layout->plan->pair_count; i++) {
        struct lane *lane = lanes[layout->lane_of_server[layout->plan->pairs[i].server]];
        pacer_set_rate(&layout->pair_gates[i]->pacer, global->max_denied_qps, lane->tick_ns);
        gate_arm(&lane->openings, layout->pair_gates[i]);
    }
}

static void free_shell(struct layout *layout)
{
    free(layout->tasks);
    free(layout->server_gates);
    free(layout->pair_gates);
    free(layout->lane_of_server);
    free(layout->lane_qps);
    free(layout->is_taken_task);
    free(layout->keeps_task);
    tls_trust_free(layout->tls);
    plan_unref(layout->plan);
    free(layout);
}

void layout_take_over(struct layout *next, struct layout *previous, struct lane *const *lanes, uint64_t now_mono_ns)
{
    for (unsigned i = 0; i < next->lanes; i++) {
        struct lane *lane = lanes[i];
        lane->layout = next;
        lane->tick_ns = schedule_tick_ns(next->lane_qps[i], lane->once);
        channels_set_pools(&lane->channels, channels_new_pools(next->plan->config->client_count * ADDR_FAMILIES));
    }
    take_over_tasks(next, previous, lanes, now_mono_ns);
    for (unsigned i = 0; previous && i < next->lanes; i++) show_queries(lanes[i]);
    mark_gates(next, true);
    if (previous) {
        free_unkept_gates(previous->server_gates, previous->plan->server_count);
        free_unkept_gates(previous->pair_gates, previous->plan->pair_count);
        free_shell(previous);
    }
    mark_gates(next, false);
    set_rates(next, lanes);
}

void layout_free(struct layout *layout, struct lane *const *lanes)
{
    if (!layout) return;
    for (uint32_t i = 0; i < layout->plan->probe_count; i++) {
        heap_remove(&lanes[layout->tasks[i]->lane]->due, &layout->tasks[i]->node);
        task_free(layout->tasks[i]);
    }
    free_unkept_gates(layout->server_gates, layout->plan->server_count);
    free_unkept_gates(layout->pair_gates, layout->plan->pair_count);
    free_shell(layout);
}
