/* The JSON API's documents, as a script reads them. */
#include "views_story.h"

#include "dnspolicy/views/json.h"

#define EVERYTHING ((VIEW_PARAM_SINCE << 1) - 1)

typedef unsigned document(struct view_service *service, const struct view_params *params, struct strbuf *out);

static unsigned ask(struct telling *telling, document *shown, const char *query, struct strbuf *out)
{
    AUTO(view_params_fini) struct view_params params;
    take_params(&params, EVERYTHING, query);
    strbuf_clear(out);
    return shown(&telling->service, &params, out);
}

static void a_probe_is_shown_with_all_that_is_known_of_it(void **state)
{
    (void)state;
    AUTO(telling_fini) struct telling telling;
    AUTO(strbuf_fini) struct strbuf out = {0};
    tell_office_and_stranger(&telling);
    assert_int_equal(ask(&telling, json_probes, "", &out), 200);
    assert_golden("probes.json", &out);
}

static void contexts_signatures_and_connections_are_shown_and_no_secret(void **state)
{
    (void)state;
    AUTO(telling_fini) struct telling telling;
    AUTO(strbuf_fini) struct strbuf out = {0};
    tell_contexts(&telling);
    assert_int_equal(ask(&telling, json_probes, "", &out), 200);
    assert_has_not(&out, "c2VjcmV0");
    assert_golden("contexts.json", &out);
}

static void a_probe_is_found_by_its_id(void **state)
{
    (void)state;
    AUTO(telling_fini) struct telling telling;
    AUTO(strbuf_fini) struct strbuf out = {0};
    char id[PLAN_ID_TEXT_SIZE];
    tell_office_and_stranger(&telling);
    plan_format_id(telling.story.plan->probes[STRANGER_NS1].id, id);
    assert_int_equal(json_probe(&telling.service, id, &out), 200);
    assert_has(&out, id);
    strbuf_clear(&out);
    assert_int_equal(json_probe(&telling.service, "00000000000000ff", &out), 404);
    assert_string_equal(strbuf_text(&out),
                        "{\"status\":\"error\",\"errorType\":\"not_found\",\"error\":\"no probe has this id\"}\n");
    strbuf_clear(&out);
    assert_int_equal(json_probe(&telling.service, "../etc", &out), 400);
    assert_has(&out, "\"errorType\":\"bad_data\"");
}

