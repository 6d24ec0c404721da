/* The status page, as a person reads it without a script. */
#include "views_story.h"

#include <zlib.h>

#include "dnspolicy/views/page.h"

/* `query` as in the address bar, decoded. */
static unsigned look(struct telling *telling, const char *query, struct strbuf *out)
{
    AUTO(view_params_fini) struct view_params params;
    take_params(&params, PAGE_PARAMS, query);
    strbuf_clear(out);
    return page_render(&telling->service, &params, "/metrics", TOLD_AT, out);
}

static unsigned look_at_probe(struct telling *telling, uint32_t probe, struct strbuf *out)
{
    char query[sizeof("probe=") + PLAN_ID_TEXT_SIZE] = "probe=";
    plan_format_id(telling->story.plan->probes[probe].id, query + strlen(query));
    return look(telling, query, out);
}

static unsigned count_of(const struct strbuf *out, const char *text)
{
    unsigned count = 0;
    for (const char *at = strbuf_text(out); (at = strstr(at, text)); at += strlen(text)) count++;
    return count;
}

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

/* ---- many ---- */

/* Clients c00 … and resolvers r00 …, every second resolver of a group with the next but one of its kind. */
static void tell_many(struct telling *telling, unsigned clients, unsigned resolvers, bool has_groups)
{
    AUTO(strbuf_fini) struct strbuf yaml = {0};
    strbuf_puts(&yaml, "global: {max_qps_per_resolver: 0, max_denied_qps: 0}\nclients:\n");
    for (unsigned i = 0; i < clients; i++)
        strbuf_addf(&yaml, "  c%02u: {subnet: 127.%u.0.0/16, source: 127.%u.0.1}\n", i, 20 + i, 20 + i);
    strbuf_puts(&yaml, "resolvers:\n");
    for (unsigned i = 0; i < resolvers; i++) {
        strbuf_addf(&yaml, "  r%02u: {address: 127.0.1.%u", i, i + 1);
        if (has_groups && i % 2) strbuf_addf(&yaml, ", group: g%u", i % 4);
        strbuf_puts(&yaml, "}\n");
    }
    strbuf_puts(&yaml, "checks:\n  - {name: all, client: \"*\", resolver: \"*\", query: \"{random}.example A\", "
                       "expect: REFUSED}\n");
    telling_begin(telling, strbuf_text(&yaml));
    /* The last client is let in by the last resolver. */
    tell_run(telling, reply_of(clients * resolvers - 1, DNS_RCODE_NOERROR), 1);
}

static void a_large_matrix_comes_in_pages_and_its_worst_corner_first(void **state)
{
    (void)state;
    AUTO(telling_fini) struct telling telling;
    AUTO(strbuf_fini) struct strbuf out = {0};
    tell_many(&telling, PAGE_ROWS + 5, PAGE_COLUMNS + 2, false);
    assert_int_equal(look(&telling, "", &out), 200);
    assert_int_equal(count_of(&out, "<td class=\"cell"), PAGE_ROWS * PAGE_COLUMNS);
    assert_has(&out, "<tr><th scope=\"col\">client</th>\n<th scope=\"col\"><a href=\"?resolver=r25\">r25</a></th>");
    assert_has(&out, "<tbody>\n<tr><th scope=\"row\"><a href=\"?client=c44\">c44</a>");
    assert_has(&out, "<nav class=\"pages\" aria-label=\"Pages of clients\">clients 1–40 of 45 "
                     "<a rel=\"next\" href=\"?offset=40\">next</a></nav>");
    assert_has(&out, "resolvers 1–24 of 26 <a rel=\"next\" href=\"?column=24\">next</a></nav>");

    assert_int_equal(look(&telling, "offset=40&column=24&check=all", &out), 200);
    assert_int_equal(count_of(&out, "<td class=\"cell"), 5 * 2);
    assert_has(&out, "clients 41–45 of 45 <a rel=\"prev\" href=\"?check=all&amp;column=24\">previous</a></nav>");
    assert_has(&out, "resolvers 25–26 of 26 <a rel=\"prev\" href=\"?check=all&amp;offset=40\">previous</a></nav>");
    /* A place in a list goes with no other view. */
    assert_has(&out, "<a href=\"?check=all&amp;client=c43&amp;resolver=r24\"");
    assert_has_not(&out, "<section id=\"probes\">");
}

