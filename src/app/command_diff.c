/*
 * `dnspolicy diff`: compares two results of `check --format=json`.
 */
#include <stdio.h>

#include "dnspolicy/app/programs.h"
#include "dnspolicy/base/mem.h"
#include "dnspolicy/views/report.h"

#define DIFF_EXIT_TROUBLE 2

int diff_run(const struct option_texts *arguments)
{
    if (arguments->count != 2) {
        fputs("dnspolicy diff: takes two files, the result before and the result after\n", stderr);
        return DIFF_EXIT_TROUBLE;
    }
    AUTO(strbuf_fini) struct strbuf text = {0};
    AUTO(mem_free_ptr) char *error = NULL;
    int status = report_diff(arguments->items[0], arguments->items[1], program_wants_color(), &text, &error);
    fputs(strbuf_text(&text), stdout);
    if (error) fprintf(stderr, "dnspolicy diff: %s\n", error);
    return status;
}
