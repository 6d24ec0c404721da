/*
 * The service: wires config, plan, engine, state and web together, and replaces the plan at a reload. The main thread
 * owns it; web threads reach it only through service_reload().
 */
#ifndef DNSPOLICY_APP_SERVICE_H
#define DNSPOLICY_APP_SERVICE_H

#include <stdbool.h>

#include "dnspolicy/plan/plan.h"

struct service_options {
    const char *config_file;
    const char *const *listen_addresses; /* NULL-terminated */
    const char *web_config_file;         /* NULL: none */
    const char *telemetry_path;
    bool enable_lifecycle;
    unsigned lanes;
};

/* Loads a config file and expands it. On errors NULL; every problem is printed on stderr, one a line, warnings too. */
struct plan *service_load_plan(const char *config_file);

/* The exit status for a configuration file that is empty: nothing is wrong, and nothing can start yet. */
#define SERVICE_EXIT_EMPTY 2
/* Says whether the file is fine; the exit status that tells it. */
int service_check_file(const char *config_file);

/* Raises RLIMIT_NOFILE to its hard limit and gives what one of `lanes` lanes may open: 256 descriptors are kept for
 * HTTP, reloads and the libraries. */
unsigned service_sockets_per_lane(unsigned lanes);
unsigned service_default_lanes(void); /* min(processors, 4) */

/* Runs until SIGTERM or SIGINT. The exit status of the process. */
int service_run(const struct service_options *options);

#endif