static void a_page_past_the_end_leads_back(void **state)
{
    (void)state;
    AUTO(telling_fini) struct telling telling;
    AUTO(strbuf_fini) struct strbuf out = {0};
    tell_many(&telling, PAGE_ROWS + 5, 3, false);
    assert_int_equal(look(&telling, "offset=4294967295&column=4294967295", &out), 200);
    assert_int_equal(count_of(&out, "<td class=\"cell"), 0);
    assert_has(&out, "no more than 45 clients <a rel=\"prev\" href=\"?column=4294967295&amp;offset=5\">previous</a>");
    assert_int_equal(look(&telling, "client=c01&resolver=r01&offset=7", &out), 200);
    assert_has(&out, "<p>No probe matches the filters.</p>");
    assert_has(&out, "no more than 1 probes <a rel=\"prev\" href=\"?client=c01&amp;resolver=r01\">previous</a>");
}

static void more_resolvers_than_columns_are_shown_as_groups(void **state)
{
    (void)state;
    AUTO(telling_fini) struct telling telling;
    AUTO(strbuf_fini) struct strbuf out = {0};
    tell_many(&telling, 2, 26, true);
    assert_int_equal(look(&telling, "", &out), 200);
    /* r25 of g1, which is let in, and g3; the other 13 stand alone. */
    assert_int_equal(count_of(&out, "<th scope=\"col\""), 1 + 2 + 13);
    assert_has(&out, "<th scope=\"col\" class=\"group\"><a href=\"?group=g1\">g1</a> "
                     "<span class=\"members\">group of 7</span></th>");
    assert_has(&out, "<a href=\"?client=c01&amp;group=g1\" aria-label=\"c01, g1: too open, 7 of 7 not passing\">");
    assert_int_equal(look(&telling, "group=g1", &out), 200);
    assert_int_equal(count_of(&out, "<th scope=\"col\" class=\"group\">"), 0);
    assert_has(&out, "<a href=\"?group=g1&amp;client=c01&amp;resolver=r25\"");
}

static void few_resolvers_are_shown_one_by_one_whatever_their_groups(void **state)
{
    (void)state;
    AUTO(telling_fini) struct telling telling;
    AUTO(strbuf_fini) struct strbuf out = {0};
    tell_many(&telling, 2, PAGE_COLUMNS, true);
    assert_int_equal(look(&telling, "", &out), 200);
    assert_has(&out, "<th scope=\"col\"><a href=\"?resolver=r23\">r23</a></th>");
    assert_has_not(&out, "class=\"group\"");
}

static void a_list_comes_in_pages_of_the_limit(void **state)
{
    (void)state;
    AUTO(telling_fini) struct telling telling;
    AUTO(strbuf_fini) struct strbuf out = {0};
    tell_office_and_stranger(&telling);
    assert_int_equal(look(&telling, "client=office&resolver=ns1&limit=1", &out), 200);
    assert_has(&out, "probes 1–1 of 2 <a rel=\"next\" "
                     "href=\"?client=office&amp;resolver=ns1&amp;limit=1&amp;offset=1\">next</a></nav>");
    assert_has(&out, "<span class=\"verdict\">pending</span>");
    assert_int_equal(look(&telling, "client=office&resolver=ns1&limit=1&offset=1", &out), 200);
    assert_has(&out, "<span class=\"verdict\">as_expected</span></td>");
    assert_int_equal(look(&telling, "client=stranger&limit=1", &out), 200);
    assert_has_not(&out, "<section id=\"probes\">");
}

