/* The families that speak of the configuration, the engine and this process, and the table of how each family is
 * rendered. */
#include "metrics_walk.h"

#include <stdio.h>

#include "dnspolicy/base/mem.h"
#include "dnspolicy/dns/numbers.h"

static void show_plain(struct metrics_walk *walk, uint64_t value) { exposition_sample_u64(&walk->x, NULL, 0, value); }

static void show_labelled(struct metrics_walk *walk, const struct strbuf *labels, uint64_t value)
{
    const struct span span = {labels->data, labels->len};
    exposition_sample_u64(&walk->x, &span, 1, value);
}

/* ---- the configuration: one entry a step ---- */

/* A policy comes to two checks of one name, which run at the same interval. */
static bool is_second_of_policy(const struct config_check *check)
{
    return check->policy && check->policy->allowed && check == check->policy->denied;
}

static bool check_interval(struct metrics_walk *walk)
{
    const struct config *config = walk->plan->config;
    if (walk->position >= config->check_count) return false;
    const struct config_check *check = &config->checks[walk->position++];
    const struct span label = label_span(&walk->labels, walk->labels.checks[check->index]);
    if (!is_second_of_policy(check)) exposition_sample_seconds(&walk->x, &label, 1, check->interval_ns);
    return true;
}

static void add_address_label(struct strbuf *labels, const char *name, const struct addr *addr)
{
    char text[ADDR_TEXT_SIZE] = "";
    if (addr->present) addr_format(addr, text);
    exposition_add_label(labels, name, text);
}

/* What a client has not is empty, which Prometheus takes for absent. */
static void add_client_labels(const struct config_client *client, unsigned family, struct strbuf *labels)
{
    char ecs[SUBNET_TEXT_SIZE] = "";
    if (client->ecs.present) subnet_format(&client->ecs, ecs);
    exposition_add_label(labels, "client", client->name);
    exposition_add_label(labels, "subnet", client->subnet_text[family]);
    add_address_label(labels, "source", &client->source[family]);
    exposition_add_label(labels, "interface", client->interface ? client->interface : "");
    exposition_add_label(labels, "netns", client->netns ? client->netns : "");
    add_address_label(labels, "proxy", &client->proxy[family]);
    exposition_add_label(labels, "ecs", ecs);
    exposition_add_label(labels, "key", client->key ? client->key->name : "");
}

static bool client_info(struct metrics_walk *walk)
{
    const struct config *config = walk->plan->config;
    if (walk->position >= config->client_count) return false;
    const struct config_client *client = &config->clients[walk->position++];
    AUTO(strbuf_fini) struct strbuf labels = {0};
    for (unsigned family = 0; family < ADDR_FAMILIES; family++) {
        if (!client->subnet_text[family]) continue;
        strbuf_clear(&labels);
        add_client_labels(client, family, &labels);
        show_labelled(walk, &labels, 1);
    }
    return true;
}

/* Each transport may have a port of its own: the first that the plan asks over stands for all. */
static uint16_t port_of(const struct metrics_walk *walk, const struct config_resolver *resolver)
{
    unsigned asked = generation_transports(walk->generation, resolver->index);
    for (unsigned transport = 0; transport < TRANSPORTS; transport++)
        if (asked & 1U << transport) return config_resolver_port(resolver, (enum transport)transport);
    return config_resolver_port(resolver, TRANSPORT_UDP);
}

static bool resolver_info(struct metrics_walk *walk)
{
    const struct config *config = walk->plan->config;
    if (walk->position >= config->resolver_count) return false;
    const struct config_resolver *resolver = &config->resolvers[walk->position++];
    AUTO(strbuf_fini) struct strbuf labels = {0};
    char port[8];
    snprintf(port, sizeof(port), "%u", port_of(walk, resolver));
    exposition_add_label(&labels, "resolver", resolver->name);
    add_address_label(&labels, "address", &resolver->address);
    exposition_add_label(&labels, "port", port);
    exposition_add_label(&labels, "group", resolver->group ? resolver->group : "");
    show_labelled(walk, &labels, 1);
    return true;
}

static bool probes(struct metrics_walk *walk)
{
    show_plain(walk, walk->plan->probe_count);
    return false;
}

/* ---- the engine ---- */

static bool probes_in_flight(struct metrics_walk *walk)
{
    show_plain(walk, walk->engine.in_flight);
    return false;
}

static bool schedule_lateness(struct metrics_walk *walk)
{
    exposition_histogram(&walk->x, NULL, 0, &walk->engine.lateness);
    return false;
}

static void show_reasons(struct metrics_walk *walk, const char *const *names, const uint64_t *counts, size_t count)
{
    AUTO(strbuf_fini) struct strbuf label = {0};
    for (size_t i = 0; i < count; i++) {
        if (!names[i]) continue;
        strbuf_clear(&label);
        exposition_add_label(&label, "reason", names[i]);
        show_labelled(walk, &label, counts[i]);
    }
}

static bool runs_skipped(struct metrics_walk *walk)
{
    show_reasons(walk, engine_skip_names, walk->engine.skipped, ENGINE_SKIPS);
    return false;
}

static bool datagrams_ignored(struct metrics_walk *walk)
{
    show_reasons(walk, engine_ignored_names, walk->engine.ignored, ENGINE_IGNORED_REASONS);
    return false;
}

/* ---- this process ---- */

