/* /metrics, as a scraper reads it. */
#include "views_story.h"

#include <zlib.h>

#include "dnspolicy/views/metrics.h"
#include "views/exposition.h"

static void free_stream(struct metrics_stream **stream) { metrics_stream_free(*stream); }

static void scrape(struct telling *telling, struct metrics_options options, size_t piece, struct strbuf *out)
{
    AUTO(free_stream) struct metrics_stream *stream = metrics_stream_new(&telling->service, options);
    AUTO(mem_free_ptr) char *buf = mem_array(piece, 1);
    for (size_t len; (len = metrics_stream_read(stream, buf, piece));) {
        assert_true(len <= piece);
        strbuf_add(out, buf, len);
    }
    assert_int_equal(metrics_stream_read(stream, buf, piece), 0);
}

/* The families of this very process and build differ from run to run. */
static void drop_what_differs(const struct strbuf *from, struct strbuf *to)
{
    const char *at = strbuf_text(from);
    for (const char *end; *at; at = end) {
        end = strchr(at, '\n') + 1;
        if (strncmp(at, "process_", 8) == 0 || strncmp(at, "dnspolicy_build_info{", 21) == 0) continue;
        strbuf_add(to, at, (size_t)(end - at));
    }
}

static void assert_scrape_is_golden(bool openmetrics, const char *name)
{
    AUTO(telling_fini) struct telling telling;
    AUTO(strbuf_fini) struct strbuf all = {0};
    AUTO(strbuf_fini) struct strbuf shown = {0};
    tell_office_and_stranger(&telling);
    telling.service.http.handlers[0] = "/metrics";
    telling.service.http.handlers[1] = "/health";
    view_http_count(&telling.service.http, 0, 200);
    view_http_count(&telling.service.http, 0, 200);
    view_http_count(&telling.service.http, 1, 503);
    scrape(&telling, (struct metrics_options){.openmetrics = openmetrics}, 65536, &all);
    drop_what_differs(&all, &shown);
    assert_golden(name, &shown);
}

static void every_family_is_shown_in_the_text_format(void **state)
{
    (void)state;
    assert_scrape_is_golden(false, "metrics.txt");
}

static void openmetrics_drops_total_from_families_and_ends_with_eof(void **state)
{
    (void)state;
    assert_scrape_is_golden(true, "metrics.openmetrics");
}

static void tiny_reads_give_the_same_bytes_as_big_ones(void **state)
{
    (void)state;
    AUTO(telling_fini) struct telling telling;
    tell_office_and_stranger(&telling);
    for (int openmetrics = 0; openmetrics < 2; openmetrics++) {
        struct metrics_options options = {.openmetrics = openmetrics};
        AUTO(strbuf_fini) struct strbuf big = {0};
        AUTO(strbuf_fini) struct strbuf big_kept = {0};
        AUTO(strbuf_fini) struct strbuf tiny = {0};
        AUTO(strbuf_fini) struct strbuf tiny_kept = {0};
        scrape(&telling, options, 65536, &big);
        scrape(&telling, options, 7, &tiny);
        drop_what_differs(&big, &big_kept);
        drop_what_differs(&tiny, &tiny_kept);
        assert_string_equal(strbuf_text(&tiny_kept), strbuf_text(&big_kept));
    }
}

static void unzip(const struct strbuf *zipped, struct strbuf *out)
{
    char buf[4096];
    z_stream z = {.next_in = (Bytef *)zipped->data, .avail_in = (uInt)zipped->len};
    assert_int_equal(inflateInit2(&z, 15 + 16), Z_OK);
    int result;
    do {
        z.next_out = (Bytef *)buf;
        z.avail_out = sizeof(buf);
        result = inflate(&z, Z_NO_FLUSH);
        assert_true(result == Z_OK || result == Z_STREAM_END);
        strbuf_add(out, buf, sizeof(buf) - z.avail_out);
    } while (result != Z_STREAM_END);
    assert_int_equal(z.avail_in, 0);
    inflateEnd(&z);
}

