/* From bytes to a tree: what YAML means, what it may not cost, and what an author reads who forgot the quotes. */
#include "config_lines.h"

#include "config/yaml_tree.h"

/* What is wrong with the text alone; the sections of a policy are not asked for. */
static void assert_tree_lines(const char *text, const char *expected)
{
    AUTO(arena_free_ptr) struct arena *arena = arena_new();
    AUTO(problems_fini) struct problems problems;
    problems_init(&problems, "f");
    yaml_tree_parse(arena, text, strlen(text), &problems);
    assert_lines_of(&problems, expected);
}

static const struct node *tree_of(struct arena *arena, const char *text)
{
    AUTO(problems_fini) struct problems problems;
    problems_init(&problems, "f");
    const struct node *root = yaml_tree_parse(arena, text, strlen(text), &problems);
    assert_lines_of(&problems, "");
    assert_non_null(root);
    return root;
}

static const char *text_at(const struct node *map, const char *key)
{
    const struct node *node = node_get(map, key);
    assert_non_null(node);
    assert_int_equal(node->kind, NODE_SCALAR);
    return node->text;
}

static void a_bare_special_character_asks_for_quotes(void **state)
{
    (void)state;
    assert_tree_lines("n: {random}.x A",
                      "f:1:12: not YAML: did not find expected key while parsing a block mapping; a bare '{' begins a "
                      "mapping of YAML: put it in quotes");
    assert_tree_lines("client: *",
                      "f:1:9: not YAML: did not find expected alphabetic or numeric character while scanning "
                      "an alias; '*' begins an alias of YAML: put it in quotes");
    assert_tree_lines("f: [ra, !aa]",
                      "f:1:9: not YAML: did not find expected whitespace or line break while scanning a "
                      "tag; '!' begins a tag of YAML: put it in quotes");
    assert_tree_lines("f:\n  - !aa", "f:2:5: tags of YAML have no meaning here; if '!' is part of the text, put it in "
                                     "quotes");
    assert_tree_lines("d: all: staff",
                      "f:1:7: not YAML: mapping values are not allowed in this context; a bare ':' before "
                      "a space begins a mapping of YAML: put it in quotes");
    assert_tree_lines("a: @x",
                      "f:1:4: not YAML: found character that cannot start any token while scanning for the next "
                      "token; no bare word may begin with '@', '`' or '%': put it in quotes");
}

static void an_ipv6_address_in_flow_style_asks_for_quotes(void **state)
{
    (void)state;
    assert_tree_lines(
        "r:\n  b: {address: ::1}",
        "f:2:16: not YAML: did not find expected node content while parsing a flow node; within {} and [] a "
        "bare word neither begins nor ends with ':', as ::1 does: put it in quotes");
    assert_tree_lines(
        "b: {address: 2001:db8::}",
        "f:1:14: not YAML: found unexpected ':' while scanning a plain scalar; within {} and [] a bare word "
        "neither begins nor ends with ':', as ::1 does: put it in quotes");
    assert_tree_lines("b: {address: 2001:db8::1}", "");
}

static void a_text_that_is_not_yaml_is_reported_where_it_breaks(void **state)
{
    (void)state;
    assert_tree_lines("a:\n\tb: 1",
                      "f:2:1: not YAML: found character that cannot start any token while scanning for the "
                      "next token; YAML is indented with spaces, not with tabs");
    assert_tree_lines("a: b\n c: d", "f:2:3: not YAML: mapping values are not allowed in this context; is the line "
                                     "indented as it should be?");
    assert_tree_lines("x: 1\na: {b: c",
                      "f:2:4: not YAML: did not find expected ',' or '}' while parsing a flow mapping");
    assert_tree_lines("a: \"x\ny", "f:1:4: not YAML: found unexpected end of stream while scanning a quoted scalar");
    assert_tree_lines("a: b\nc: \xff", "f:2:4: not a YAML text in UTF-8: invalid leading UTF-8 octet");
    assert_tree_lines("a: b\nc: \x01", "f:2:4: not a YAML text in UTF-8: control characters are not allowed");
}

