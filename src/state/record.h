/* What is remembered of one probe: its last outcome and verdict, and since when. */
#ifndef DNSPOLICY_STATE_RECORD_H
#define DNSPOLICY_STATE_RECORD_H

#include "dnspolicy/state/state.h"
#include "flap.h"
#include "object.h"

struct record {
    struct object object;
    struct judgement judgement;
    bool has_run;         /* a run was judged since the probe is as it is now */
    bool has_been_judged; /* it had a verdict other than pending */
    struct flap flap;
    uint64_t runs;
    uint64_t consecutive;
    int64_t since_wall_ns;
    uint64_t first_run_mono_ns; /* 0: none yet */
    struct outcome outcome;     /* with has_run */
    struct outcome_texts texts;
};
extern const struct object_kind record_kind;         /* of a probe that is as it was */
extern const struct object_kind changed_record_kind; /* of one that only its identity remains of: runs are counted on */

void record_init_pending(struct record *record, int64_t now_wall_ns);
/* Returns true when the verdict changed, and that is news: pending and then as expected is what everybody hopes for. */
bool record_store(struct record *record, const struct outcome *outcome, struct judgement judgement);
void record_copy_numbers(const struct record *record, struct probe_numbers *out);

#endif
