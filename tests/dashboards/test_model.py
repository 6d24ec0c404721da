"""What can be said of the dashboards by reading them beside the program's own tables."""
import re
from itertools import combinations

import generate
import pytest
import words

from conftest import ROOT
from grafana import FILES, load, panels_of, variables_of

# What Prometheus and its scrape configuration add to every series.
OF_TARGET = {"site", "instance", "job"}
KEYWORDS = {"by", "on", "ignoring", "group_left", "and", "or", "unless", "offset", "bool", "end"}
dashboards = pytest.mark.parametrize("file", FILES)


def metrics_table():
    """Each metric of the program with its labels, from the table that /metrics is made from."""
    text = (ROOT / "src" / "views" / "metrics_table.c").read_text()
    macros = dict(re.findall(r'#define (\w+_LABELS) "([^"]*)"', text))
    table = {}
    for name, kind, labels in re.findall(r'\{\s*"(\w+)",\s*"(\w+)",\s*((?:\w+|"[^"]*")(?:\s*"[^"]*")*),', text):
        joined = "".join(macros.get(part, part.strip('"')) for part in re.findall(r'"[^"]*"|\w+_LABELS', labels))
        of_metric = {label for label in joined.split(", ") if label} | OF_TARGET
        if kind == "histogram":
            table |= {f"{name}_bucket": of_metric | {"le"}, f"{name}_sum": of_metric, f"{name}_count": of_metric}
        else:
            table[name] = of_metric
    return table


def expressions(dashboard):
    """Every query of a dashboard with the name of its place: panels, annotations, variables."""
    for panel in panels_of(dashboard):
        yield from ((f"{panel['title']} {target['refId']}", target["expr"]) for target in panel["targets"])
    for annotation in dashboard["annotations"]["list"]:
        yield annotation["name"], annotation["target"]["expr"]
    for variable in variables_of(dashboard).values():
        if variable["type"] == "query":
            yield variable["name"], variable["query"]["query"]


