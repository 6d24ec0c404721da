/* The options and subcommands of both programs, as tables: the mains run by them and the manual is checked against
 * them. */
#ifndef DNSPOLICY_APP_PROGRAMS_H
#define DNSPOLICY_APP_PROGRAMS_H

#include "dnspolicy/app/options.h"

struct exporter_options {
    const char *config_file;
    bool config_check;
    struct option_texts listen_addresses;
    const char *web_config_file;
    const char *telemetry_path;
    bool enable_lifecycle;
    const char *lanes;
    int log_level;  /* enum log_level */
    int log_format; /* enum log_format */
    bool version;
    bool help;
};
/* Fills in the defaults; the table points into *options and is valid until the next call. */
const struct option_spec *exporter_options_init(struct exporter_options *options);

/* One subcommand of `dnspolicy`. */
struct command {
    const char *name;
    const char *usage;   /* after "dnspolicy " */
    const char *summary; /* one line */
    const struct option_spec *(*options)(void);
    int (*run)(const struct option_texts *arguments);
    int trouble_exit; /* the status for a wrong command line, or output that cannot be written */
};
extern const struct command commands[];
extern const size_t command_count;

/* What `lint --names` lists; of a check's name the policies' are some. */
enum names { NAMES_NONE = -1, NAMES_CLIENTS, NAMES_RESOLVERS, NAMES_CHECKS };

/* The options that the subcommands share. */
struct command_options {
    const char *config_file;
    const char *client;
    const char *resolver;
    const char *check;
    int format;
    int names; /* enum names */
    bool help;
};
extern struct command_options command_options;

const struct option_spec *lint_options(void);
int lint_run(const struct option_texts *arguments);
const struct option_spec *check_options(void);
int check_run(const struct option_texts *arguments);
const struct option_spec *diff_options(void);
int diff_run(const struct option_texts *arguments);

/* "dnspolicy_exporter, version 0.1.0 (revision …)" and what it is built with. */
void program_print_version(const char *program);
/* Standard output is a terminal and NO_COLOR is not set (https://no-color.org). */
bool program_wants_color(void);

#endif
