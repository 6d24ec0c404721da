"""Knot DNS: an access list that says NOTAUTH, keys, transfers, updates, and PROXYv2 over UDP alone."""
import pytest

from column import (ANSWER, BAD_KEY, BAD_SIGNATURE, CLAIMERS, CLIENTS, FRESH, INSIDE, KEYS, NOTAUTH, NOTIFY, OUTSIDE, QUERY,
                    REFUSAL, SIGNERS, TRANSFER, UPDATE, ZONE, Endpoint, Situation, ask_all, fleet, update)
from harness import Knot
from zonedump import dump

SERVER = "Knot"
pytestmark = pytest.mark.plain

SITUATIONS = [
    # Authoritative and nothing else: the same for everyone.
    Situation("recursion refused", "primary", INSIDE, FRESH, "REFUSED !ra !aa ede=20", REFUSAL),
    Situation("recursion refused", "primary", OUTSIDE, FRESH, "REFUSED !ra !aa ede=20", REFUSAL),
    Situation("query refused", "primary", OUTSIDE, "www.private.example A", "NOTAUTH !ra ede=", NOTAUTH),
    Situation("query refused", "primary", INSIDE, "www.private.example A", "NOERROR aa !ra answers=1", QUERY),
    Situation("good key", "primary", "with-xfr", "keyed.example SOA", "NOERROR aa", ANSWER),
    Situation("good key", "primary", "with-xfr", "keyed.example AXFR", "NOERROR", TRANSFER, ("tcp",)),
    Situation("good key", "primary", "with-xfr", "keyed.example IXFR", "NOERROR answers=1", TRANSFER, ("tcp",)),
    Situation("good key", "primary", "with-xfr", update("keyed.example"), "YXRRSET", UPDATE),
    Situation("unknown key", "primary", "with-unheard-of", "keyed.example AXFR", "NOTAUTH tsig=BADKEY", BAD_KEY, ("tcp",)),
    Situation("unknown key", "primary", "with-unheard-of", update("keyed.example"), "NOTAUTH tsig=BADKEY", BAD_KEY),
    Situation("wrong secret", "primary", "with-mistyped", "keyed.example AXFR", "NOTAUTH tsig=BADSIG", BAD_SIGNATURE, ("tcp",)),
    Situation("wrong secret", "primary", "with-mistyped", update("keyed.example"), "NOTAUTH tsig=BADSIG", BAD_SIGNATURE),
    Situation("clock skewed", "primary", "with-xfr", "keyed.example AXFR", "NOTAUTH tsig=BADTIME", BAD_SIGNATURE, ("tcp",)),
    Situation("key not listed", "primary", "with-other", "keyed.example AXFR", "NOTAUTH tsig=BADKEY", BAD_KEY, ("tcp",)),
    Situation("key not listed", "primary", "with-other", update("keyed.example"), "NOTAUTH tsig=BADKEY", BAD_KEY),
    Situation("transfer allowed", "primary", INSIDE, "corp.example AXFR", "NOERROR", TRANSFER, ("tcp",)),
    Situation("transfer allowed", "primary", INSIDE, "corp.example IXFR", "NOERROR answers=1", TRANSFER, ("tcp",)),
    Situation("transfer denied", "primary", OUTSIDE, "corp.example AXFR", "NOTAUTH", NOTAUTH, ("tcp",)),
    Situation("transfer denied", "primary", OUTSIDE, "corp.example IXFR", "NOTAUTH", NOTAUTH, ("tcp",)),
    Situation("transfer denied", "primary", INSIDE, "keyed.example AXFR", "NOTAUTH", NOTAUTH, ("tcp",)),
    Situation("update allowed", "primary", INSIDE, update("corp.example"), "YXRRSET", UPDATE),
    Situation("update allowed", "primary", INSIDE, update("corp.example", "www", "A"), "YXRRSET", UPDATE),
    Situation("update denied", "primary", OUTSIDE, update("corp.example"), "NOTAUTH", NOTAUTH),
    Situation("NOTIFY denied", "primary", OUTSIDE, NOTIFY, "NOTAUTH", NOTAUTH),
    Situation("PROXYv2 over UDP", "behind-proxy", "claims-inside", "www.private.example A", "NOERROR aa answers=1", QUERY, ("udp",)),
    Situation("PROXYv2 over UDP", "behind-proxy", "claims-outside", "www.private.example A", "NOTAUTH !ra", NOTAUTH, ("udp",)),
]

OPTIONS = """\
acl:
  - id: inside
    address: [127.10.0.0/16, 127.0.0.1]
    action: [transfer, update]
  - id: keyed
    # It knows a key only where a list names it.
    key: [xfr, mistyped]
    action: [transfer, update]
mod-queryacl:
  - id: insiders
    address: 127.10.0.0/16
"""
ZONE_OPTIONS = {"corp.example": "    acl: [inside]\n", "keyed.example": "    acl: [keyed]\n",
                "private.example": "    module: mod-queryacl/insiders\n"}
ZONES = ["corp.example", "keyed.example", "private.example", "copy.example"]


@pytest.fixture(scope="module")
def servers(workspace):
    with fleet() as started:
        for name, more in (("primary", ""), ("behind-proxy", "    proxy-allowlist: 127.10.20.5\n")):
            started[name] = Knot(workspace, name=name, zone_texts={zone: ZONE for zone in ZONES}, zone_options=ZONE_OPTIONS,
                                 options=OPTIONS, server_options=more)
        yield started


@pytest.fixture(scope="module")
def before(servers):
    return dump(servers["primary"], ["corp.example", "keyed.example"])


@pytest.fixture(scope="module")
def column(workspace, servers, before):
    more = {"behind-proxy": ", proxy: true"}
    return ask_all(workspace, {name: Endpoint(server, ", ".join(ZONES), more.get(name, "")) for name, server in servers.items()},
                   SITUATIONS, CLIENTS + SIGNERS + CLAIMERS, KEYS)


def test_situation(column, probe):
    column.assert_is(probe)


@pytest.mark.row("zone unchanged")
def test_no_zone_has_changed(column, servers, before):
    assert column.probes and dump(servers["primary"], list(before)) == before
