/*
 * The command line's main: finds the subcommand and reads its options by their table.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dnspolicy/app/programs.h"
#include "dnspolicy/base/mem.h"
#include "dnspolicy/base/text.h"

#define EXIT_USAGE 3

static int print_usage(FILE *to, int status)
{
    fputs("Usage: dnspolicy COMMAND [OPTION]...\n\n", to);
    for (size_t i = 0; i < command_count; i++) fprintf(to, "  %-8s %s\n", commands[i].name, commands[i].summary);
    fputs("\n'dnspolicy COMMAND --help' tells a command's options; 'dnspolicy --version' the version.\n", to);
    return status;
}

static int print_command_help(const struct command *command)
{
    AUTO(strbuf_fini) struct strbuf text = {0};
    strbuf_addf(&text, "Usage: dnspolicy %s\n\n%s.\n\n", command->usage, command->summary);
    options_help(command->options(), &text);
    fputs(strbuf_text(&text), stdout);
    return EXIT_SUCCESS;
}

static const struct command *find_command(const char *name)
{
    for (size_t i = 0; i < command_count; i++)
        if (strcmp(commands[i].name, name) == 0) return &commands[i];
    return NULL;
}

static int say_unknown_command(const char *name)
{
    const char *names[8];
    REQUIRE(command_count <= ARRAY_LEN(names));
    for (size_t i = 0; i < command_count; i++) names[i] = commands[i].name;
    const char *near = text_nearest(name, names, command_count);
    fprintf(stderr, "dnspolicy: unknown command '%s'", name);
    if (near) fprintf(stderr, "; did you mean '%s'?", near);
    fputs("\n\n", stderr);
    return print_usage(stderr, EXIT_USAGE);
}

/* Half a result must not look like one: a disk may be full. */
static int end_output(const struct command *command, int status)
{
    bool is_flushed = fflush(stdout) == 0;
    if (is_flushed && !ferror(stdout)) return status;
    fprintf(stderr, "dnspolicy %s: the output could not be written\n", command->name);
    return command->trouble_exit;
}

int main(int argc, char **argv)
{
    if (argc < 2) return print_usage(stderr, EXIT_USAGE);
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0)
        return print_usage(stdout, EXIT_SUCCESS);
    if (strcmp(argv[1], "--version") == 0) {
        program_print_version("dnspolicy");
        return EXIT_SUCCESS;
    }
    const struct command *command = find_command(argv[1]);
    if (!command) return say_unknown_command(argv[1]);

    struct option_texts arguments = {0};
    AUTO(strbuf_fini) struct strbuf error = {0};
    if (!options_parse(command->options(), argc - 1, argv + 1, &arguments, &error)) {
        fprintf(stderr, "dnspolicy %s: %s; see 'dnspolicy %s --help'\n", command->name, strbuf_text(&error),
                command->name);
        return command->trouble_exit;
    }
    if (command_options.help) return print_command_help(command);
    return end_output(command, command->run(&arguments));
}
