/*
 * Decides what follows from what an attempt has come to, and what a run comes to in the end.
 *
 * The first reply that can be parsed ends the run. Else the attempt is lost and the next one follows, by way of the
 * rate limits. When all are lost the run is what tells most: malformed replies before errors of the network, those
 * before silence. What cannot be sent from here as asked ends the run, whatever came before: the promised attempts
 * cannot be made. A retry that the limits hold back beyond the end of the run is not made.
 *
 * Three replies call for another query, and the run is what that comes to, be it a failure: that is what a client
 * meets. A truncated one over UDP is asked for again over TCP. BADCOOKIE is answered once, by the server's own cookie.
 * The SOA that goes before a transfer, or whatever stands in its place, is followed by the transfer on the same
 * connection, or on a new one if the server has ended that.
 *
 * Knows neither sockets nor what a reply is worth.
 */
#include "run.h"

#include "dnspolicy/base/clock.h"
#include "dnspolicy/base/mem.h"
#include "dnspolicy/dns/numbers.h"
#include "lane.h"

static const struct transport_functions *const transports[TRANSPORTS] = {
    [TRANSPORT_UDP] = &transport_udp,
    [TRANSPORT_TCP] = &transport_tcp,
    [TRANSPORT_TLS] = &transport_tls,
    [TRANSPORT_HTTPS] = &transport_https,
};

static void end(struct lane *lane, struct run *run)
{
    heap_remove(&lane->timers, &run->timer);
    gates_leave(&lane->openings, &run->visitor);
    if (run_has_begun(run)) stats_drop(&lane->stats.in_flight);
    run->outcome.ended_mono_ns = lane->now_mono_ns;
    run->outcome.ended_wall_ns = lane_wall_ns(lane, lane->now_mono_ns);
    bool is_abandoned = run->outcome.status == OUTCOME_ABANDONED;
    run->outcome.probe = run->task->probe;
    if (run->answer) {
        run->answer(run->ticket, is_abandoned ? NULL : &run->outcome);
        atomic_fetch_sub(lane->orders_open, 1);
    } else {
        run->task->run = NULL;
        batch_add(lane->batch, &run->outcome);
    }
    list_remove(&run->link);
    list_append(&lane->spare_runs, &run->link);
}

/* Sends the next query, now or when the limits permit, but not beyond the run's bound. */
static void ask(struct lane *lane, struct run *run)
{
    if (gates_enter(&lane->openings, &run->visitor, lane->now_mono_ns)) {
        run_send(lane, run);
    } else if (run_has_begun(run)) {
        heap_put(&lane->timers, &run->timer, run->bound_mono_ns);
    }
}

static void keep_what_tells_most(struct run *run, enum outcome_status status)
{
    if (status == OUTCOME_TIMEOUT || (run->outcome.status == OUTCOME_MALFORMED && status != OUTCOME_LOCAL_ERROR))
        return;
    run->outcome.status = (uint8_t)status;
}

static void lose_attempt(struct lane *lane, struct run *run, enum outcome_status status)
{
    keep_what_tells_most(run, status);
    if (status == OUTCOME_LOCAL_ERROR) {
        end(lane, run);
        return;
    }
    run->outcome.attempts_lost++;
    if (!run->attempts_left || lane->now_mono_ns >= run->bound_mono_ns) {
        end(lane, run);
    } else {
        ask(lane, run);
    }
}

/* The next query that the reply calls for. Of the reply nothing is kept. */
static void ask_on(struct lane *lane, struct run *run)
{
    run->outcome.status = OUTCOME_TIMEOUT;
    run->outcome.reply = (struct dns_reply){0};
    run->outcome.tsig = DNS_TSIG_NOT_ASKED;
    run->outcome.http_status = 0;
    run->is_called_on = true;
    ask(lane, run);
}

static void repeat_over_tcp(struct lane *lane, struct run *run)
{
    run->transport->finish(lane, run, true);
    run->outcome.truncated = true;
    run->transport = &transport_tcp;
    run->attempts_left = 1;
    ask_on(lane, run);
}

static void repeat_with_cookie(struct lane *lane, struct run *run)
{
    run->transport->finish(lane, run, true);
    run->outcome.bad_cookie = true;
    run->attempts_left++;
    ask_on(lane, run);
}

void run_show_query(const struct lane *lane, struct run *run)
{
    const struct plan_query *query = lane_probe(lane, run->task)->query;
    run->facts.query = run->asks_soa ? query->soa : &query->wire;
}

