"""Every query of the dashboards on a real Prometheus that scraped real exporters, with its variables filled in as Grafana does."""
import re
import time
from dataclasses import replace
from datetime import datetime

import pytest
from demo import CLIENTS, SITE
from grafana import ANNOTATION_POINTS, FILES, PANEL_POINTS, View, load, panels_of, variables_of

# As somebody opens a dashboard to see what happens now, and as it opens by itself. Steps and windows follow from the range.
RANGES = {"5 minutes": 300, "6 hours": 21600}
# An annotation looks back by one window, and what came before the change must have been there for as long.
ANNOTATED_RANGES = {"5 minutes": 300, "20 minutes": 1200}
DASHBOARDS = {file: load(file) for file in FILES}
QUERIES = {f"{file.removesuffix('.json')}: {panel['title']} {target['refId']}": (file, target, panel.get("maxDataPoints", PANEL_POINTS))
           for file, dashboard in DASHBOARDS.items() for panel in panels_of(dashboard) for target in panel["targets"]}
ANNOTATIONS = {f"{file.removesuffix('.json')}: {annotation['name']}": (file, {**annotation["target"], "instant": False}, ANNOTATION_POINTS)
               for file, dashboard in DASHBOARDS.items() for annotation in dashboard["annotations"]["list"]}
VARIABLES = [(file, name) for file, dashboard in DASHBOARDS.items() for name, variable in variables_of(dashboard).items()
             if variable["type"] == "query"]
EVERYTHING = QUERIES | ANNOTATIONS


def look(range_s, **chosen):
    now = time.time()
    return View(now - range_s, now, chosen)


def milliseconds(text):
    return round(datetime.fromisoformat(text).timestamp() * 1000)


def ask(scraped, name, view):
    """The labels and the values of each series."""
    file, target, points = EVERYTHING[name]
    view = replace(view, points=points)
    expression = view.fill(DASHBOARDS[file], target["expr"])
    if target["instant"]:
        return [(labels, [value]) for labels, value in scraped.prometheus.query(expression, time=view.end)]
    return [(labels, [value for _, value in points])
            for labels, points in scraped.prometheus.query_range(expression, view.start, view.end, view.interval_s)]


@pytest.mark.parametrize("range_s", RANGES.values(), ids=RANGES)
@pytest.mark.parametrize("name", QUERIES)
def test_every_query_returns_data(scraped, name, range_s):
    series = ask(scraped, name, look(range_s))
    assert series
    # A number, in at least one of them: 0/0 is none.
    assert any(value == value for _, values in series for value in values)


CHOSEN = {
    "one client at one resolver": {"client": ["branch (new)"], "resolver": ["ns1.corp"]},
    "two of each": {"client": ["branch (new)", "internet"], "resolver": ["ns1.corp", "ns2.corp"], "qtype": ["A"], "transport": ["udp"]},
    "a site": {"site": [SITE], "client": ["office"]},
}


@pytest.mark.parametrize("chosen", CHOSEN.values(), ids=CHOSEN)
@pytest.mark.parametrize("name", EVERYTHING)
def test_what_is_chosen_is_all_that_comes(scraped, name, chosen):
    choices = variables_of(DASHBOARDS[EVERYTHING[name][0]])
    for labels, _ in ask(scraped, name, look(300, **chosen)):
        for label, values in chosen.items():
            assert label not in choices or labels.get(label, values[0]) in values


def test_a_choice_finds_what_has_that_name(scraped):
    matrix = next(name for name in QUERIES if "Clients × resolvers A" in name)
    found = [labels for labels, _ in ask(scraped, matrix, look(300, **CHOSEN["one client at one resolver"]))]
    assert found == [{"client": "branch (new)", "resolver": "ns1.corp"}]


@pytest.mark.parametrize("file, name", VARIABLES, ids=[f"{file.removesuffix('.json')}-{name}" for file, name in VARIABLES])
def test_every_variable_offers_something(scraped, file, name):
    view = look(300)
    filled = view.fill(DASHBOARDS[file], variables_of(DASHBOARDS[file])[name]["query"]["query"])
    series, label = re.fullmatch(r"label_values\((.+), (\w+)\)", filled).groups()
    values = scraped.prometheus.api(f"label/{label}/values", **{"match[]": series, "start": view.start, "end": view.end})
    expected = {"site": {SITE}, "client": set(CLIENTS), "resolver": {"ns1.corp", "ns2.corp", "lab", "dot", "odd"}, "qtype": {"A", "AAAA"},
                "transport": {"udp", "tcp", "tls"}}
    assert expected[name] <= set(values)


def test_all_sites_are_those_without_a_name_too(scraped):
    exporters = next(name for name in QUERIES if "Exporters A" in name)
    assert {labels.get("site") for labels, _ in ask(scraped, exporters, look(300))} == {SITE, None}
    assert {labels.get("site") for labels, _ in ask(scraped, exporters, look(300, site=[SITE]))} == {SITE}


@pytest.mark.parametrize("range_s", ANNOTATED_RANGES.values(), ids=ANNOTATED_RANGES)
def test_changes_of_verdicts_are_marked_when_they_happened_and_a_start_marks_nothing(scraped, range_s):
    """One server fell silent and came back. The value is the time of the change, as the exporter that asks it remembers it: the other
    one was started anew, and what it then found is what it had found before."""
    events = {(event["client"], event["resolver"], event["to"], milliseconds(event["at"]))
              for event in scraped.exporter.json("/api/v1/events?limit=1000")["events"]}
    for name in ANNOTATIONS:
        series = ask(scraped, name, look(range_s))
        assert "ns2.corp" in {labels["resolver"] for labels, _ in series}
        marked = {(labels["client"], labels["resolver"], labels["verdict"], int(value)) for labels, values in series for value in values}
        assert marked <= events and min(moment for *_, moment in marked) > 1000 * scraped.began


def test_a_verdict_in_words_has_its_categorys_number(scraped):
    """At ns1, which knows nothing of the branch, and at lab, which is open to everybody."""
    matrix = next(name for name in QUERIES if "Clients × resolvers A" in name)
    numbers = {(labels["client"], labels["resolver"]): values[0] for labels, values in ask(scraped, matrix, look(300))}
    assert numbers["branch (new)", "ns1.corp"] == 4 and numbers["internet", "lab"] == 5 and numbers["internet", "ns1.corp"] == 0
    assert numbers["office", "ns1.corp"] == 3 and numbers["office", "odd"] == 2 and numbers["moved away", "lab"] == 1
