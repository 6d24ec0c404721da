/*
 * Decides whether a policy can hold beside the other policies and the checks. Two of them contradict each other where
 * the same client may and may not have the same thing of the same resolver over the same transport: the same question,
 * the same zone's transfer, or what only recursion can answer. Checks are not compared among themselves: two of them
 * may be there to show that a server changes its mind. Refuses to know how a verdict is found.
 */
#include "build.h"

#include <stdlib.h>
#include <string.h>

#include "dnspolicy/base/hash.h"
#include "dnspolicy/base/mem.h"

/* What a probe holds of its client's permission. */
enum side { SIDE_NONE, SIDE_DENIES, SIDE_PERMITS };

/* A probe of a policy, in the chain of all whose claims have the same key. */
struct claim {
    uint32_t probe;
    uint32_t next; /* HASH_INDEX_NONE: the last */
};

struct comparison {
    const struct plan *plan;
    struct problems *problems;
    enum side *sides;           /* per check */
    uint64_t *question_keys;    /* per query */
    struct hash_index first_of; /* key of a claim to the first of its chain */
    struct claim *claims;
    size_t claim_count, claim_capacity;
    struct hash_index told; /* pairs of a policy and a check or policy */
};

static void comparison_fini(struct comparison *comparison)
{
    free(comparison->sides);
    free(comparison->question_keys);
    free(comparison->claims);
    hash_index_fini(&comparison->first_of);
    hash_index_fini(&comparison->told);
}

/* Who allows a denial beside an answer takes either, and contradicts nobody. */
static enum side find_side(const struct expectation *expect)
{
    if (expectation_is_denial(expect)) return SIDE_DENIES;
    bool takes_denial = expectation_allows_silence(expect) || expectation_allows_rcode(expect, DNS_RCODE_REFUSED) ||
                        expectation_allows_rcode(expect, DNS_RCODE_NOTAUTH);
    bool takes_answer = (expect->words & EXPECT_ANSWERED) || expectation_allows_rcode(expect, DNS_RCODE_NOERROR) ||
                        expectation_allows_rcode(expect, DNS_RCODE_NXDOMAIN);
    return takes_answer && !takes_denial ? SIDE_PERMITS : SIDE_NONE;
}

/* AXFR and IXFR are one permission. A question with RD and the same without are two: servers rule on them apart. */
static uint64_t find_question_key(const struct dns_question *question)
{
    bool is_transfer = dns_question_is_transfer(question);
    struct hash hash;
    hash_init(&hash);
    hash_add_u64(&hash, question->opcode);
    hash_add_u64(&hash, question->klass);
    hash_add_u64(&hash, is_transfer ? DNS_TYPE_AXFR : question->type);
    hash_add_u64(&hash, question->opcode == DNS_OPCODE_QUERY && !is_transfer && question->recursion_desired);
    hash_add_text(&hash, question->name);
    hash_add_text(&hash, question->zone);
    return hash_end(&hash);
}

/* `what`: a question's key, or 0 for recursion as such. */
static uint64_t find_claim_key(const struct plan_probe *probe, uint64_t what, enum side side)
{
    struct hash hash;
    hash_init(&hash);
    hash_add_u64(&hash, what);
    hash_add_u64(&hash, (uint64_t)probe->client->index << 32 | probe->resolver->index);
    hash_add_u64(&hash, (uint64_t)probe->transport << 8 | side);
    return hash_end(&hash);
}

static uint64_t question_key_of(const struct comparison *comparison, const struct plan_probe *probe)
{
    return comparison->question_keys[probe->query - comparison->plan->queries];
}

static void add_claim(struct comparison *comparison, uint32_t probe, uint64_t key)
{
    comparison->claims =
        mem_grow(comparison->claims, comparison->claim_count, &comparison->claim_capacity, sizeof(*comparison->claims));
    uint32_t claim = (uint32_t)comparison->claim_count++;
    comparison->claims[claim] = (struct claim){probe, hash_index_get(&comparison->first_of, key)};
    hash_index_put(&comparison->first_of, key, claim);
}

static void collect_claims(struct comparison *comparison)
{
    const struct plan *plan = comparison->plan;
    for (uint32_t i = plan->probe_count; i-- > 0;) { /* so that the first comes first in its chain */
        const struct plan_probe *probe = &plan->probes[i];
        const struct config_policy *policy = probe->check->policy;
        enum side side = comparison->sides[probe->check->index];
        if (!policy || side == SIDE_NONE) continue;
        add_claim(comparison, i, find_claim_key(probe, question_key_of(comparison, probe), side));
        if (policy->operation == POLICY_RECURSION && side == SIDE_DENIES)
            add_claim(comparison, i, find_claim_key(probe, 0, side));
    }
}