static void a_message_never_repeats_a_word_of_a_broken_line(void **state)
{
    (void)state;
    AUTO(arena_free_ptr) struct arena *arena = arena_new();
    AUTO(problems_fini) struct problems problems;
    problems_init(&problems, "f");
    const char text[] = "secret: @hunter2\n";
    assert_null(yaml_tree_parse(arena, text, strlen(text), &problems));
    assert_int_equal(problems.count, 1);
    assert_null(strstr(problems.items[0].sentence, "hunter2"));
}

static void an_alias_is_the_value_of_its_anchor(void **state)
{
    (void)state;
    AUTO(arena_free_ptr) struct arena *arena = arena_new();
    const struct node *root = tree_of(arena, "a: &one {k: v}\nb: *one\n");
    assert_ptr_equal(node_get(root, "a"), node_get(root, "b"));
    assert_int_equal(root->size, 5);
    assert_tree_lines("a: *one",
                      "f:1:4: there is no anchor '&one' before this alias; if it is no alias, put it in quotes");
    assert_tree_lines("a: &one [1, *one]", "f:1:13: the alias '*one' stands inside of its own anchor");
}

static void a_merge_gives_what_the_mapping_itself_does_not_say(void **state)
{
    (void)state;
    AUTO(arena_free_ptr) struct arena *arena = arena_new();
    const struct node *root = tree_of(arena, "a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\n"
                                             "c: {<<: [*a, *b], x: 3}\nd: {\"<<\": 4}\n");
    const struct node *merged = node_get(root, "c");
    assert_int_equal(merged->count, 3);
    assert_string_equal(text_at(merged, "x"), "3");
    assert_string_equal(text_at(merged, "y"), "1");
    assert_string_equal(text_at(merged, "z"), "2");
    assert_string_equal(text_at(node_get(root, "d"), "<<"), "4");
    assert_tree_lines("<<: [1]", "f:1:6: '<<' merges mappings only: an alias or a list of them");
    assert_tree_lines("<<: {a: 1}\n<<: {b: 1}", "f:2:1: repeated key '<<'; it takes a list of aliases");
}

static void a_repeated_key_is_an_error_and_the_rest_is_still_read(void **state)
{
    (void)state;
    assert_tree_lines(
        "a: 1\nb: 2\na: 3\nc: {d: 1, d: 1}",
        "f:3:1: repeated key 'a'; it is first in line 1\nf:4:11: repeated key 'd'; it is first in line 4");
    assert_tree_lines("{[a]: b}",
                      "f:1:2: a list or mapping cannot be a key; if it is a text with '{' or '[', put it in "
                      "quotes");
}

static void control_characters_are_refused_even_when_escaped(void **state)
{
    (void)state;
    assert_tree_lines("a: \"b\\0c\"", "f:1:4: a NUL byte or control character in a text");
    assert_tree_lines("a: \"\\x1b[31m\"", "f:1:4: a NUL byte or control character in a text");
    assert_tree_lines("a: \"\\u0085\"", "f:1:4: a NUL byte or control character in a text");
    assert_tree_lines("\"a\\x7f\": 1", "f:1:1: a NUL byte or control character in a text");
}

static void one_file_holds_one_document(void **state)
{
    (void)state;
    assert_tree_lines("--- {a: 1}\n...\n", "");
    assert_tree_lines("a: 1\n---\nb: 2\n", "f:2:1: a second document begins here; one file holds one");
}

static void an_empty_file_says_what_is_missing(void **state)
{
    (void)state;
    const char expected[] = "f: the file is empty: clients, resolvers and checks are expected";
    assert_lines("", expected);
    assert_lines("# a comment\n", expected);
    assert_lines("---\n", expected);
    assert_lines("null", expected);
}

static void nesting_is_bounded(void **state)
{
    (void)state;
    AUTO(strbuf_fini) struct strbuf text = {0};
    for (unsigned i = 0; i < 1000000; i++) strbuf_putc(&text, '[');
    assert_tree_lines(strbuf_text(&text), "f:1:65: nested more than 64 deep");
    strbuf_clear(&text);
    for (unsigned i = 0; i < YAML_TREE_DEPTH_MAX; i++) strbuf_putc(&text, '[');
    for (unsigned i = 0; i < YAML_TREE_DEPTH_MAX; i++) strbuf_putc(&text, ']');
    assert_tree_lines(strbuf_text(&text), "");
}

