/* The status page, as a person reads it without a script. */
#include "page_story.h"

/* What differs from page to page: the rest names the version. */
static void assert_golden_main(const char *name, const struct strbuf *page)
{
    AUTO(strbuf_fini) struct strbuf shown = {0};
    const char *begin = strstr(strbuf_text(page), "<main"), *end = strstr(strbuf_text(page), "</main>");
    assert_true(begin && end);
    strbuf_add(&shown, begin, (size_t)(end - begin));
    assert_golden(name, &shown);
}

/* ---- the views ---- */

static void the_matrix_shows_every_pair_the_worst_first(void **state)
{
    (void)state;
    AUTO(telling_fini) struct telling telling;
    AUTO(strbuf_fini) struct strbuf out = {0};
    tell_office_and_stranger(&telling);
    assert_int_equal(look(&telling, "", &out), 200);
    assert_has(&out, "<title>dnspolicy: 1 too open, 1 unreachable, 1 unknown</title>");
    assert_has(&out, "<p id=\"updated\">as of <time datetime=\"2026-01-02T03:04:05.678Z\">");
    assert_golden_main("page_matrix.html", &out);
}

static void a_cell_lists_its_probes_and_its_own_changes(void **state)
{
    (void)state;
    AUTO(telling_fini) struct telling telling;
    AUTO(strbuf_fini) struct strbuf out = {0};
    tell_office_and_stranger(&telling);
    assert_int_equal(look(&telling, "client=office&resolver=ns1", &out), 200);
    assert_has_not(&out, "id=\"matrix\"");
    assert_has_not(&out, "no-open-recursion</a>");
    assert_golden_main("page_cell.html", &out);
}

static void a_probe_shows_all_that_is_known_of_it(void **state)
{
    (void)state;
    AUTO(telling_fini) struct telling telling;
    AUTO(strbuf_fini) struct strbuf out = {0};
    tell_office_and_stranger(&telling);
    assert_int_equal(look_at_probe(&telling, STRANGER_NS1, &out), 200);
    assert_has(&out, "<title>dnspolicy: too open: no-open-recursion</title>");
    assert_golden_main("page_probe.html", &out);
}

static void a_probe_that_has_not_run_says_so(void **state)
{
    (void)state;
    AUTO(telling_fini) struct telling telling;
    AUTO(strbuf_fini) struct strbuf out = {0};
    tell_office_and_stranger(&telling);
    assert_int_equal(look_at_probe(&telling, OFFICE_TCP, &out), 200);
    assert_has(&out, "has not asked ns1 yet</p>");
    assert_has(&out, "<dt>expected</dt><dd>ANSWERED; flags ra !aa; 1 to 4 answer records; "
                     "no record that matches ^192[.]168[.]</dd>");
    assert_has(&out, "<dt>client</dt><dd>office (10.20.0.0/16), head office, source 10.20.5.18</dd>");
    assert_has(&out, "{random}.www.example.com IN A, RD set, DO set, bufsize 4096</dd>");
    assert_has_not(&out, "<dt>got</dt>");
    assert_has(&out, "<p>None since the start.</p>");
}

static void contexts_signatures_and_connections_are_told_and_no_secret(void **state)
{
    (void)state;
    AUTO(telling_fini) struct telling telling;
    AUTO(strbuf_fini) struct strbuf out = {0};
    static const struct {
        uint32_t probe;
        const char *told;
    } cases[] = {
        {UPDATES, "<dt>TSIG</dt><dd>reply is unsigned; error BADKEY</dd>"},
        {UPDATES, ", opcode UPDATE of the zone corp.example, RD clear</dd>"},
        {UPDATES, ", signs with xfr</dd>"},
        {PROXIED, ", claims 198.51.100.7 in a PROXYv2 header</dd>"},
        {PROXIED, "claimed to be 198.51.100.7:4242</dd>"},
        {SPACES, ", source 10.244.0.9, transparent, interface tun0, network namespace /run/netns/pods, mark 9</dd>"},
        {SPACES, "; BADCOOKIE first, asked again with the server&#39;s cookie</dd>"},
        {SECURED_TLS, "0.3 ms; connected in 0.4 ms; TLS session resumed in 1.5 ms; 1 attempt"},
        {SECURED_TLS,
         "<dt>certificate until</dt><dd><time datetime=\"2027-01-15T08:00:00Z\">2027-01-15 08:00:00 UTC</time>"},
        {SECURED_TLS, ", ECS 203.0.113.0/24</dd>"},
        {SECURED_HTTPS, "<dt>got</dt><dd>HTTP failed; 2 attempts"},
        {SECURED_HTTPS, "; over an earlier connection; HTTP status 404</dd>"},
        {TRANSFERS_ALLOWED, "<dt>policy</dt><dd>transfer</dd>"},
    };
    tell_contexts(&telling);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(look_at_probe(&telling, cases[i].probe, &out), 200);
        assert_has(&out, cases[i].told);
        assert_has_not(&out, "c2VjcmV0");
    }
}

