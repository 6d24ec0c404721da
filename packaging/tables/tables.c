/*
 * Copies a file's source and, where a line reads "@TABLE name@", puts the table that the code itself works by. So the
 * manual lists, and a shell completes, what the programs do.
 *
 *     tables VERSION < page.in > page
 */
#include "tables.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct table *find_table(const struct table *tables, const char *name)
{
    for (; tables->name; tables++)
        if (strcmp(tables->name, name) == 0) return tables;
    return NULL;
}

static void print_table(const char *name)
{
    const struct table *table = find_table(manual_tables, name);
    if (!table) table = find_table(completion_tables, name);
    if (table) {
        table->print();
        return;
    }
    fprintf(stderr, "tables: there is no table '%s'\n", name);
    exit(EXIT_FAILURE);
}

static void print_line(const char *line, const char *version)
{
    char name[64];
    if (sscanf(line, "@TABLE %63[a-z-]@", name) == 1) {
        print_table(name);
        return;
    }
    const char *mark = strstr(line, "@VERSION@");
    if (mark)
        printf("%.*s%s%s", (int)(mark - line), line, version, mark + strlen("@VERSION@"));
    else
        fputs(line, stdout);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fputs("usage: tables VERSION < page.in > page\n", stderr);
        return EXIT_FAILURE;
    }
    char line[1024];
    while (fgets(line, sizeof(line), stdin)) print_line(line, argv[1]);
    return ferror(stdin) || fflush(stdout) != 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
