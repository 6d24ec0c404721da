/* Decides what silence is worth. Knows nothing of expectations: whether silence matters is judged elsewhere. */
#include "liveness.h"

static void copy_liveness(void *to, const void *from)
{
    struct liveness *copy = to;
    const struct liveness *liveness = from;
    copy->first = liveness->first;
    copy->second = liveness->second;
}

const struct object_kind liveness_kind = {.size = sizeof(struct liveness), .copy = copy_liveness};

void liveness_note_reply(struct liveness *liveness, uint64_t probe_id, uint64_t at_mono_ns, uint64_t interval_ns)
{
    struct liveness_voice voice = {probe_id, at_mono_ns + 2 * interval_ns};
    if (liveness->first.probe_id == probe_id) {
        liveness->first = voice;
    } else if (liveness->second.probe_id == probe_id || voice.until_mono_ns > liveness->second.until_mono_ns) {
        liveness->second = voice;
    }
    if (liveness->second.until_mono_ns <= liveness->first.until_mono_ns) return;
    voice = liveness->first;
    liveness->first = liveness->second;
    liveness->second = voice;
}

static const struct liveness_voice *best_other(const struct liveness *liveness, uint64_t probe_id)
{
    return liveness->first.probe_id != probe_id ? &liveness->first : &liveness->second;
}

bool liveness_has_voice(const struct liveness *liveness, uint64_t probe_id)
{
    return best_other(liveness, probe_id)->probe_id != 0;
}

enum silence liveness_ask(const struct liveness *liveness, uint64_t probe_id, uint64_t now_mono_ns,
                          uint64_t first_run_mono_ns, uint64_t interval_ns)
{
    const struct liveness_voice *voice = best_other(liveness, probe_id);
    if (voice->probe_id) return now_mono_ns <= voice->until_mono_ns ? SILENCE_VOUCHED : SILENCE_UNVOUCHED;
    return now_mono_ns < first_run_mono_ns + 2 * interval_ns ? SILENCE_WAITING : SILENCE_UNVOUCHED;
}
