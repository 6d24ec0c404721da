/*
 * `dnspolicy check`: every probe of a file once, or those that were named, and the verdicts in the form asked for. The
 * same engine, judge and state as the service's.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "dnspolicy/app/programs.h"
#include "dnspolicy/app/service.h"
#include "dnspolicy/base/clock.h"
#include "dnspolicy/base/mem.h"
#include "dnspolicy/probe/engine.h"
#include "dnspolicy/state/state.h"
#include "dnspolicy/views/report.h"

#define CHECK_EXIT_TROUBLE 3

static bool is_asked_for(const struct plan_probe *probe, void *ctx)
{
    const struct command_options *options = ctx;
    if (options->client && strcmp(options->client, probe->client->name) != 0) return false;
    if (options->resolver && strcmp(options->resolver, probe->resolver->name) != 0) return false;
    return !options->check || strcmp(options->check, probe->check->name) == 0;
}

/* Nagios and its kin show the first line of the output, and no standard error. */
static void tell_nagios(const char *what)
{
    if (command_options.format == REPORT_NAGIOS) printf("DNSPOLICY UNKNOWN - %s\n", what);
}

static const struct plan *load_selected_plan(void)
{
    const struct plan *plan = service_load_plan(command_options.config_file);
    if (!plan) {
        tell_nagios("the configuration has errors; dnspolicy lint names them");
        return NULL;
    }
    const struct plan *selected = plan_select(plan, is_asked_for, &command_options);
    plan_unref(plan);
    if (!selected) {
        tell_nagios("no probe has that client, resolver and check");
        fprintf(stderr, "dnspolicy check: no probe of %s has that client, resolver and check\n",
                command_options.config_file);
    }
    return selected;
}

static struct engine *start_once(struct state *state, const struct plan *plan, char **error)
{
    unsigned lanes = service_default_lanes();
    struct plan_diff diff;
    plan_diff_init(&diff, NULL, plan);
    struct placement *placement = placement_new(plan, lanes, NULL, NULL);
    state_commit(state, state_prepare(state, plan, placement, &diff, clock_wall_ns()));
    plan_diff_fini(&diff);
    const struct engine_options options = {
        .lanes = lanes, .sockets_per_lane = service_sockets_per_lane(lanes), .once = true};
    return engine_start(&options, plan, placement, state_sink(state), error);
}

static int print_report(struct state *state)
{
    /* No socket is left to write to. Who has read enough, as head does, ends us like any other tool. */
    signal(SIGPIPE, SIG_DFL);
    AUTO(strbuf_fini) struct strbuf text = {0};
    struct generation *generation = state_acquire(state);
    const struct report_summary summary = report_render(generation, (enum report_format)command_options.format,
                                                        program_wants_color(), clock_wall_ns(), &text);
    generation_release(generation);
    fputs(strbuf_text(&text), stdout);
    return report_exit_code(&summary);
}

int check_run(const struct option_texts *arguments)
{
    if (arguments->count) {
        fprintf(stderr,
                "dnspolicy check: unexpected argument '%s'; probes are chosen with --client, --resolver, --check\n",
                arguments->items[0]);
        return CHECK_EXIT_TROUBLE;
    }
    signal(SIGPIPE, SIG_IGN);
    const struct plan *plan = load_selected_plan();
    if (!plan) return CHECK_EXIT_TROUBLE;
    struct state *state = state_new(&(struct state_options){.judge_silence_last = true});
    AUTO(mem_free_ptr) char *error = NULL;
    struct engine *engine = start_once(state, plan, &error);
    int status = CHECK_EXIT_TROUBLE;
    if (engine) {
        engine_wait_done(engine);
        engine_stop(engine);
        state_settle(state);
        status = print_report(state);
    } else {
        fprintf(stderr, "dnspolicy check: %s\n", error);
        tell_nagios(error);
    }
    state_free(state);
    plan_unref(plan);
    return status;
}