static void gzip_holds_what_plain_shows(void **state)
{
    (void)state;
    static const size_t pieces[] = {1, 13, 4096, 1 << 20};
    AUTO(telling_fini) struct telling telling;
    tell_office_and_stranger(&telling);
    AUTO(strbuf_fini) struct strbuf plain = {0};
    AUTO(strbuf_fini) struct strbuf plain_kept = {0};
    scrape(&telling, (struct metrics_options){.openmetrics = true}, 65536, &plain);
    drop_what_differs(&plain, &plain_kept);
    for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
        AUTO(strbuf_fini) struct strbuf zipped = {0};
        AUTO(strbuf_fini) struct strbuf text = {0};
        AUTO(strbuf_fini) struct strbuf kept = {0};
        scrape(&telling, (struct metrics_options){.openmetrics = true, .gzip = true}, pieces[i], &zipped);
        unzip(&zipped, &text);
        drop_what_differs(&text, &kept);
        assert_string_equal(strbuf_text(&kept), strbuf_text(&plain_kept));
        assert_true(zipped.len < text.len / 3);
    }
}

/* A thousand probes are more than one chunk of any kind. */
static void tell_a_thousand_probes(struct telling *telling)
{
    AUTO(strbuf_fini) struct strbuf yaml = {0};
    strbuf_puts(&yaml, "global: {interval: 1h}\nclients:\n");
    for (int i = 0; i < 40; i++) strbuf_addf(&yaml, "  c%d: {subnet: 10.%d.0.0/16}\n", i, i);
    strbuf_puts(&yaml, "resolvers:\n");
    for (int i = 0; i < 25; i++) strbuf_addf(&yaml, "  r%d: {address: 192.0.2.%d}\n", i, i + 1);
    strbuf_puts(&yaml, "checks:\n  - {name: all, client: \"*\", resolver: \"*\", "
                       "query: \"{random}.example A\", expect: REFUSED}\n");
    telling_begin(telling, strbuf_text(&yaml));
    assert_int_equal(telling->story.plan->probe_count, 1000);
    for (uint32_t i = 0; i < 1000; i++)
        tell_run(telling, reply_of(i, i % 3 ? DNS_RCODE_REFUSED : DNS_RCODE_SERVFAIL), 5);
}

static int compare_lines(const void *a, const void *b)
{
    const char *const *left = a, *const *right = b;
    return strcmp(*left, *right);
}

/* The sample's name and labels of every line, sorted, must not repeat. */
static void assert_no_duplicates(struct strbuf *text)
{
    size_t count = 0;
    AUTO(mem_free_ptr) char **samples = mem_array(text->len, sizeof(*samples));
    for (char *at = text->data, *end; *at; at = end) {
        end = strchr(at, '\n') + 1;
        end[-1] = '\0';
        if (*at == '#') continue;
        *strrchr(at, ' ') = '\0';
        samples[count++] = at;
    }
    qsort(samples, count, sizeof(*samples), compare_lines);
    for (size_t i = 1; i < count; i++)
        if (strcmp(samples[i - 1], samples[i]) == 0) fail_msg("shown twice: %s", samples[i]);
}

static size_t count_lines(const struct strbuf *text, const char *begin)
{
    size_t count = 0;
    const char *at = strbuf_text(text);
    for (; *at; at = strchr(at, '\n') + 1) count += strncmp(at, begin, strlen(begin)) == 0;
    return count;
}

static void a_thousand_probes_show_one_verdict_each_and_nothing_twice(void **state)
{
    (void)state;
    AUTO(telling_fini) struct telling telling;
    AUTO(strbuf_fini) struct strbuf text = {0};
    tell_a_thousand_probes(&telling);
    scrape(&telling, (struct metrics_options){0}, 4000, &text);
    assert_int_equal(count_lines(&text, "dnspolicy_probe_verdict{"), 1000);
    assert_int_equal(count_lines(&text, "dnspolicy_probe_success{"), 1000);
    assert_int_equal(count_lines(&text, "dnspolicy_queries_total{"), 1000);
    assert_int_equal(count_lines(&text, "# TYPE dnspolicy_probe_verdict "), 1);
    assert_no_duplicates(&text);
}

