"""PowerDNS: metadata that says who may transfer and update; it does not say why a key is no good."""
import pytest

from column import (ANSWER, CLAIMERS, CLIENTS, FRESH, INSIDE, KEYS, NOTAUTH, NOTIFY, OUTSIDE, QUERY, REFUSAL, SIGNERS,
                    TRANSFER, UPDATE, Endpoint, Situation, ask_all, fleet, update)
from harness import PowerDns
from zonedump import dump

SERVER = "PowerDNS"
pytestmark = pytest.mark.plain

SITUATIONS = [
    Situation("recursion refused", "primary", INSIDE, FRESH, "REFUSED !ra !aa ede= nsid=primary", REFUSAL),
    Situation("recursion refused", "primary", OUTSIDE, FRESH, "REFUSED !ra !aa ede= nsid=primary", REFUSAL),
    Situation("query refused", "primary", OUTSIDE, "www.corp.example A", "NOERROR aa !ra answers=1", QUERY),
    Situation("good key", "primary", "with-xfr", "keyed.example SOA", "NOERROR aa", ANSWER),
    Situation("good key", "primary", "with-xfr", "keyed.example AXFR", "NOERROR", TRANSFER, ("tcp",)),
    Situation("good key", "primary", "with-xfr", "keyed.example IXFR", "NOERROR answers=1", TRANSFER, ("tcp",)),
    Situation("good key", "primary", "with-xfr", update("keyed.example"), "YXRRSET", UPDATE),
    Situation("unknown key", "primary", "with-unheard-of", "keyed.example AXFR", "NOTAUTH", NOTAUTH, ("tcp",)),
    Situation("wrong secret", "primary", "with-mistyped", "keyed.example AXFR", "NOTAUTH", NOTAUTH, ("tcp",)),
    Situation("clock skewed", "primary", "with-xfr", "keyed.example AXFR", "NOTAUTH", NOTAUTH, ("tcp",)),
    Situation("key not listed", "primary", "with-other", "keyed.example AXFR", "NOTAUTH", NOTAUTH, ("tcp",)),
    Situation("key not listed", "primary", "with-other", update("keyed.example"), "REFUSED", REFUSAL),
    Situation("transfer allowed", "primary", INSIDE, "corp.example AXFR", "NOERROR answers=1", TRANSFER, ("tcp",)),
    Situation("transfer allowed", "primary", INSIDE, "corp.example IXFR", "NOERROR answers=1", TRANSFER, ("tcp",)),
    Situation("transfer denied", "primary", OUTSIDE, "corp.example AXFR", "NOTAUTH", NOTAUTH, ("tcp",)),
    Situation("transfer denied", "primary", OUTSIDE, "corp.example IXFR", "NOTAUTH", NOTAUTH, ("tcp",)),
    Situation("update allowed", "primary", INSIDE, update("corp.example"), "YXRRSET", UPDATE),
    Situation("update allowed", "primary", INSIDE, update("corp.example", "www", "A"), "YXRRSET", UPDATE),
    Situation("update denied", "primary", OUTSIDE, update("corp.example"), "REFUSED", REFUSAL),
    Situation("NOTIFY denied", "primary", OUTSIDE, NOTIFY, "REFUSED", REFUSAL),
    Situation("PROXYv2 over UDP", "behind-proxy", "claims-inside", update("corp.example"), "YXRRSET", UPDATE, ("udp",)),
    Situation("PROXYv2 over UDP", "behind-proxy", "claims-outside", update("corp.example"), "REFUSED", REFUSAL, ("udp",)),
    Situation("PROXYv2 over TCP", "behind-proxy", "claims-inside", "corp.example AXFR", "NOERROR answers=1", TRANSFER, ("tcp",)),
    Situation("PROXYv2 over TCP", "behind-proxy", "claims-outside", "corp.example AXFR", "NOTAUTH", NOTAUTH, ("tcp",)),
]

ZONES = ["corp.example", "keyed.example", "copy.example"]
METADATA = {"corp.example": {"ALLOW-AXFR-FROM": ["127.10.0.0/16", "127.0.0.1/32"], "ALLOW-DNSUPDATE-FROM": ["127.10.0.0/16"]},
            "keyed.example": {"TSIG-ALLOW-AXFR": ["xfr"], "TSIG-ALLOW-DNSUPDATE": ["xfr"], "ALLOW-DNSUPDATE-FROM": ["127.10.0.0/16"]}}
# Its own defaults let all of 127.0.0.0/8 transfer and update.
OPTIONS = "dnsupdate=yes\nallow-axfr-ips=127.0.0.9/32\nallow-dnsupdate-from=\n"


def records(zone):
    return [(zone, "SOA", "ns1.corp.example hostmaster.corp.example 7 3600 600 86400 300"), (zone, "NS", "ns1.corp.example"),
            (f"ns1.{zone}", "A", "127.0.0.1"), (f"www.{zone}", "A", "203.0.113.80")]


@pytest.fixture(scope="module")
def servers(workspace):
    with fleet() as started:
        for name, more in (("primary", ""), ("behind-proxy", "proxy-protocol-from=127.10.20.5\n")):
            started[name] = PowerDns(workspace, {zone: records(zone) for zone in ZONES}, METADATA, name=name, options=OPTIONS + more)
        yield started


@pytest.fixture(scope="module")
def before(servers):
    return {name: dump(server, ["corp.example", "keyed.example"]) for name, server in servers.items()}


@pytest.fixture(scope="module")
def column(workspace, servers, before):
    more = {"behind-proxy": ", proxy: true"}
    return ask_all(workspace, {name: Endpoint(server, ", ".join(ZONES), more.get(name, "")) for name, server in servers.items()},
                   SITUATIONS, CLIENTS + SIGNERS + CLAIMERS, KEYS)


def test_situation(column, probe):
    column.assert_is(probe)


@pytest.mark.row("zone unchanged")
def test_no_zone_has_changed(column, servers, before):
    assert column.probes and {name: dump(server, ["corp.example", "keyed.example"]) for name, server in servers.items()} == before
