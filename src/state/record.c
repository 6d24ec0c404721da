/* Decides what of a run stays until the next one. Knows nothing of counters, lanes and locks. */
#include "record.h"

static void copy_values(void *to, const void *from)
{
    struct record *copy = to;
    const struct record *record = from;
    copy->judgement = record->judgement;
    copy->has_run = record->has_run;
    copy->has_been_judged = record->has_been_judged;
    copy->flap = record->flap;
    copy->runs = record->runs;
    copy->consecutive = record->consecutive;
    copy->since_wall_ns = record->since_wall_ns;
    copy->first_run_mono_ns = record->first_run_mono_ns;
    if (record->has_run) outcome_copy(&copy->outcome, &copy->texts, &record->outcome);
}

static void copy_runs(void *to, const void *from) { ((struct record *)to)->runs = ((const struct record *)from)->runs; }

static void fini_record(void *object) { outcome_texts_fini(&((struct record *)object)->texts); }

const struct object_kind record_kind = {.size = sizeof(struct record), .copy = copy_values, .fini = fini_record};
const struct object_kind changed_record_kind = {.size = sizeof(struct record), .copy = copy_runs, .fini = fini_record};

void record_init_pending(struct record *record, int64_t now_wall_ns)
{
    record->judgement = (struct judgement){.verdict = VERDICT_PENDING, .silence = SILENCE_VOUCHED};
    record->since_wall_ns = now_wall_ns;
}

bool record_store(struct record *record, const struct outcome *outcome, struct judgement judgement)
{
    bool has_changed = judgement.verdict != record->judgement.verdict;
    bool is_first_hope = !record->has_been_judged && judgement.verdict == VERDICT_AS_EXPECTED;
    if (has_changed) {
        record->since_wall_ns = outcome->ended_wall_ns;
        record->consecutive = 0;
    }
    record->judgement = judgement;
    record->has_run = true;
    if (judgement.verdict != VERDICT_PENDING) record->has_been_judged = true;
    record->runs++;
    record->consecutive++;
    outcome_copy(&record->outcome, &record->texts, outcome);
    return has_changed && !is_first_hope;
}

void record_copy_numbers(const struct record *record, struct probe_numbers *out)
{
    *out = (struct probe_numbers){
        .judgement = record->judgement,
        .category = (uint8_t)verdict_table[record->judgement.verdict].category,
        .has_run = record->has_run,
        .rtt_ns = record->has_run ? record->outcome.rtt_ns : -1,
        .last_run_wall_ns = record->has_run ? record->outcome.ended_wall_ns : 0,
        .since_wall_ns = record->since_wall_ns,
        .runs = record->runs,
        .consecutive = record->consecutive,
    };
}