static void filters_and_pages_narrow_the_list_and_totals_stay_exact(void **state)
{
    (void)state;
    AUTO(telling_fini) struct telling telling;
    AUTO(strbuf_fini) struct strbuf out = {0};
    tell_office_and_stranger(&telling);
    static const struct {
        const char *query;
        const char *end;
    } cases[] = {
        {"client=office", "],\"total\":2,\"limit\":100,\"offset\":0}}\n"},
        {"client=office,stranger", "],\"total\":4,\"limit\":100,\"offset\":0}}\n"},
        {"client=off", "\"probes\":[],\"total\":0,\"limit\":100,\"offset\":0}}\n"},
        {"resolver=ns2", "],\"total\":1,\"limit\":100,\"offset\":0}}\n"},
        {"group=edge", "],\"total\":1,\"limit\":100,\"offset\":0}}\n"},
        {"check=office-may-recurse&transport=tcp", "],\"total\":1,\"limit\":100,\"offset\":0}}\n"},
        {"severity=page", "],\"total\":2,\"limit\":100,\"offset\":0}}\n"},
        {"qtype=a", "],\"total\":4,\"limit\":100,\"offset\":0}}\n"},
        {"qtype=AAAA", "\"probes\":[],\"total\":0,\"limit\":100,\"offset\":0}}\n"},
        {"verdict=pending", "],\"total\":1,\"limit\":100,\"offset\":0}}\n"},
        {"category=pass,too_open", "],\"total\":2,\"limit\":100,\"offset\":0}}\n"},
        {"category=pass&verdict=pending", "\"probes\":[],\"total\":0,\"limit\":100,\"offset\":0}}\n"},
        {"limit=1&offset=3", "],\"total\":4,\"limit\":1,\"offset\":3}}\n"},
        {"offset=4", "\"probes\":[],\"total\":4,\"limit\":100,\"offset\":4}}\n"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(ask(&telling, json_probes, cases[i].query, &out), 200);
        if (!strstr(strbuf_text(&out), cases[i].end)) fail_msg("%s: %s", cases[i].query, strbuf_text(&out));
    }
}

static void verdicts_are_counted_and_what_fails_comes_worst_first(void **state)
{
    (void)state;
    AUTO(telling_fini) struct telling telling;
    AUTO(strbuf_fini) struct strbuf out = {0};
    tell_office_and_stranger(&telling);
    assert_int_equal(ask(&telling, json_verdicts, "", &out), 200);
    assert_has(&out,
               "\"data\":{\"verdicts\":{\"pending\":1,\"local_error\":0,\"as_expected\":1,\"network_error\":0,"
               "\"no_response\":1,\"bad_credentials\":0,\"protocol_error\":0,\"open_transfer\":0,\"open_update\":0,"
               "\"open_recursion\":1,\"open_cache\":0,\"unexpected_answer\":0,\"unexpected_refusal\":0,"
               "\"wrong_answer\":0,\"wrong_rcode\":0},"
               "\"categories\":{\"too_open\":1,\"too_strict\":0,\"mismatch\":0,\"unreachable\":1,\"unknown\":1,"
               "\"pass\":1},\"probes\":[");
    assert_has(&out, "],\"total\":3,\"limit\":100,\"offset\":0}}");
    const char *open = strstr(strbuf_text(&out), "\"verdict\":\"open_recursion\"");
    const char *silent = strstr(strbuf_text(&out), "\"verdict\":\"no_response\"");
    const char *pending = strstr(strbuf_text(&out), "\"verdict\":\"pending\"");
    assert_true(open && silent && pending && open < silent && silent < pending);
    assert_has_not(&out, "\"verdict\":\"as_expected\"");

    assert_int_equal(ask(&telling, json_verdicts, "limit=1&offset=1", &out), 200);
    assert_has(&out, "\"verdict\":\"no_response\"");
    assert_has_not(&out, "\"verdict\":\"open_recursion\"");
    assert_has(&out, "],\"total\":3,\"limit\":1,\"offset\":1}}");
}

static void the_matrix_has_a_row_per_client_worst_first(void **state)
{
    (void)state;
    AUTO(telling_fini) struct telling telling;
    AUTO(strbuf_fini) struct strbuf out = {0};
    tell_office_and_stranger(&telling);
    assert_int_equal(ask(&telling, json_matrix, "", &out), 200);
    assert_golden("matrix.json", &out);
    assert_int_equal(ask(&telling, json_matrix, "offset=1&limit=5&check=office-may-recurse", &out), 200);
    assert_has(&out, "\"rows\":[],\"total\":1,\"limit\":5,\"offset\":1}}");
}

static void changes_are_listed_newest_first(void **state)
{
    (void)state;
    AUTO(telling_fini) struct telling telling;
    AUTO(strbuf_fini) struct strbuf out = {0};
    tell_office_and_stranger(&telling);
    assert_int_equal(ask(&telling, json_events, "", &out), 200);
    assert_golden("events.json", &out);
    assert_int_equal(ask(&telling, json_events, "since=2026-01-02T03:04:30Z&limit=1", &out), 200);
    assert_has(&out, "\"to\":\"open_recursion\"");
    assert_has(&out, "],\"total\":1,\"limit\":1,\"offset\":0}}");
}

/* ---- health ---- */

static void health_fails_while_a_judged_probe_does(void **state)
{
    (void)state;
    AUTO(telling_fini) struct telling telling;
    AUTO(strbuf_fini) struct strbuf out = {0};
    tell_office_and_stranger(&telling);
    assert_int_equal(ask(&telling, json_health, "", &out), 503);
    assert_golden("health.json", &out);
}

static void health_is_good_where_all_that_is_judged_passes(void **state)
{
    (void)state;
    AUTO(telling_fini) struct telling telling;
    AUTO(strbuf_fini) struct strbuf out = {0};
    tell_office_and_stranger(&telling);
    assert_int_equal(ask(&telling, json_health, "client=office", &out), 200);
    assert_has(&out, "\"data\":{\"healthy\":true,\"judged\":1,\"passing\":1,\"offenders_total\":0,\"offenders\":[],"
                     "\"pending_total\":1,\"pending\":[{");
}

static void a_load_balancer_does_not_drain_what_must_be_paged(void **state)
{
    (void)state;
    AUTO(telling_fini) struct telling telling;
    AUTO(strbuf_fini) struct strbuf out = {0};
    tell_office_and_stranger(&telling);
    assert_int_equal(ask(&telling, json_health, "resolver=ns1&category=too_strict,unreachable", &out), 200);
    assert_has(&out, "\"healthy\":true,\"judged\":2,\"passing\":1,\"offenders_total\":0,");
    assert_int_equal(ask(&telling, json_health, "resolver=ns1&category=too_open", &out), 503);
    assert_has(&out, "\"offenders_total\":1,");
    assert_int_equal(ask(&telling, json_health, "resolver=ns2&category=too_strict,unreachable", &out), 503);
}

static void a_scope_with_no_probe_is_not_found(void **state)
{
    (void)state;
    AUTO(telling_fini) struct telling telling;
    AUTO(strbuf_fini) struct strbuf out = {0};
    tell_office_and_stranger(&telling);
    assert_int_equal(ask(&telling, json_health, "client=offce", &out), 404);
    assert_string_equal(strbuf_text(&out), "{\"status\":\"error\",\"errorType\":\"not_found\","
                                           "\"error\":\"no probe matches the scope\"}\n");
}

static void what_could_not_be_judged_is_told_and_held_against_nobody(void **state)
{
    (void)state;
    AUTO(telling_fini) struct telling telling;
    AUTO(strbuf_fini) struct strbuf out = {0};
    telling_begin(&telling, OFFICE_AND_STRANGER);
    struct outcome failed = silence_of(OFFICE_UDP);
    failed.status = OUTCOME_LOCAL_ERROR;
    failed.attempts = failed.queries_sent = failed.attempts_lost = 0;
    failed.error = (struct outcome_error){.step = OUTCOME_STEP_BIND, .number = 99};
    tell_run(&telling, failed, 3);
    assert_int_equal(ask(&telling, json_health, "client=office", &out), 200);
    assert_has(&out, "\"healthy\":true,\"note\":\"no probe in scope has been judged yet\",\"judged\":0,\"passing\":0,");
    assert_has(&out, "\"unjudged_total\":1,\"unjudged\":[{");
    assert_has(&out, "\"verdict\":\"local_error\"");
    assert_int_equal(ask(&telling, json_health, "client=office&category=unknown", &out), 503);
    assert_has(&out, "\"offenders_total\":1,\"offenders\":[{");
    assert_has(&out, "\"pending_total\":1,");
    assert_has(&out, "\"unjudged_total\":0,");
}

/* ---- the rest ---- */

static void hostile_text_becomes_valid_json(void **state)
{
    (void)state;
    AUTO(telling_fini) struct telling telling;
    AUTO(strbuf_fini) struct strbuf out = {0};
    telling_begin(&telling, OFFICE_AND_STRANGER);
    struct outcome hostile = reply_of(STRANGER_NS1, DNS_RCODE_REFUSED);
    hostile.reply.has_edns = hostile.reply.has_nsid = true;
    hostile.reply.nsid = (const uint8_t *)"\xff\x00\"";
    hostile.reply.nsid_len = 3;
    hostile.reply.ede_count = 2;
    hostile.reply.ede[0] = (struct dns_ede){.code = 18, .text = "\x1b[31m\xc3\x28\"", .text_len = 8};
    hostile.reply.ede[1] = (struct dns_ede){.code = 60000};
    tell_run(&telling, hostile, 1);
    assert_int_equal(ask(&telling, json_probes, "limit=1", &out), 200);
    assert_has(&out, "\"ede\":[{\"code\":18,\"name\":\"Prohibited\",\"text\":\"\xEF\xBF\xBD[31m\xEF\xBF\xBD(\\\"\"},"
                     "{\"code\":60000,\"name\":null,\"text\":null}],\"nsid\":{\"hex\":\"ff0022\",\"text\":null}");
}

static void a_run_on_demand_is_shown_beside_the_standing_verdict(void **state)
{
    (void)state;
    AUTO(telling_fini) struct telling telling;
    AUTO(strbuf_fini) struct strbuf out = {0};
    tell_office_and_stranger(&telling);
    struct outcome outcome = reply_of(STRANGER_NS1, DNS_RCODE_REFUSED);
    outcome.is_on_demand = true;
    outcome.ended_wall_ns = TOLD_AT;
    struct judgement judgement = state_judge(telling.service.state, telling.generation, &outcome);
    assert_int_equal(json_probe_run(telling.generation, STRANGER_NS1, &outcome, judgement, &out), 200);
    assert_has(&out, "\"verdict\":\"as_expected\",\"category\":\"pass\",\"since\":null,\"runs\":3,\"consecutive\":0");
    assert_has(&out, "\"rcode\":\"REFUSED\"");
}

static void the_status_tells_what_runs_here(void **state)
{
    (void)state;
    AUTO(telling_fini) struct telling telling;
    AUTO(strbuf_fini) struct strbuf out = {0};
    telling_begin(&telling, OFFICE_AND_STRANGER);
    assert_int_equal(json_status(&telling.service, &out), 200);
    assert_has(&out, "\"version\":\"" DNSPOLICY_VERSION "\",\"revision\":\"");
    assert_has(&out, "\",\"config\":{\"file\":\"f\",\"loaded\":\"2026-01-02T03:04:05.678Z\","
                     "\"last_reload_successful\":true},\"started\":\"2026-01-02T03:04:05.678Z\",\"uptime_seconds\":");
    assert_has(&out,
               "\"lanes\":1,\"lifecycle_enabled\":false,\"probes\":4,\"queries_sent\":0,\"queries_per_second\":0.0,"
               "\"queries_per_second_planned\":0.1,");
}

static void before_a_configuration_is_loaded_the_api_says_so(void **state)
{
    (void)state;
    struct telling telling = {.service.state = state_new(&(struct state_options){0})};
    AUTO(strbuf_fini) struct strbuf out = {0};
    static document *const documents[] = {json_health, json_probes, json_verdicts, json_matrix};
    for (size_t i = 0; i < ARRAY_LEN(documents); i++) {
        assert_int_equal(ask(&telling, documents[i], "", &out), 503);
        assert_has(&out, "\"errorType\":\"unavailable\",\"error\":\"no configuration is loaded yet\"");
    }
    strbuf_clear(&out);
    assert_int_equal(json_status(&telling.service, &out), 200);
    assert_has(&out, "\"probes\":0,");
    state_free(telling.service.state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_probe_is_shown_with_all_that_is_known_of_it),
        cmocka_unit_test(contexts_signatures_and_connections_are_shown_and_no_secret),
        cmocka_unit_test(a_probe_is_found_by_its_id),
        cmocka_unit_test(filters_and_pages_narrow_the_list_and_totals_stay_exact),
        cmocka_unit_test(verdicts_are_counted_and_what_fails_comes_worst_first),
        cmocka_unit_test(the_matrix_has_a_row_per_client_worst_first),
        cmocka_unit_test(changes_are_listed_newest_first),
        cmocka_unit_test(health_fails_while_a_judged_probe_does),
        cmocka_unit_test(health_is_good_where_all_that_is_judged_passes),
        cmocka_unit_test(a_load_balancer_does_not_drain_what_must_be_paged),
        cmocka_unit_test(a_scope_with_no_probe_is_not_found),
        cmocka_unit_test(what_could_not_be_judged_is_told_and_held_against_nobody),
        cmocka_unit_test(hostile_text_becomes_valid_json),
        cmocka_unit_test(a_run_on_demand_is_shown_beside_the_standing_verdict),
        cmocka_unit_test(the_status_tells_what_runs_here),
        cmocka_unit_test(before_a_configuration_is_loaded_the_api_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