static void a_name_that_nobody_would_choose_from_a_list_can_be_written(void **state)
{
    (void)state;
    AUTO(telling_fini) struct telling telling;
    AUTO(strbuf_fini) struct strbuf out = {0};
    tell_many(&telling, 1, 101, false);
    assert_int_equal(look(&telling, "resolver=\"r07\"", &out), 200);
    assert_has(&out,
               "<label>resolver <input name=\"resolver\" value=\"&quot;r07&quot;\" placeholder=\"whole name,other\" ");
    assert_has(&out, "<label>client <select name=\"client\">");
}

static void a_compressed_page_is_the_same_page(void **state)
{
    (void)state;
    AUTO(telling_fini) struct telling telling;
    AUTO(strbuf_fini) struct strbuf plain = {0};
    AUTO(strbuf_fini) struct strbuf out = {0};
    tell_many(&telling, PAGE_ROWS, PAGE_COLUMNS, false);
    assert_int_equal(look(&telling, "", &plain), 200);
    assert_int_equal(look(&telling, "", &out), 200);
    page_compress(&out);
    assert_true(out.len < plain.len / 10);
    AUTO(mem_free_ptr) char *again = mem_alloc(plain.len + 1);
    z_stream z = {.next_in = (Bytef *)out.data,
                  .avail_in = (uInt)out.len,
                  .next_out = (Bytef *)again,
                  .avail_out = (uInt)plain.len + 1};
    assert_int_equal(inflateInit2(&z, 15 + 16), Z_OK);
    assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
    assert_int_equal(z.total_out, plain.len);
    assert_int_equal(z.avail_in, 0);
    assert_memory_equal(again, plain.data, plain.len);
    inflateEnd(&z);
}

static void nothing_is_compressed_to_nothing(void **state)
{
    (void)state;
    AUTO(strbuf_fini) struct strbuf out = {0};
    page_compress(&out);
    assert_true(out.len > 0 && out.len < 40);
}

/* ---- the last changes ---- */

static const char *changes_of(const struct strbuf *out) { return strstr(strbuf_text(out), "<section id=\"changes\">"); }

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

static void what_is_not_kept_is_not_denied(void **state)
{
    (void)state;
    AUTO(telling_fini) struct telling telling;
    AUTO(strbuf_fini) struct strbuf out = {0};
    tell_many(&telling, 40, 26, false);
    for (uint32_t probe = 0; probe < STATE_EVENTS; probe++)
        tell_run(&telling, reply_of(probe, DNS_RCODE_NOERROR), 2 + probe);
    assert_int_equal(look(&telling, "client=c39&resolver=r25", &out), 200);
    assert_true(strstr(changes_of(&out), "<p>None among the last 1000, and no more are kept.</p>"));
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
        cmocka_unit_test(a_large_matrix_comes_in_pages_and_its_worst_corner_first),
        cmocka_unit_test(a_page_past_the_end_leads_back),
        cmocka_unit_test(more_resolvers_than_columns_are_shown_as_groups),
        cmocka_unit_test(few_resolvers_are_shown_one_by_one_whatever_their_groups),
        cmocka_unit_test(a_list_comes_in_pages_of_the_limit),
        cmocka_unit_test(a_name_that_nobody_would_choose_from_a_list_can_be_written),
        cmocka_unit_test(a_compressed_page_is_the_same_page),
        cmocka_unit_test(nothing_is_compressed_to_nothing),
        cmocka_unit_test(the_changes_are_those_of_what_the_filters_take),
        cmocka_unit_test(a_change_of_a_probe_that_is_gone_leads_nowhere),
        cmocka_unit_test(what_is_not_kept_is_not_denied),
        cmocka_unit_test(hostile_text_is_text_in_every_view),
        cmocka_unit_test(a_probe_that_is_gone_is_not_found),
        cmocka_unit_test(a_failed_reload_is_told_on_every_view),
        cmocka_unit_test(before_a_configuration_is_loaded_the_page_says_so),
        cmocka_unit_test(what_is_wrong_with_a_request_is_told_as_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