/* A SOA whose signature is not right, or in a reply that cannot be read, shows nothing. */
static void go_on_to_transfer(struct lane *lane, struct run *run, bool is_parsed)
{
    const struct outcome *outcome = &run->outcome;
    bool is_trusted = is_parsed && (outcome->tsig == DNS_TSIG_NOT_ASKED || outcome->tsig == DNS_TSIG_GOOD);
    bool is_served = is_trusted && outcome->reply.answer_starts_with_soa;
    run->outcome.zone = is_served ? OUTCOME_ZONE_SERVED : OUTCOME_ZONE_NOT_SERVED;
    run->facts.serial = is_served ? outcome->reply.soa_serial + 1 : 0;
    run->asks_soa = false;
    run_show_query(lane, run);
    if (run->transport->ask_again) {
        /* Already now, so that nothing that comes before the transfer is asked for can pass for its reply. */
        message_prepare(lane, run);
    } else {
        run->transport->finish(lane, run, is_parsed);
        run->attempts_left++;
    }
    ask_on(lane, run);
}

static void verify_signature(const struct lane *lane, struct run *run, const struct attempt_result *result)
{
    const struct config_key *key = lane_probe(lane, run->task)->client->key;
    int64_t now_s = lane_wall_ns(lane, lane->now_mono_ns) / (int64_t)NS_PER_SEC;
    if (key) run->outcome.tsig = dns_tsig_verify(key->tsig, &run->facts.mac, now_s, result->message, result->len);
}

static void keep_response(struct lane *lane, struct run *run, const struct attempt_result *result)
{
    /* Of a transfer more is on its way. */
    run->transport->finish(lane, run, !dns_question_is_transfer(&lane_probe(lane, run->task)->query->config->question));
    run->outcome.status = OUTCOME_RESPONSE;
    run->outcome.rtt_ns = result->rtt_ns;
    end(lane, run);
}

static void lose_to_malformed(struct lane *lane, struct run *run)
{
    struct dns_reply *reply = &run->outcome.reply;
    run->transport->finish(lane, run, false);
    /* The scratch that texts lie in is the next reply's; of a malformed one only numbers are kept. */
    *reply =
        (struct dns_reply){.size = reply->size, .rcode = reply->rcode, .opcode = reply->opcode, .flags = reply->flags};
    lose_attempt(lane, run, OUTCOME_MALFORMED);
}

static bool calls_for_cookie(const struct run *run)
{
    return run->outcome.reply.rcode == DNS_RCODE_BADCOOKIE && run->facts.cookie.server_len && !run->outcome.bad_cookie;
}

static void take_reply(struct lane *lane, struct run *run, const struct attempt_result *result)
{
    uint16_t qtype = run->asks_soa ? DNS_TYPE_SOA : lane_probe(lane, run->task)->query->config->question.type;
    bool is_parsed = dns_reply_parse(&lane->reader, result->message, result->len, qtype, &run->outcome.reply);
    bool is_truncated = run->outcome.reply.flags & DNS_FLAG_TC;
    if (is_parsed) verify_signature(lane, run, result);
    if (is_truncated && run->transport == &transport_udp) {
        repeat_over_tcp(lane, run);
    } else if (is_parsed && calls_for_cookie(run)) {
        repeat_with_cookie(lane, run);
    } else if (run->asks_soa) {
        go_on_to_transfer(lane, run, is_parsed);
    } else if (is_parsed) {
        keep_response(lane, run, result);
    } else {
        lose_to_malformed(lane, run);
    }
}

/* The next query waits for a rate limit, and the server does not: that is no answer to what it has not been asked. */
static bool ends_before_it_is_asked(const struct run *run, const struct attempt_result *result)
{
    return run->is_called_on && result->state == ATTEMPT_FAILED &&
           (result->status == OUTCOME_CLOSED || result->status == OUTCOME_RESET);
}

static void settle(struct lane *lane, struct run *run, const struct attempt_result *result)
{
    if (result->state == ATTEMPT_WAITS) return;
    if (ends_before_it_is_asked(run, result)) {
        run->transport->finish(lane, run, false);
        run->attempts_left++;
        return;
    }
    heap_remove(&lane->timers, &run->timer);
    gates_leave(&lane->openings, &run->visitor);
    bool is_asked = !run->is_called_on; /* else it answers what has not been asked yet */
    run->is_called_on = false;
    if (result->state == ATTEMPT_REPLIED) {
        if (is_asked)
            take_reply(lane, run, result);
        else
            lose_to_malformed(lane, run);
        return;
    }
    if (run->channel) run->transport->finish(lane, run, false);
    run->outcome.error = result->error;
    lose_attempt(lane, run, result->status);
}

