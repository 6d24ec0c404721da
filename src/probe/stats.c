/* The names of what lanes count, and the sum over lanes. */
#include "stats.h"

const char *const engine_skip_names[ENGINE_SKIPS] = {
    [ENGINE_SKIP_OVERLAP] = "overlap", [ENGINE_SKIP_LATE] = "late",       [ENGINE_SKIP_RATE_LIMIT] = "rate_limit",
    [ENGINE_SKIP_RELOAD] = "reload",   [ENGINE_SKIP_SUSPEND] = "suspend",
};

const char *const engine_ignored_names[ENGINE_IGNORED_REASONS] = {
    [DNS_MATCH_SHORT] = "short",
    [DNS_MATCH_NOT_A_REPLY] = "not_a_reply",
    [DNS_MATCH_WRONG_ID] = "wrong_id",
    [DNS_MATCH_WRONG_QUESTION] = "wrong_question",
    [DNS_MATCH_WRONG_COOKIE] = "wrong_cookie",
    [ENGINE_IGNORED_WRONG_SOURCE] = "wrong_source",
};

void stats_add_to(const struct lane_stats *stats, struct engine_stats *sum)
{
    sum->runs_started += stats_get(&stats->runs_started);
    sum->queries_sent += stats_get(&stats->queries_sent);
    sum->wakeups += stats_get(&stats->wakeups);
    for (int i = 0; i < ENGINE_SKIPS; i++) sum->skipped[i] += stats_get(&stats->skipped[i]);
    for (int i = 0; i < ENGINE_IGNORED_REASONS; i++) sum->ignored[i] += stats_get(&stats->ignored[i]);
    sum->in_flight += stats_get(&stats->in_flight);
    sum->sockets_open += stats_get(&stats->sockets_open);
    histogram_add_to(&stats->lateness, &sum->lateness);
}