static void the_count_for_lint_is_what_a_scrape_shows_once_all_have_run(void **state)
{
    (void)state;
    AUTO(telling_fini) struct telling telling;
    AUTO(strbuf_fini) struct strbuf text = {0};
    telling_begin(&telling, OFFICE_AND_STRANGER);
    uint64_t counted = metrics_count_samples(telling.story.plan, 1);
    tell_run(&telling, reply_of(STRANGER_NS1, DNS_RCODE_REFUSED), 1);
    tell_run(&telling, reply_of(STRANGER_NS2, DNS_RCODE_REFUSED), 2);
    tell_run(&telling, reply_of(OFFICE_UDP, DNS_RCODE_REFUSED), 3);
    tell_run(&telling, reply_of(OFFICE_TCP, DNS_RCODE_REFUSED), 4);
    scrape(&telling, (struct metrics_options){0}, 4000, &text);
    size_t nodes = count_lines(&text, "dnspolicy_node_verdicts_total{");
    assert_int_equal(counted + nodes, count_lines(&text, "") - count_lines(&text, "#"));
}

static void assert_sample(const struct strbuf *text, const char *line)
{
    AUTO(mem_free_ptr) char *whole = mem_printf("\n%s\n", line);
    if (!strstr(strbuf_text(text), whole)) fail_msg("expected %s in %s", line, strbuf_text(text));
}

static void contexts_ports_and_certificates_are_labels_and_values(void **state)
{
    (void)state;
    AUTO(telling_fini) struct telling telling;
    AUTO(strbuf_fini) struct strbuf before = {0};
    AUTO(strbuf_fini) struct strbuf text = {0};
    telling_begin(&telling, CONTEXTS);
    scrape(&telling, (struct metrics_options){0}, 4000, &before);
    assert_int_equal(count_lines(&before, "dnspolicy_tls_certificate_not_after_timestamp_seconds{"), 0);
    telling_fini(&telling);

    tell_contexts(&telling);
    scrape(&telling, (struct metrics_options){0}, 4000, &text);
    assert_sample(&text, "dnspolicy_tls_certificate_not_after_timestamp_seconds{resolver=\"ns1\"} 1800000000");
    assert_int_equal(count_lines(&text, "dnspolicy_tls_certificate_not_after_timestamp_seconds{"), 1);
    assert_sample(&text, "dnspolicy_client_info{client=\"keyed\",subnet=\"127.67.0.0/16\",source=\"127.67.6.6\","
                         "interface=\"\",netns=\"\",proxy=\"\",ecs=\"\",key=\"xfr\"} 1");
    assert_sample(&text, "dnspolicy_client_info{client=\"claimed\",subnet=\"198.51.100.0/24\",source=\"\","
                         "interface=\"\",netns=\"\",proxy=\"198.51.100.7\",ecs=\"\",key=\"\"} 1");
    assert_sample(&text, "dnspolicy_client_info{client=\"pods\",subnet=\"10.244.0.0/16\",source=\"10.244.0.9\","
                         "interface=\"tun0\",netns=\"/run/netns/pods\",proxy=\"\",ecs=\"\",key=\"\"} 1");
    assert_sample(&text, "dnspolicy_client_info{client=\"geo\",subnet=\"127.68.0.0/16\",source=\"\","
                         "interface=\"\",netns=\"\",proxy=\"\",ecs=\"203.0.113.0/24\",key=\"\"} 1");
    assert_sample(&text, "dnspolicy_resolver_info{resolver=\"edge\",address=\"127.0.0.54\",port=\"53\",group=\"\"} 1");
    assert_no_duplicates(&text);
}

static void a_port_is_that_of_the_first_transport_asked(void **state)
{
    (void)state;
    AUTO(telling_fini) struct telling telling;
    AUTO(strbuf_fini) struct strbuf text = {0};
    telling_begin(&telling,
                  "clients: {c: {subnet: 127.0.0.0/8}}\n"
                  "resolvers: {dot: {address: 127.0.0.53}, doh: {address: 127.0.0.54}, own: {address: 127.0.0.55, "
                  "port: 8853}}\n"
                  "checks:\n"
                  "  - {name: a, client: c, resolver: [dot, own], query: x.example, transport: tls, expect: ANSWERED}\n"
                  "  - {name: b, client: c, resolver: doh, query: x.example, transport: https, expect: ANSWERED}\n");
    scrape(&telling, (struct metrics_options){0}, 4000, &text);
    assert_sample(&text, "dnspolicy_resolver_info{resolver=\"dot\",address=\"127.0.0.53\",port=\"853\",group=\"\"} 1");
    assert_sample(&text, "dnspolicy_resolver_info{resolver=\"doh\",address=\"127.0.0.54\",port=\"443\",group=\"\"} 1");
    assert_sample(&text, "dnspolicy_resolver_info{resolver=\"own\",address=\"127.0.0.55\",port=\"8853\",group=\"\"} 1");
}

