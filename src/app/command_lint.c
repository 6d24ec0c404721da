/*
 * `dnspolicy lint`: all that is wrong with a file, and what it costs to run, or only the names in it. It asks no
 * server.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "dnspolicy/app/programs.h"
#include "dnspolicy/app/service.h"
#include "dnspolicy/base/mem.h"
#include "dnspolicy/views/metrics.h"
#include "dnspolicy/views/report.h"

#define LINT_EXIT_ERRORS 1
#define LINT_EXIT_USAGE 3

/* "1 check", "3 policies". */
static void print_count(size_t count, const char *one, const char *many, const char *after)
{
    printf("%zu %s%s", count, count == 1 ? one : many, after);
}

static double to_hundredths(double number) { return round(number * 100) / 100; }

static void print_cost(const struct plan *plan)
{
    const struct plan_cost *cost = &plan->cost;
    const struct config *config = plan->config;
    size_t checks = 0; /* those of policies aside */
    for (size_t i = 0; i < config->check_count; i++) checks += !config->checks[i].policy;
    print_count(plan->probe_count, "probe", "probes", ": ");
    print_count(checks, "check", "checks", ", ");
    if (config->policy_count) print_count(config->policy_count, "policy", "policies", ", ");
    print_count(config->client_count, "client", "clients", ", ");
    print_count(config->resolver_count, "resolver", "resolvers", "\n");
    char address[ADDR_TEXT_SIZE];
    addr_format(&plan->servers[cost->busiest_server].address, address);
    printf("%.6g queries per second in all, %.6g at the busiest resolver address (%s)\n",
           to_hundredths(cost->queries_per_second), to_hundredths(cost->busiest_server_qps), address);
    printf("%llu series on /metrics at the start\n",
           (unsigned long long)metrics_count_samples(plan, service_default_lanes()));
}

/* Those of policies stand below their tables. */
static void print_omissions(const struct plan *plan)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < plan->omission_count; i++) count += !plan->omissions[i].check->policy;
    if (count) printf("\n\"*\" left out %u pair%s:\n", count, count == 1 ? "" : "s");
    for (uint32_t i = 0; i < plan->omission_count; i++) {
        const struct plan_omission *omission = &plan->omissions[i];
        if (omission->check->policy) continue;
        printf("  check %s: client %s at resolver %s: %s\n", omission->check->name, omission->client->name,
               omission->resolver->name, omission->reason);
    }
}

static void print_policies(const struct plan *plan)
{
    AUTO(strbuf_fini) struct strbuf text = {0};
    report_policies(plan, &text);
    fputs(strbuf_text(&text), stdout);
}

static void print_names(const struct config *config, enum names names)
{
    switch (names) {
    case NAMES_NONE:
        return;
    case NAMES_CLIENTS:
        for (size_t i = 0; i < config->client_count; i++) puts(config->clients[i].name);
        return;
    case NAMES_RESOLVERS:
        for (size_t i = 0; i < config->resolver_count; i++) puts(config->resolvers[i].name);
        return;
    case NAMES_CHECKS:
        for (size_t i = 0; i < config->check_count; i++)
            if (!config->checks[i].policy) puts(config->checks[i].name);
        for (size_t i = 0; i < config->policy_count; i++) puts(config->policies[i].name);
        return;
    }
}

static void print_all(const struct plan *plan)
{
    print_cost(plan);
    print_policies(plan);
    print_omissions(plan);
}

int lint_run(const struct option_texts *arguments)
{
    if (arguments->count) {
        fprintf(stderr, "dnspolicy lint: unexpected argument '%s'; the file is given with -c\n", arguments->items[0]);
        return LINT_EXIT_USAGE;
    }
    const struct plan *plan = service_load_plan(command_options.config_file);
    if (!plan) return LINT_EXIT_ERRORS;
    if (command_options.names == NAMES_NONE)
        print_all(plan);
    else
        print_names(plan->config, (enum names)command_options.names);
    plan_unref(plan);
    return EXIT_SUCCESS;
}
