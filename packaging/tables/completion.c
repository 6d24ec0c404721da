/*
 * The options, subcommands and values of both programs, as bash, zsh and fish want them told. What a shell does with
 * them is in packaging/completion.
 */
#include <stdio.h>
#include <string.h>

#include "dnspolicy/app/programs.h"
#include "dnspolicy/base/mem.h"
#include "dnspolicy/base/strbuf.h"
#include "tables.h"

/* What `dnspolicy` itself takes in place of a subcommand. */
static const char *const main_options[][2] = {{"help", "Print the subcommands and exit."},
                                              {"version", "Print the version and exit."}};

static bool is_file(const struct option_spec *spec) { return spec->argument && strcmp(spec->argument, "FILE") == 0; }

/* The value is a name in the configuration: --client takes one of `lint --names=clients`. */
static bool is_name(const struct option_spec *spec) { return spec->argument && strcmp(spec->argument, "NAME") == 0; }

/* "diff BEFORE.json AFTER.json": a word that is neither optional nor the subcommand's name. */
static bool takes_files(const struct command *command)
{
    const char *operands = command->usage + strlen(command->name);
    return *operands == ' ' && operands[1] != '[';
}

static const struct option_spec *exporter_options(void)
{
    static struct exporter_options options;
    return exporter_options_init(&options);
}

/* Within single quotes of bash, zsh and fish alike. */
static void print_quoted(const char *text)
{
    for (; *text; text++) {
        if (*text == '\'')
            fputs("'\\''", stdout);
        else
            putchar(*text);
    }
}

static void print_choices(const struct option_spec *spec)
{
    for (size_t i = 0; spec->choices[i]; i++) printf("%s%s", i ? " " : "", spec->choices[i]);
}

/* The words of one program or subcommand, and what follows each option, as arms of a `case`. */
static void print_bash_program(const char *program, const struct option_spec *specs, bool has_files)
{
    printf("    '%s') words='", program);
    for (const struct option_spec *spec = specs; spec->name; spec++) {
        if (spec->letter) printf("-%c ", spec->letter);
        printf("--%s%s", spec->name, spec[1].name ? " " : "");
    }
    printf("'%s ;;\n", has_files ? " operand=files" : "");
    for (const struct option_spec *spec = specs; spec->name; spec++) {
        if (spec->kind == OPTION_FLAG) continue;
        fputs("    ", stdout);
        if (spec->letter) printf("'%s -%c' | ", program, spec->letter);
        printf("'%s --%s') ", program, spec->name);
        if (spec->kind == OPTION_CHOICE) {
            fputs("value=words words='", stdout);
            print_choices(spec);
            puts("' ;;");
        } else if (is_name(spec)) {
            printf("value=%ss ;;\n", spec->name);
        } else {
            printf("value=%s ;;\n", is_file(spec) ? "files" : "free");
        }
    }
}

static void print_bash(void)
{
    print_bash_program("dnspolicy_exporter", exporter_options(), false);
    fputs("    dnspolicy) words='", stdout);
    for (size_t i = 0; i < command_count; i++) printf("%s ", commands[i].name);
    for (size_t i = 0; i < ARRAY_LEN(main_options); i++) printf("%s--%s", i ? " " : "", main_options[i][0]);
    puts("' ;;");
    for (size_t i = 0; i < command_count; i++) {
        char program[64];
        snprintf(program, sizeof(program), "dnspolicy %s", commands[i].name);
        print_bash_program(program, commands[i].options(), takes_files(&commands[i]));
    }
}

/* In zsh's brackets a closing one ends the explanation. */
static void print_zsh_help(const char *help)
{
    AUTO(strbuf_fini) struct strbuf text = {0};
    for (; *help; help++) {
        if (strchr("[]\\", *help)) strbuf_putc(&text, '\\');
        strbuf_putc(&text, *help);
    }
    putchar('[');
    print_quoted(strbuf_text(&text));
    putchar(']');
}

