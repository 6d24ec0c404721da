/* Decides what a reload changes: which probes stay, which are asked or judged in another way, which come and go. */
#include "dnspolicy/plan/plan.h"

#include <stdlib.h>

#include "dnspolicy/base/hash.h"
#include "dnspolicy/base/mem.h"

void plan_diff_init(struct plan_diff *diff, const struct plan *previous, const struct plan *next)
{
    AUTO(hash_index_fini) struct hash_index index_of = {0};
    *diff = (struct plan_diff){
        .previous = mem_array(next->probe_count, sizeof(*diff->previous)),
        .is_unchanged = mem_array(next->probe_count, sizeof(*diff->is_unchanged)),
    };
    uint32_t previous_count = previous ? previous->probe_count : 0;
    for (uint32_t i = 0; i < previous_count; i++) hash_index_put(&index_of, previous->probes[i].id, i);
    for (uint32_t i = 0; i < next->probe_count; i++) {
        const struct plan_probe *probe = &next->probes[i];
        uint32_t before = hash_index_get(&index_of, probe->id);
        diff->previous[i] = before == HASH_INDEX_NONE ? PLAN_NONE : before;
        if (before == HASH_INDEX_NONE) {
            diff->added_count++;
            continue;
        }
        diff->is_unchanged[i] = previous->probes[before].digest == probe->digest;
        if (diff->is_unchanged[i])
            diff->unchanged_count++;
        else
            diff->changed_count++;
    }
    diff->removed_count = previous_count - diff->unchanged_count - diff->changed_count;
}

void plan_diff_fini(struct plan_diff *diff)
{
    free(diff->previous);
    free(diff->is_unchanged);
    *diff = (struct plan_diff){0};
}