static void aliases_cannot_nest_deeper_than_text_may(void **state)
{
    (void)state;
    AUTO(strbuf_fini) struct strbuf text = {0};
    strbuf_puts(&text, "a0: &a0 [x]\n");
    for (unsigned i = 1; i < 70; i++) strbuf_addf(&text, "a%u: &a%u [*a%u]\n", i, i, i - 1);
    assert_tree_lines(strbuf_text(&text), "f:63:12: nested more than 64 deep");
}

static void aliases_cannot_multiply_without_end(void **state)
{
    (void)state;
    AUTO(strbuf_fini) struct strbuf text = {0};
    strbuf_puts(&text, "a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for (unsigned i = 1; i < 20; i++)
        strbuf_addf(&text, "a%u: &a%u [*a%u, *a%u, *a%u, *a%u, *a%u, *a%u, *a%u, *a%u, *a%u]\n", i, i, i - 1, i - 1,
                    i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1);
    AUTO(arena_free_ptr) struct arena *arena = arena_new();
    AUTO(problems_fini) struct problems problems;
    problems_init(&problems, "f");
    assert_null(yaml_tree_parse(arena, strbuf_text(&text), text.len, &problems));
    assert_int_equal(problems.count, 1);
    assert_string_equal(problems.items[0].sentence, "the file holds more than 1000000 values, aliases written out");
}

static void merges_cannot_multiply_without_end(void **state)
{
    (void)state;
    AUTO(strbuf_fini) struct strbuf text = {0};
    strbuf_puts(&text, "a: &a {");
    for (unsigned i = 0; i < 1000; i++) strbuf_addf(&text, "k%u: 1, ", i);
    strbuf_puts(&text, "}\n");
    for (unsigned i = 0; i < 600; i++) strbuf_addf(&text, "m%u: {<<: *a}\n", i);
    AUTO(arena_free_ptr) struct arena *arena = arena_new();
    AUTO(problems_fini) struct problems problems;
    problems_init(&problems, "f");
    assert_null(yaml_tree_parse(arena, strbuf_text(&text), text.len, &problems));
    assert_int_equal(problems.count, 1);
    assert_string_equal(problems.items[0].sentence, "the file holds more than 1000000 values, aliases written out");
}

static void a_file_over_the_limit_is_refused_unread(void **state)
{
    (void)state;
    AUTO(problems_fini) struct problems problems;
    AUTO(mem_free_ptr) char *text = mem_alloc(CONFIG_FILE_MAX + 1);
    memset(text, '{', CONFIG_FILE_MAX + 1);
    problems_init(&problems, "f");
    assert_null(config_parse("f", text, CONFIG_FILE_MAX + 1, &no_sources, &problems));
    assert_lines_of(&problems, "f: the file is larger than 16 MiB");
}

static void a_file_that_is_not_there_is_named(void **state)
{
    (void)state;
    AUTO(problems_fini) struct problems problems;
    problems_init(&problems, "f");
    assert_null(config_load("/nonexistent/dnspolicy.yml", &no_sources, &problems));
    assert_int_equal(problems.count, 1);
    assert_non_null(strstr(problems.items[0].sentence, "/nonexistent/dnspolicy.yml"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bare_special_character_asks_for_quotes),
        cmocka_unit_test(an_ipv6_address_in_flow_style_asks_for_quotes),
        cmocka_unit_test(a_text_that_is_not_yaml_is_reported_where_it_breaks),
        cmocka_unit_test(a_message_never_repeats_a_word_of_a_broken_line),
        cmocka_unit_test(an_alias_is_the_value_of_its_anchor),
        cmocka_unit_test(a_merge_gives_what_the_mapping_itself_does_not_say),
        cmocka_unit_test(a_repeated_key_is_an_error_and_the_rest_is_still_read),
        cmocka_unit_test(control_characters_are_refused_even_when_escaped),
        cmocka_unit_test(one_file_holds_one_document),
        cmocka_unit_test(an_empty_file_says_what_is_missing),
        cmocka_unit_test(nesting_is_bounded),
        cmocka_unit_test(aliases_cannot_nest_deeper_than_text_may),
        cmocka_unit_test(aliases_cannot_multiply_without_end),
        cmocka_unit_test(merges_cannot_multiply_without_end),
        cmocka_unit_test(a_file_over_the_limit_is_refused_unread),
        cmocka_unit_test(a_file_that_is_not_there_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
