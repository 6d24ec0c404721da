"""Unbound: open by accident, and in the several ways in which its access control says no."""
import pytest

from harness import Unbound, policy

CHECK = '  - {name: %s, client: %s, resolver: lab, transport: [udp, tcp], query: %s, expect: %s}\n'
FRESH = '"{random}.probe.example.net A"'


@pytest.fixture
def controlled(workspace, bind):
    """Starts an Unbound that treats outsiders in the way given."""
    started = []

    def start(action, **options):
        started.append(Unbound(workspace, (bind.address, bind.port), access={
            "127.0.0.0/8": "allow", "127.66.0.0/16": action}, **options))
        return started[-1]

    yield start
    for server in started:
        server.stop()


@pytest.mark.plain
def test_an_open_resolver_is_found(exporter, unbound):
    running = exporter(policy({"lab": unbound}, CHECK % ("no-open-recursion", "outside", FRESH, "REFUSED")))
    for transport in ("udp", "tcp"):
        probe = running.judged(check="no-open-recursion", transport=transport)
        assert (probe["verdict"], probe["category"]) == ("open_recursion", "too_open")
        assert "lab" in probe["explanation"] and "127.66.0.0/16" in probe["explanation"]
        # How it is pasted into a shell, and which fresh name it was.
        assert f"-p {unbound.port}" in probe["reproduce"] and probe["outcome"]["qname"] in probe["reproduce"]
    assert running.metrics().value("dnspolicy_verdicts_total", verdict="open_recursion", category="too_open") >= 2


@pytest.mark.parametrize("expect", ["REFUSED", "DENIED"])
def test_the_bare_refusal_of_twelve_bytes_is_a_refusal(exporter, controlled, expect):
    lab = controlled("refuse")
    running = exporter(policy({"lab": lab}, CHECK % ("strangers", "outside", FRESH, expect)))
    for transport in ("udp", "tcp"):
        probe = running.judged(check="strangers", transport=transport)
        assert probe["verdict"] == "as_expected"
        assert probe["outcome"]["size"] == 12 and probe["outcome"]["counts"]["question"] == 0


def test_a_refusal_with_a_reason_can_be_asked_for(exporter, controlled):
    lab = controlled("refuse", options="    ede: yes")
    running = exporter(policy({"lab": lab}, CHECK % ("prohibited", "outside", FRESH, "{rcode: REFUSED, ede: [18]}") +
                              CHECK % ("stale", "outside", FRESH, "{rcode: REFUSED, ede: [3]}")))
    assert running.judged(check="prohibited", transport="udp")["verdict"] == "as_expected"
    assert running.judged(check="stale", transport="udp")["verdict"] == "wrong_answer"


def test_silence_and_a_closed_connection_are_denials_of_a_living_server(exporter, controlled):
    lab = controlled("deny")
    running = exporter(policy({"lab": lab}, CHECK % ("strangers", "outside", FRESH, "DENIED") +
                              CHECK % ("friends", "inside", FRESH, "ANSWERED") +
                              CHECK % ("refused", "outside", FRESH, "REFUSED")))
    for transport, status in (("udp", "timeout"), ("tcp", "closed")):
        probe = running.judged(check="strangers", transport=transport)
        assert (probe["verdict"], probe["outcome"]["status"]) == ("as_expected", status), probe["explanation"]
        assert running.judged(check="refused", transport=transport)["verdict"] == "no_response"


def test_without_recursion_desired_everyone_is_refused(exporter, unbound):
    """Which is why such a refusal proves nothing, and lint warns of it."""
    query = '{name: "{random}.probe.example.net", type: A, recursion_desired: false}'
    running = exporter(policy({"lab": unbound}, CHECK % ("no-rd", "inside", query, "ANSWERED")))
    assert running.judged(check="no-rd", transport="udp")["verdict"] == "unexpected_refusal"
    assert "rd" not in running.probe(check="no-rd", transport="udp")["outcome"]["flags"]


def test_a_cache_that_strangers_may_look_into_is_found(exporter, controlled):
    lab = controlled("allow_snoop")
    query = "{name: www.example.com, type: A, recursion_desired: false}"
    running = exporter(policy({"lab": lab}, CHECK % ("fill-the-cache", "inside", "www.example.com A", "ANSWERED") +
                              CHECK % ("no-snooping", "outside", query, "REFUSED")))
    running.judged(check="fill-the-cache", transport="udp")
    running.wait_for(lambda: running.probe(check="no-snooping", transport="udp")["verdict"] == "open_cache", "open_cache")
    assert running.probe(check="no-snooping", transport="udp")["category"] == "too_open"


def test_a_policy_by_name_refuses_those_who_may_ask(exporter, workspace, bind):
    lab = Unbound(workspace, (bind.address, bind.port), options='    local-zone: "blocked.example.net" always_refuse')
    try:
        running = exporter(policy({"lab": lab}, CHECK % ("blocked", "inside", "www.blocked.example.net A", "REFUSED") +
                                  CHECK % ("others", "inside", FRESH, "ANSWERED")))
        for check in ("blocked", "others"):
            assert running.judged(check=check, transport="udp")["verdict"] == "as_expected"
        assert {"aa", "ra"} <= set(running.probe(check="blocked", transport="udp")["outcome"]["flags"])
        running.stop()
    finally:
        lab.stop()
