/*
 * Decides how ids are written and found, and that no two probes share one. With 64 bits that takes bad luck, but a
 * shared id would mix up two histories without a word.
 */
#include "build.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "dnspolicy/base/hash.h"
#include "dnspolicy/base/mem.h"

void plan_format_id(uint64_t id, char out[PLAN_ID_TEXT_SIZE]) { snprintf(out, PLAN_ID_TEXT_SIZE, "%016" PRIx64, id); }

bool plan_parse_id(const char *text, uint64_t *id)
{
    uint64_t value = 0;
    if (strnlen(text, PLAN_ID_TEXT_SIZE) != PLAN_ID_TEXT_SIZE - 1) return false;
    for (const char *at = text; *at; at++) {
        if (*at >= '0' && *at <= '9')
            value = value << 4 | (uint64_t)(*at - '0');
        else if (*at >= 'a' && *at <= 'f')
            value = value << 4 | (uint64_t)(*at - 'a' + 10);
        else
            return false;
    }
    *id = value;
    return true;
}

uint32_t plan_find(const struct plan *plan, uint64_t id)
{
    for (uint32_t i = 0; i < plan->probe_count; i++)
        if (plan->probes[i].id == id) return i;
    return PLAN_NONE;
}

/* Such probes have equal ids by definition, and queries_build() has reported them. */
static bool has_same_labels(const struct plan_probe *a, const struct plan_probe *b)
{
    return a->check == b->check && a->client == b->client && a->resolver == b->resolver &&
           a->transport == b->transport && strcmp(a->query->qname_label, b->query->qname_label) == 0 &&
           strcmp(a->query->qtype_label, b->query->qtype_label) == 0;
}

static void report_collision(const struct plan_probe *a, const struct plan_probe *b, struct problems *problems)
{
    char id[PLAN_ID_TEXT_SIZE];
    plan_format_id(a->id, id);
    problems_error(
        problems, b->check->place, b->check->path,
        "by chance two probes have the id %s: check '%s', client '%s', resolver '%s', %s, '%s %s', and check "
        "'%s', client '%s', resolver '%s', %s, '%s %s'; give one of the checks, clients or resolvers another name",
        id, a->check->name, a->client->name, a->resolver->name, transport_names[a->transport], a->query->qname_label,
        a->query->qtype_label, b->check->name, b->client->name, b->resolver->name, transport_names[b->transport],
        b->query->qname_label, b->query->qtype_label);
}

void identities_check(const struct plan *plan, struct problems *problems)
{
    AUTO(hash_index_fini) struct hash_index seen = {0};
    for (uint32_t i = 0; i < plan->probe_count; i++) {
        const struct plan_probe *probe = &plan->probes[i];
        uint32_t first = hash_index_get(&seen, probe->id);
        if (first == HASH_INDEX_NONE)
            hash_index_put(&seen, probe->id, i);
        else if (!has_same_labels(&plan->probes[first], probe))
            report_collision(&plan->probes[first], probe, problems);
    }
}