static void a_policy_shows_one_interval_for_its_two_checks(void **state)
{
    (void)state;
    AUTO(telling_fini) struct telling telling;
    AUTO(strbuf_fini) struct strbuf text = {0};
    telling_begin(&telling, CONTEXTS);
    scrape(&telling, (struct metrics_options){0}, 4000, &text);
    assert_int_equal(count_lines(&text, "dnspolicy_check_interval_seconds{check=\"transfers\"}"), 1);
    assert_int_equal(count_lines(&text, "dnspolicy_check_interval_seconds{"), 5);
}

static void the_count_for_lint_knows_certificates_and_policies(void **state)
{
    (void)state;
    AUTO(telling_fini) struct telling telling;
    AUTO(strbuf_fini) struct strbuf text = {0};
    telling_begin(&telling, CONTEXTS);
    uint64_t counted = metrics_count_samples(telling.story.plan, 1);
    for (uint32_t i = 0; i < CONTEXT_PROBES; i++) {
        struct outcome outcome = reply_of(i, i == TRANSFERS_ALLOWED ? DNS_RCODE_NOTAUTH : DNS_RCODE_REFUSED);
        if (i == SECURED_TLS) outcome.certificate_not_after_s = 1800000000;
        tell_run(&telling, outcome, i + 1);
    }
    scrape(&telling, (struct metrics_options){0}, 4000, &text);
    size_t nodes = count_lines(&text, "dnspolicy_node_verdicts_total{");
    size_t unforeseen = count_lines(&text, "dnspolicy_responses_total{client=\"keyed\",subnet=\"127.67.0.0/16\","
                                           "resolver=\"ns1\",transport=\"tcp\",qtype=\"IXFR\",rcode=\"NOTAUTH\"}");
    assert_int_equal(counted + nodes + unforeseen, count_lines(&text, "") - count_lines(&text, "#"));
}

static void without_a_configuration_only_the_process_speaks(void **state)
{
    (void)state;
    struct telling telling = {.service.state = state_new(&(struct state_options){0})};
    AUTO(strbuf_fini) struct strbuf text = {0};
    scrape(&telling, (struct metrics_options){0}, 4000, &text);
    assert_int_equal(count_lines(&text, "dnspolicy_probe_verdict"), 0);
    assert_int_equal(count_lines(&text, "dnspolicy_build_info{"), 1);
    assert_int_equal(count_lines(&text, "process_"), 7);
    state_free(telling.service.state);
}

static void the_process_is_seen_as_the_kernel_sees_it(void **state)
{
    (void)state;
    AUTO(telling_fini) struct telling telling;
    AUTO(strbuf_fini) struct strbuf text = {0};
    unsigned long fds, resident;
    double started, now = (double)clock_wall_ns() / 1e9;
    telling_begin(&telling, OFFICE_AND_STRANGER);
    scrape(&telling, (struct metrics_options){0}, 4000, &text);
    assert_int_equal(sscanf(strstr(strbuf_text(&text), "\nprocess_open_fds "), " process_open_fds %lu", &fds), 1);
    assert_in_range(fds, 3, 64);
    const char *line = strstr(strbuf_text(&text), "\nprocess_resident_memory_bytes ");
    assert_int_equal(sscanf(line, " process_resident_memory_bytes %lu", &resident), 1);
    assert_in_range(resident, 1 << 19, UINT64_C(1) << 36);
    line = strstr(strbuf_text(&text), "\nprocess_start_time_seconds ");
    assert_int_equal(sscanf(line, " process_start_time_seconds %lf", &started), 1);
    assert_true(started <= now + 1 && started > now - 600);
}

static void assert_label(const char *value, const char *shown)
{
    AUTO(strbuf_fini) struct strbuf text = {0};
    exposition_add_label(&text, "x", value);
    assert_string_equal(strbuf_text(&text), shown);
}

