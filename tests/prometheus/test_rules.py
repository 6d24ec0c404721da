"""The rules in config/prometheus: that promtool takes them, that they do what their tests say, and that they, the runbooks and the
metrics that the exporter serves know of each other."""
import functools
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
CONFIG, TESTS, RUNBOOKS = ROOT / "config" / "prometheus", ROOT / "tests" / "prometheus", ROOT / "docs" / "runbooks"
BASE = "https://github.com/dnspolicy/dnspolicy/blob/main/docs/runbooks/"
OF_PROMETHEUS = {"site", "job", "instance"}
VERDICT_ALERTS = {"OpenRecursion", "OpenTransfer", "OpenUpdate", "UnexpectedRefusal", "PolicyMismatch", "ResolverUnreachable",
                  "LocalProbeError", "GroupDivergence", "RefusalRateHigh"}
SELECTOR = re.compile(r"\b((?:dnspolicy|process)_\w+)(?::\w+)*(?:\{([^}]*)\})?")
MATCHER = re.compile(r'(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"')


def load(path):
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def rules(kind):
    return [rule for path in sorted(CONFIG.glob("dnspolicy-*.yml")) for group in load(path)["groups"] for rule in group["rules"]
            if kind in rule]


ALERTS = rules("alert")
NAMES = sorted({alert["alert"] for alert in ALERTS})