static void a_reply_that_was_cut_short_is_not_called_none(void **state)
{
    (void)state;
    AUTO(telling_fini) struct telling telling;
    AUTO(strbuf_fini) struct strbuf out = {0};
    static const struct {
        enum outcome_status status;
        const char *told;
    } cases[] = {
        {OUTCOME_TIMEOUT, "<dt>got</dt><dd>part of a reply, then silence; 2 attempts"},
        {OUTCOME_CLOSED, "<dt>got</dt><dd>part of a reply, then the connection was closed; 2 attempts"},
        {OUTCOME_RESET, "<dt>got</dt><dd>part of a reply, then the connection was reset; 2 attempts"},
        {OUTCOME_TLS_FAILED, "<dt>got</dt><dd>TLS failed; 2 attempts"},
    };
    tell_office_and_stranger(&telling);
    for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
        struct outcome outcome = silence_of(OFFICE_TCP);
        outcome.status = cases[i].status;
        outcome.cut_short = true;
        tell_run(&telling, outcome, 130 + i);
        assert_int_equal(look_at_probe(&telling, OFFICE_TCP, &out), 200);
        assert_has(&out, cases[i].told);
    }
}

/* ---- filters ---- */

static void a_filtered_matrix_lists_the_probes_below_it(void **state)
{
    (void)state;
    AUTO(telling_fini) struct telling telling;
    AUTO(strbuf_fini) struct strbuf out = {0};
    tell_office_and_stranger(&telling);
    assert_int_equal(look(&telling, "client=stranger", &out), 200);
    assert_has(&out, "<p id=\"active-filters\">2 of 4 probes: <a class=\"filter\" href=\"./\" "
                     "aria-label=\"Remove the filter client stranger\">client: stranger ");
    assert_has(&out, "<option value=\"stranger\" selected>stranger</option>");
    assert_int_equal(count_of(&out, "<th scope=\"row\">"), 1 + 2);
    /* Other views keep the filter, or replace it. */
    assert_has(&out, "<li class=\"category too_open\"><a href=\"?client=stranger&amp;category=too_open\">");
    assert_has(&out, "<th scope=\"col\"><a href=\"?client=stranger&amp;resolver=ns2\">ns2</a></th>");
    assert_has(
        &out,
        "<a href=\"?client=stranger&amp;resolver=ns1\" aria-label=\"stranger, ns1: too open, 1 of 1 not passing\">");
}

static void more_than_one_pair_is_a_matrix_whatever_the_filters(void **state)
{
    (void)state;
    AUTO(telling_fini) struct telling telling;
    AUTO(strbuf_fini) struct strbuf out = {0};
    static const char *const of_pairs[] = {"client=office,stranger&resolver=ns1", "client=stranger&resolver=ns1,ns2"};
    static const char *const of_one[] = {"client=stranger&group=edge", "client=office,stranger&resolver=ns2"};
    tell_office_and_stranger(&telling);
    for (size_t i = 0; i < ARRAY_LEN(of_pairs); i++) {
        assert_int_equal(look(&telling, of_pairs[i], &out), 200);
        assert_has(&out, "<section id=\"matrix\">");
        assert_has(&out, "<section id=\"probes\">");
    }
    for (size_t i = 0; i < ARRAY_LEN(of_one); i++) {
        assert_int_equal(look(&telling, of_one[i], &out), 200);
        assert_has_not(&out, "<section id=\"matrix\">");
        assert_has(&out, "<li><a href=\"?client=stranger&amp;resolver=ns2\">ns2</a></li>");
    }
}

