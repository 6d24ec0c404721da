"""dnspolicy: resolver. One resolver, or several side by side: what it says to whom, how fast, by which node, and what is lost."""
import overview
from panels import (dashboard, fixed, heatmap, lay_out, link, matrix, organize, override, query, stat, state_timeline, table,
                    thresholds, timeseries, variable)
from words import OF_PROBE, SELECTED_TRANSPORT, SITE, name_mappings, number_mappings, quantile, rate, worst

UID = "dnspolicy-resolver"
AT = f'{SITE},resolver=~"$resolver"'
AT_TRANSPORT = f'{AT},transport=~"$transport"'
OF_CLIENT = f'{AT},client=~"$client"'
REFUSED_COLOUR = [override("byRegexp", "/REFUSED$/", color=fixed("orange")), override("byRegexp", "/NOERROR$/", color=fixed("green")),
                  override("byRegexp", "/SERVFAIL$/", color=fixed("red"))]
DAY_S = 86400


def share_lost():
    return stat(61, "Attempts lost in the time range", "Attempts without a usable reply, as a share of the queries sent, within the time range.",
                query(f"sum(increase(dnspolicy_attempts_lost_total{{{SELECTED_TRANSPORT}}}[$__range]))\n"
                      f"  / sum(increase(dnspolicy_queries_total{{{SELECTED_TRANSPORT}}}[$__range]))", kind="instant"), "percentunit",
                decimals=1, color={"mode": "thresholds"}, thresholds=thresholds("green", (0.01, "orange"), (0.1, "red")))


def round_trip():
    return stat(62, "Round trip, p95", "What 95 of 100 replies took at most, within the time range. By resolver and transport alone: the "
                "histogram knows no clients.",
                query("histogram_quantile(0.95, "
                      f"sum by (le) (increase(dnspolicy_response_time_seconds_bucket{{{AT_TRANSPORT}}}[$__range])))", kind="instant"),
                "s", color={"mode": "thresholds"}, thresholds=thresholds("green", (0.1, "orange"), (0.5, "red")))


def certificates(id, title, kind):
    """The soonest end among the sites; coloured as the alert TLSCertificateExpiring is critical or a warning."""
    left = f"min by (resolver) (dnspolicy_tls_certificate_not_after_timestamp_seconds{{{AT}}}) - time()"
    steps = thresholds("red", (3 * DAY_S, "orange"), (14 * DAY_S, "green"))
    if kind == "stat":
        return stat(id, title, "Until the first certificate ends that the resolver showed over TLS or HTTPS. No value: it was never asked "
                    "over either.", query(f"min({left})", kind="instant"), "dtdurations", decimals=1, noValue="no TLS",
                    color={"mode": "thresholds"}, thresholds=steps)
    return timeseries(id, title, "Until the earliest end of the certificates that each resolver showed last. It jumps when one is "
                      "renewed; a line that reaches zero is an outage of DNS over TLS and HTTPS.", query(left, "{{resolver}}"), "s",
                      colour={"mode": "palette-classic"})


def addresses():
    return table(63, "Resolver", "Addresses, ports and groups as configured. Members of a group are expected to behave alike.",
                 query(f"max by (site, resolver, address, port, group) (dnspolicy_resolver_info{{{AT}}})", kind="table"),
                 [organize(["site", "resolver", "address", "port", "group"], hide=("Time", "Value"))], ("resolver", False), unit="none")


def verdicts_over_time():
    return state_timeline(64, "Worst category by client", "What each client met at the resolver over time, the worst of its probes. What "
                          "alternates from run to run shows as its worst.",
                          query(worst("client, resolver", SELECTED_TRANSPORT, "$__rate_interval"), "{{client}} → {{resolver}}"),
                          number_mappings(), [link("This client alone", UID, client="${__field.labels.client:percentencode}",
                                                   resolver="${__field.labels.resolver:percentencode}")])


def nodes():
    of_node = f"dnspolicy_node_verdicts_total{{{AT}}}"
    return [
        (12, timeseries(80, "Nodes by NSID", "Runs a second by the node that answered, as it names itself (NSID, RFC 5001); \"none\" gave "
                        "no name. A node that vanishes, or a new one, is a change of the anycast routing or behind a load balancer.",
                        query(f"sum by (resolver, nsid) (rate({of_node}[$__rate_interval]))", "{{resolver}}: {{nsid}}"), "cps",
                        is_stacked=True, has_table=True)),
        (12, table(81, "Nodes × verdicts", "How many runs within the time range met which verdict at which node. One node that differs "
                   "from the others in its row has another configuration.",
                   query(f"sum by (nsid, verdict) (increase({of_node}[$__range])) > 0", kind="table"),
                   matrix("nsid", "verdict"), ("node", False),
                   [override("byName", "nsid\\verdict", custom__cellOptions={"type": "auto"}, displayName="node"),
                    override("byRegexp", "/^(as_expected|pending)$/", thresholds=thresholds("text"))],
                   cell="color-text", unit="short", decimals=0, color={"mode": "thresholds"},
                   thresholds=thresholds("text", (0.5, "red")))),
    ]


def replies():
    refused = [query(rate("dnspolicy_refusals_total", "client", f'{SELECTED_TRANSPORT},expected="{word}"'),
                     f"{{{{client}}}} {legend}", ref)
               for ref, word, legend in (("A", "true", "expected"), ("B", "false", "unexpected"))]
    return [
        (12, timeseries(70, "Replies by rcode", "Final replies of runs by response code. Names outside the registry of IANA are `other`.",
                        query(rate("dnspolicy_responses_total", "rcode", SELECTED_TRANSPORT), "{{rcode}}"), "cps", is_stacked=True,
                        has_table=True, overrides=REFUSED_COLOUR)),
        (12, timeseries(71, "Refusals by client", "Runs that ended with REFUSED, apart by whether that was allowed.", refused, "cps",
                        overrides=[override("byRegexp", "/ unexpected$/", custom__lineWidth=2,
                                            custom__lineStyle={"fill": "dash", "dash": [10, 10]})])),
    ]


