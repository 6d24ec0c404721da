/*
 * Decides what an on-demand run answers: the probe as if this had been its last run. The outcome is judged and copied
 * on the lane's thread, while the plan that it belongs to is certain; it is rendered on the web's.
 */
#include <stdlib.h>

#include "dnspolicy/base/mem.h"
#include "dnspolicy/probe/engine.h"
#include "dnspolicy/state/state.h"
#include "answer.h"
#include "lifecycle.h"
#include "routes.h"

#define RUN_WAIT_S 50 /* below the time that an answer may take in all */

/* What the engine hands back. It may do so after the request, and the server, are gone. */
struct run_ticket {
    struct state *state;
    struct later *later;
};

enum run_end { RUN_JUDGED, RUN_VANISHED, RUN_ABANDONED, RUN_NO_ROOM };

struct run_result {
    enum run_end end;
    struct generation *generation; /* these four with RUN_JUDGED */
    struct judgement judgement;
    struct outcome outcome;
    struct outcome_texts texts;
};

static void free_result(void *arg)
{
    struct run_result *result = arg;
    if (!result) return;
    generation_release(result->generation);
    outcome_texts_fini(&result->texts);
    free(result);
}

static struct run_result *judge_run(struct state *state, const struct outcome *outcome)
{
    struct run_result *result = mem_alloc(sizeof(*result));
    result->end = RUN_VANISHED;
    if (!outcome) return result;
    result->generation = state_acquire(state);
    state_count_followup(state, result->generation, outcome);
    result->end = RUN_ABANDONED;
    if (outcome->status == OUTCOME_ABANDONED) return result;
    result->end = RUN_JUDGED;
    result->judgement = state_judge(state, result->generation, outcome);
    outcome_copy(&result->outcome, &result->texts, outcome);
    return result;
}

static void take_outcome(void *arg, const struct outcome *outcome)
{
    struct run_ticket *ticket = arg;
    later_answer(ticket->later, judge_run(ticket->state, outcome), free_result);
    mem_free_ptr(&ticket);
}

static bool is_known(const struct view_service *service, uint64_t id)
{
    struct generation *generation = state_acquire(service->state);
    bool knows_it = generation && plan_find(generation_plan(generation), id) != PLAN_NONE;
    generation_release(generation);
    return knows_it;
}

static void order_run(struct request *request, uint64_t id)
{
    struct view_service *service = request->web->service;
    struct later *later = request_wait(request, REQUEST_WORK, RUN_WAIT_S);
    if (!later) return;
    struct run_ticket *ticket = mem_alloc(sizeof(*ticket));
    *ticket = (struct run_ticket){.state = service->state, .later = later};
    if (engine_run_now(service->engine, id, take_outcome, ticket)) return;
    mem_free_ptr(&ticket);
    struct run_result *result = mem_alloc(sizeof(*result));
    result->end = is_known(service, id) ? RUN_NO_ROOM : RUN_VANISHED;
    later_answer(later, result, free_result);
}

void run_handle(struct request *request)
{
    if (!lifecycle_is_allowed(request)) return;
    AUTO(mem_free_ptr) char *text = routes_name_of(request->route, strbuf_text(&request->path));
    uint64_t id;
    if (!plan_parse_id(text, &id))
        answer_sentence(request, MHD_HTTP_BAD_REQUEST, "the id of a probe is 16 hexadecimal digits in lower case");
    else if (!is_known(request->web->service, id))
        answer_sentence(request, MHD_HTTP_NOT_FOUND, "no probe has this id");
    else
        order_run(request, id);
}

static void answer_run(struct request *request, const struct run_result *result)
{
    AUTO(strbuf_fini) struct strbuf body = {0};
    unsigned code;
    switch (result->end) {
    case RUN_JUDGED:
        code = json_probe_run(result->generation, result->outcome.probe, &result->outcome, result->judgement, &body);
        answer_body(request, code, ANSWER_JSON, &body);
        break;
    case RUN_VANISHED:
        answer_sentence(request, MHD_HTTP_NOT_FOUND, "no probe has this id any more: the configuration was reloaded");
        break;
    case RUN_ABANDONED:
        answer_sentence(request, MHD_HTTP_SERVICE_UNAVAILABLE, "the run was ended by a reload; try again");
        break;
    case RUN_NO_ROOM:
        answer_sentence(request, MHD_HTTP_SERVICE_UNAVAILABLE, "too many such runs are waiting; try again in a second");
        break;
    }
}

void run_resume(struct request *request)
{
    void *result;
    enum later_status status = later_take(&request->web->laters, MEM_STEAL(request->later), &result);
    if (status == LATER_ANSWERED)
        answer_run(request, result);
    else if (status == LATER_EXPIRED)
        answer_sentence(request, MHD_HTTP_GATEWAY_TIMEOUT, "the run takes too long to wait for");
    else
        answer_sentence(request, MHD_HTTP_SERVICE_UNAVAILABLE, "the exporter is stopping");
    free_result(result);
}
