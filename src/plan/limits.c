/*
 * Decides whether the probes keep within the rate limits, and what they cost. One query a run is counted, and for a
 * transfer also the SOA query before it: retries wait for the limit when they run. Refuses to know which probe runs
 * when.
 */
#include "build.h"

#include <math.h>
#include <stdlib.h>

#include "dnspolicy/base/clock.h"
#include "dnspolicy/base/mem.h"
#include "dnspolicy/base/strbuf.h"
#include "dnspolicy/base/text.h"

/* Sums of thirds and tenths miss their exact value by less than this part; that breaks no limit. */
#define ROUNDING 1e-9
#define INTERVAL_MAX_NS (24 * 3600 * NS_PER_SEC)

/* What the probes of one server, or of one pair, ask per second. Probes come check by check, a policy's two in a
 * row. */
struct tally {
    double qps;
    uint32_t probes;
    uint32_t queries; /* of one run of each */
    uint32_t checks;  /* and policies */
    bool has_policy;
    const struct plan_probe *last;
    double last_check_qps;
    const struct config_check *heaviest;
    double heaviest_qps;
};

static uint32_t queries_per_run(const struct plan_probe *probe) { return probe->query->soa ? 2 : 1; }

static double probe_qps(const struct plan_probe *probe)
{
    return 1e9 * queries_per_run(probe) / (double)probe->check->interval_ns;
}

static bool is_of_one_author(const struct config_check *a, const struct config_check *b)
{
    return a == b || (a->policy && a->policy == b->policy);
}

static void tally_add(struct tally *tally, const struct plan_probe *probe)
{
    if (!tally->last || !is_of_one_author(tally->last->check, probe->check)) {
        tally->checks++;
        tally->last_check_qps = 0;
    }
    tally->last = probe;
    tally->has_policy |= probe->check->policy != NULL;
    tally->probes++;
    tally->queries += queries_per_run(probe);
    tally->qps += probe_qps(probe);
    tally->last_check_qps += probe_qps(probe);
    if (tally->last_check_qps <= tally->heaviest_qps) return;
    tally->heaviest = probe->check;
    tally->heaviest_qps = tally->last_check_qps;
}

static bool tally_exceeds(const struct tally *tally, double limit)
{
    return limit > 0 && tally->qps > limit * (1 + ROUNDING);
}

/* The next value that a person would write. */
static uint64_t round_up_interval(double ns)
{
    static const struct {
        uint64_t below, step;
    } grid[] = {
        {NS_PER_SEC, 100 * NS_PER_MS},        {60 * NS_PER_SEC, NS_PER_SEC},  {600 * NS_PER_SEC, 10 * NS_PER_SEC},
        {3600 * NS_PER_SEC, 60 * NS_PER_SEC}, {UINT64_MAX, 900 * NS_PER_SEC},
    };
    size_t row = 0;
    while (row + 1 < ARRAY_LEN(grid) && ns > (double)grid[row].below) row++;
    double steps = ceil(ns / (double)grid[row].step * (1 - ROUNDING));
    return (uint64_t)steps * grid[row].step;
}

/* ": an interval of 45s for all 4500 of them would do" */
static void add_advice(struct strbuf *out, const struct tally *tally, double limit)
{
    double needed_ns = tally->queries / limit * 1e9;
    if (needed_ns > (double)INTERVAL_MAX_NS) {
        strbuf_puts(out, ": even an interval of 24h would be too short, so ask less");
        return;
    }
    strbuf_puts(out, ": an interval of ");
    text_add_duration(out, round_up_interval(needed_ns));
    if (tally->probes == 1)
        strbuf_puts(out, " would do");
    else
        strbuf_addf(out, " for all %u of them would do", tally->probes);
    if (tally->checks > 1)
        strbuf_addf(out, " (they belong to %u checks%s, this one asks most)", tally->checks,
                    tally->has_policy ? " and policies" : "");
}

