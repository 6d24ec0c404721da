/*
 * The tables of the manual, in roff: keys, options, subcommands, verdicts, metrics and limits.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "dnspolicy/app/programs.h"
#include "dnspolicy/base/mem.h"
#include "dnspolicy/config/reference.h"
#include "dnspolicy/judge/verdict.h"
#include "dnspolicy/views/json.h"
#include "dnspolicy/views/metrics.h"
#include "dnspolicy/web/web.h"
#include "tables.h"

/* Text for roff: backslashes, leading dots and quotes, and minus signs that must stay minus signs. */
static void print_text(const char *text)
{
    if (*text == '.' || *text == '\'') fputs("\\&", stdout);
    for (; *text; text++) {
        if (*text == '\\')
            fputs("\\e", stdout);
        else if (*text == '-')
            fputs("\\-", stdout);
        else
            putchar(*text);
    }
}

static void print_term(const char *term)
{
    fputs(".TP\n.B ", stdout);
    print_text(term);
    putchar('\n');
}

static void print_sentence(const char *sentence)
{
    print_text(sentence);
    size_t len = strlen(sentence);
    puts(len && sentence[len - 1] == '.' ? "" : ".");
}

static void print_keys(void)
{
    const char *section = NULL;
    const struct config_key_reference *key;
    for (size_t i = 0; (key = config_key_reference(i)) != NULL; i++) {
        if (!key->is_supported) continue;
        if (!section || strcmp(section, key->section) != 0) {
            section = key->section;
            fputs(".SS ", stdout);
            print_text(*section ? section : "top level");
            putchar('\n');
        }
        print_term(key->key);
        print_sentence(key->meaning);
        fputs(".br\nForm: ", stdout);
        print_text(key->form);
        if (*key->fallback) {
            fputs(strcmp(key->fallback, "required") == 0 ? "; " : "; default ", stdout);
            print_text(key->fallback);
        }
        puts(".");
    }
}

static void print_verdicts(void)
{
    for (size_t i = 0; i < VERDICTS; i++) {
        char term[64];
        snprintf(term, sizeof(term), "%s (%s)", verdict_table[i].name, category_names[verdict_table[i].category]);
        print_term(term);
        print_sentence(verdict_table[i].meaning);
    }
}

static void print_metrics(void)
{
    const struct metric_info *metric;
    for (size_t i = 0; (metric = metrics_reference(i)) != NULL; i++) {
        print_term(metric->name);
        print_sentence(metric->help);
        fputs(".br\n", stdout);
        fputs(metric->type, stdout);
        if (*metric->labels) fputs("; labels ", stdout);
        print_text(metric->labels);
        puts(".");
    }
}

static void print_limits(void)
{
    printf("At most %d connections are open, %d of them from one address (of IPv6, one /64).\n", WEB_CONNECTIONS_MAX,
           WEB_CONNECTIONS_PER_ADDRESS);
    printf("A connection may idle for %d seconds, take %d for the header of a request and %d for reading the answer.\n",
           WEB_IDLE_TIMEOUT_S, WEB_REQUEST_TIMEOUT_S, WEB_RESPONSE_TIMEOUT_S);
    printf("A URL has at most %d bytes, a header %d; requests with a body are not taken.\n", WEB_URL_MAX,
           WEB_HEADER_MAX);
    printf("At most %d scrapes are served at once; the next one gets 503, unless it takes the place of a slow one.\n",
           WEB_SCRAPES_MAX);
    printf("Lists have %d entries where no\n.I limit\nis given, and at most %d.\n", VIEW_LIMIT_DEFAULT, VIEW_LIMIT_MAX);
}

static void print_options(const struct option_spec *specs)
{
    for (; specs->name; specs++) {
        AUTO(strbuf_fini) struct strbuf term = {0};
        if (specs->letter) strbuf_addf(&term, "-%c, ", specs->letter);
        strbuf_addf(&term, "--%s", specs->name);
        if (specs->kind == OPTION_CHOICE)
            for (size_t i = 0; specs->choices[i]; i++) strbuf_addf(&term, "%s%s", i ? "|" : "=", specs->choices[i]);
        else if (specs->argument)
            strbuf_addf(&term, "=%s", specs->argument);
        print_term(strbuf_text(&term));
        print_sentence(specs->help);
        if (!specs->fallback || !*specs->fallback) continue;
        fputs("Default: ", stdout);
        print_sentence(specs->fallback);
    }
}

static void print_exporter_options(void)
{
    struct exporter_options options;
    print_options(exporter_options_init(&options));
}

static void print_commands(void)
{
    for (size_t i = 0; i < command_count; i++) {
        fputs(".SS dnspolicy ", stdout);
        print_text(commands[i].usage);
        putchar('\n');
        char summary[128];
        snprintf(summary, sizeof(summary), "%s", commands[i].summary);
        summary[0] = (char)toupper((unsigned char)summary[0]);
        print_sentence(summary);
        print_options(commands[i].options());
    }
}

const struct table manual_tables[] = {
    {"keys", print_keys},
    {"verdicts", print_verdicts},
    {"metrics", print_metrics},
    {"exporter-options", print_exporter_options},
    {"commands", print_commands},
    {"limits", print_limits},
    {0},
};