static void the_summary_lets_choose_another_category_while_one_is_chosen(void **state)
{
    (void)state;
    AUTO(telling_fini) struct telling telling;
    AUTO(strbuf_fini) struct strbuf out = {0};
    tell_office_and_stranger(&telling);
    assert_int_equal(look(&telling, "category=too_open&severity=warning", &out), 200);
    assert_has(&out, "<a aria-current=\"true\" href=\"?severity=warning&amp;category=too_open\">");
    assert_has(&out, "<li class=\"category unreachable\"><a href=\"?severity=warning&amp;category=unreachable\">"
                     "<span class=\"symbol\" aria-hidden=\"true\">✕</span> <span class=\"count\">1</span>");
    assert_has(&out, "<p id=\"active-filters\">1 of 4 probes:");
    assert_has(&out,
               "<a class=\"filter\" href=\"?category=too_open\" aria-label=\"Remove the filter severity warning\">");
}

static void a_form_sends_empty_fields_which_filter_nothing(void **state)
{
    (void)state;
    AUTO(telling_fini) struct telling telling;
    AUTO(strbuf_fini) struct strbuf out = {0};
    AUTO(view_params_fini) struct view_params params;
    char *error = NULL;
    tell_office_and_stranger(&telling);
    view_params_init(&params, PAGE_PARAMS);
    params.is_form = true;
    assert_true(view_params_set(&params, "client", "", &error));
    assert_true(view_params_set(&params, "category", "", &error));
    assert_true(view_params_set(&params, "resolver", "ns2", &error));
    assert_int_equal(params.given, VIEW_PARAM_RESOLVER);
    assert_int_equal(page_render(&telling.service, &params, "/metrics", TOLD_AT, &out), 200);
    assert_has(&out, "<p id=\"active-filters\">1 of 4 probes:");
}

static void several_values_and_unknown_ones_stay_chosen(void **state)
{
    (void)state;
    AUTO(telling_fini) struct telling telling;
    AUTO(strbuf_fini) struct strbuf out = {0};
    tell_office_and_stranger(&telling);
    assert_int_equal(look(&telling, "client=office,<b>&transport=udp,tcp&verdict=pending,no_response", &out), 200);
    assert_has(&out, "<option value=\"office,&lt;b&gt;\" selected>office,&lt;b&gt;</option>");
    assert_has(&out, "<option value=\"udp,tcp\" selected>udp,tcp</option>");
    assert_has(&out, "<option value=\"pending,no_response\" selected>");
    assert_has(&out, "href=\"?client=office,%3Cb%3E&amp;verdict=pending,no_response\" "
                     "aria-label=\"Remove the filter transport udp,tcp\">");
    assert_int_equal(count_of(&out, "<th scope=\"row\">"), 1 + 1);
}

static void filters_that_nothing_matches_leave_a_way_back(void **state)
{
    (void)state;
    AUTO(telling_fini) struct telling telling;
    AUTO(strbuf_fini) struct strbuf out = {0};
    tell_office_and_stranger(&telling);
    assert_int_equal(look(&telling, "client=nobody", &out), 200);
    assert_has(&out, "<title>dnspolicy: no probe matches</title>");
    assert_has(&out, "<p>No probe matches the filters.</p>");
    assert_int_equal(look(&telling, "client=nobody&group=none", &out), 200);
    assert_has(&out, "<section id=\"probes\">");
    assert_has(&out, "<p>No probe matches the filters.</p>");
    assert_has(&out, "<a class=\"all\" href=\"./\">show all</a>");
}

/* ---- the last changes ---- */

static void the_changes_are_those_of_what_the_filters_take(void **state)
{
    (void)state;
    AUTO(telling_fini) struct telling telling;
    AUTO(strbuf_fini) struct strbuf out = {0};
    static const struct {
        const char *query, *shown, *not_shown;
    } cases[] = {
        {"check=no-open-recursion", "</span> open_recursion</span>", "None since the start."},
        {"client=office", "None since the start.", "open_recursion"},
        {"resolver=ns2", "stranger at ns2 over udp", "at ns1"},
        {"transport=tcp", "None since the start.", "open_recursion"},
        {"severity=page", "None since the start.", "open_recursion"},
        {"group=edge", "stranger at ns2 over udp", "at ns1"},
        {"category=unreachable", "</span> no_response</span>", "open_recursion"},
        {"category=too_open", "</span> open_recursion</span>", "no_response"},
        /* It was one of those that pass. */
        {"verdict=as_expected", "</span> open_recursion</span>", "at ns2"},
    };
    tell_office_and_stranger(&telling);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(look(&telling, cases[i].query, &out), 200);
        if (!strstr(changes_of(&out), cases[i].shown) || strstr(changes_of(&out), cases[i].not_shown))
            fail_msg("%s: %s", cases[i].query, changes_of(&out));
    }
}

