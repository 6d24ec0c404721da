/*
 * Whether a server is known to live, per address, port and transport: until the latest, over its probes, of the last
 * reply and two of that probe's intervals. A probe never vouches for its own silence, so the two best are kept: that is
 * enough to leave any one out.
 */
#ifndef DNSPOLICY_STATE_LIVENESS_H
#define DNSPOLICY_STATE_LIVENESS_H

#include "dnspolicy/judge/verdict.h"
#include "object.h"

struct liveness_voice {
    uint64_t probe_id; /* 0: nobody */
    uint64_t until_mono_ns;
};
struct liveness {
    struct object object;
    struct liveness_voice first;  /* the latest */
    struct liveness_voice second; /* the latest of another probe */
};
extern const struct object_kind liveness_kind;

void liveness_note_reply(struct liveness *liveness, uint64_t probe_id, uint64_t at_mono_ns, uint64_t interval_ns);
/* What silence of this probe is worth. It waits for a first voice for two intervals from its first run. */
enum silence liveness_ask(const struct liveness *liveness, uint64_t probe_id, uint64_t now_mono_ns,
                          uint64_t first_run_mono_ns, uint64_t interval_ns);
/* Another probe had a reply at some time. */
bool liveness_has_voice(const struct liveness *liveness, uint64_t probe_id);

#endif
