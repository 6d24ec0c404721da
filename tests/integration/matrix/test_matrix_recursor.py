"""PowerDNS Recursor: whom it does not allow it does not answer, over UDP by silence and over TCP by a reset."""
import re

import pytest

from column import CLAIMERS, CLIENTS, FRESH, INSIDE, OUTSIDE, RECURSION, RPZ, SILENCE, Endpoint, Situation, ask_all, fleet
from harness import Recursor, Unbound

SERVER = "PowerDNS Recursor"
pytestmark = pytest.mark.plain

SITUATIONS = [
    Situation("recursion allowed", "listed", INSIDE, FRESH, "NOERROR ra !aa answers=1 nsid=listed", RECURSION),
    Situation("recursion refused", "listed", OUTSIDE, FRESH, "timeout", SILENCE, ("udp",)),
    Situation("recursion refused", "listed", OUTSIDE, FRESH, "reset", SILENCE, ("tcp",)),
    Situation("silent denial", "listed", OUTSIDE, "version.bind TXT CH", "timeout", SILENCE, ("udp",)),
    Situation("silent denial", "listed", OUTSIDE, "version.bind TXT CH", "reset", SILENCE, ("tcp",)),
    Situation("open recursion found", "open", OUTSIDE, FRESH, "NOERROR ra !aa answers=1", RECURSION),
    # Policy is what EDE 15 says; a NXDOMAIN would otherwise be an answer.
    Situation("name policy: denied", "listed", INSIDE, "nxdomain.probe.example.net A", "NXDOMAIN ra answers=0 ede=15",
              {"NXDOMAIN": "as_expected", "REFUSED": "unexpected_answer"}),
    Situation("name policy: silence", "listed", INSIDE, "drop.probe.example.net A", "timeout", SILENCE),
    Situation("TCP only", "listed", INSIDE, "tcp.probe.example.net A", "NOERROR !tc answers=1", {"NOERROR": "as_expected"}),
    Situation("PROXYv2 over UDP", "behind-proxy", "claims-inside", FRESH, "NOERROR ra answers=1", RECURSION, ("udp",)),
    Situation("PROXYv2 over UDP", "behind-proxy", "claims-outside", FRESH, "timeout", SILENCE, ("udp",)),
    Situation("PROXYv2 over TCP", "behind-proxy", "claims-inside", FRESH, "NOERROR ra answers=1", RECURSION, ("tcp",)),
    Situation("PROXYv2 over TCP", "behind-proxy", "claims-outside", FRESH, "reset", SILENCE, ("tcp",)),
    Situation("upstream refuses", "behind-refusal", INSIDE, FRESH, "SERVFAIL ra", {"SERVFAIL": "as_expected", "ANSWERED": "wrong_rcode"}),
]

LISTED = "allow-from=127.10.0.0/16\n"


@pytest.fixture(scope="module")
def servers(workspace, nsd):
    internet = nsd.address, nsd.port
    rpz = workspace.directory("rpz") / "rpz.zone"
    rpz.write_text(RPZ)
    with fleet() as started:
        started["refusing"] = Unbound(workspace, internet, options="    ede: yes\n",
                                      access={"127.0.0.0/8": "allow", "127.1.0.1/32": "refuse"})
        started["listed"] = Recursor(workspace, internet, name="listed", options=LISTED, lua=(
            f'rpzFile("{rpz}", {{policyName="rpz.lab", extendedErrorCode=15, extendedErrorExtra="by policy"}})\n'))
        started["open"] = Recursor(workspace, internet, name="open", options="allow-from=0.0.0.0/0\n")
        started["behind-proxy"] = Recursor(workspace, internet, name="behind-proxy", options=LISTED + "proxy-protocol-from=127.10.20.5\n")
        started["behind-refusal"] = Recursor(workspace, (started["refusing"].address, started["refusing"].port), name="behind-refusal")
        yield started


@pytest.fixture(scope="module")
def column(workspace, servers):
    more = {"behind-proxy": ", proxy: true"}
    return ask_all(workspace, {name: Endpoint(server, more=more.get(name, "")) for name, server in servers.items() if name != "refusing"},
                   SITUATIONS, CLIENTS + CLAIMERS)


def test_situation(column, probe):
    column.assert_is(probe)


@pytest.mark.row("PROXYv2 over UDP")
def test_the_server_tells_the_claimed_client_from_the_peer(column, servers):
    log = servers["behind-proxy"].process.log()
    assert column.probes and re.search(r'remote="127\.10\.1\.1:\d+ \(proxied by 127\.10\.20\.5:', log), log[-3000:]
    assert re.search(r'Dropping UDP query, .* source="127\.66\.1\.1:', log), log[-3000:]