static void report_server(const struct plan *plan, const struct tally *tally, struct problems *problems)
{
    double limit = plan->config->global.max_qps_per_resolver;
    char address[ADDR_TEXT_SIZE];
    AUTO(strbuf_fini) struct strbuf advice = {0};
    addr_format(&tally->last->resolver->address, address);
    add_advice(&advice, tally, limit);
    problems_error(
        problems, tally->heaviest->place, tally->heaviest->path,
        "the probes of the resolver '%s' (%s) send %.6g queries per second, and max_qps_per_resolver is %.6g%s",
        tally->last->resolver->name, address, tally->qps, limit, strbuf_text(&advice));
}

static void report_pair(const struct plan *plan, const struct tally *tally, struct problems *problems)
{
    double limit = plan->config->global.max_denied_qps;
    AUTO(strbuf_fini) struct strbuf advice = {0};
    add_advice(&advice, tally, limit);
    problems_error(problems, tally->heaviest->place, tally->heaviest->path,
                   "the probes that expect the resolver '%s' to deny the client '%s' send %.6g queries per second, and "
                   "max_denied_qps is %.6g%s",
                   tally->last->resolver->name, tally->last->client->name, tally->qps, limit, strbuf_text(&advice));
}

void limits_check_rates(const struct plan *plan, struct problems *problems)
{
    const struct config_global *global = &plan->config->global;
    AUTO(mem_free_ptr) struct tally *servers = mem_array(plan->server_count, sizeof(*servers));
    AUTO(mem_free_ptr) struct tally *pairs = mem_array(plan->pair_count, sizeof(*pairs));
    for (uint32_t i = 0; i < plan->probe_count; i++) {
        const struct plan_probe *probe = &plan->probes[i];
        tally_add(&servers[probe->server], probe);
        if (probe->denied_pair != PLAN_NONE) tally_add(&pairs[probe->denied_pair], probe);
    }
    for (uint32_t i = 0; i < plan->server_count; i++)
        if (tally_exceeds(&servers[i], global->max_qps_per_resolver)) report_server(plan, &servers[i], problems);
    for (uint32_t i = 0; i < plan->pair_count; i++)
        if (tally_exceeds(&pairs[i], global->max_denied_qps)) report_pair(plan, &pairs[i], problems);
}

/*
 * When every server is silent a probe has its socket for timeout × attempts of each interval; one that leaves its
 * connection open for the next run may have it all the time. Phases are hashes, so the
 * number in flight is a sum of independent draws; four standard deviations above its mean is as much as will ever be
 * seen.
 */
static uint64_t estimate_sockets(const struct plan *plan)
{
    double mean = 0, variance = 0;
    for (uint32_t i = 0; i < plan->probe_count; i++) {
        const struct plan_probe *probe = &plan->probes[i];
        double share = (double)probe->check->timeout_ns * probe->attempts / (double)probe->check->interval_ns;
        bool keeps_connection = probe->check->reuse_connection && transport_is_stream((enum transport)probe->transport);
        if (share > 1 || keeps_connection) share = 1;
        mean += share;
        variance += share * (1 - share);
    }
    double likely = ceil((mean + 4 * sqrt(variance)) * (1 - ROUNDING));
    return likely < plan->probe_count ? (uint64_t)likely : plan->probe_count;
}

void limits_measure_cost(struct plan *plan)
{
    struct plan_cost *cost = &plan->cost;
    AUTO(mem_free_ptr) double *qps = mem_array(plan->server_count, sizeof(*qps));
    *cost = (struct plan_cost){.busiest_server = PLAN_NONE, .sockets_at_worst = estimate_sockets(plan)};
    for (uint32_t i = 0; i < plan->probe_count; i++) {
        qps[plan->probes[i].server] += probe_qps(&plan->probes[i]);
        cost->queries_per_second += probe_qps(&plan->probes[i]);
    }
    for (uint32_t i = 0; i < plan->server_count; i++) {
        if (qps[i] <= cost->busiest_server_qps) continue;
        cost->busiest_server = i;
        cost->busiest_server_qps = qps[i];
    }
}
