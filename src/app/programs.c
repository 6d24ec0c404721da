/*
 * The tables of options and subcommands. What an option does is decided where it is used.
 */
#include "dnspolicy/app/programs.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "dnspolicy/base/log.h"
#include "dnspolicy/base/mem.h"
#include "dnspolicy/views/report.h"

#define DEFAULT_CONFIG_FILE "dnspolicy.yml"

static const char *const log_levels[] = {"debug", "info", "warn", "error", NULL};
static const char *const log_formats[] = {"logfmt", "json", NULL};

const struct option_spec *exporter_options_init(struct exporter_options *o)
{
    static struct option_spec specs[12];
    *o = (struct exporter_options){
        .config_file = DEFAULT_CONFIG_FILE, .telemetry_path = "/metrics", .log_level = LOG_LEVEL_INFO};
    const struct option_spec table[] = {
        {"config.file", 0, OPTION_TEXT, "FILE", DEFAULT_CONFIG_FILE, "The list of checks.", NULL, &o->config_file},
        {"config.check", 0, OPTION_FLAG, NULL, "", "Check the configuration files, print what is wrong, and exit.",
         NULL, &o->config_check},
        {"web.listen-address", 0, OPTION_TEXTS, "ADDRESS", ":10953", "Where to serve HTTP; repeatable.", NULL,
         &o->listen_addresses},
        {"web.config.file", 0, OPTION_TEXT, "FILE", "", "TLS and basic auth, as in Prometheus' exporter toolkit.", NULL,
         &o->web_config_file},
        {"web.telemetry-path", 0, OPTION_TEXT, "PATH", "/metrics", "The path of the metrics.", NULL,
         &o->telemetry_path},
        {"web.enable-lifecycle", 0, OPTION_FLAG, NULL, "", "Allow reload and probe runs by HTTP POST.", NULL,
         &o->enable_lifecycle},
        {"prober.lanes", 0, OPTION_TEXT, "N", "the number of processors, at most 4", "Threads that probe.", NULL,
         &o->lanes},
        {"log.level", 0, OPTION_CHOICE, "LEVEL", "info", "The least level that is logged.", log_levels, &o->log_level},
        {"log.format", 0, OPTION_CHOICE, "FORMAT", "logfmt", "The form of a log line.", log_formats, &o->log_format},
        {"version", 0, OPTION_FLAG, NULL, "", "Print the version and exit.", NULL, &o->version},
        {"help", 'h', OPTION_FLAG, NULL, "", "Print this help and exit.", NULL, &o->help},
        {0},
    };
    _Static_assert(sizeof(table) == sizeof(specs), "one slot an option");
    memcpy(specs, table, sizeof(specs));
    return specs;
}

struct command_options command_options = {.config_file = DEFAULT_CONFIG_FILE, .names = NAMES_NONE};

#define OPTION_CONFIG                                                                                                  \
    {                                                                                                                  \
        "config", 'c', OPTION_TEXT, "FILE", DEFAULT_CONFIG_FILE, "The list of checks.", NULL,                          \
            &command_options.config_file                                                                               \
    }
#define OPTION_HELP                                                                                                    \
    {                                                                                                                  \
        "help", 'h', OPTION_FLAG, NULL, "", "Print this help and exit.", NULL, &command_options.help                   \
    }

const struct option_spec *lint_options(void)
{
    static const char *const names[] = {
        [NAMES_CLIENTS] = "clients", [NAMES_RESOLVERS] = "resolvers", [NAMES_CHECKS] = "checks", NULL};
    static const struct option_spec specs[] = {
        OPTION_CONFIG,
        {"names", 0, OPTION_CHOICE, "WHAT", "", "Only print the names of these, one a line.", names,
         &command_options.names},
        OPTION_HELP,
        {0},
    };
    return specs;
}

const struct option_spec *check_options(void)
{
    static const char *formats[REPORT_FORMATS + 1];
    for (size_t i = 0; i < REPORT_FORMATS; i++) formats[i] = report_format_names[i];
    static const struct option_spec specs[] = {
        OPTION_CONFIG,
        {"client", 0, OPTION_TEXT, "NAME", "", "Only probes of this client.", NULL, &command_options.client},
        {"resolver", 0, OPTION_TEXT, "NAME", "", "Only probes of this resolver.", NULL, &command_options.resolver},
        {"check", 0, OPTION_TEXT, "NAME", "", "Only probes of this check.", NULL, &command_options.check},
        {"format", 0, OPTION_CHOICE, "FORMAT", "table", "The form of the result.", formats, &command_options.format},
        OPTION_HELP,
        {0},
    };
    return specs;
}

const struct option_spec *diff_options(void)
{
    static const struct option_spec specs[] = {OPTION_HELP, {0}};
    return specs;
}

const struct command commands[] = {
    {"lint", "lint [-c FILE] [OPTION]...", "every error and warning of the file, and what it costs", lint_options,
     lint_run, 3},
    {"check", "check [-c FILE] [OPTION]...", "run every probe once and print the verdicts", check_options, check_run,
     3},
    {"diff", "diff BEFORE.json AFTER.json", "compare two results of check --format=json", diff_options, diff_run, 2},
};
const size_t command_count = ARRAY_LEN(commands);

void program_print_version(const char *program)
{
    printf("%s, version %s (revision %s, compiler %s)\n", program, DNSPOLICY_VERSION, DNSPOLICY_REVISION, __VERSION__);
}

bool program_wants_color(void)
{
    const char *no_color = getenv("NO_COLOR");
    return isatty(STDOUT_FILENO) && !(no_color && *no_color);
}
