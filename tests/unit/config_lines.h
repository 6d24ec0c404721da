/* What the loader says about a text, as the lines that an operator reads; and parts of files that the tests fill in. */
#ifndef DNSPOLICY_TESTS_CONFIG_LINES_H
#define DNSPOLICY_TESTS_CONFIG_LINES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "dnspolicy/base/clock.h"
#include "dnspolicy/base/mem.h"
#include "dnspolicy/config/config.h"

/* One line before the clients, three before the resolvers, six before the checks. */
#define CHECKS_OF_ALL                                                                                                  \
    "checks:\n  - {name: k, client: \"*\", resolver: \"*\", query: \"{random}.example.com\", expect: REFUSED}\n"
#define FILE_WITH_CLIENTS(clients) "clients:\n" clients "\nresolvers:\n  r: {address: 192.0.2.53}\n" CHECKS_OF_ALL
#define FILE_WITH_RESOLVERS(resolvers)                                                                                 \
    "clients:\n  c: {subnet: 192.0.2.0/24}\nresolvers:\n" resolvers "\n" CHECKS_OF_ALL
#define FILE_WITH_CHECKS(checks)                                                                                       \
    "clients:\n  office: {subnet: 192.0.2.0/24}\n  vpn: {subnet: 198.51.100.0/24}\n"                                   \
    "resolvers:\n  ns1: {address: 192.0.2.53, group: corp, zones: [corp.example]}\nchecks:\n" checks "\n"

/* A host without a resolv.conf, unless a test makes one. */
static const struct config_sources no_sources = {"/nonexistent/resolv.conf", "/nonexistent/stub.conf"};

static inline struct config *parse(const char *text, struct problems *problems)
{
    problems_init(problems, "f");
    return config_parse("f", text, strlen(text), &no_sources, problems);
}

static inline void assert_lines_of(const struct problems *problems, const char *expected)
{
    AUTO(strbuf_fini) struct strbuf lines = {0};
    for (size_t i = 0; i < problems->count; i++) {
        if (i) strbuf_putc(&lines, '\n');
        problems_format(problems, &problems->items[i], &lines);
    }
    assert_string_equal(strbuf_text(&lines), expected);
}

/* "": the text is good and nobody warns. */
static inline void assert_lines(const char *text, const char *expected)
{
    AUTO(problems_fini) struct problems problems;
    struct config *config = parse(text, &problems);
    assert_lines_of(&problems, expected);
    assert_int_equal(config != NULL, problems.errors == 0);
    config_unref(config);
}

/* A good config; the caller unrefs it. */
static inline struct config *assert_good(const char *text)
{
    AUTO(problems_fini) struct problems problems;
    struct config *config = parse(text, &problems);
    assert_lines_of(&problems, "");
    assert_non_null(config);
    return config;
}

static inline void config_unref_ptr(struct config **config) { config_unref(*config); }

#endif