static bool http_requests(struct metrics_walk *walk)
{
    struct view_http_counts *http = &walk->service->http;
    AUTO(strbuf_fini) struct strbuf labels = {0};
    for (unsigned handler = 0; handler < VIEW_HTTP_HANDLERS && http->handlers[handler]; handler++) {
        for (unsigned i = 0; i < VIEW_HTTP_CODES; i++) {
            uint64_t count = atomic_load_explicit(&http->counts[handler][i], memory_order_relaxed);
            if (!count) continue;
            char code[8];
            snprintf(code, sizeof(code), "%u", view_http_codes[i]);
            strbuf_clear(&labels);
            exposition_add_label(&labels, "handler", http->handlers[handler]);
            exposition_add_label(&labels, "code", code);
            show_labelled(walk, &labels, count);
        }
    }
    return false;
}

static bool reload_successful(struct metrics_walk *walk)
{
    show_plain(walk, atomic_load(&walk->service->last_reload_ok));
    return false;
}

static bool reload_success_time(struct metrics_walk *walk)
{
    exposition_sample_timestamp(&walk->x, NULL, 0, atomic_load(&walk->service->last_reload_success_wall_ns));
    return false;
}

#ifdef __clang__
#define COMPILER "clang " __clang_version__
#else
#define COMPILER "gcc " __VERSION__
#endif

static bool build_info(struct metrics_walk *walk)
{
    AUTO(strbuf_fini) struct strbuf labels = {0};
    exposition_add_label(&labels, "version", DNSPOLICY_VERSION);
    exposition_add_label(&labels, "revision", DNSPOLICY_REVISION);
    exposition_add_label(&labels, "compiler", COMPILER);
    exposition_add_label(&labels, "ldns", dns_library_version());
    exposition_add_label(&labels, "microhttpd", view_microhttpd_version);
    show_labelled(walk, &labels, 1);
    return false;
}

static bool process_cpu(struct metrics_walk *walk)
{
    exposition_sample_seconds(&walk->x, NULL, 0, walk->process.cpu_ns);
    return false;
}

static bool process_open_fds(struct metrics_walk *walk)
{
    show_plain(walk, walk->process.open_fds);
    return false;
}

static bool process_max_fds(struct metrics_walk *walk)
{
    show_plain(walk, walk->process.max_fds);
    return false;
}

static bool process_virtual_memory(struct metrics_walk *walk)
{
    show_plain(walk, walk->process.virtual_bytes);
    return false;
}

static bool process_virtual_memory_max(struct metrics_walk *walk)
{
    show_plain(walk, walk->process.virtual_max_bytes);
    return false;
}

static bool process_resident_memory(struct metrics_walk *walk)
{
    show_plain(walk, walk->process.resident_bytes);
    return false;
}

static bool process_start_time(struct metrics_walk *walk)
{
    exposition_sample_timestamp(&walk->x, NULL, 0, walk->process.start_wall_ns);
    return false;
}

const struct metrics_family metrics_families[METRICS] = {
    [METRIC_PROBE_SUCCESS] = {metrics_probe_success, true, false},
    [METRIC_PROBE_VERDICT] = {metrics_probe_verdict, true, false},
    [METRIC_PROBE_RTT] = {metrics_probe_rtt, true, false},
    [METRIC_PROBE_LAST_RUN] = {metrics_probe_last_run, true, false},
    [METRIC_PROBE_LAST_CHANGE] = {metrics_probe_last_change, true, false},
    [METRIC_VERDICTS] = {metrics_verdicts, true, false},
    [METRIC_REFUSALS] = {metrics_refusals, true, false},
    [METRIC_RESPONSES] = {metrics_responses, true, false},
    [METRIC_QUERIES] = {metrics_queries, true, false},
    [METRIC_ATTEMPTS_LOST] = {metrics_attempts_lost, true, false},
    [METRIC_RESPONSE_TIME] = {metrics_response_time, true, false},
    [METRIC_NODE_VERDICTS] = {metrics_node_verdicts, true, false},
    [METRIC_FOLLOWUP_QUERIES] = {metrics_followup_queries, true, false},
    [METRIC_CHECK_INTERVAL] = {check_interval, true, false},
    [METRIC_CLIENT_INFO] = {client_info, true, false},
    [METRIC_RESOLVER_INFO] = {resolver_info, true, false},
    [METRIC_CERTIFICATE_NOT_AFTER] = {metrics_certificate_not_after, true, false},
    [METRIC_PROBES] = {probes, true, false},
    [METRIC_PROBES_IN_FLIGHT] = {probes_in_flight, false, false},
    [METRIC_SCHEDULE_LATENESS] = {schedule_lateness, false, false},
    [METRIC_RUNS_SKIPPED] = {runs_skipped, false, false},
    [METRIC_DATAGRAMS_IGNORED] = {datagrams_ignored, false, false},
    [METRIC_HTTP_REQUESTS] = {http_requests, false, false},
    [METRIC_RELOAD_SUCCESSFUL] = {reload_successful, false, false},
    [METRIC_RELOAD_SUCCESS_TIME] = {reload_success_time, false, false},
    [METRIC_BUILD_INFO] = {build_info, false, false},
    [METRIC_PROCESS_CPU] = {process_cpu, false, true},
    [METRIC_PROCESS_OPEN_FDS] = {process_open_fds, false, true},
    [METRIC_PROCESS_MAX_FDS] = {process_max_fds, false, true},
    [METRIC_PROCESS_VIRTUAL_MEMORY] = {process_virtual_memory, false, true},
    [METRIC_PROCESS_VIRTUAL_MEMORY_MAX] = {process_virtual_memory_max, false, true},
    [METRIC_PROCESS_RESIDENT_MEMORY] = {process_resident_memory, false, true},
    [METRIC_PROCESS_START_TIME] = {process_start_time, false, true},
};