def times():
    buckets = query(f"sum by (le) (increase(dnspolicy_response_time_seconds_bucket{{{AT_TRANSPORT}}}[$__rate_interval]))", "{{le}}",
                    kind="heatmap")
    quantiles = [query(quantile(share, "dnspolicy_response_time_seconds", "le, resolver, transport", AT_TRANSPORT),
                       f"{{{{resolver}}}} {{{{transport}}}} p{share * 100:g}", ref) for ref, share in zip("ABC", (0.5, 0.9, 0.99))]
    return [
        (12, heatmap(72, "Round-trip times, heatmap", "How many replies took how long. Two bands are two sorts of answers, from the "
                     "cache and from afar, or two nodes.", buckets, "s", "Oranges", "short", True)),
        (12, timeseries(73, "Round-trip times, quantiles", "By resolver and transport; a lost attempt is in no quantile.", quantiles, "s")),
    ]


def losses():
    lost = rate("dnspolicy_attempts_lost_total", "client, resolver, transport", SELECTED_TRANSPORT)
    sent = rate("dnspolicy_queries_total", "client, resolver, transport", SELECTED_TRANSPORT)
    return [
        (8, timeseries(90, "Attempts lost", "Attempts a second without a usable reply: silence, ICMP errors, malformed replies. A run "
                       "that was answered at its second attempt passes, and its first is here.",
                       query(lost, "{{client}} → {{resolver}} {{transport}}"), "cps")),
        (8, timeseries(91, "Share of attempts lost", "The same as a share of the queries sent.",
                       query(f"{lost}\n  / {sent}", "{{client}} → {{resolver}} {{transport}}"), "percentunit", max=1)),
        (8, certificates(92, "Certificates, time left", "timeseries")),
    ]


def probes():
    """Columns from five metrics, put together by the labels they share."""
    by = OF_PROBE
    rank = worst(f"{by}, verdict", SELECTED_TRANSPORT)
    queries = [query(rank, ref="A", kind="table")] + [
        query(f"max by ({by}) ({expression}{{{SELECTED_TRANSPORT}}})", ref=ref, kind="table") for ref, expression in (
            ("B", "1000 * dnspolicy_probe_last_change_timestamp_seconds"), ("C", "dnspolicy_probe_rtt_seconds"),
            ("D", "1000 * dnspolicy_probe_last_run_timestamp_seconds"))]
    order = ["Value #A", "verdict", "check", "site", "client", "subnet", "resolver", "transport", "qname", "qtype", "severity", "Value #B",
             "Value #C", "Value #D"]
    names = {"Value #A": "category", "Value #B": "since", "Value #C": "round trip", "Value #D": "last run"}
    to_overview = link("${__data.fields.client} at all resolvers", overview.UID, client="${__data.fields.client:percentencode}")
    return table(95, "Probes", "Every probe of the resolver: its last verdict and since when, the round trip of its last reply, and when "
                 "it last ran.", queries, [{"id": "merge", "options": {}}, organize(order, names)], ("category", True),
                 [override("byName", "category", custom__cellOptions={"type": "color-background", "mode": "basic"},
                           mappings=number_mappings(), custom__width=140),
                  override("byName", "since", unit="dateTimeFromNow"), override("byName", "last run", unit="dateTimeFromNow"),
                  override("byName", "round trip", unit="s"), override("byName", "client", links=[to_overview])], unit="none")


def verdict_rates():
    return timeseries(65, "Runs by verdict", "Runs a second by verdict, whatever their query and transport.",
                      query(rate("dnspolicy_verdicts_total", "category, verdict", OF_CLIENT), "{{verdict}} ({{category}})"), "cps",
                      is_stacked=True, has_table=True,
                      overrides=[override("byRegexp", f"/\\({name}\\)$/", color=fixed(result["color"]))
                                 for name, result in name_mappings()[0]["options"].items()])


def build():
    transport = f'dnspolicy_queries_total{{{OF_CLIENT}}}'
    qtype = f'dnspolicy_queries_total{{{OF_CLIENT},transport=~"$transport"}}'
    panels = lay_out(
        (4, (12, overview.categories_now(60, SELECTED_TRANSPORT)), (4, share_lost()), (4, round_trip()),
         (4, certificates(66, "Certificate ends in", "stat"))),
        (9, (12, verdicts_over_time()), (12, addresses())),
        ("Replies", 1),
        (9, *replies()),
        (9, *times()),
        ("Verdicts and nodes", 2),
        (9, (24, verdict_rates())),
        (9, *nodes()),
        ("Losses and certificates", 3),
        (9, *losses()),
        ("Every probe", 4),
        (12, (24, probes())),
    )
    return dashboard(UID, "dnspolicy: resolver", "What a resolver says to whom, how fast, by which node, and what is lost. Fed by "
                     "dnspolicy_exporter through Prometheus.",
                     [variable("site", "Site", "The `site` label that the scrape configuration sets; All where there is none.",
                               "label_values(dnspolicy_build_info, site)"),
                      variable("resolver", "Resolver", "Who is asked.", f"label_values(dnspolicy_resolver_info{{{SITE}}}, resolver)"),
                      variable("client", "Client", "Who asks.", f"label_values(dnspolicy_queries_total{{{AT}}}, client)"),
                      variable("transport", "Transport", "How.", f"label_values({transport}, transport)"),
                      variable("qtype", "Type", "What is asked for.", f"label_values({qtype}, qtype)")],
                     panels, [overview.verdict_changes()])
