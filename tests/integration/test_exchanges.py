"""Replies that call for another query: BADCOOKIE, and the SOA before a transfer. The run is what the last one comes to."""
import pytest

from harness import Misbehaving, policy

SERIAL = 41  # of the zones that the server pretends to have


@pytest.fixture(scope="module")
def server(workspace):
    running = Misbehaving(workspace)
    yield running
    running.stop()


def asking(server, query, expect, transport="udp", zone="", **options):
    checks = f"  - {{name: one, client: inside, resolver: ns1, transport: {transport}, query: {query}, expect: {expect}}}\n"
    return policy({"ns1": server}, checks, zones={"ns1": zone}, **options)


def after(running, runs):
    running.wait_for(lambda: running.probe(check="one")["runs"] >= runs, f"{runs} runs")
    return running.probe(check="one")


def cookies(server, name):
    """The COOKIE options of the queries, which they end with: the client's part and the server's."""
    found = [bytes.fromhex(query["bytes"]).partition(b"\0\x0a\0") for query in server.queries(name)]
    return [(tail[1:9], tail[9:]) for _, _, tail in found]


def test_a_client_with_the_servers_own_cookie_is_let_in(exporter, server):
    running = exporter(asking(server, '{name: "{random}.cookie-required.example", type: A, cookie: true}', "ANSWERED", attempts=1))
    probe = after(running, 3)
    assert probe["verdict"] == "as_expected"
    asked = cookies(server, "cookie-required")
    first, second = asked[0], asked[1]
    assert first[1] == b"" and second == (first[0], b"a server"), "the same run asks again as the same client"
    assert asked[2][0] != first[0] and asked[2][1] == b"", "another run is another client"
    running.wait_for(lambda: running.metrics().value("dnspolicy_queries_total", client="inside")
                     == len(server.queries("cookie-required")), "every query counted")


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_a_cookie_that_is_never_good_is_what_the_run_comes_to(exporter, server, transport):
    running = exporter(asking(server, f'{{name: "{{random}}.{transport}.cookie-never-good.example", type: A, cookie: true}}',
                              "ANSWERED", transport, attempts=1))
    probe = after(running, 2)
    assert probe["outcome"]["status"] == "response"
    assert probe["outcome"]["rcode"] == "BADCOOKIE"
    asked = server.queries(f"{transport}.cookie-never-good")
    assert 2 * probe["runs"] <= len(asked) <= 2 * probe["runs"] + 4, "two queries a run, not more"


def test_a_reply_with_anothers_cookie_is_ignored(exporter, server):
    running = exporter(asking(server, '{name: "{random}.cookie-wrong.then-answer.example", type: A, cookie: true}', "ANSWERED"))
    assert after(running, 2)["verdict"] == "as_expected"
    assert running.metrics().value("dnspolicy_datagrams_ignored_total", reason="wrong_cookie") >= 2


def claimed_serial(query):
    """Of the SOA that an IXFR ends with, but for an OPT record."""
    data = bytes.fromhex(query["bytes"])
    soa = data.index(b"\0\x06\0\x01", 12 + len(query["name"]) + 6)
    size = int.from_bytes(data[soa + 8:soa + 10], "big")
    return int.from_bytes(data[soa + 10 + size - 20:soa + 10 + size - 16], "big")


@pytest.mark.parametrize(("zone", "expect", "serial"), [
    ("zone-served", "ANSWERED", SERIAL + 1), ("zone-denied", "REFUSED", SERIAL + 1), ("zone-unserved", "REFUSED", 0),
    ("zone-soa-garbage", "REFUSED", 0)])
def test_a_transfer_follows_the_soa_on_the_same_connection(exporter, server, zone, expect, serial):
    running = exporter(asking(server, f'"{zone}.example IXFR"', expect, "tcp", f"{zone}.example"))
    probe = after(running, 2)
    assert probe["verdict"] == "as_expected", probe["explanation"]
    soa, transfer = server.queries(zone)[:2]
    assert soa["port"] == transfer["port"]
    assert soa["id"] != transfer["id"]
    assert claimed_serial(transfer) == serial
    running.wait_for(lambda: running.metrics().value("dnspolicy_queries_total", client="inside") == len(server.queries(zone)),
                     "both queries counted")


def test_a_connection_that_ends_after_the_soa_is_closed(exporter, server):
    running = exporter(asking(server, '"zone-closes.example IXFR"', "ANSWERED", "tcp", "zone-closes.example"))
    probe = after(running, 2)
    assert probe["outcome"]["status"] in ("closed", "reset")


@pytest.mark.parametrize("max_qps", [0, 5])
@pytest.mark.parametrize(("expect", "verdict"), [("ANSWERED", "as_expected"), ("DENIED", "open_transfer")])
def test_a_server_that_takes_one_query_a_connection_is_asked_for_the_transfer_over_another(exporter, server, expect, verdict, max_qps):
    zone = f"zone-served.one-query.{verdict}.{max_qps}.example".replace("_", "-")
    text = asking(server, f'"{zone} IXFR"', expect, "tcp", zone, interval="2s", timeout="1s", attempts=1)
    running = exporter(text.replace("max_qps_per_resolver: 0", f"max_qps_per_resolver: {max_qps}"))
    probe = after(running, 1)
    assert probe["verdict"] == verdict, probe["explanation"]
    soa, transfer = server.queries(zone)[:2]
    assert soa["port"] != transfer["port"]
    assert claimed_serial(transfer) == SERIAL + 1


def test_a_transfer_that_the_rate_limit_holds_back_is_no_verdict(exporter, server):
    text = asking(server, '"zone-served.held.example IXFR"', "ANSWERED", "tcp", "zone-served.held.example", interval="1s",
                  timeout="300ms")
    running = exporter(text.replace("max_qps_per_resolver: 0", "max_qps_per_resolver: 2"))
    running.wait_for(lambda: running.metrics().value("dnspolicy_probe_runs_skipped_total", reason="rate_limit") >= 2,
                     "two runs that were held back")
    assert running.probe(check="one")["verdict"] == "pending"
    asked = server.queries("held")
    assert len({query["port"] for query in asked}) == len(asked), "the SOA alone, on each connection"


def test_a_reload_between_the_soa_and_the_transfer_changes_nothing(exporter, server):
    text = asking(server, '"zone-served.reloaded.example IXFR"', "ANSWERED", "tcp", "zone-served.reloaded.example", interval="2s",
                  timeout="1900ms", attempts=1).replace("max_qps_per_resolver: 0", "max_qps_per_resolver: 1")
    running = exporter(text)
    for runs in (1, 2):
        asked = len(server.queries("reloaded"))
        running.wait_for(lambda: len(server.queries("reloaded")) > asked, "the next SOA query")
        assert running.reload(text)
        running.wait_for(lambda: running.probe(check="one")["runs"] >= runs, "the end of the run")
        probe = running.probe(check="one")
        assert probe["verdict"] == "as_expected", probe["explanation"]
    soa, transfer = server.queries("reloaded")[:2]
    assert soa["port"] == transfer["port"]
    assert claimed_serial(transfer) == SERIAL + 1
