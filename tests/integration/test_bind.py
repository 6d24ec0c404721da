"""BIND with views: insiders may recurse, outsiders are refused, and each sees its own corp.example."""
import pytest

from harness import Bind, policy

RECURSION = '  - {name: recursion, client: %s, resolver: ns1, query: "{random}.probe.example.net A", transport: %s, expect: %s}\n'


def one(client, transport, expect):
    return RECURSION % (client, transport, expect)


@pytest.fixture
def ask_bind(exporter, bind):
    """Runs checks against BIND; the exporter."""
    return lambda checks, **options: exporter(policy({"ns1": bind}, checks, zones={"ns1": "corp.example"}, **options))


@pytest.mark.plain
@pytest.mark.valgrind
@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_a_refusal_that_is_wanted_passes(ask_bind, transport):
    running = ask_bind(one("outside", transport, "REFUSED"))
    probe = running.judged(check="recursion")
    assert probe["verdict"] == "as_expected" and probe["category"] == "pass"
    assert probe["outcome"]["rcode"] == "REFUSED"
    assert probe["outcome"]["local"].startswith("127.66.6.6:")
    labels = {"client": "outside", "subnet": "127.66.0.0/16", "resolver": "ns1", "transport": transport, "qtype": "A"}
    running.wait_for(lambda: running.metrics().value("dnspolicy_refusals_total", expected="true", **labels) >= 2)
    metrics = running.metrics()
    assert metrics.value("dnspolicy_responses_total", rcode="REFUSED", **labels) >= 2
    assert metrics.value("dnspolicy_probe_success", check="recursion", transport=transport) == 1
    assert running.get("/health").status == 200


@pytest.mark.plain
@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_a_refusal_of_those_who_should_be_served_is_too_strict(ask_bind, transport):
    running = ask_bind(one("outside", transport, "ANSWERED"))
    probe = running.judged(check="recursion")
    assert (probe["verdict"], probe["category"]) == ("unexpected_refusal", "too_strict")
    assert "127.66.0.0/16" in probe["explanation"] and "ns1" in probe["explanation"]
    metrics = running.metrics()
    assert metrics.value("dnspolicy_refusals_total", client="outside", expected="false") >= 1
    assert metrics.value("dnspolicy_probe_verdict", verdict="unexpected_refusal", category="too_strict") == 1
    health = running.get("/health")
    assert health.status == 503 and "recursion" in health.text


@pytest.mark.plain
@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_insiders_get_answers_to_names_no_cache_can_know(ask_bind, bind, transport):
    running = ask_bind(one("inside", transport, "ANSWERED"))
    probe = running.judged(check="recursion")
    assert probe["verdict"] == "as_expected"
    outcome = probe["outcome"]
    assert outcome["rcode"] == "NOERROR" and {"qr", "rd", "ra"} <= set(outcome["flags"])
    assert outcome["answer"][0].endswith("A 192.0.2.53")
    assert outcome["nsid"]["text"] == "ns1"
    assert 0 < outcome["rtt_seconds"] < 1
    asked = bind.queries("127.10.20.5", outcome["qname"])
    assert [query.is_tcp for query in asked] == [transport == "tcp"]


def test_open_recursion_is_found_when_the_access_list_is_wrong(exporter, workspace):
    careless = Bind(workspace, allowed=("any",))
    try:
        running = exporter(policy({"ns1": careless}, one("outside", "[udp, tcp]", "REFUSED")))
        for transport in ("udp", "tcp"):
            probe = running.judged(check="recursion", transport=transport)
            assert (probe["verdict"], probe["category"]) == ("open_recursion", "too_open"), probe["explanation"]
        verdicts = running.json("/api/v1/verdicts")
        assert "open_recursion" in str(verdicts)
        running.stop()
    finally:
        careless.stop()


def test_each_view_has_its_own_names(ask_bind):
    running = ask_bind("""\
  - {name: intranet-inside, client: inside, resolver: ns1, query: intranet.corp.example A,
     expect: {rcode: NOERROR, flags: [aa], answer: {contains: [10.2.2.1]}}}
  - {name: intranet-outside, client: outside, resolver: ns1, query: intranet.corp.example A, expect: NXDOMAIN}
  - {name: intranet-leaks, client: inside, resolver: ns1, query: intranet.corp.example A, expect: NXDOMAIN}
  - {name: www, client: "*", resolver: ns1, query: www.corp.example A, expect: {rcode: NOERROR, flags: [aa]}}
""")
    assert running.judged(check="intranet-inside")["verdict"] == "as_expected"
    assert running.judged(check="intranet-outside")["verdict"] == "as_expected"
    assert running.judged(check="intranet-leaks")["verdict"] == "wrong_rcode"
    for client in ("inside", "outside"):
        assert running.judged(check="www", client=client)["verdict"] == "as_expected"