static void print_zsh_value(const struct option_spec *spec)
{
    if (spec->kind == OPTION_FLAG) return;
    printf(":%s:", spec->argument);
    if (spec->kind == OPTION_CHOICE) {
        putchar('(');
        print_choices(spec);
        putchar(')');
    } else if (is_name(spec)) {
        printf(" _dnspolicy_names %ss", spec->name);
    } else if (is_file(spec)) {
        fputs("_files", stdout);
    }
}

static void print_zsh_options(const struct option_spec *specs)
{
    for (; specs->name; specs++) {
        const char *takes_value = specs->kind == OPTION_FLAG ? "" : "=";
        fputs(" \\\n            '", stdout);
        if (specs->letter)
            printf("(-%c --%s)'{-%c%s,--%s%s}'", specs->letter, specs->name, specs->letter, *takes_value ? "+" : "",
                   specs->name, takes_value);
        else
            printf("%s--%s%s", specs->kind == OPTION_TEXTS ? "*" : "", specs->name, takes_value);
        print_zsh_help(specs->help);
        print_zsh_value(specs);
        putchar('\'');
    }
}

static void print_zsh_exporter(void)
{
    fputs("        _arguments -S", stdout);
    print_zsh_options(exporter_options());
    putchar('\n');
}

static void print_zsh_commands(void)
{
    for (size_t i = 0; i < command_count; i++) {
        printf("        '%s:", commands[i].name);
        print_quoted(commands[i].summary);
        puts("'");
    }
}

static void print_zsh_main(void)
{
    fputs("    _arguments -C", stdout);
    for (size_t i = 0; i < ARRAY_LEN(main_options); i++) {
        printf(" \\\n        '(- *)--%s", main_options[i][0]);
        print_zsh_help(main_options[i][1]);
        putchar('\'');
    }
    puts(" \\\n        '1:command:->command' '*::argument:->argument' && return");
}

static void print_zsh_subcommands(void)
{
    for (size_t i = 0; i < command_count; i++) {
        printf("        %s)\n            _arguments -S", commands[i].name);
        print_zsh_options(commands[i].options());
        puts(takes_files(&commands[i]) ? " \\\n            '*:FILE:_files' ;;" : " ;;");
    }
}

static void print_fish_options(const char *program, const struct option_spec *specs)
{
    for (; specs->name; specs++) {
        printf("complete -c %s", program);
        if (specs->letter) printf(" -s %c", specs->letter);
        printf(" -l %s", specs->name);
        if (specs->kind == OPTION_CHOICE) {
            fputs(" -x -a '", stdout);
            print_choices(specs);
            putchar('\'');
        } else if (is_name(specs)) {
            printf(" -x -a '(__dnspolicy_names %ss)'", specs->name);
        } else if (specs->kind != OPTION_FLAG) {
            fputs(is_file(specs) ? " -r -F" : " -x", stdout);
        }
        fputs(" -d '", stdout);
        print_quoted(specs->help);
        puts("'");
    }
}

static void print_fish(void)
{
    print_fish_options("dnspolicy_exporter", exporter_options());
    for (size_t i = 0; i < ARRAY_LEN(main_options); i++)
        printf("complete -c dnspolicy -n '__dnspolicy_command_is \"\"' -l %s -d '%s'\n", main_options[i][0],
               main_options[i][1]);
    for (size_t i = 0; i < command_count; i++) {
        printf("complete -c dnspolicy -n '__dnspolicy_command_is \"\"' -a %s -d '", commands[i].name);
        print_quoted(commands[i].summary);
        puts("'");
        char program[96];
        snprintf(program, sizeof(program), "dnspolicy -n '__dnspolicy_command_is %s'", commands[i].name);
        if (takes_files(&commands[i])) printf("complete -c %s -F\n", program);
        print_fish_options(program, commands[i].options());
    }
}

const struct table completion_tables[] = {
    {"bash", print_bash},
    {"zsh-exporter", print_zsh_exporter},
    {"zsh-commands", print_zsh_commands},
    {"zsh-main", print_zsh_main},
    {"zsh-subcommands", print_zsh_subcommands},
    {"fish", print_fish},
    {0},
};
