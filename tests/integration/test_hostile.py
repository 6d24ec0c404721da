"""Servers that misbehave: every reply that is none is counted and ignored, every failure has its name, and nothing breaks."""
import json

import pytest

from harness import Exporter, Misbehaving, policy

pytestmark = pytest.mark.tsan

# behaviour, transport, status of the outcome, verdict where ANSWERED was expected
STORIES = [
    ("ordinary", "udp", "response", "as_expected"),
    ("ordinary", "tcp", "response", "as_expected"),
    ("refused", "udp", "response", "unexpected_refusal"),
    ("refused-bare", "udp", "response", "unexpected_refusal"),
    ("refused-bare", "tcp", "response", "unexpected_refusal"),
    ("refused-denied", "udp", "response", "unexpected_refusal"),
    ("servfail-denied", "udp", "response", "unexpected_refusal"),
    ("servfail", "udp", "response", "wrong_rcode"),
    ("formerr", "udp", "response", "protocol_error"),
    ("notimp", "udp", "response", "protocol_error"),
    ("badvers", "udp", "response", "protocol_error"),
    ("silent", "udp", "timeout", "no_response"),
    ("late", "udp", "timeout", "no_response"),
    ("empty", "udp", "timeout", "no_response"),
    ("short", "udp", "timeout", "no_response"),
    ("not-a-reply", "udp", "timeout", "no_response"),
    ("echo", "udp", "timeout", "no_response"),
    ("wrong-id", "udp", "timeout", "no_response"),
    ("wrong-question", "udp", "timeout", "no_response"),
    ("wrong-type", "udp", "timeout", "no_response"),
    ("other-port", "udp", "timeout", "no_response"),
    ("other-address", "udp", "timeout", "no_response"),
    ("wrong-id.then-answer", "udp", "response", "as_expected"),
    ("wrong-question.then-answer", "udp", "response", "as_expected"),
    ("short.then-answer", "udp", "response", "as_expected"),
    ("not-a-reply.then-answer", "udp", "response", "as_expected"),
    ("other-port.then-answer", "udp", "response", "as_expected"),
    ("twice", "udp", "response", "as_expected"),
    ("garbage", "udp", "malformed", "protocol_error"),
    ("garbage", "tcp", "malformed", "protocol_error"),
    ("loop", "udp", "malformed", "protocol_error"),
    ("pointer-past-end", "udp", "malformed", "protocol_error"),
    ("counts-lie", "udp", "malformed", "protocol_error"),
    ("rdata-past-end", "udp", "malformed", "protocol_error"),
    ("option-past-end", "udp", "malformed", "protocol_error"),
    ("two-opt", "udp", "malformed", "protocol_error"),
    ("trailing", "udp", "response", "as_expected"),
    ("chain", "udp", "response", "as_expected"),
    ("chain-empty", "tcp", "response", "as_expected"),
    ("oversized", "udp", "response", "as_expected"),
    ("truncated", "udp", "response", "as_expected"),
    ("tcp-bytewise", "tcp", "response", "as_expected"),
    ("tcp-other-first", "tcp", "response", "as_expected"),
    ("tcp-drip", "tcp", "timeout", "no_response"),
    ("tcp-flood", "tcp", "malformed", "protocol_error"),
    ("tcp-promise", "tcp", "timeout", "no_response"),
    ("tcp-silent", "tcp", "timeout", "no_response"),
    ("tcp-close", "tcp", "closed", "no_response"),
    ("tcp-close-in-length", "tcp", "closed", "no_response"),
    ("tcp-close-midway", "tcp", "closed", "no_response"),
    ("tcp-zero-length", "tcp", "closed", "no_response"),
    ("tcp-reset", "tcp", "reset", "no_response"),
    ("tcp-reset-midway", "tcp", "reset", "no_response"),
]
OTHER_TYPES = [("nasty-texts", "udp", "TXT"), ("wks", "udp", "WKS"), ("wks", "tcp", "WKS"), ("huge-tsig", "tcp", "TXT")]


def name_of(behaviour, transport):
    return f"{behaviour.replace('.', '-')}-{transport}"


def check(behaviour, transport, qtype="A", expect="ANSWERED"):
    return (f"  - {{name: {name_of(behaviour, transport)}, client: inside, resolver: hostile, transport: {transport},"
            f' query: "{{random}}.{behaviour}.example {qtype}", expect: {expect}}}\n')


@pytest.fixture(scope="module")
def hostile(workspace):
    server = Misbehaving(workspace)
    yield server
    server.stop()


@pytest.fixture(scope="module")
def everything(workspace, hostile):
    """One exporter that meets all of it at once."""
    checks = "".join(check(behaviour, transport) for behaviour, transport, _, _ in STORIES)
    checks += "".join(check(*other) for other in OTHER_TYPES)
    running = Exporter(workspace, policy({"hostile": hostile}, checks, interval="2s", timeout="400ms", attempts=1))
    yield running
    running.stop()