@pytest.mark.parametrize("part, verdict", [
    ("flags: [aa]", "as_expected"),
    ("flags: ['!aa']", "wrong_answer"),
    ("answer: {min: 1, max: 1}", "as_expected"),
    ("answer: {min: 2}", "wrong_answer"),
    ("answer: {contains: [203.0.113.80]}", "as_expected"),
    ("answer: {contains: [203.0.113.81]}", "wrong_answer"),
    ("answer: {matches: '^203[.]'}", "as_expected"),
    ("answer: {none_match: '^203[.]'}", "wrong_answer"),
    ("nsid: '^ns1$'", "as_expected"),
    ("nsid: '^ns2$'", "wrong_answer"),
    ("ede: [18]", "wrong_answer"),
])
def test_every_part_of_an_expectation_must_hold(ask_bind, part, verdict):
    running = ask_bind("  - {name: part, client: inside, resolver: ns1, query: www.corp.example A,"
                       f" expect: {{rcode: NOERROR, {part}}}}}\n")
    probe = running.judged(check="part")
    assert probe["verdict"] == verdict, probe["explanation"]


def test_a_large_answer_comes_over_tcp_after_udp_and_counts_as_two_queries(ask_bind, bind):
    before = len(bind.queries("127.10.20.5", "large.example.net"))
    running = ask_bind("  - {name: large, client: inside, resolver: ns1, query: large.example.net TXT, expect: ANSWERED}\n",
                       interval="1s")
    probe = running.judged(check="large")
    assert probe["verdict"] == "as_expected"
    assert probe["outcome"]["size"] > 1232 and "tc" not in probe["outcome"]["flags"]
    labels = {"client": "inside", "resolver": "ns1", "transport": "udp", "qtype": "TXT"}
    running.wait_for(lambda: running.metrics().value("dnspolicy_queries_total", **labels)
                     == len(bind.queries("127.10.20.5", "large.example.net")) - before)
    assert running.metrics().sum("dnspolicy_queries_total", transport="tcp") == 0


def test_a_client_that_is_dropped_is_denied_while_others_are_answered(exporter, workspace):
    silent = Bind(workspace, options="blackhole { 127.66.0.0/16; };")
    try:
        running = exporter(policy({"ns1": silent}, one("outside", "[udp, tcp]", "DENIED") +
                                  '  - {name: insiders, client: inside, resolver: ns1, query: "{random}.probe.example.net A",'
                                  ' transport: [udp, tcp], expect: ANSWERED}\n'))
        for transport in ("udp", "tcp"):
            probe = running.judged(check="recursion", transport=transport)
            assert probe["verdict"] == "as_expected", probe["explanation"]
            assert probe["outcome"]["status"] in (["timeout"] if transport == "udp" else ["closed", "reset"])
        running.stop()
    finally:
        silent.stop()


def test_a_server_that_is_gone_has_not_refused_anybody(exporter, workspace):
    server = Bind(workspace)
    running = exporter(policy({"ns1": server}, one("outside", "[udp, tcp]", "DENIED")))
    for transport in ("udp", "tcp"):
        assert running.judged(check="recursion", transport=transport)["verdict"] == "as_expected"
    server.stop()
    for transport in ("udp", "tcp"):
        running.wait_for(lambda transport=transport:
                         running.probe(check="recursion", transport=transport)["verdict"] == "network_error",
                         "the network error of a closed port")
    assert running.metrics().value("dnspolicy_probe_rtt_seconds", transport="udp") is None


def test_other_classes_have_a_label_of_their_own(ask_bind):
    running = ask_bind("  - {name: version, client: inside, resolver: ns1, query: version.bind TXT CH,"
                       " expect: {rcode: NOERROR, answer: {matches: '9[.]x'}}}\n")
    assert running.judged(check="version")["verdict"] == "as_expected"
    assert running.metrics().value("dnspolicy_probe_success", qtype="CH:TXT", qname="version.bind") == 1
