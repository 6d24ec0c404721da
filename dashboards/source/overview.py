"""dnspolicy: overview. Who is told what, where that is not what was meant, who is refused, and whether the prober itself is well."""
from panels import (dashboard, fixed, heatmap, lay_out, link, matrix, organize, override, query, stat, state_timeline, table,
                    thresholds, timeseries, variable, DATASOURCE)
from words import (CATEGORIES, FAILING, OF_PROBE, SELECTED, SITE, failed_within_range, name_mappings, number_mappings, quantile, rate,
                   since, worst)

UID, DETAIL = "dnspolicy-overview", "dnspolicy-resolver"
IN_TABLE = link("${__data.fields.resolver} in detail", DETAIL, resolver="${__data.fields.resolver:percentencode}",
                client="${__data.fields.client:percentencode}")
NOT_ASKED = {"type": "special", "options": {"match": "null", "result": {"text": "– not asked", "color": "transparent", "index": 9}}}


def count_of(category, selected=SELECTED):
    """Zero, and not nothing, as long as there are probes at all."""
    return (f'sum(dnspolicy_probe_verdict{{category="{category}",{selected}}})'
            f"\n  or 0 * sum(dnspolicy_probe_verdict{{{selected}}})")


def categories_now(id, selected=SELECTED):
    letters = dict(zip(CATEGORIES, "ABCDEF"))
    return stat(id, "Probes by category", "How many probes stand in each category now, worst first.",
                [query(count_of(name, selected), CATEGORIES[name][1], letter, "instant") for name, letter in letters.items()], "short",
                colour_mode="background", text_mode="value_and_name", decimals=0,
                overrides=[override("byFrameRefID", letter, color=fixed(CATEGORIES[name][2]), thresholds=thresholds(CATEGORIES[name][2]))
                           for name, letter in letters.items()])


def clients_by_resolvers():
    to_detail = link("${__data.fields[0]} at ${__field.name}", DETAIL, resolver="${__field.name:percentencode}",
                     client="${__data.fields[0]:percentencode}")
    return table(20, "Clients × resolvers", "The worst category of the probes of each client at each resolver, now. A cell leads to the "
                 "resolver's dashboard. \"not asked\": no check has this client ask this resolver.",
                 query(worst("client, resolver"), kind="table"), matrix("client", "resolver"), ("client", False),
                 [override("byName", "client\\resolver", custom__cellOptions={"type": "auto"}, displayName="client"),
                  override("byType", "number", links=[to_detail])],
                 cell="color-background", unit="none", mappings=[*number_mappings(), NOT_ASKED],
                 color={"mode": "thresholds"}, thresholds=thresholds("transparent"))


def sites_by_resolvers():
    named = f'label_replace(\n{worst("site, resolver")},\n"site", "–", "site", "")'
    return table(23, "Sites × resolvers", "The worst category that the exporters of each site meet at each resolver, now: what one site alone "
                 "sees is routing, a firewall or one anycast node. \"–\": exporters without a `site` label.",
                 query(named, kind="table"), matrix("site", "resolver"), ("site", False),
                 [override("byName", "site\\resolver", custom__cellOptions={"type": "auto"}, displayName="site"),
                  override("byType", "number", links=[link("${__field.name} in detail", DETAIL,
                                                           resolver="${__field.name:percentencode}")])],
                 cell="color-background", unit="none", mappings=[*number_mappings(), NOT_ASKED], color={"mode": "thresholds"},
                 thresholds=thresholds("transparent"))


def pairs_over_time():
    return state_timeline(21, "Clients × resolvers that did not always pass", "The worst category of each pair over time; only pairs "
                          "that failed at some time within the time range. What alternates from run to run shows as its worst.",
                          query(worst("client, resolver", window="$__rate_interval") + "\nand on (client, resolver)\n"
                                + failed_within_range("client, resolver"), "{{client}} → {{resolver}}"),
                          number_mappings(), [link("The resolver in detail", DETAIL,
                                                   resolver="${__field.labels.resolver:percentencode}",
                                                   client="${__field.labels.client:percentencode}")])


def violations():
    by = OF_PROBE + ", verdict"
    begun = f"max by ({by}) (\n  {since(SELECTED, FAILING)}\n)"
    rank = worst(by, more=f",{FAILING}")
    order = ["Value #B", "verdict", "check", "site", "client", "subnet", "resolver", "transport", "qname", "qtype", "severity",
             "Value #A"]
    return table(22, "Violations", "Every probe whose last verdict is not what its check expects, worst first, and since when. "
                 "Probes that could not be sent from here (local_error) are among them, as unknown.",
                 [query(begun, ref="A", kind="table"), query(rank, ref="B", kind="table")],
                 [{"id": "merge", "options": {}}, organize(order, {"Value #A": "since", "Value #B": "category"})], ("category", True),
                 [override("byName", "category", custom__cellOptions={"type": "color-background", "mode": "basic"},
                           mappings=number_mappings(), unit="none", custom__width=140),
                  override("byName", "since", unit="dateTimeFromNow", custom__width=150),
                  override("byRegexp", "/^(client|resolver)$/", links=[IN_TABLE])], unit="none",
                 no_value="none: every probe passes")


