"""What the panels show: Grafana's own transformations, overrides and mappings (@grafana/data) over what Prometheus returned."""
import math
import time

import pytest
from grafana import FILES, View, lines, load, panels_of, tables

PANELS = {(file, panel["title"]): panel for file in FILES for panel in panels_of(load(file))}


def frames_of(prometheus, view, dashboard, panel):
    """What the data source hands to the panel."""
    made, rows_of = [], {}
    for target in panel["targets"]:
        expression = view.fill(dashboard, target["expr"])
        if target["format"] == "table":
            rows_of[target["refId"]] = prometheus.query(expression, time=view.end)
        elif target["instant"]:
            made += lines(target, [(labels, [(view.end, value)]) for labels, value in prometheus.query(expression, time=view.end)])
        else:
            made += lines(target, prometheus.query_range(expression, view.start, view.end, view.interval_s))
    return json_numbers(made + tables(rows_of))


def json_numbers(value):
    """JSON has no NaN; for Grafana it is a value that is missing."""
    if isinstance(value, dict):
        return {key: json_numbers(each) for key, each in value.items()}
    if isinstance(value, list):
        return [json_numbers(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


@pytest.fixture(scope="module")
def rendered(scraped, grafana):
    """For each panel its frames, and the overrides that mean no field."""
    view = View(time.time() - 300, time.time())
    work = [{"panel": panel, "frames": frames_of(scraped.prometheus, view, load(file), panel)} for (file, _), panel in PANELS.items()]
    return dict(zip(PANELS, grafana("render.cjs", work)))


@pytest.fixture(scope="module")
def shown(rendered):
    """For each table its columns: a mapping of their names to what Grafana makes of them."""
    made = {place[1]: each["frames"] for place, each in rendered.items() if PANELS[place]["type"] == "table"}
    assert all(len(frames) == 1 for frames in made.values()), "a table shows one frame"
    return {title: {column["name"]: column for column in frames[0]} for title, frames in made.items()}


def column(table, name):
    return [cell["text"] for cell in table[name]["cells"]]


def rows(table, *names):
    return list(zip(*(column(table, name) for name in names)))


def test_the_matrix_has_a_row_for_each_client_and_a_column_for_each_resolver(shown):
    matrix = shown["Clients × resolvers"]
    assert list(matrix) == ["client", "dot", "lab", "ns1.corp", "ns2.corp", "odd"]
    assert sorted(column(matrix, "client")) == ["branch (new)", "internet", "moved away", "office"]


def test_its_cells_are_words_and_colours(shown):
    matrix = shown["Clients × resolvers"]
    at = {client: index for index, client in enumerate(column(matrix, "client"))}

    def cell(client, resolver):
        return matrix[resolver]["cells"][at[client]]["text"], matrix[resolver]["cell"]
    assert cell("internet", "lab") == ("▲ too open", "color-background")
    assert cell("branch (new)", "ns1.corp") == ("▼ too strict", "color-background")
    assert cell("office", "ns1.corp")[0] == "≠ mismatch" and cell("office", "odd")[0] == "✕ unreachable"
    assert cell("moved away", "lab")[0] == "? unknown" and cell("internet", "ns2.corp")[0] == "✓ pass"
    assert cell("internet", "odd")[0] == "– not asked"
    colours = {cell["text"]: cell["color"] for name in list(matrix)[1:] for cell in matrix[name]["cells"]}
    assert len(set(colours.values())) == len(colours) == 7


def test_its_cells_lead_to_the_resolver_and_its_clients_nowhere(shown):
    matrix = shown["Clients × resolvers"]
    assert matrix["lab"]["links"][0].startswith("/d/dnspolicy-resolver?") and matrix["client"]["links"] == []


def test_sites_are_compared(shown):
    """Two exporters see the same server; only one asks it as somebody from the internet."""
    assert rows(shown["Sites × resolvers"], "site", "lab", "odd") in (
        [("ams", "▲ too open", "✕ unreachable"), ("–", "✓ pass", "– not asked")],
        [("–", "✓ pass", "– not asked"), ("ams", "▲ too open", "✕ unreachable")])


def test_violations_say_what_where_and_since_when(shown):
    table = shown["Violations"]
    assert list(table) == ["category", "verdict", "check", "site", "client", "subnet", "resolver", "transport", "qname", "qtype",
                           "severity", "since"]
    found = rows(table, "category", "verdict", "check", "client", "resolver", "site")
    assert ("▲ too open", "open_recursion", "no-open-recursion", "internet", "lab", "ams") in found
    assert ("▼ too strict", "unexpected_refusal", "recursion", "branch (new)", "ns1.corp", "ams") in found
    assert ("? unknown", "local_error", "moved", "moved away", "lab", "ams") in found
    assert "✓ pass" not in column(table, "category")
    assert all("ago" in since for since in column(table, "since"))


def test_refusals_are_counted_by_subnet_and_type(shown):
    table = shown["Refusals by subnet and type"]
    assert list(table) == ["subnet", "A", "AAAA"]
    counted = {subnet: (a, aaaa) for subnet, a, aaaa in rows(table, "subnet", "A", "AAAA")}
    assert int(counted["127.66.0.0/16"][0]) > 10 and int(counted["127.66.0.0/16"][1]) > 10
    assert int(counted["127.11.0.0/16"][0]) > 10 and counted["127.11.0.0/16"][1] == "– not asked"


def test_unstable_probes_are_those_of_the_server_that_was_away(shown):
    table = shown["Unstable probes"]
    assert list(table) == ["changes", "check", "client", "resolver", "transport", "qname", "qtype"]
    changes = [int(changes) for resolver, changes in rows(table, "resolver", "changes") if resolver == "ns2.corp"]
    assert len(changes) >= 4 and all(times >= 2 for times in changes)


def test_nodes_are_told_apart_by_their_names(shown):
    table = shown["Nodes × verdicts"]
    assert {"ns1", "ns2", "lab", "dot"} <= set(column(table, "node"))
    assert {"as_expected", "unexpected_refusal", "open_recursion"} < set(table)


def test_probes_and_resolvers_are_listed_with_all_there_is_to_say(shown):
    assert list(shown["Probes"]) == ["category", "verdict", "check", "site", "client", "subnet", "resolver", "transport", "qname", "qtype",
                                     "severity", "since", "round trip", "last run"]
    encrypted = dict(rows(shown["Probes"], "check", "round trip"))["encrypted"]
    assert encrypted.endswith("s") and "✓ pass" in column(shown["Probes"], "category")
    assert ("dot", "127.0.0.1", "–") in rows(shown["Resolver"], "resolver", "address", "group")
    assert ("ns1.corp", "corp") in rows(shown["Resolver"], "resolver", "group")


def test_exporters_are_listed_with_their_version(shown):
    table = shown["Exporters"]
    assert list(table) == ["site", "instance", "version", "revision", "configuration of", "probes", "in flight", "memory"]
    assert sorted(column(table, "site")) == ["ams", "–"] and all(memory.endswith("iB") for memory in column(table, "memory"))


def test_intervals_are_grafanas_own(grafana):
    """Those that the queries were filled in with: here and in Grafana's code."""
    ranges = [60, 300, 900, 3600, 21600, 86400, 259200]
    assert [View(0, range_s).interval_s * 1000 for range_s in ranges] == grafana("intervals.cjs", ranges)


@pytest.mark.parametrize("place", PANELS, ids=" ".join)
def test_every_override_means_a_field(rendered, place):
    """One that means none would set nothing, and say nothing. Only a group or a site need not be there."""
    assert set(rendered[place]["idle"]) <= {"/^(site|group)$/"}


@pytest.mark.parametrize("place", [place for place, panel in PANELS.items() if panel["type"] == "table"], ids=" ".join)
def test_tables_are_sorted_by_a_column(shown, place):
    assert {each["displayName"] for each in PANELS[place]["options"]["sortBy"]} <= set(shown[place[1]])


def values_of(rendered, file, title):
    """The name of each series, with what its values say and how they look."""
    return [(field["name"], [(cell["text"], cell["color"]) for cell in field["cells"]])
            for frame in rendered[file, title]["frames"] for field in frame[1:]]


def test_categories_are_counted_in_their_words_and_colours(rendered):
    counted = values_of(rendered, "overview.json", "Probes by category")
    assert [name for name, _ in counted] == ["▲ too open", "▼ too strict", "≠ mismatch", "✕ unreachable", "? unknown", "✓ pass"]
    assert all(int(cells[0][0]) >= 1 for _, cells in counted)
    assert len({cells[0][1] for _, cells in counted}) == 6


def test_timelines_say_categories_in_words(rendered):
    pairs = dict(values_of(rendered, "overview.json", "Clients × resolvers that did not always pass"))
    assert {text for text, _ in pairs["internet → lab"]} == {"▲ too open"}
    assert {"✕ unreachable", "✓ pass"} <= {text for text, _ in pairs["internet → ns2.corp"]}
    assert "internet → ns1.corp" not in pairs and "office → dot" not in pairs


def test_durations_and_shares_have_their_units(rendered):
    """The certificate was made for 20 days."""
    def text(title):
        (_, cells), = values_of(rendered, "resolver.json", title)
        return cells[-1][0]
    assert text("Certificate ends in").startswith(("2 weeks, 5 days", "2 weeks, 6 days"))
    assert text("Attempts lost in the time range").endswith("%") and text("Round trip, p95").endswith("s")
