"""What Prometheus sees: a clean exposition, scrapes that succeed, and counters that agree with the server's own log."""
import subprocess

import pytest

from harness import Prometheus, policy

CHECKS = """\
  - {name: recursion, client: "*", resolver: ns1, query: "{random}.probe.example.net A", transport: [udp, tcp], expect: ANSWERED}
  - {name: open-recursion, client: outside, resolver: "*", query: "{random}.probe.example.net AAAA", expect: REFUSED}
  - {name: intranet, description: "quotes \\" and \\\\ are fine", client: "*", resolver: ns1, query: intranet.corp.example A,
     expect: NOERROR, severity: 'odd "one" \\ here'}
"""


@pytest.fixture
def running(exporter, bind, unbound):
    started = exporter(policy({"ns1": bind, "lab": unbound}, CHECKS, zones={"ns1": "corp.example"}))
    started.wait_for(lambda: all(probe["runs"] >= 2 for probe in started.probes()))
    return started


def test_promtool_has_nothing_to_say(running):
    check = subprocess.run(["promtool", "check", "metrics"], input=running.metrics().text, capture_output=True, text=True,
                           timeout=30, check=False)
    assert (check.returncode, check.stdout, check.stderr) == (0, "", "")


def test_help_and_type_come_once_before_their_samples(running):
    typed, finished, current = set(), set(), None
    for line in running.metrics().text.splitlines():
        name = line.split()[2] if line.startswith("#") else line.split("{")[0].split(" ")[0]
        if line.startswith("# TYPE"):
            assert name not in typed
            typed.add(name)
        family = next((name.removesuffix(end) for end in ("_bucket", "_sum", "_count") if name.removesuffix(end) in typed
                       and name not in typed), name)
        if family != current:
            assert family not in finished, f"{family} is torn apart"
            finished.add(current)
            current = family


def test_counters_agree_with_the_servers_own_log(running, bind):
    """The probes' sources are this exporter's alone, and {random} names tell its queries apart."""
    for client, source in (("inside", "127.10.20.5"), ("outside", "127.66.6.6")):
        for transport in ("udp", "tcp"):
            def counted():
                return running.metrics().value("dnspolicy_queries_total", client=client, resolver="ns1", transport=transport,
                                               qtype="A")

            def seen():
                names = {probe["query"]["name"].replace("{random}", "") for probe in running.probes(client=client)}
                return sum(1 for query in bind.queries(source)[start[client]:] if query.qtype == "A"
                           and query.is_tcp == (transport == "tcp") and any(query.name.endswith(name) for name in names))

            start = {"inside": running.log_start["127.10.20.5"], "outside": running.log_start["127.66.6.6"]}
            running.wait_for(lambda: counted() == seen(), f"agreement on {client} over {transport}")
            assert counted() >= 2


@pytest.fixture(autouse=True)
def remember_where_the_log_stood(request, bind):
    start = {source: len(bind.queries(source)) for source in ("127.10.20.5", "127.66.6.6")}
    if "running" in request.fixturenames:
        request.getfixturevalue("running").log_start = start


def test_every_run_has_one_verdict_and_one_reply_or_loss(running):
    def adds_up():
        metrics = running.metrics()
        verdicts = metrics.sum("dnspolicy_verdicts_total")
        return verdicts == metrics.sum("dnspolicy_responses_total") == metrics.sum("dnspolicy_queries_total")
    running.wait_for(adds_up, "as many verdicts as replies as queries: nothing is lost on loopback")
    metrics = running.metrics()
    assert len(metrics.samples("dnspolicy_probe_verdict")) == len(running.probes()) == metrics.value("dnspolicy_probes")
    assert metrics.sum("dnspolicy_probe_verdict") == metrics.value("dnspolicy_probes")


def test_counters_start_at_zero(exporter, bind):
    """So that increase() sees the first event. The first run comes within the interval, which is long here."""
    running = exporter(policy({"ns1": bind}, CHECKS.splitlines()[0] + "\n", interval="24h"))
    metrics = running.metrics()
    for verdict in ("as_expected", "unexpected_refusal"):
        assert metrics.value("dnspolicy_verdicts_total", client="inside", verdict=verdict) == 0
    assert metrics.value("dnspolicy_refusals_total", client="outside", transport="udp", expected="false") == 0
    assert metrics.value("dnspolicy_responses_total", client="outside", transport="udp", rcode="REFUSED") == 0
    assert metrics.samples("dnspolicy_probe_success") == []
    assert metrics.samples("dnspolicy_probe_rtt_seconds") == []
    assert metrics.value("dnspolicy_probe_verdict", client="inside", transport="udp", verdict="pending") == 1


def test_openmetrics_and_gzip_are_given_to_those_who_ask(running):
    reply = running.get("/metrics", accept="application/openmetrics-text;version=1.0.0")
    assert reply.headers["content-type"].startswith("application/openmetrics-text") and reply.text.endswith("# EOF\n")
    assert running.get("/metrics", accept_encoding="gzip").headers["content-encoding"] == "gzip"
    assert running.get("/metrics").headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"


@pytest.fixture
def prometheus(workspace, running):
    server = Prometheus(workspace, [running], scrape_interval="500ms")
    yield server
    assert server.process.is_running(), server.process.log_end()
    server.stop()


def test_a_real_prometheus_scrapes_it_for_a_while(running, prometheus):
    prometheus.wait_for("count_over_time(up[1m]) >= 12", "twelve scrapes", timeout=40)
    assert prometheus.value("min_over_time(up[1m])") == 1
    assert prometheus.value('sum(dnspolicy_probe_verdict{verdict="open_recursion"})') == 1
    assert prometheus.value('sum(rate(dnspolicy_refusals_total{expected="false"}[1m])) > 0')
    assert prometheus.value("max(scrape_samples_scraped)") == sum(
        len(series) for series in running.metrics().families.values())