def tool(*arguments):
    ended = subprocess.run([shutil.which(arguments[0]), *map(str, arguments[1:])], capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr


@functools.cache
def manual():
    """The manual's text without roff's escapes; its tables are the code's own."""
    return (ROOT / "build" / "man" / "dnspolicy_exporter.8").read_text().replace("\\-", "-").replace("\\&", "")


@functools.cache
def served():
    """The metrics and their labels."""
    found = {}
    for name, kind, labels in re.findall(r"^\.B ((?:dnspolicy|process)_\w+)\n.*\n\.br\n(\w+)(?:; labels (.*))?\.$", manual(), re.M):
        known = set(labels.split(", ")) if labels else set()
        found |= {f"{name}_bucket": known | {"le"}, f"{name}_count": known, f"{name}_sum": known} if kind == "histogram" else {name: known}
    return found


@functools.cache
def verdicts():
    """Maps each verdict to its category."""
    return dict(re.findall(r"^\.B (\w+) \((\w+)\)$", manual(), re.M))


def matches(matchers, labels):
    for label, operator, value in matchers:
        is_equal = re.fullmatch(value, labels.get(label, "")) is not None if "~" in operator else labels.get(label, "") == value
        if is_equal == operator.startswith("!"):
            return False
    return True


def expressions():
    for rule in rules("expr"):
        yield rule.get("alert") or rule["record"], rule["expr"]
        # Annotations ask, too.
        for text in rule.get("annotations", {}).values():
            for asked in re.findall(r'printf "((?:[^"\\]|\\.)*)"', text):
                yield rule["alert"], asked.replace('\\"', '"').replace("%q", '"%"')


@pytest.mark.parametrize("path", sorted(CONFIG.glob("dnspolicy-*.yml")), ids=lambda path: path.name)
def test_promtool_takes_the_rules(path):
    tool("promtool", "check", "rules", path)


def test_promtool_takes_the_example_configuration():
    tool("promtool", "check", "config", CONFIG / "prometheus.yml")


def test_amtool_takes_the_example_configuration():
    tool("amtool", "check-config", CONFIG / "alertmanager.yml")


@pytest.mark.parametrize("path", sorted(TESTS.glob("*.yml")), ids=lambda path: path.stem)
def test_rules_do_what_their_tests_say(path):
    tool("promtool", "test", "rules", path)


def test_the_alerts_are_the_ones_that_were_promised():
    assert set(NAMES) == {
        "UnexpectedRefusal", "OpenRecursion", "OpenTransfer", "OpenUpdate", "PolicyMismatch", "ResolverUnreachable", "GroupDivergence",
        "RefusalRateHigh", "ProbesStale", "ProberLate", "ConfigReloadFailed", "LocalProbeError", "TLSCertificateExpiring",
        "DnspolicyDown"}


@pytest.mark.parametrize("name", NAMES)
def test_every_alert_is_tested_firing_and_silent(name):
    tests = [(test["name"], asked) for path in TESTS.glob("*.yml") for test in load(path)["tests"]
             for asked in test.get("alert_rule_test", []) if asked["alertname"] == name]
    assert any(asked["exp_alerts"] for _, asked in tests), "never fires"
    assert any(not asked["exp_alerts"] for _, asked in tests), "never stays silent"
    if name in VERDICT_ALERTS:
        assert any("alternates" in title and asked["exp_alerts"] for title, asked in tests), "no test with a verdict that alternates"


def test_every_record_is_tested():
    asked = "\n".join(test["expr"] for path in TESTS.glob("*.yml") for case in load(path)["tests"] for test in case.get("promql_expr_test", []))
    for record in rules("record"):
        assert record["record"] in asked or any(record["record"] in alert["expr"] for alert in ALERTS), record["record"]


def test_every_alert_has_its_runbook_and_every_runbook_its_alert():
    assert {path.stem for path in RUNBOOKS.glob("*.md")} == set(NAMES)
    for alert in ALERTS:
        assert alert["annotations"]["runbook_url"] == f"{BASE}{alert['alert']}.md"
        page = (RUNBOOKS / f"{alert['alert']}.md").read_text(encoding="utf-8")
        assert page.startswith(f"# {alert['alert']}\n")
        assert page.count("\n") <= 60, f"{alert['alert']}: nobody reads more than a page at night"


def test_every_alert_has_a_severity_a_summary_and_a_next_step():
    for alert in ALERTS:
        assert {"summary", "description", "runbook_url"} == set(alert["annotations"]), alert["alert"]
        assert re.search(r"Next|http://", alert["annotations"]["description"]), alert["alert"]
        # By the check's own label, or by the rule's; not by both.
        has_its_own = "severity" in alert.get("labels", {})
        assert has_its_own != bool(re.search(r"dnspolicy_(verdicts_total|probe_)(?!runs)", alert["expr"])), alert["alert"]


def test_every_verdict_that_does_not_pass_has_an_alert():
    selectors = [MATCHER.findall(matchers) for alert in ALERTS for metric, matchers in SELECTOR.findall(alert["expr"])
                 if metric == "dnspolicy_verdicts_total" and matchers]
    for verdict, category in verdicts().items():
        if category == "pass" or verdict == "pending":
            continue
        assert any(matches(matchers, {"verdict": verdict, "category": category}) for matchers in selectors), verdict


def test_every_metric_and_label_in_a_rule_is_served():
    records = {rule["record"] for rule in rules("record")}
    known = set().union(*served().values()) | OF_PROMETHEUS
    for rule, expression in expressions():
        bare = expression
        for record in records:
            bare = bare.replace(record, "record")
        for metric, matchers in SELECTOR.findall(bare):
            assert metric in served(), f"{rule}: {metric}"
            for label, _, _ in MATCHER.findall(matchers):
                assert label in served()[metric] | OF_PROMETHEUS, f"{rule}: {metric} has no label {label}"
        for listed in re.findall(r"\b(?:by|without|on|ignoring|group_left)\s*\(([^()]*)\)", bare):
            assert set(re.findall(r"\w+", listed)) <= known, f"{rule}: {listed}"


def test_every_value_in_a_matcher_is_one_that_is_served():
    values = {"verdict": set(verdicts()), "category": set(verdicts().values()), "expected": {"true", "false"}}
    for rule, expression in expressions():
        for label, operator, value in MATCHER.findall(expression):
            if label in values:
                assert set(value.split("|") if "~" in operator else [value]) <= values[label], f"{rule}: {label}{operator}{value}"