static void a_change_of_a_probe_that_is_gone_leads_nowhere(void **state)
{
    (void)state;
    AUTO(telling_fini) struct telling telling;
    AUTO(strbuf_fini) struct strbuf out = {0};
    tell_office_and_stranger(&telling);
    assert_int_equal(look(&telling, "", &out), 200);
    assert_true(strstr(changes_of(&out), ">no-open-recursion</a> <span class=\"pair\">stranger at ns1 "));
    tell_reload(&telling,
                "clients: {office: {subnet: 10.20.0.0/16, source: 10.20.5.18}}\n"
                "resolvers: {ns1: {address: 127.0.0.53}}\n"
                "checks: [{name: other, client: office, resolver: ns1, query: x.example A, expect: REFUSED}]\n");
    assert_int_equal(look(&telling, "", &out), 200);
    assert_true(strstr(changes_of(&out), " no-open-recursion (not in the configuration any more) "
                                         "<span class=\"pair\">stranger at ns1 "));
    assert_false(strstr(changes_of(&out), "?probe="));
    assert_int_equal(look(&telling, "resolver=ns1", &out), 200);
    assert_true(strstr(changes_of(&out), "None since the start."));
}

/* ---- hostile text, and what goes wrong ---- */

#define HOSTILE_NAMES                                                                                                  \
    "clients:\n"                                                                                                       \
    "  '<i>\"&c': {subnet: 127.66.0.0/16, source: 127.66.6.6, description: '<u>'}\n"                                   \
    "resolvers:\n"                                                                                                     \
    "  '\">&r+1': {address: 127.0.0.53, group: '<g>'}\n"                                                               \
    "checks:\n"                                                                                                        \
    "  - {name: '<script>x</script>', description: '</dd><p>', severity: '<s>', client: '*', resolver: '*',\n"         \
    "     query: x.example TXT, expect: {rcode: REFUSED, nsid: '<n>', answer: {none_match: '<a>', contains: "          \
    "['\"<c>\"']}}}\n"

static void hostile_text_is_text_in_every_view(void **state)
{
    (void)state;
    AUTO(telling_fini) struct telling telling;
    AUTO(strbuf_fini) struct strbuf out = {0};
    static const char answer[] = "x.example. 60 IN TXT \"</pre><img src=x>\"\nx.example. 60 IN TXT \"&lt;\"\n";
    static const char *const tags[] = {"<i>", "<u>",  "<g>", "<s>",       "<n>",    "<a>",
                                       "<c>", "<img", "<b>", "<script>x", "</dd><p"};
    telling_begin(&telling, HOSTILE_NAMES);
    struct outcome hostile = reply_of(0, DNS_RCODE_NOERROR);
    hostile.reply.answer = answer;
    hostile.reply.answer_len = sizeof(answer) - 1;
    hostile.reply.counts[DNS_SECTION_ANSWER] = hostile.reply.records_of_qtype = 2;
    hostile.reply.has_edns = hostile.reply.has_nsid = true;
    hostile.reply.nsid = (const uint8_t *)"<b>\"";
    hostile.reply.nsid_len = 4;
    hostile.reply.ede_count = 1;
    hostile.reply.ede[0] = (struct dns_ede){.code = 18, .text = "<b>\xff\x1b", .text_len = 5};
    tell_run(&telling, hostile, 1);
    static const char *const views[] = {"", "client=<i>\"&resolver=\">&check=<b>", "client=<i>\"", "severity=<s>"};
    for (size_t i = 0; i <= ARRAY_LEN(views); i++) {
        unsigned status = i < ARRAY_LEN(views) ? look(&telling, views[i], &out) : look_at_probe(&telling, 0, &out);
        assert_int_equal(status, 200);
        for (size_t tag = 0; tag < ARRAY_LEN(tags); tag++) assert_has_not(&out, tags[tag]);
    }
    assert_has(&out, "<pre class=\"answer\">x.example. 60 IN TXT &quot;&lt;/pre&gt;&lt;img src=x&gt;&quot;\n"
                     "x.example. 60 IN TXT &quot;&amp;lt;&quot;\n</pre>");
    assert_has(&out, "<dt>NSID</dt><dd>&lt;b&gt;&quot;</dd>");
    assert_has(&out, "<dt>EDE</dt><dd>18 (Prohibited) <bdi>&lt;b&gt;\xEF\xBF\xBD\xEF\xBF\xBD</bdi></dd>");
    assert_has(&out, "<a href=\"?client=%3Ci%3E%22%26c&amp;resolver=%22%3E%26r%2B1\">&quot;&gt;&amp;r+1</a>");
}