/* The two checks of a policy are one author. */
static uint64_t author_of(const struct config_check *check)
{
    return check->policy ? (uint64_t)check->policy->index << 1 | 1 : (uint64_t)check->index << 1;
}

static bool tell_first(struct comparison *comparison, const struct config_check *a, const struct config_check *b)
{
    uint64_t one = author_of(a), other = author_of(b);
    struct hash pair;
    hash_init(&pair);
    hash_add_u64(&pair, one < other ? one : other);
    hash_add_u64(&pair, one < other ? other : one);
    if (hash_index_get(&comparison->told, hash_end(&pair)) != HASH_INDEX_NONE) return false;
    hash_index_put(&comparison->told, hash_end(&pair), 0);
    return true;
}

/* Some servers deny with NXDOMAIN: where both name it, both can hold. */
static bool share_rcode(const struct expectation *a, const struct expectation *b)
{
    for (size_t i = 0; i < a->rcode_count; i++)
        if (expectation_allows_rcode(b, a->rcodes[i])) return true;
    return false;
}

static bool is_before(const struct place *a, const struct place *b)
{
    return a->line < b->line || (a->line == b->line && a->column < b->column);
}

static void report(struct comparison *comparison, const struct plan_probe *probe, const struct plan_probe *claim,
                   const char *why)
{
    const struct config_check *check = probe->check;
    if (check->policy == claim->check->policy || share_rcode(&check->expect, &claim->check->expect)) return;
    if (!tell_first(comparison, check, claim->check)) return;
    /* The place is the check's; of two policies it is the later one's. */
    if (check->policy && is_before(&check->policy->place, &claim->check->policy->place)) {
        const struct plan_probe *earlier = probe;
        probe = claim, claim = earlier;
    }
    check = probe->check;
    const struct config_policy *own = check->policy, *other = claim->check->policy;
    bool permits = comparison->sides[check->index] == SIDE_PERMITS;
    problems_error(comparison->problems, own ? own->place : check->place, own ? own->path : check->path,
                   "%s '%s' expects the resolver '%s' to %s the client '%s' ('%s %s' over %s), and the policy '%s' at "
                   "line %u, column %u expects it to %s that client ('%s %s')%s: both cannot hold",
                   own ? "the policy" : "the check", check->name, probe->resolver->name, permits ? "answer" : "deny",
                   probe->client->name, probe->query->qname_label, probe->query->qtype_label,
                   transport_names[probe->transport], other->name, other->place.line, other->place.column,
                   permits ? "deny" : "answer", claim->query->qname_label, claim->query->qtype_label, why);
}

static void compare_with_claims(struct comparison *comparison, const struct plan_probe *probe, uint64_t key,
                                const char *why)
{
    uint32_t at = hash_index_get(&comparison->first_of, key);
    while (at != HASH_INDEX_NONE) {
        const struct claim *claim = &comparison->claims[at];
        report(comparison, probe, &comparison->plan->probes[claim->probe], why);
        at = claim->next;
    }
}

/* Nobody has cached a fresh name, so an answer to it shows that the server asked others; a referral does not. */
static bool needs_recursion(const struct plan_probe *probe)
{
    const struct dns_question *question = &probe->query->config->question;
    const struct expectation *expect = &probe->check->expect;
    if (expect->has_answer_max && expect->answer_max == 0) return false;
    return question->recursion_desired && dns_name_has_random(question->name) &&
           queries_is_foreign(question, probe->resolver);
}

static void compare(struct comparison *comparison, const struct plan_probe *probe)
{
    enum side side = comparison->sides[probe->check->index];
    if (side == SIDE_NONE) return;
    enum side opposite = side == SIDE_DENIES ? SIDE_PERMITS : SIDE_DENIES;
    compare_with_claims(comparison, probe, find_claim_key(probe, question_key_of(comparison, probe), opposite), "");
    if (side == SIDE_PERMITS && needs_recursion(probe))
        compare_with_claims(comparison, probe, find_claim_key(probe, 0, SIDE_DENIES),
                            ", and only recursion can answer a {random} name outside the resolver's zones");
}

void contradictions_check(const struct plan *plan, struct problems *problems)
{
    const struct config *config = plan->config;
    if (!config->policy_count) return;
    AUTO(comparison_fini)
    struct comparison comparison = {
        .plan = plan,
        .problems = problems,
        .sides = mem_array(config->check_count, sizeof(*comparison.sides)),
        .question_keys = mem_array(plan->query_count, sizeof(*comparison.question_keys)),
    };
    for (size_t i = 0; i < config->check_count; i++) comparison.sides[i] = find_side(&config->checks[i].expect);
    for (uint32_t i = 0; i < plan->query_count; i++)
        comparison.question_keys[i] = find_question_key(&plan->queries[i].config->question);
    collect_claims(&comparison);
    for (uint32_t i = 0; i < plan->probe_count; i++) compare(&comparison, &plan->probes[i]);
}
