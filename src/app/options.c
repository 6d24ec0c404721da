/*
 * Decides what an argument means by the program's table. It knows no option by name.
 */
#include "dnspolicy/app/options.h"

#include <string.h>

#include "dnspolicy/base/mem.h"
#include "dnspolicy/base/text.h"

static size_t specs_count(const struct option_spec *specs)
{
    size_t count = 0;
    while (specs[count].name) count++;
    return count;
}

static const struct option_spec *find_long(const struct option_spec *specs, const char *name, size_t len)
{
    for (; specs->name; specs++)
        if (strlen(specs->name) == len && strncmp(specs->name, name, len) == 0) return specs;
    return NULL;
}

static const struct option_spec *find_letter(const struct option_spec *specs, char letter)
{
    for (; specs->name; specs++)
        if (specs->letter && specs->letter == letter) return specs;
    return NULL;
}

static void say_unknown(const struct option_spec *specs, const char *argument, struct strbuf *error)
{
    const char *names[64];
    size_t count = specs_count(specs);
    REQUIRE(count <= ARRAY_LEN(names));
    for (size_t i = 0; i < count; i++) names[i] = specs[i].name;
    size_t len = strcspn(argument, "=");
    AUTO(mem_free_ptr) char *name = mem_strndup(argument, len);
    strbuf_addf(error, "unknown option %s", name);
    const char *near = strncmp(name, "--", 2) == 0 ? text_nearest(name + 2, names, count) : NULL;
    if (near) strbuf_addf(error, "; did you mean --%s?", near);
}

static bool texts_add(struct option_texts *texts, const char *value)
{
    if (texts->count == OPTION_TEXTS_MAX) return false;
    texts->items[texts->count++] = value;
    texts->items[texts->count] = NULL;
    return true;
}

static bool set_choice(const struct option_spec *spec, const char *value, struct strbuf *error)
{
    size_t count = 0;
    for (; spec->choices[count]; count++) {
        if (strcmp(spec->choices[count], value) != 0) continue;
        *(int *)spec->target = (int)count;
        return true;
    }
    strbuf_addf(error, "--%s takes ", spec->name);
    text_add_list(error, spec->choices, count, "or");
    strbuf_addf(error, ", not '%s'", value);
    return false;
}

static bool set_value(const struct option_spec *spec, const char *value, struct strbuf *error)
{
    switch (spec->kind) {
    case OPTION_FLAG:
        *(bool *)spec->target = true;
        return true;
    case OPTION_TEXT:
        *(const char **)spec->target = value;
        return true;
    case OPTION_TEXTS:
        if (texts_add(spec->target, value)) return true;
        strbuf_addf(error, "--%s is given more than %d times", spec->name, OPTION_TEXTS_MAX);
        return false;
    case OPTION_CHOICE:
        return set_choice(spec, value, error);
    }
    PANIC("option kind %d", (int)spec->kind);
}

/* One argument that starts with a dash; may eat the next one as its value. */
static bool take_option(const struct option_spec *specs, char **argv, int argc, int *at, struct strbuf *error)
{
    const char *argument = argv[*at];
    const char *value = NULL;
    const struct option_spec *spec;
    if (argument[1] == '-') {
        size_t len = strcspn(argument + 2, "=");
        spec = find_long(specs, argument + 2, len);
        if (argument[2 + len] == '=') value = argument + 2 + len + 1;
    } else {
        spec = find_letter(specs, argument[1]);
        if (spec && argument[2]) value = argument + 2;
    }
    if (!spec) {
        say_unknown(specs, argument, error);
        return false;
    }
    if (spec->kind == OPTION_FLAG && value) {
        strbuf_addf(error, "--%s takes no value", spec->name);
        return false;
    }
    if (spec->kind != OPTION_FLAG && !value) {
        if (*at + 1 >= argc) {
            strbuf_addf(error, "--%s needs a value: --%s %s", spec->name, spec->name, spec->argument);
            return false;
        }
        value = argv[++*at];
    }
    return set_value(spec, value, error);
}

bool options_parse(const struct option_spec *specs, int argc, char **argv, struct option_texts *rest,
                   struct strbuf *error)
{
    bool only_rest = false;
    for (int at = 1; at < argc; at++) {
        const char *argument = argv[at];
        if (!only_rest && strcmp(argument, "--") == 0) {
            only_rest = true;
        } else if (!only_rest && argument[0] == '-' && argument[1]) {
            if (!take_option(specs, argv, argc, &at, error)) return false;
        } else if (!rest) {
            strbuf_addf(error, "unexpected argument '%s'", argument);
            return false;
        } else if (!texts_add(rest, argument)) {
            strbuf_addf(error, "more than %d arguments", OPTION_TEXTS_MAX);
            return false;
        }
    }
    return true;
}

void options_help(const struct option_spec *specs, struct strbuf *out)
{
    for (; specs->name; specs++) {
        struct strbuf left = {0};
        if (specs->letter)
            strbuf_addf(&left, "  -%c, --%s", specs->letter, specs->name);
        else
            strbuf_addf(&left, "      --%s", specs->name);
        if (specs->kind == OPTION_CHOICE) {
            strbuf_putc(&left, '=');
            for (size_t i = 0; specs->choices[i]; i++) strbuf_addf(&left, "%s%s", i ? "|" : "", specs->choices[i]);
        } else if (specs->argument) {
            strbuf_addf(&left, "=%s", specs->argument);
        }
        strbuf_addf(out, "%s\n          %s", strbuf_text(&left), specs->help);
        if (specs->fallback && *specs->fallback) strbuf_addf(out, " (default: %s)", specs->fallback);
        strbuf_putc(out, '\n');
        strbuf_fini(&left);
    }
}