static void labels_are_escaped_and_valid_utf8(void **state)
{
    (void)state;
    assert_label("", ",x=\"\"");
    assert_label("a\"b\\c\nd", ",x=\"a\\\"b\\\\c\\nd\"");
    assert_label("Zürich 東", ",x=\"Zürich 東\"");
    assert_label("a\xff\xc3", ",x=\"a\xEF\xBF\xBD\xEF\xBF\xBD\"");
    assert_label("a\x01"
                 "b",
                 ",x=\"a\x01"
                 "b\"");
}

static void help_escapes_quotes_in_openmetrics_only(void **state)
{
    (void)state;
    static const struct metric_info family = {"a_total", "counter", "", "says \"x\\y\""};
    AUTO(strbuf_fini) struct strbuf text = {0};
    struct exposition x = {.out = &text};
    exposition_begin_family(&x, &family);
    assert_string_equal(strbuf_text(&text), "# HELP a_total says \"x\\\\y\"\n# TYPE a_total counter\n");
    strbuf_clear(&text);
    x.openmetrics = true;
    exposition_begin_family(&x, &family);
    assert_string_equal(strbuf_text(&text), "# HELP a says \\\"x\\\\y\\\"\n# TYPE a counter\n");
}

static void numbers_are_exact(void **state)
{
    (void)state;
    static const struct metric_info family = {"a", "gauge", "", "h"};
    static const struct span label = {",l=\"v\"", 6};
    AUTO(strbuf_fini) struct strbuf text = {0};
    struct exposition x = {.out = &text};
    exposition_begin_family(&x, &family);
    strbuf_clear(&text);
    exposition_sample_u64(&x, NULL, 0, UINT64_MAX);
    exposition_sample_u64(&x, &label, 1, 0);
    exposition_sample_seconds(&x, NULL, 0, 1);
    exposition_sample_seconds(&x, NULL, 0, 1500000000);
    exposition_sample_seconds(&x, NULL, 0, 0);
    exposition_sample_timestamp(&x, NULL, 0, TOLD_AT + 999999);
    exposition_sample_timestamp(&x, NULL, 0, INT64_C(1767323045000000000));
    assert_string_equal(strbuf_text(&text), "a 18446744073709551615\na{l=\"v\"} 0\na 0.000000001\na 1.5\na 0\n"
                                            "a 1767323045.678\na 1767323045.000\n");
}

static void the_reference_lists_every_family_with_its_labels(void **state)
{
    (void)state;
    AUTO(telling_fini) struct telling telling;
    AUTO(strbuf_fini) struct strbuf text = {0};
    tell_office_and_stranger(&telling);
    scrape(&telling, (struct metrics_options){0}, 4000, &text);
    size_t count = 0;
    for (const struct metric_info *info; (info = metrics_reference(count)); count++) {
        AUTO(mem_free_ptr) char *type = mem_printf("# TYPE %s %s\n", info->name, info->type);
        if (!strstr(strbuf_text(&text), type)) fail_msg("not shown: %s", type);
    }
    assert_int_equal(count, count_lines(&text, "# TYPE "));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_family_is_shown_in_the_text_format),
        cmocka_unit_test(openmetrics_drops_total_from_families_and_ends_with_eof),
        cmocka_unit_test(tiny_reads_give_the_same_bytes_as_big_ones),
        cmocka_unit_test(gzip_holds_what_plain_shows),
        cmocka_unit_test(a_thousand_probes_show_one_verdict_each_and_nothing_twice),
        cmocka_unit_test(the_count_for_lint_is_what_a_scrape_shows_once_all_have_run),
        cmocka_unit_test(contexts_ports_and_certificates_are_labels_and_values),
        cmocka_unit_test(a_port_is_that_of_the_first_transport_asked),
        cmocka_unit_test(a_policy_shows_one_interval_for_its_two_checks),
        cmocka_unit_test(the_count_for_lint_knows_certificates_and_policies),
        cmocka_unit_test(without_a_configuration_only_the_process_speaks),
        cmocka_unit_test(the_process_is_seen_as_the_kernel_sees_it),
        cmocka_unit_test(labels_are_escaped_and_valid_utf8),
        cmocka_unit_test(help_escapes_quotes_in_openmetrics_only),
        cmocka_unit_test(numbers_are_exact),
        cmocka_unit_test(the_reference_lists_every_family_with_its_labels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
