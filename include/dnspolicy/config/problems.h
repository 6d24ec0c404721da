/*
 * What is wrong with a file: every error and warning of one run, each with its place, in the order of the file.
 */
#ifndef DNSPOLICY_CONFIG_PROBLEMS_H
#define DNSPOLICY_CONFIG_PROBLEMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dnspolicy/base/strbuf.h"

/* Both count from 1; 0: the file as a whole. */
struct place {
    uint32_t line;
    uint32_t column;
};

struct problem {
    bool is_warning;
    struct place place;
    char *path;     /* "checks[2].expect.rcode", or with names: "clients.office.source"; "" for the file */
    char *sentence; /* one sentence, no final dot, never a secret */
};

#define PROBLEMS_MAX 1000 /* of errors, and of warnings; beyond it they are counted, not kept */

struct problems {
    char *file;
    struct problem *items;
    size_t count;
    size_t capacity;
    size_t errors; /* all of them, kept or not */
    size_t warnings;
    bool is_file_empty; /* that is the error: nothing but comments is in it, as in one that nobody has edited yet */
};

void problems_init(struct problems *problems, const char *file);
void problems_fini(struct problems *problems);
void problems_error(struct problems *problems, struct place place, const char *path, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void problems_warning(struct problems *problems, struct place place, const char *path, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* Stable order by place. */
void problems_sort(struct problems *problems);
/* "file:line:column: path: sentence", warnings with "warning: " before the sentence; no newline. */
void problems_format(const struct problems *problems, const struct problem *problem, struct strbuf *out);
/* "file: 3000 more errors and 1 more warning are not shown", or nothing where all are kept; no newline. */
void problems_format_rest(const struct problems *problems, struct strbuf *out);

#endif