def refusals(expected):
    """Only of subnets and types that were refused at all within the time range: counters start at 0 for many that never are."""
    chosen = f'{SELECTED},expected="{expected}"'
    any_at_all = f"sum by (subnet, qtype) (increase(dnspolicy_refusals_total{{{chosen}}}[$__range] @ end())) > 0"
    return query(f"{rate('dnspolicy_refusals_total', 'subnet, qtype', chosen)}\nand on (subnet, qtype)\n{any_at_all}",
                 "{{subnet}} {{qtype}}")


def refused_counts():
    return table(30, "Refusals by subnet and type", "How many runs ended with REFUSED within the time range, expected or not: subnets "
                 "× query types.", query(f"sum by (subnet, qtype) (increase(dnspolicy_refusals_total{{{SELECTED}}}[$__range]))",
                                         kind="table"),
                 matrix("subnet", "qtype"), ("subnet", False),
                 [override("byName", "subnet\\qtype", custom__cellOptions={"type": "auto"}, color=fixed("text"), displayName="subnet")],
                 cell="color-background", unit="short", decimals=0, min=0, color={"mode": "continuous-blues"},
                 mappings=[NOT_ASKED])


def stale():
    selected = f"dnspolicy_probe_last_run_timestamp_seconds{{{SELECTED}}}"
    return stat(50, "Stale probes", "Probes whose last run is more than three of their intervals and a minute ago, as the alert "
                "ProbesStale has it: their verdicts are old, and so are the panels above.",
                query(f"count(\n  time() - {selected}\n    > ignoring (client, subnet, resolver, transport, qname, qtype, severity) "
                      f"group_left ()\n  (3 * dnspolicy_check_interval_seconds{{{SITE}}} + 60)\n)\n  or 0 * count({selected})",
                      kind="instant"), "short", decimals=0, color={"mode": "thresholds"}, thresholds=thresholds("green", (1, "red")))


def reload():
    return stat(51, "Configuration", "Whether the last attempt to load the configuration succeeded, at the exporter where it went worst. "
                "A failed reload leaves the old list of checks in use.",
                query(f"min(dnspolicy_config_last_reload_successful{{{SITE}}})", kind="instant"), "none",
                mappings=[{"type": "value", "options": {"1": {"text": "✓ loaded", "color": "green", "index": 0},
                                                        "0": {"text": "✕ reload failed", "color": "red", "index": 1}}}],
                color={"mode": "thresholds"}, thresholds=thresholds("green"))


def exporters():
    def of(metric):
        return f"max by (site, instance) ({metric}{{{SITE}}})"
    queries = [query(f"max by (site, instance, version, revision) (dnspolicy_build_info{{{SITE}}})", ref="A", kind="table"),
               query("1000 * " + of("dnspolicy_config_last_reload_success_timestamp_seconds"), ref="B", kind="table"),
               query(of("dnspolicy_probes"), ref="C", kind="table"), query(of("dnspolicy_probes_in_flight"), ref="D", kind="table"),
               query(of("process_resident_memory_bytes") + f"\n  and on (site, instance) dnspolicy_build_info{{{SITE}}}", ref="E",
                     kind="table")]
    order = ["site", "instance", "version", "revision", "Value #B", "Value #C", "Value #D", "Value #E"]
    names = {"Value #B": "configuration of", "Value #C": "probes", "Value #D": "in flight", "Value #E": "memory"}
    return table(52, "Exporters", "Every exporter of the sites chosen: its version, since when its present configuration is in use, how "
                 "many probes that comes to, how many runs wait for their reply, and its resident memory.", queries,
                 [{"id": "merge", "options": {}}, organize(order, names, ("Time", "Value #A"))], ("instance", False),
                 [override("byName", "configuration of", unit="dateTimeFromNow"), override("byName", "memory", unit="bytes")],
                 unit="none")


def prober_panels():
    lateness = [query(quantile(share, "dnspolicy_schedule_lateness_seconds", "le", SITE), f"p{share * 100:g}", ref)
                for ref, share in zip("ABC", (0.5, 0.99, 0.999))]
    skipped = [query(rate("dnspolicy_probe_runs_skipped_total", "reason", SITE), "run skipped: {{reason}}", "A"),
               query(rate("dnspolicy_datagrams_ignored_total", "reason", SITE), "datagram ignored: {{reason}}", "B")]
    return {
        "lateness": timeseries(53, "Lateness of runs", "How much later than due the exporter's runs start. Seconds here mean that the "
                               "machine is too busy, or the list of checks too long for it.", lateness, "s"),
        "skipped": timeseries(54, "Skipped runs and ignored datagrams", "Runs that were due and did not happen, and datagrams that were "
                              "no reply to a query of ours: late, spoofed or mismatched.", skipped, "cps"),
        "queries": timeseries(55, "Queries sent", "Queries a second to each resolver, retries included: what the probing costs it.",
                              query(rate("dnspolicy_queries_total", "resolver"), "{{resolver}}"), "reqps"),
    }


