/*
 * Joins paths and documents: which view answers what. Knows nothing of what is in them.
 */
#include "api.h"

#include "dnspolicy/base/mem.h"
#include "dnspolicy/state/state.h"
#include "answer.h"
#include "routes.h"

typedef unsigned json_view(struct view_service *service, const struct view_params *params, struct strbuf *out);

static void answer_view(struct request *request, json_view *view)
{
    AUTO(strbuf_fini) struct strbuf body = {0};
    unsigned code = view(request->web->service, &request->params, &body);
    answer_body(request, code, ANSWER_JSON, &body);
}

void api_health(struct request *request) { answer_view(request, json_health); }
void api_probes(struct request *request) { answer_view(request, json_probes); }
void api_verdicts(struct request *request) { answer_view(request, json_verdicts); }
void api_matrix(struct request *request) { answer_view(request, json_matrix); }
void api_events(struct request *request) { answer_view(request, json_events); }

void api_status(struct request *request)
{
    AUTO(strbuf_fini) struct strbuf body = {0};
    unsigned code = json_status(request->web->service, &body);
    answer_body(request, code, ANSWER_JSON, &body);
}

void api_probe(struct request *request)
{
    AUTO(strbuf_fini) struct strbuf body = {0};
    AUTO(mem_free_ptr) char *id = routes_name_of(request->route, strbuf_text(&request->path));
    unsigned code = json_probe(request->web->service, id, &body);
    answer_body(request, code, ANSWER_JSON, &body);
}

void api_healthy(struct request *request) { answer_sentence(request, MHD_HTTP_OK, "Healthy"); }

void api_ready(struct request *request)
{
    const struct view_service *service = request->web->service;
    struct generation *generation = state_acquire(service->state);
    bool is_ready = generation && service->engine && !atomic_load(&request->web->is_stopping);
    generation_release(generation);
    answer_sentence(request, is_ready ? MHD_HTTP_OK : MHD_HTTP_SERVICE_UNAVAILABLE, is_ready ? "Ready" : "Not ready");
}