static void a_probe_that_is_gone_is_not_found(void **state)
{
    (void)state;
    AUTO(telling_fini) struct telling telling;
    AUTO(strbuf_fini) struct strbuf out = {0};
    tell_office_and_stranger(&telling);
    assert_int_equal(look(&telling, "probe=0123456789abcdef", &out), 404);
    assert_has(&out, "<section id=\"error\" role=\"alert\">");
    assert_has(&out, "No probe has this id");
}

static void a_failed_reload_is_told_on_every_view(void **state)
{
    (void)state;
    AUTO(telling_fini) struct telling telling;
    AUTO(strbuf_fini) struct strbuf out = {0};
    static const char *const views[] = {"", "client=office&resolver=ns1"};
    tell_office_and_stranger(&telling);
    assert_int_equal(look(&telling, "", &out), 200);
    assert_has_not(&out, "reload");
    telling.service.last_reload_ok = false;
    telling.service.config_file = "<policy>.yml";
    for (size_t i = 0; i <= ARRAY_LEN(views); i++) {
        unsigned status =
            i < ARRAY_LEN(views) ? look(&telling, views[i], &out) : look_at_probe(&telling, STRANGER_NS1, &out);
        assert_int_equal(status, 200);
        assert_has(&out,
                   "<main id=\"main\">\n<p id=\"notice\">The last reload failed: what was loaded "
                   "<time datetime=\"2026-01-02T03:04:05.678Z\">2026-01-02 03:04:05 UTC</time> is still running.");
        assert_has(&out, "<code>dnspolicy lint</code> of &lt;policy&gt;.yml.</p>");
    }
}

static void before_a_configuration_is_loaded_the_page_says_so(void **state)
{
    (void)state;
    struct telling telling = {.service.state = state_new(&(struct state_options){0})};
    AUTO(strbuf_fini) struct strbuf out = {0};
    assert_int_equal(look(&telling, "", &out), 503);
    assert_has(&out, "No configuration is loaded yet.");
    assert_has(&out, "<noscript><meta http-equiv=\"refresh\" content=\"30\"></noscript>");
    state_free(telling.service.state);
}

static void what_is_wrong_with_a_request_is_told_as_text(void **state)
{
    (void)state;
    AUTO(strbuf_fini) struct strbuf out = {0};
    page_error(400, "unknown parameter \"<b>\"", &out);
    assert_has(&out, "<title>dnspolicy: error 400</title>");
    assert_has(&out, "<p>unknown parameter &quot;&lt;b&gt;&quot;</p>");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_matrix_shows_every_pair_the_worst_first),
        cmocka_unit_test(a_cell_lists_its_probes_and_its_own_changes),
        cmocka_unit_test(a_probe_shows_all_that_is_known_of_it),
        cmocka_unit_test(a_probe_that_has_not_run_says_so),
        cmocka_unit_test(contexts_signatures_and_connections_are_told_and_no_secret),
        cmocka_unit_test(a_reply_that_was_cut_short_is_not_called_none),
        cmocka_unit_test(a_filtered_matrix_lists_the_probes_below_it),
        cmocka_unit_test(more_than_one_pair_is_a_matrix_whatever_the_filters),
        cmocka_unit_test(the_summary_lets_choose_another_category_while_one_is_chosen),
        cmocka_unit_test(a_form_sends_empty_fields_which_filter_nothing),
        cmocka_unit_test(several_values_and_unknown_ones_stay_chosen),
        cmocka_unit_test(filters_that_nothing_matches_leave_a_way_back),
        cmocka_unit_test(the_changes_are_those_of_what_the_filters_take),
        cmocka_unit_test(a_change_of_a_probe_that_is_gone_leads_nowhere),
        cmocka_unit_test(hostile_text_is_text_in_every_view),
        cmocka_unit_test(a_probe_that_is_gone_is_not_found),
        cmocka_unit_test(a_failed_reload_is_told_on_every_view),
        cmocka_unit_test(before_a_configuration_is_loaded_the_page_says_so),
        cmocka_unit_test(what_is_wrong_with_a_request_is_told_as_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
