/* The status page of many clients, resolvers and probes: pages, groups, and what goes over the wire. */
#include "page_story.h"

#include <zlib.h>

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_large_matrix_comes_in_pages_and_its_worst_corner_first),
        cmocka_unit_test(a_page_past_the_end_leads_back),
        cmocka_unit_test(more_resolvers_than_columns_are_shown_as_groups),
        cmocka_unit_test(few_resolvers_are_shown_one_by_one_whatever_their_groups),
        cmocka_unit_test(a_list_comes_in_pages_of_the_limit),
        cmocka_unit_test(a_name_that_nobody_would_choose_from_a_list_can_be_written),
        cmocka_unit_test(a_compressed_page_is_the_same_page),
        cmocka_unit_test(nothing_is_compressed_to_nothing),
        cmocka_unit_test(what_is_not_kept_is_not_denied),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
