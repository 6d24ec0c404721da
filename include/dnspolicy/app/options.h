/*
 * Command-line options as one table per program: it parses, prints --help, and is what the manual lists.
 */
#ifndef DNSPOLICY_APP_OPTIONS_H
#define DNSPOLICY_APP_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "dnspolicy/base/strbuf.h"

enum option_kind { OPTION_FLAG, OPTION_TEXT, OPTION_TEXTS, OPTION_CHOICE };

#define OPTION_TEXTS_MAX 32

/* A repeatable option's values, NULL-terminated. */
struct option_texts {
    const char *items[OPTION_TEXTS_MAX + 1];
    size_t count;
};

struct option_spec {
    const char *name; /* long name without dashes; NULL ends the table */
    char letter;      /* one-letter form; 0: none */
    enum option_kind kind;
    const char *argument;       /* "FILE"; NULL for a flag */
    const char *fallback;       /* as shown in the help; "" for none */
    const char *help;           /* one sentence */
    const char *const *choices; /* OPTION_CHOICE: NULL-terminated */
    void *target;               /* bool *, const char **, struct option_texts *, int * (index of the choice) */
};

/*
 * Reads argv[1…]; what is no option is collected in *rest (may be NULL: then it is an error). False: *error is a
 * sentence that names the option and the nearest known one. Both "--name value" and "--name=value" are taken; "--" ends
 * the options.
 */
bool options_parse(const struct option_spec *specs, int argc, char **argv, struct option_texts *rest,
                   struct strbuf *error);
void options_help(const struct option_spec *specs, struct strbuf *out);

#endif