def changes():
    verdicts = f"sum by (category) (dnspolicy_probe_verdict{{{SELECTED}}})"
    by = "check, client, resolver, transport, qname, qtype"
    flips = f"topk(20, sum by ({by}) (changes(dnspolicy_probe_success{{{SELECTED}}}[$__range])) > 0)"
    colours = [override("byName", name, displayName=text, color=fixed(colour)) for name, (_, text, colour) in CATEGORIES.items()]
    return [
        (14, timeseries(40, "Probes by category over time", "How many probes stand in each category. Changes of verdicts are marked.",
                        query(verdicts, "{{category}}"), "short", is_stacked=True, has_table=True, overrides=colours, decimals=0)),
        (10, table(41, "Unstable probes", "The probes that went from passing to failing or back most often within the time range: "
                   "anycast nodes or group members that differ, rate limits, packet loss.", query(flips, kind="table"),
                   [organize(["Value", "check", "client", "resolver", "transport", "qname", "qtype"], {"Value": "changes"})],
                   ("changes", True), [override("byRegexp", "/^(client|resolver)$/", links=[IN_TABLE])], unit="none",
                   no_value="none: every verdict stood")),
    ]


def verdict_changes():
    """A point for each probe whose verdict is of another time than a moment ago, and which had been judged by then. After a start of
    the exporter every verdict is new: then only those that are not what they were. The value is the time of the change, whatever the
    step, so a change that was undone within a step is there too."""
    change = f"dnspolicy_probe_last_change_timestamp_seconds{{{SELECTED}}}"
    verdict = f'dnspolicy_probe_verdict{{verdict!="pending",{SELECTED}}}'
    before = "offset $__rate_interval"
    expression = (
        "max by (site, check, client, resolver, verdict, category) (\n"
        f"  1000 * {change}\n    * ignoring (verdict, category) group_left (verdict, category) {verdict}\n"
        f"  and ignoring (verdict, category) ({change} != {change} {before})\n"
        f"  and ignoring (verdict, category) dnspolicy_probe_success{{{SELECTED}}} {before}\n"
        f"  unless (\n    {verdict} {before}\n    and ignoring ({OF_PROBE.removeprefix('site, ')}, verdict, category)\n"
        f"    (process_start_time_seconds{{{SITE}}} != process_start_time_seconds{{{SITE}}} {before})\n  )\n)")
    return {"name": "Verdict changes", "enable": True, "hide": False, "iconColor": "purple", "datasource": DATASOURCE,
            "target": {"expr": expression, "refId": "Anno", "interval": ""},
            "useValueForTime": True, "titleFormat": "{{client}} at {{resolver}}: {{verdict}}", "textFormat": "check {{check}} {{site}}",
            "tagKeys": "category,client,resolver"}


def build():
    client = f"dnspolicy_client_info{{{SITE}}}"
    resolver = f"dnspolicy_resolver_info{{{SITE}}}"
    qtype = f'dnspolicy_queries_total{{{SITE},client=~"$client",resolver=~"$resolver"}}'
    prober = prober_panels()
    panels = lay_out(
        (4, (24, categories_now(10))),
        ("Who is told what", 1),
        (11, (12, clients_by_resolvers()), (12, pairs_over_time())),
        (10, (24, violations())),
        (6, (24, sites_by_resolvers())),
        ("Refusals", 2),
        (16, (6, refused_counts()),
         (9, [heatmap(31, "Expected refusals, heatmap", "Runs a second that ended with REFUSED where that is allowed: the policy at "
                      "work. One row for each subnet and query type.", refusals("true"), "none", "Blues", "cps", False),
              timeseries(33, "Expected refusals", "The same as rates. Zero where it was not before: somebody may have been let in.",
                         refusals("true"), "cps")]),
         (9, [heatmap(32, "Unexpected refusals, heatmap", "Runs a second that ended with REFUSED where an answer is expected: people "
                      "are turned away. Empty is good.", refusals("false"), "none", "Reds", "cps", False),
              timeseries(34, "Unexpected refusals", "The same as rates. No data is good.", refusals("false"), "cps")])),
        ("Changes", 3),
        (9, *changes()),
        ("The prober itself", 4),
        (8, (4, [stale(), reload()]), (10, prober["lateness"]), (10, prober["skipped"])),
        (8, (10, prober["queries"]), (14, exporters())),
    )
    return dashboard(UID, "dnspolicy: overview", "Who is told what by which resolver, and where that is not the policy. Fed by "
                     "dnspolicy_exporter through Prometheus.",
                     [variable("site", "Site", "The `site` label that the scrape configuration sets; All where there is none.",
                               "label_values(dnspolicy_build_info, site)"),
                      variable("client", "Client", "Who asks.", f"label_values({client}, client)"),
                      variable("resolver", "Resolver", "Who is asked.", f"label_values({resolver}, resolver)"),
                      variable("qtype", "Type", "What is asked for.", f"label_values({qtype}, qtype)")],
                     panels, [verdict_changes()])