static struct run *take_spare(struct lane *lane)
{
    struct list *link = list_take_last(&lane->spare_runs);
    return link ? CONTAINER_OF(link, struct run, link) : mem_alloc(sizeof(struct run));
}

void run_start(struct lane *lane, struct task *task, uint64_t due_mono_ns,
               void (*answer)(void *ticket, const struct outcome *outcome), void *ticket)
{
    const struct plan_probe *probe = lane_probe(lane, task);
    struct run *run = take_spare(lane);
    *run = (struct run){
        .task = task,
        .due_mono_ns = due_mono_ns,
        .attempts_left = probe->attempts,
        .asks_soa = probe->query->soa != NULL,
        .transport = transports[probe->transport],
        .answer = answer,
        .ticket = ticket,
        .outcome = {
            .status = OUTCOME_TIMEOUT, .is_on_demand = answer != NULL, .rtt_ns = -1, .connect_ns = -1, .tls_ns = -1}};
    run_show_query(lane, run);
    lane_show_gates(lane, probe, &run->visitor);
    list_append(&lane->runs, &run->link);
    if (!answer) task->run = run;
    ask(lane, run);
}

static void begin(struct lane *lane, struct run *run, uint64_t now)
{
    const struct plan_probe *probe = lane_probe(lane, run->task);
    run->visitor.is_following = true;
    run->bound_mono_ns = now + probe->check->timeout_ns * probe->attempts;
    run->outcome.started_mono_ns = now;
    message_begin(lane, run);
    run->outcome.started_wall_ns = lane_wall_ns(lane, now);
    stats_add(&lane->stats.runs_started, 1);
    stats_add(&lane->stats.in_flight, 1);
    if (!run->answer && now > run->due_mono_ns) histogram_observe(&lane->stats.lateness, now - run->due_mono_ns);
}

static struct attempt_result begin_attempt(struct lane *lane, struct run *run)
{
    message_prepare(lane, run);
    run->attempts_left--;
    struct attempt_result result = run->transport->begin(lane, run);
    bool is_made = result.state == ATTEMPT_WAITS || result.status != OUTCOME_LOCAL_ERROR;
    if (is_made) run->outcome.attempts++;
    return result;
}

void run_send(struct lane *lane, struct run *run)
{
    uint64_t now = lane->now_mono_ns = clock_mono_ns();
    if (!run_has_begun(run)) begin(lane, run, now);
    uint64_t end_ns = now + lane_probe(lane, run->task)->check->timeout_ns;
    heap_put(&lane->timers, &run->timer, end_ns < run->bound_mono_ns ? end_ns : run->bound_mono_ns);
    run->sent_mono_ns = now;
    run->is_called_on = false;
    struct attempt_result result = run->channel ? run->transport->ask_again(lane, run) : begin_attempt(lane, run);
    settle(lane, run, &result);
}

void run_hear(struct lane *lane, struct run *run, uint32_t events)
{
    lane->now_mono_ns = clock_mono_ns();
    struct attempt_result result = run->transport->advance(lane, run, events);
    settle(lane, run, &result);
}

void run_expire(struct lane *lane, struct run *run)
{
    heap_remove(&lane->timers, &run->timer);
    bool had_attempt = run->channel != NULL;
    struct attempt_result result = {.status = OUTCOME_TIMEOUT};
    if (had_attempt && run->transport->expire) result = run->transport->expire(run);
    if (had_attempt) run->transport->finish(lane, run, true);
    if (run->is_called_on) {
        /* A reply came, and our own limit kept us from going on: neither silence nor an answer. */
        stats_add(&lane->stats.skipped[ENGINE_SKIP_RATE_LIMIT], 1);
        run->outcome.status = OUTCOME_ABANDONED;
        end(lane, run);
    } else if (had_attempt) {
        if (result.status != OUTCOME_TIMEOUT) run->outcome.error = result.error;
        lose_attempt(lane, run, result.status);
    } else {
        end(lane, run);
    }
}

void run_abandon(struct lane *lane, struct run *run)
{
    if (run->channel) run->transport->finish(lane, run, false);
    run->outcome.status = OUTCOME_ABANDONED;
    run->outcome.reply = (struct dns_reply){0};
    end(lane, run);
}
