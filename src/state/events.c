/*
 * Decides which verdict changes stay in sight, and which of them the log gets. A probe has ten places at most, so one
 * that flaps pushes out its own.
 */
#include "events.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "dnspolicy/base/mem.h"

#define NO_SLOT UINT16_MAX

/* Shared by the slot and by readers that copy it, so that no text is copied under the lock. Nine strings in a row. */
struct event_text {
    atomic_uint references;
    char bytes[];
};

static void release_text(struct event_text *text)
{
    if (atomic_fetch_sub_explicit(&text->references, 1, memory_order_acq_rel) == 1) free(text);
}

void events_init(struct events *events)
{
    *events = (struct events){.oldest = NO_SLOT, .newest = NO_SLOT, .log_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)};
    if (events->log_fd < 0) PANIC("eventfd: %s", strerror(errno));
    pthread_mutex_init(&events->lock, NULL);
}

void events_fini(struct events *events)
{
    for (unsigned i = 0; i < events->count; i++) release_text(events->slots[i].text);
    pthread_mutex_destroy(&events->lock);
    close(events->log_fd);
}

/* ---- writing ---- */

static struct event_text *render(const struct plan_probe *probe, const struct change *change, struct strbuf *scratch)
{
    const char *const names[] = {
        probe->check->name,        probe->client->name,       probe->client->subnet_text[probe->subnet_family],
        probe->resolver->name,     probe->check->severity,    transport_names[probe->transport],
        probe->query->qname_label, probe->query->qtype_label,
    };
    strbuf_clear(scratch);
    for (size_t i = 0; i < ARRAY_LEN(names); i++) strbuf_add(scratch, names[i], strlen(names[i]) + 1);
    judge_explain(probe, change->outcome, change->judgement, scratch);
    struct event_text *text = mem_alloc(sizeof(*text) + scratch->len + 1);
    atomic_init(&text->references, 1);
    memcpy(text->bytes, scratch->data, scratch->len);
    return text;
}

static void unlink_slot(struct events *events, uint16_t at)
{
    const struct event_slot *slot = &events->slots[at];
    if (slot->older == NO_SLOT)
        events->oldest = slot->newer;
    else
        events->slots[slot->older].newer = slot->newer;
    if (slot->newer == NO_SLOT)
        events->newest = slot->older;
    else
        events->slots[slot->newer].older = slot->older;
}

/* The place for one more event of the probe, and how many of its own have given way by then. */
static uint16_t choose_slot(const struct events *events, uint64_t probe_id, uint32_t *repeated)
{
    unsigned own = 0;
    uint16_t own_oldest = NO_SLOT, own_newest = NO_SLOT;
    for (uint16_t i = 0; i < events->count; i++) {
        if (events->ids[i] != probe_id) continue;
        own++;
        if (own_oldest == NO_SLOT || events->slots[i].sequence < events->slots[own_oldest].sequence) own_oldest = i;
        if (own_newest == NO_SLOT || events->slots[i].sequence > events->slots[own_newest].sequence) own_newest = i;
    }
    *repeated = own ? events->slots[own_newest].repeated : 0;
    if (own >= STATE_EVENTS_PER_PROBE) {
        *repeated += 1;
        return own_oldest;
    }
    return events->count < STATE_EVENTS ? (uint16_t)events->count : events->oldest;
}

/* Returns the text that gave way, or NULL. */
static struct event_text *put(struct events *events, uint64_t probe_id, const struct change *change,
                              struct event_text *text)
{
    uint32_t repeated;
    uint16_t at = choose_slot(events, probe_id, &repeated);
    struct event_slot *slot = &events->slots[at];
    struct event_text *gone = NULL;
    if (at == events->count) {
        events->count++;
    } else {
        gone = slot->text;
        if (slot->is_for_log) events->unsaid++;
        unlink_slot(events, at);
    }
    events->ids[at] = probe_id;
    *slot = (struct event_slot){
        .sequence = ++events->last_sequence,
        .at_wall_ns = change->outcome->ended_wall_ns,
        .repeated = repeated,
        .log_repeated = change->log_repeated,
        .older = events->newest,
        .newer = NO_SLOT,
        .from = change->from,
        .to = change->judgement.verdict,
        .is_for_log = change->is_for_log,
        .text = text,
    };
    if (events->newest == NO_SLOT)
        events->oldest = at;
    else
        events->slots[events->newest].newer = at;
    events->newest = at;
    return gone;
}