def texts(value):
    """Every text within a part of a dashboard."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)):
        for each in value.values() if isinstance(value, dict) else value:
            yield from texts(each)


def labels_given(expression):
    """The labels of what the outermost aggregation gives: the first `by`, without what histogram_quantile() takes."""
    found = re.search(r"\bby \(([^)]*)\)", expression)
    return set(found[1].split(", ")) - ({"le"} if expression.startswith("histogram_quantile") else set()) if found else set()


def test_the_table_of_metrics_is_read_whole():
    table = metrics_table()
    assert len({name for name in table if not name.endswith(("_sum", "_count"))}) == 33
    assert {"nsid", "verdict", "resolver"} < table["dnspolicy_node_verdicts_total"]
    assert "le" in table["dnspolicy_response_time_seconds_bucket"]
    assert {"severity", "category"} < table["dnspolicy_probe_verdict"]


@dashboards
def test_the_file_is_what_its_source_makes(file):
    assert generate.text_of(file) == (ROOT / "dashboards" / file).read_text(encoding="utf-8"), "make dashboards"


def test_uids_and_titles_are_those_that_links_of_people_hang_on():
    assert [(load(file)["uid"], load(file)["title"]) for file in FILES] == [
        ("dnspolicy-overview", "dnspolicy: overview"), ("dnspolicy-resolver", "dnspolicy: resolver")]


@dashboards
def test_ids_and_titles_are_unique(file):
    for key in ("id", "title"):
        values = [panel[key] for panel in load(file)["panels"]]
        assert len(set(values)) == len(values)


@dashboards
def test_panels_lie_within_the_grid_and_not_on_each_other(file):
    places = {panel["title"]: panel["gridPos"] for panel in load(file)["panels"]}
    for title, place in places.items():
        assert place["x"] >= 0 and place["x"] + place["w"] <= 24 and place["h"] > 0, title
    for (one, a), (other, b) in combinations(places.items(), 2):
        assert (a["x"] + a["w"] <= b["x"] or b["x"] + b["w"] <= a["x"] or a["y"] + a["h"] <= b["y"]
                or b["y"] + b["h"] <= a["y"]), f"{one} lies on {other}"


@dashboards
def test_every_panel_says_what_it_is_and_in_what_unit(file):
    for panel in panels_of(load(file)):
        assert panel["title"] and panel["description"].endswith("."), panel["id"]
        assert panel["fieldConfig"]["defaults"]["unit"], panel["title"]


@dashboards
def test_every_query_goes_to_the_data_source_that_is_chosen(file):
    dashboard = load(file)
    asking = [part for panel in panels_of(dashboard) for part in [panel, *panel["targets"]]] + dashboard["annotations"]["list"]
    asking += [variable for variable in variables_of(dashboard).values() if variable["type"] == "query"]
    assert all(part["datasource"] == {"type": "prometheus", "uid": "${datasource}"} for part in asking)


@dashboards
def test_variables_are_defined_and_used(file):
    dashboard = load(file)
    used = set()
    for text in texts([dashboard["panels"], dashboard["annotations"], dashboard["templating"]]):
        used |= {name for pair in re.findall(r"\$\{(\w+)|\$(\w+)", text) for name in pair if name and not name.startswith("__")}
    assert used == set(variables_of(dashboard))


@dashboards
def test_all_is_a_pattern_that_no_label_at_all_matches_too(file):
    """Where nobody sets a site, there is no such label."""
    for variable in variables_of(load(file)).values():
        assert variable["type"] == "datasource" or (variable["includeAll"] and re.fullmatch(variable["allValue"], ""))


@dashboards
def test_metrics_and_labels_that_queries_name_exist(file):
    table = metrics_table()
    for place, expression in expressions(load(file)):
        for name, matchers in re.findall(r"\b((?:dnspolicy|process)_\w+)(?:\{([^}]*)\})?", expression):
            assert name in table, f"{place}: {name}"
            for label in re.findall(r"(\w+)(?:=~|!~|!=|=)", matchers):
                assert label in table[name], f"{place}: {name} has no label {label}"
        known = set().union(*(table[name] for name in re.findall(r"\b(?:dnspolicy|process)_\w+", expression)))
        for named in re.findall(r"\b(?:by|on|ignoring|group_left) \(([^)]*)\)", expression):
            assert {label for label in named.split(", ") if label} <= known, f"{place}: {named}"


@dashboards
def test_labels_in_legends_and_links_are_those_that_the_query_gives(file):
    for panel in panels_of(load(file)):
        for target in panel["targets"]:
            given = labels_given(target["expr"])
            assert set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"])) <= given, panel["title"]
            linked = {name for text in texts(panel["fieldConfig"])
                      for name in re.findall(r"__(?:data\.fields|field\.labels)\.(\w+)", text)}
            assert linked <= given, panel["title"]


@dashboards
def test_series_can_be_told_apart(file):
    """A range query with labels has a legend, and the legend names each of them."""
    for panel in panels_of(load(file)):
        for target in panel["targets"]:
            if target["range"]:
                assert labels_given(target["expr"]) == set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"])), panel["title"]


def test_annotations_name_labels_that_the_query_gives():
    for file in FILES:
        for annotation in load(file)["annotations"]["list"]:
            named = set(re.findall(r"\{\{(\w+)\}\}", annotation["titleFormat"] + annotation["textFormat"]))
            assert named | set(annotation["tagKeys"].split(",")) <= labels_given(annotation["target"]["expr"])


def test_links_lead_to_a_dashboard_that_has_their_variables():
    known = {dashboard["uid"]: set(variables_of(dashboard)) for dashboard in map(load, FILES)}
    leads = set()
    for file in FILES:
        for text in texts(load(file)["panels"]):
            if not text.startswith("/d/"):
                continue
            uid, query = re.match(r"/d/([^?]+)\?(.*)", text).groups()
            assert set(re.findall(r"var-(\w+)=", query)) <= known[uid] and {"datasource"} <= set(re.findall(r"var-(\w+)=", query))
            leads.add((file, uid))
    assert {("overview.json", "dnspolicy-resolver"), ("resolver.json", "dnspolicy-overview")} <= leads


def test_categories_are_those_of_the_verdicts_and_worst_first():
    names = re.findall(r"CATEGORY_(\w+)", (ROOT / "include" / "dnspolicy" / "judge" / "verdict.h").read_text())
    order = [name.lower() for name in dict.fromkeys(names)]
    assert list(words.CATEGORIES) == order[::-1] or list(words.CATEGORIES) == order
    numbers = [number for number, _, _ in words.CATEGORIES.values()]
    assert numbers == sorted(numbers, reverse=True)


def test_categories_are_called_as_on_the_status_page():
    page = dict(re.findall(r'\[CATEGORY_(\w+)\] = \{"([^"]+)"', (ROOT / "src" / "views" / "page_words.c").read_text()))
    assert {name.upper(): text.split()[0] for name, (_, text, _) in words.CATEGORIES.items()} == page


def test_the_readme_names_what_there_is():
    readme = (ROOT / "dashboards" / "README.md").read_text(encoding="utf-8")
    titles = {title for file in FILES for title in [*(panel["title"] for panel in load(file)["panels"]),
                                                    *(annotation["name"] for annotation in load(file)["annotations"]["list"])]}
    named = set(re.findall(r"\*\*([^*]+)\*\*", readme))
    assert len(named) >= 15 and all(any(title.startswith(name) for title in titles) for name in named), named - titles
    for path in re.findall(r"`((?:provisioning/)?\w+\.(?:json|yml|py))`", readme):
        assert any((ROOT / "dashboards" / folder / path).exists() for folder in ("", "source")), path


def test_what_is_provisioned_is_where_it_is_said_to_be():
    """Dashboards in the folder that the provider reads, and a data source of the type that the variable offers."""
    provisioning = ROOT / "dashboards" / "provisioning"
    path = re.search(r"^ +path: (\S+)$", (provisioning / "dashboards.yml").read_text(), re.M)[1]
    assert f"`{path}/`" in (ROOT / "dashboards" / "README.md").read_text()
    kind = re.search(r"^ +type: (\S+)$", (provisioning / "datasource.yml").read_text(), re.M)[1]
    assert all(variables_of(load(file))["datasource"]["query"] == kind for file in FILES)


def test_red_and_orange_are_what_the_alerts_say():
    rules = (ROOT / "config" / "prometheus" / "dnspolicy-alerts.yml").read_text()
    margin = re.search(r"3 \* dnspolicy_check_interval_seconds (\+ \d+)", rules)[1]
    days = [int(number) * 86400 for number in re.findall(r"\[1h\]\) - time\(\) < (\d+) \* 86400", rules)]
    stale = [expression for file in FILES for _, expression in expressions(load(file)) if "3 * dnspolicy_check_interval" in expression]
    ends = [panel["fieldConfig"]["defaults"]["thresholds"]["steps"] for file in FILES for panel in panels_of(load(file))
            if panel["type"] == "stat" and "certificate_not_after" in panel["targets"][0]["expr"]]
    assert stale and all(f"}} {margin})" in expression for expression in stale)
    assert ends and all([step["value"] for step in steps[1:]] == sorted(days) for steps in ends)
