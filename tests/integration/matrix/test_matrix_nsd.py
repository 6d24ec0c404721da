"""NSD: query and transfer lists, keys, and no updates at all."""
import pytest

from column import (ANSWER, BAD_KEY, BAD_SIGNATURE, CLIENTS, FRESH, INSIDE, KEYS, NOTIFY, OUTSIDE, QUERY, REFUSAL, SIGNERS,
                    TRANSFER, ZONE, Endpoint, Situation, ask_all, fleet, update)
from harness import Nsd
from zonedump import dump

SERVER = "NSD"
pytestmark = pytest.mark.plain

SITUATIONS = [
    Situation("recursion refused", "primary", INSIDE, FRESH, "REFUSED !ra !aa ede=20", REFUSAL),
    Situation("recursion refused", "primary", OUTSIDE, FRESH, "REFUSED !ra !aa ede=20", REFUSAL),
    Situation("query refused", "primary", OUTSIDE, "www.private.example A", "REFUSED !ra ede=18", REFUSAL),
    Situation("query refused", "primary", INSIDE, "www.private.example A", "NOERROR aa !ra answers=1", QUERY),
    Situation("good key", "primary", "with-xfr", "keyed.example SOA", "NOERROR aa", ANSWER),
    Situation("good key", "primary", "with-xfr", "keyed.example AXFR", "NOERROR aa", TRANSFER, ("tcp",)),
    Situation("good key", "primary", "with-xfr", "keyed.example IXFR", "NOERROR answers=1", TRANSFER, ("tcp",)),
    Situation("unknown key", "primary", "with-unheard-of", "keyed.example AXFR", "NOTAUTH tsig=BADKEY", BAD_KEY, ("tcp",)),
    Situation("wrong secret", "primary", "with-mistyped", "keyed.example SOA", "NOTAUTH question=0 tsig=BADSIG", BAD_SIGNATURE),
    Situation("clock skewed", "primary", "with-xfr", "keyed.example AXFR", "NOTAUTH question=0 tsig=BADTIME", BAD_SIGNATURE, ("tcp",)),
    Situation("key not listed", "primary", "with-other", "keyed.example AXFR", "REFUSED ede=18", REFUSAL, ("tcp",)),
    Situation("transfer allowed", "primary", INSIDE, "corp.example AXFR", "NOERROR aa", TRANSFER, ("tcp",)),
    Situation("transfer allowed", "primary", INSIDE, "corp.example IXFR", "NOERROR answers=1", TRANSFER, ("tcp",)),
    Situation("transfer denied", "primary", OUTSIDE, "corp.example AXFR", "REFUSED ede=18", REFUSAL, ("tcp",)),
    Situation("transfer denied", "primary", OUTSIDE, "corp.example IXFR", "REFUSED ede=18", REFUSAL, ("tcp",)),
    # It knows no updates: that denies them, but says nothing of a policy.
    Situation("update denied", "primary", INSIDE, update("corp.example"), "NOTIMP size=12",
              {"DENIED": "as_expected", "ANSWERED": "protocol_error"}),
    Situation("NOTIFY denied", "primary", OUTSIDE, NOTIFY, "REFUSED size=12", REFUSAL),
]

ZONE_OPTIONS = {"corp.example": "    provide-xfr: 127.10.0.0/16 NOKEY\n    provide-xfr: 127.0.0.1 NOKEY\n",
                "keyed.example": "    provide-xfr: 0.0.0.0/0 xfr\n", "private.example": "    allow-query: 127.10.0.0/16 NOKEY\n"}
ZONES = ["corp.example", "keyed.example", "private.example", "copy.example"]


@pytest.fixture(scope="module")
def servers(workspace):
    with fleet() as started:
        started["primary"] = Nsd(workspace, address="127.0.0.1", name="primary", zone_texts={zone: ZONE for zone in ZONES},
                                 zone_options=ZONE_OPTIONS)
        yield started


@pytest.fixture(scope="module")
def before(servers):
    return dump(servers["primary"], ["corp.example", "keyed.example"])


@pytest.fixture(scope="module")
def column(workspace, servers, before):
    return ask_all(workspace, {"primary": Endpoint(servers["primary"], ", ".join(ZONES))}, SITUATIONS, CLIENTS + SIGNERS, KEYS)


def test_situation(column, probe):
    column.assert_is(probe)


@pytest.mark.row("zone unchanged")
def test_no_zone_has_changed(column, servers, before):
    assert column.probes and dump(servers["primary"], list(before)) == before