@pytest.mark.parametrize("behaviour, transport, status, verdict", STORIES, ids=lambda value: value)
def test_each_misbehaviour_has_its_name(everything, behaviour, transport, status, verdict):
    probe = everything.judged(check=name_of(behaviour, transport))
    assert (probe["outcome"]["status"], probe["verdict"]) == (status, verdict), probe["explanation"]


def test_bytes_that_are_no_text_stay_readable_everywhere(everything):
    probe = everything.judged(check="nasty-texts-udp")
    assert probe["verdict"] == "as_expected", probe["explanation"]
    assert bytes.fromhex(probe["outcome"]["nsid"]["hex"]) == b'"\\\n\0\xff</script>'
    assert probe["outcome"]["ede"][0]["code"] == 3
    for text in (everything.get("/").text, json.dumps(probe), everything.metrics().text):
        assert "\x1b" not in text and "\0" not in text
    assert "</script>" not in everything.get("/").text.replace("</script>\n", "")


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_a_record_that_is_slow_to_print_delays_nobody(everything, transport):
    probe = everything.judged(check=name_of("wks", transport))
    assert (probe["outcome"]["status"], probe["verdict"]) == ("response", "as_expected"), probe["explanation"]


def test_the_largest_reply_with_a_short_signature_is_survived(everything):
    probe = everything.judged(check="huge-tsig-tcp")
    assert probe["outcome"]["status"] in ("response", "malformed")
    assert probe["outcome"]["size"] == 65535


def test_a_truncated_reply_is_asked_for_again_over_tcp(everything, hostile):
    probe = everything.judged(check="truncated-udp")
    assert probe["outcome"]["attempts"] == 2
    asked = hostile.queries("truncated")
    second = next(index for index, query in enumerate(asked) if query["name"] == probe["outcome"]["qname"])
    assert [query["transport"] for query in asked[second - 1:second + 1]] == ["udp", "tcp"]
    assert asked[second - 1]["name"] != asked[second]["name"], "a fresh name at every attempt"


def test_while_all_that_goes_on_nothing_is_late(everything):
    everything.judged(check="ordinary-udp")
    metrics = everything.metrics()
    assert metrics.sum("dnspolicy_probe_runs_skipped_total") == 0
    assert metrics.value("dnspolicy_schedule_lateness_seconds_sum") < metrics.value("dnspolicy_schedule_lateness_seconds_count")


@pytest.mark.parametrize("behaviour, reason", [("short", "short"), ("empty", "short"), ("not-a-reply", "not_a_reply"),
                                               ("wrong-id", "wrong_id"), ("wrong-question", "wrong_question"),
                                               ("wrong-type", "wrong_question")])
def test_what_is_ignored_is_counted_by_its_reason(exporter, hostile, behaviour, reason):
    running = exporter(policy({"hostile": hostile}, check(f"{behaviour}.then-answer", "udp")))
    running.wait_for(lambda: running.metrics().value("dnspolicy_datagrams_ignored_total", reason=reason) >= 3)
    metrics = running.metrics()
    ignored = metrics.value("dnspolicy_datagrams_ignored_total", reason=reason)
    queries = metrics.value("dnspolicy_queries_total", client="inside", qtype="A")
    assert queries - ignored in (0, 1), "one for each query, but for one that may be under way"
    assert metrics.sum("dnspolicy_datagrams_ignored_total") == ignored
    assert metrics.sum("dnspolicy_attempts_lost_total") == 0


def test_a_datagram_from_elsewhere_makes_no_verdict(exporter, hostile):
    """From another port or address of the server: the kernel does not even hand it over."""
    running = exporter(policy({"hostile": hostile}, check("other-port", "udp") + check("other-address", "udp")))
    for behaviour in ("other-port", "other-address"):
        assert running.judged(check=name_of(behaviour, "udp"))["verdict"] == "no_response"
    assert running.metrics().sum("dnspolicy_responses_total") == 0


def test_every_attempt_has_a_fresh_id_name_and_port(exporter, hostile):
    before = len(hostile.queries("silent"))
    running = exporter(policy({"hostile": hostile}, check("silent", "udp"), interval="700ms", attempts=3))
    running.wait_for(lambda: len(hostile.queries("silent")) >= before + 9, "nine queries", timeout=20)
    queries = hostile.queries("silent")[before:]
    assert len({query["name"] for query in queries}) == len(queries)
    assert len({query["port"] for query in queries}) >= len(queries) - 1
    assert len({query["id"] for query in queries}) >= len(queries) - 1
    assert {query["source"] for query in queries} == {"127.10.20.5"}


def test_silence_is_a_denial_only_while_the_server_is_known_to_live(exporter, hostile):
    silence = check("silent", "udp", expect="NO_RESPONSE")
    alone = exporter(policy({"hostile": hostile}, silence))
    assert alone.probe(check="silent-udp")["verdict"] == "pending"
    assert alone.judged(check="silent-udp")["verdict"] == "no_response"

    vouched = exporter(policy({"hostile": hostile}, silence + check("ordinary", "udp")))
    vouched.wait_for(lambda: vouched.probe(check="silent-udp")["verdict"] == "as_expected", "silence as expected")