void events_add(struct events *events, const struct plan *plan, const struct change *changes, size_t count,
                uint64_t unsaid)
{
    AUTO(strbuf_fini) struct strbuf scratch = {0};
    struct event_text *texts[EVENTS_PER_BATCH];
    bool is_for_log = unsaid > 0;
    REQUIRE(count <= EVENTS_PER_BATCH);
    for (size_t i = 0; i < count; i++) {
        texts[i] = render(&plan->probes[changes[i].outcome->probe], &changes[i], &scratch);
        is_for_log |= changes[i].is_for_log;
    }
    pthread_mutex_lock(&events->lock);
    events->unsaid += unsaid;
    for (size_t i = 0; i < count; i++)
        texts[i] = put(events, plan->probes[changes[i].outcome->probe].id, &changes[i], texts[i]);
    pthread_mutex_unlock(&events->lock);
    for (size_t i = 0; i < count; i++)
        if (texts[i]) release_text(texts[i]);
    /* Full is fine: the reader is behind, and will see all. */
    if (is_for_log) eventfd_write(events->log_fd, 1);
}

/* ---- reading ---- */

struct picked {
    uint64_t probe_id;
    struct event_slot slot; /* with a reference to its text */
};

static struct picked pick(const struct events *events, uint16_t at)
{
    struct picked picked = {events->ids[at], events->slots[at]};
    atomic_fetch_add_explicit(&picked.slot.text->references, 1, memory_order_relaxed);
    return picked;
}

static struct state_event unfold(struct picked *picked, uint32_t repeated)
{
    struct state_event event = {
        .sequence = picked->slot.sequence,
        .at_wall_ns = picked->slot.at_wall_ns,
        .probe_id = picked->probe_id,
        .repeated = repeated,
        .from = picked->slot.from,
        .to = picked->slot.to,
    };
    char **const fields[] = {&event.check,     &event.client, &event.subnet, &event.resolver,   &event.severity,
                             &event.transport, &event.qname,  &event.qtype,  &event.explanation};
    const char *at = picked->slot.text->bytes;
    for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
        *fields[i] = mem_strdup(at);
        at += strlen(at) + 1;
    }
    release_text(picked->slot.text);
    return event;
}

void state_copy_events(struct state *state, int64_t since_wall_ns, size_t limit, size_t offset,
                       struct state_event_list *out)
{
    struct events *events = state_events(state);
    size_t room = limit < STATE_EVENTS ? limit : STATE_EVENTS;
    AUTO(mem_free_ptr) struct picked *picked = mem_array(room, sizeof(*picked));
    *out = (struct state_event_list){0};
    pthread_mutex_lock(&events->lock);
    /* The wall clock may have been set back, so an old event does not end the walk. */
    for (uint16_t at = events->newest; at != NO_SLOT; at = events->slots[at].older) {
        if (events->slots[at].at_wall_ns <= since_wall_ns) continue;
        if (out->total++ >= offset && out->count < room) picked[out->count++] = pick(events, at);
    }
    pthread_mutex_unlock(&events->lock);
    out->items = mem_array(out->count, sizeof(*out->items));
    for (size_t i = 0; i < out->count; i++) out->items[i] = unfold(&picked[i], picked[i].slot.repeated);
}

void state_event_list_fini(struct state_event_list *list)
{
    for (size_t i = 0; i < list->count; i++) state_event_fini(&list->items[i]);
    free(list->items);
    *list = (struct state_event_list){0};
}

size_t state_take_log_events(struct state *state, struct state_event *out, size_t max, uint64_t *dropped)
{
    struct events *events = state_events(state);
    size_t room = max < STATE_EVENTS ? max : STATE_EVENTS, count = 0;
    AUTO(mem_free_ptr) struct picked *picked = mem_array(room, sizeof(*picked));
    pthread_mutex_lock(&events->lock);
    *dropped = events->unsaid;
    events->unsaid = 0;
    for (uint16_t at = events->oldest; at != NO_SLOT; at = events->slots[at].newer) {
        if (!events->slots[at].is_for_log) continue;
        events->slots[at].is_for_log = false;
        if (count < room)
            picked[count++] = pick(events, at);
        else
            *dropped += 1;
    }
    pthread_mutex_unlock(&events->lock);
    for (size_t i = 0; i < count; i++) out[i] = unfold(&picked[i], picked[i].slot.log_repeated);
    return count;
}

void state_event_fini(struct state_event *event)
{
    char *const fields[] = {event->check,     event->client, event->subnet, event->resolver,   event->severity,
                            event->transport, event->qname,  event->qtype,  event->explanation};
    for (size_t i = 0; i < ARRAY_LEN(fields); i++) free(fields[i]);
    *event = (struct state_event){0};
}
