/*
 * The verdict: one outcome judged against one expectation. Pure: no I/O, no clock, no memory. The table of verdicts is
 * the only place that knows their names, categories and what they mean.
 */
#ifndef DNSPOLICY_JUDGE_VERDICT_H
#define DNSPOLICY_JUDGE_VERDICT_H

#include <stdbool.h>
#include <stdint.h>

#include "dnspolicy/base/strbuf.h"
#include "dnspolicy/plan/plan.h"
#include "dnspolicy/probe/outcome.h"

/* Better to worse: a larger value is the worse one. */
enum category {
    CATEGORY_PASS,
    CATEGORY_UNKNOWN,
    CATEGORY_UNREACHABLE,
    CATEGORY_MISMATCH,
    CATEGORY_TOO_STRICT,
    CATEGORY_TOO_OPEN,
    CATEGORIES
};
extern const char *const category_names[CATEGORIES]; /* "pass", "unknown", … */

enum verdict {
    VERDICT_PENDING,
    VERDICT_LOCAL_ERROR,
    VERDICT_AS_EXPECTED,
    VERDICT_NETWORK_ERROR,
    VERDICT_NO_RESPONSE,
    VERDICT_BAD_CREDENTIALS,
    VERDICT_PROTOCOL_ERROR,
    VERDICT_OPEN_TRANSFER,
    VERDICT_OPEN_UPDATE,
    VERDICT_OPEN_RECURSION,
    VERDICT_OPEN_CACHE,
    VERDICT_UNEXPECTED_ANSWER,
    VERDICT_UNEXPECTED_REFUSAL,
    VERDICT_WRONG_ANSWER,
    VERDICT_WRONG_RCODE,
    VERDICTS
};
struct verdict_info {
    const char *name; /* the value of the `verdict` label */
    enum category category;
    const char *meaning; /* one sentence, for the manual */
};
extern const struct verdict_info verdict_table[VERDICTS];

/* What silence is worth at this moment: is the server known to live by another probe? */
enum silence {
    SILENCE_VOUCHED,  /* another probe of the same address and transport had a reply lately: silence is an answer */
    SILENCE_WAITING,  /* nobody can say yet */
    SILENCE_UNVOUCHED /* nobody can say any more */
};

/* The part of the expectation that failed, for the sentence. */
enum judge_part {
    JUDGE_PART_NONE,
    JUDGE_PART_RCODE,
    JUDGE_PART_FLAGS,
    JUDGE_PART_ANSWER_MIN,
    JUDGE_PART_ANSWER_MAX,
    JUDGE_PART_ANSWER_CONTAINS,
    JUDGE_PART_ANSWER_MATCHES,
    JUDGE_PART_ANSWER_NONE_MATCH,
    JUDGE_PART_EDE,
    JUDGE_PART_NSID
};

struct judgement {
    uint8_t verdict;       /* enum verdict */
    uint8_t failed_part;   /* enum judge_part */
    uint8_t silence;       /* enum silence, when the outcome was silence; else SILENCE_VOUCHED */
    bool answer_cut;       /* the part failed only because the answer was too long to be looked at to its end */
    uint16_t failed_index; /* of answer.contains */
};

/* True when the judgement depends on `silence`: silence in the sense of NO_RESPONSE, and HTTP status 403, by which any
 * web server may say no. */
bool judge_needs_life(const struct outcome *outcome, const struct plan_probe *probe);

/* The first verdict that holds, in the order of judge.c. `outcome` is whole, as a lane folds it (not the kept copy). An
 * outcome that is ABANDONED is a broken invariant. */
struct judgement judge(const struct plan_probe *probe, const struct outcome *outcome, enum silence silence);

/* One sentence an operator can act on: what was expected, what came, from whom and for whom (names and subnets), what
 * to look at. Works on the kept copy of an outcome. `outcome` may be NULL with VERDICT_PENDING. No final dot. */
void judge_explain(const struct plan_probe *probe, const struct outcome *outcome, struct judgement judgement,
                   struct strbuf *out);

/* Bits 1 << enum verdict: as_expected and the too_open and too_strict ones that this probe's expectation can give;
 * their counters start at 0. */
uint32_t judge_possible_verdicts(const struct plan_probe *probe);

#endif
