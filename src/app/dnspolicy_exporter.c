/*
 * The exporter's main: reads the command line, and hands over to the service. It knows the options and nothing else.
 */
#include <stdio.h>
#include <stdlib.h>

#include "dnspolicy/app/options.h"
#include "dnspolicy/app/programs.h"
#include "dnspolicy/app/service.h"
#include "dnspolicy/base/log.h"
#include "dnspolicy/base/mem.h"
#include "dnspolicy/base/text.h"
#include "dnspolicy/probe/placement.h"
#include "dnspolicy/web/web.h"

static int print_help(const struct option_spec *specs)
{
    AUTO(strbuf_fini) struct strbuf text = {0};
    strbuf_puts(&text, "Usage: dnspolicy_exporter --config.file=FILE [OPTION]...\n"
                       "Probes DNS servers as configured clients, judges the replies against policy, and serves the\n"
                       "verdicts to Prometheus and as JSON.\n\n");
    options_help(specs, &text);
    fputs(strbuf_text(&text), stdout);
    return EXIT_SUCCESS;
}

/* Both files, so that one run tells all that is wrong. */
static int check_files(const struct exporter_options *options)
{
    int status = service_check_file(options->config_file);
    if (!options->web_config_file) return status;
    AUTO(strbuf_fini) struct strbuf problems = {0};
    bool is_good = web_check_config(options->web_config_file, &problems);
    fputs(strbuf_text(&problems), stderr);
    if (is_good) printf("%s: fine\n", options->web_config_file);
    return is_good ? status : EXIT_FAILURE;
}

static bool read_lanes(const char *text, unsigned *lanes)
{
    uint64_t value = service_default_lanes();
    if (text && (!text_parse_u64(text, LANES_MAX, &value) || value == 0)) {
        fprintf(stderr, "dnspolicy_exporter: --prober.lanes takes a number from 1 to %d, not '%s'\n", LANES_MAX, text);
        return false;
    }
    *lanes = (unsigned)value;
    return true;
}

int main(int argc, char **argv)
{
    struct exporter_options options;
    AUTO(strbuf_fini) struct strbuf error = {0};
    const struct option_spec *specs = exporter_options_init(&options);
    if (!options_parse(specs, argc, argv, NULL, &error)) {
        fprintf(stderr, "dnspolicy_exporter: %s; see --help\n", strbuf_text(&error));
        return EXIT_FAILURE;
    }
    if (options.help) return print_help(specs);
    if (options.version) {
        program_print_version("dnspolicy_exporter");
        return EXIT_SUCCESS;
    }
    log_setup((enum log_level)options.log_level, (enum log_format)options.log_format);
    if (options.config_check) return check_files(&options);

    static const char *const default_address[] = {":10953", NULL};
    struct service_options service = {
        .config_file = options.config_file,
        .listen_addresses = options.listen_addresses.count ? options.listen_addresses.items : default_address,
        .web_config_file = options.web_config_file,
        .telemetry_path = options.telemetry_path,
        .enable_lifecycle = options.enable_lifecycle,
    };
    if (!read_lanes(options.lanes, &service.lanes)) return EXIT_FAILURE;
    return service_run(&service);
}
