"""From a changed access list to a message and back: a real BIND, the exporter, Prometheus and Alertmanager with the shipped files."""
import re
import signal
import urllib.request

import pytest

from harness import Bind, Exporter, ask
from harness.alertmanager import Alertmanager, Webhook
from harness.process import wait_until
from harness.prometheus import Prometheus
from scaled import rule_files, scaled

CONFIGURATION = """\
global: {{interval: 500ms, timeout: 200ms, attempts: 2, max_denied_qps: 0}}
clients:
  office: {{subnet: 127.10.0.0/16, source: 127.10.20.5}}
  internet: {{subnet: 127.66.0.0/16, source: 127.66.6.6}}
resolvers:
  ns1: {{address: {address}, port: {port}, zones: [corp.example]}}
policies:
  - {{name: recursion, operation: recursion, resolver: ns1, query: "{{random}}.probe.example.net A", allow: office, severity: critical}}
checks:
  - {{name: public-zone, client: "*", resolver: ns1, query: www.corp.example A, expect: NOERROR}}
"""
INSIDE = "match-clients { 127.10.0.0/16; ::1; };"


@pytest.fixture(scope="module")
def bind(workspace):
    server = Bind(workspace)
    yield server
    server.stop()


@pytest.fixture(scope="module")
def webhook():
    receiver = Webhook()
    yield receiver
    receiver.stop()


@pytest.fixture(scope="module", autouse=True)
def running(workspace, bind, webhook):
    """The whole chain. Everything but the times and the addresses is what config/prometheus says."""
    started = []
    exporter = Exporter(workspace, CONFIGURATION.format(address=bind.address, port=bind.port))
    try:
        alertmanager = Alertmanager(workspace, scaled("alertmanager.yml").replace("http://localhost:9099", webhook.url))
        started.append(alertmanager)
        prometheus = Prometheus(workspace, [(exporter, {"site": "ams"})], "500ms", rule_files(workspace.directory("rules")), {
            "alerting": {"alertmanagers": [{"static_configs": [{"targets": [f"{alertmanager.address}:{alertmanager.port}"]}]}]}})
        started.append(prometheus)
        prometheus.wait_for('count_over_time(dnspolicy_probe_success[10s]) > 4', "some scrapes")
        yield prometheus
    finally:
        for each in reversed(started):
            each.stop()
        exporter.stop()


def change_access_list(bind, before, after, source, expected):
    """As an operator would: edits named.conf and reloads."""
    configuration = bind.directory / "named.conf"
    text = configuration.read_text()
    assert before in text
    configuration.write_text(text.replace(before, after))
    bind.process.send_signal(signal.SIGHUP)
    wait_until(lambda: (reply := ask(bind.address, bind.port, "www.example.com", source=source)) and reply.rcode == expected,
               f"{expected} for {source}")


BREAKS = {
    "a client that is taken off the list": (
        INSIDE.replace("127.10", "127.12"), "127.10.20.5", ("NOERROR", "REFUSED"),
        {"alertname": "UnexpectedRefusal", "client": "office", "subnet": "127.10.0.0/16", "verdict": "unexpected_refusal",
         "category": "too_strict"}, "ns1 refuses office (127.10.0.0/16), whom it should serve"),
    "a list that is opened to everyone": (
        INSIDE.replace("::1;", "127.66.0.0/16; ::1;"), "127.66.6.6", ("REFUSED", "NOERROR"),
        {"alertname": "OpenRecursion", "client": "internet", "subnet": "127.66.0.0/16", "verdict": "open_recursion",
         "category": "too_open"}, "ns1 resolves for internet (127.66.0.0/16), whom it should deny"),
}


@pytest.mark.parametrize("broken", BREAKS)
def test_a_broken_policy_reaches_the_webhook_and_is_resolved_when_it_is_mended(bind, webhook, running, broken):
    access_list, source, (good, bad), labels, summary = BREAKS[broken]
    labels |= {"check": "recursion", "resolver": "ns1", "severity": "critical", "site": "ams"}
    assert not webhook.alerts("firing", alertname=labels["alertname"])

    change_access_list(bind, INSIDE, access_list, source, bad)
    path, alert = webhook.wait_for("firing", **labels)
    assert path == "/dns-oncall", "critical goes to those on call"
    assert set(alert["labels"]) == set(labels) | {"job", "instance"}
    assert alert["annotations"]["summary"] == summary
    assert "Check recursion at ams expects" in alert["annotations"]["description"]
    assert alert["annotations"]["runbook_url"].endswith(f"/docs/runbooks/{labels['alertname']}.md")
    # The next step is a link that shows the case.
    link = re.search(r"http://\S+$", alert["annotations"]["description"])[0]
    with urllib.request.urlopen(link, timeout=10) as page:
        text = page.read().decode()
    assert labels["client"] in text and labels["verdict"] in text

    change_access_list(bind, access_list, INSIDE, source, good)
    _, alert = webhook.wait_for("resolved", **labels)
    assert alert["endsAt"] > alert["startsAt"]
    assert running.query(f'ALERTS{{alertname="{labels["alertname"]}", alertstate="firing"}}') == []
    # What was not broken was not told.
    assert {alert["labels"]["client"] for _, alert in webhook.alerts("firing", alertname=labels["alertname"])} == {labels["client"]}
