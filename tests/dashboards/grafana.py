"""What Grafana does with a dashboard before Prometheus hears of it: variables and intervals, filled in by the rules of its own
Prometheus data source (the package @grafana/prometheus: interpolateQueryExpr, and $__interval and its kin)."""
import json
import re
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FILES = ("overview.json", "resolver.json")
ALL = "$__all"
# How many steps a panel of usual width asks for, and how many Grafana allows an annotation.
PANEL_POINTS, ANNOTATION_POINTS = 600, 100
# What Grafana rounds an interval to, in seconds, each with the first interval that is rounded up past it.
STEPS = [(0.015, 0.01), (0.035, 0.02), (0.075, 0.05), (0.15, 0.1), (0.35, 0.2), (0.75, 0.5), (1.5, 1), (3.5, 2), (7.5, 5), (12.5, 10),
         (17.5, 15), (25, 20), (45, 30), (90, 60), (210, 120), (450, 300)]


def load(name):
    return json.loads((ROOT / "dashboards" / name).read_text(encoding="utf-8"))


def panels_of(dashboard):
    return [panel for panel in dashboard["panels"] if panel["type"] != "row"]


def variables_of(dashboard):
    return {variable["name"]: variable for variable in dashboard["templating"]["list"]}


def escaped(value):
    """As it stands within the quotes of a label matcher: first for the regular expression, then for PromQL's text."""
    return re.sub(r"[$^*{}\[\]+?.()|]", lambda found: "\\\\" + found[0], value.replace("\\", "\\\\\\\\"))


def in_matcher(variable, values):
    if values == [ALL]:
        return variable["allValue"]
    return escaped(values[0]) if len(values) == 1 else "(" + "|".join(map(escaped, values)) + ")"


def duration(seconds):
    return f"{round(seconds * 1000)}ms" if seconds % 1 else f"{seconds:.0f}s"


@dataclass
class View:
    """A time range as somebody looks at it, and what is chosen there. `scrape_s` is the scrape interval that the data source is
    configured with."""
    start: float
    end: float
    chosen: dict = field(default_factory=dict)
    scrape_s: float = 1
    points: int = PANEL_POINTS
    range_s: float = 0

    def __post_init__(self):
        self.range_s = self.range_s or self.end - self.start

    @property
    def interval_s(self):
        exact = self.range_s / self.points
        return max(next((step for limit, step in STEPS if exact < limit), 600), self.scrape_s)

    @property
    def rate_interval_s(self):
        return max(self.interval_s + self.scrape_s, 4 * self.scrape_s)

    def fill(self, dashboard, expression):
        """Fails where anything is left that Grafana would not fill in."""
        filled = (expression.replace("$__rate_interval", duration(self.rate_interval_s)).replace("$__range", duration(self.range_s))
                  .replace("$__interval", duration(self.interval_s)))
        for name, variable in variables_of(dashboard).items():
            if variable["type"] == "query":
                filled = re.sub(rf"\${name}\b", lambda _, v=variable, n=name: in_matcher(v, self.chosen.get(n, [ALL])), filled)
        assert "$" not in re.sub(r"\\\\\$", "", filled), f"left as it is: {filled}"
        return filled


def legend(target, labels):
    """As Grafana fills it in; without one it would name all labels."""
    return re.sub(r"\{\{\s*(\w+)\s*\}\}", lambda found: labels.get(found[1], found[0]), target["legendFormat"])


def lines(target, series):
    """Queries of other formats: a frame for each series of (labels, [(time, value)])."""
    return [{"refId": target["refId"], "fields": [
        {"name": "Time", "type": "time", "values": [1000 * time for time, _ in points]},
        {"name": "Value", "type": "number", "values": [value for _, value in points], "labels": labels,
         "config": {"displayNameFromDS": legend(target, labels)} if target["legendFormat"] else {}}]} for labels, points in series]


def tables(frames):
    """Instant queries of the format `table`, as the data source hands them on: labels become columns. `frames` maps the letters of
    queries to lists of (labels, value)."""
    made = []
    for letter, samples in frames.items():
        if not samples:
            continue
        labels = sorted({label for each, _ in samples for label in each})
        columns = [{"name": label, "type": "string", "values": [each.get(label, "") for each, _ in samples]} for label in labels]
        value = "Value" if sum(map(bool, frames.values())) == 1 else f"Value #{letter}"
        made.append({"refId": letter, "fields": [{"name": "Time", "type": "time", "values": [0] * len(samples)}, *columns,
                                                 {"name": value, "type": "number", "values": [number for _, number in samples]}]})
    return made
