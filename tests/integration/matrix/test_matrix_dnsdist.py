"""dnsdist: an access list that drops, rules that refuse, drop and limit, and answers of others that pass through."""
import pytest

from column import (ANSWER, CLAIMERS, CLIENTS, FORBIDDEN, FRESH, INSIDE, NO_RD, OUTSIDE, RECURSION, REFUSAL, SILENCE, Endpoint, Listener,
                    Situation, ask_all, fleet)
from flood import flooded
from harness import Dnsdist, Unbound, free_port

SERVER = "dnsdist"
pytestmark = pytest.mark.plain

SITUATIONS = [
    Situation("recursion allowed", "rules", INSIDE, FRESH, "NOERROR ra !aa answers=1 nsid=backend", RECURSION),
    # It copies RD into RA, and has no NSID of its own.
    Situation("recursion refused", "rules", OUTSIDE, FRESH, "REFUSED ra !aa ede= nsid=", REFUSAL),
    Situation("refused without RD", "rules", OUTSIDE, NO_RD, "REFUSED !ra !aa ede=", REFUSAL),
    Situation("open recursion found", "open", OUTSIDE, FRESH, "NOERROR ra !aa answers=1", RECURSION),
    Situation("silent denial", "listed", OUTSIDE, FRESH, "timeout", SILENCE, ("udp",)),
    Situation("silent denial", "listed", OUTSIDE, FRESH, "reset", SILENCE, ("tcp",)),
    Situation("recursion allowed", "listed", INSIDE, FRESH, "NOERROR ra !aa answers=1", RECURSION),
    Situation("name policy: denied", "rules", INSIDE, "refused.probe.example.net A", "REFUSED ra ede= nsid=", REFUSAL),
    Situation("name policy: silence", "rules", INSIDE, "drop.probe.example.net A", "timeout", SILENCE, ("udp",)),
    Situation("name policy: silence", "rules", INSIDE, "drop.probe.example.net A", "closed", SILENCE, ("tcp",)),
    Situation("TCP only", "rules", INSIDE, "tcp.probe.example.net A", "NOERROR !tc answers=1", ANSWER),
    # TCP is not exempt.
    Situation("rate limited", "rules", "limited", FRESH, "REFUSED ede= nsid=", REFUSAL),
    # Rules judge whom the header names.
    Situation("PROXYv2 over UDP", "behind-proxy", "claims-inside", FRESH, "NOERROR ra answers=1", RECURSION, ("udp",)),
    Situation("PROXYv2 over TCP", "behind-proxy", "claims-inside", FRESH, "NOERROR ra answers=1", RECURSION, ("tcp",)),
    Situation("PROXYv2 over UDP", "behind-proxy", "claims-outside", FRESH, "REFUSED nsid=", REFUSAL, ("udp",)),
    Situation("PROXYv2 over TCP", "behind-proxy", "claims-outside", FRESH, "REFUSED nsid=", REFUSAL, ("tcp",)),
    # The access list judges the peer that brings it, but over UDP not one that may bring headers.
    Situation("PROXYv2 over UDP", "behind-proxy", "really-outside", FRESH, "NOERROR ra answers=1", RECURSION, ("udp",)),
    Situation("PROXYv2 over TCP", "behind-proxy", "really-outside", FRESH, "reset", SILENCE, ("tcp",)),
    Situation("DNS over TLS", "tls", INSIDE, FRESH, "NOERROR ra answers=1", RECURSION, ("tls",)),
    Situation("DNS over TLS", "tls", OUTSIDE, FRESH, "REFUSED nsid=", REFUSAL, ("tls",)),
    Situation("DNS over HTTPS", "https", INSIDE, FRESH, "NOERROR ra answers=1", RECURSION, ("https",)),
    Situation("DNS over HTTPS", "https", OUTSIDE, FRESH, "REFUSED nsid=", REFUSAL, ("https",)),
    # The access list says so in HTTP.
    Situation("DNS over HTTPS", "listed-https", INSIDE, FRESH, "NOERROR ra answers=1", RECURSION, ("https",)),
    Situation("DNS over HTTPS", "listed-https", OUTSIDE, FRESH, "http_failed http=403", FORBIDDEN, ("https",)),
    Situation("upstream refuses", "behind-refusal", INSIDE, FRESH, "REFUSED question=1 ede=18", REFUSAL),
    Situation("upstream refuses", "behind-bare-refusal", INSIDE, FRESH, "REFUSED size=12 question=0", REFUSAL),
]

RULES = """\
setACL({'127.0.0.0/8'})
local outsiders = newNMG()
outsiders:addMask('127.66.0.0/16')
local limited = newNMG()
limited:addMask('127.77.0.0/16')
addAction(NetmaskGroupRule(outsiders), RCodeAction(DNSRCode.REFUSED))
addAction(AndRule({NetmaskGroupRule(limited), MaxQPSIPRule(2)}), RCodeAction(DNSRCode.REFUSED))
addAction('refused.probe.example.net.', RCodeAction(DNSRCode.REFUSED))
addAction('drop.probe.example.net.', DropAction())
addAction(AndRule({QNameRule('tcp.probe.example.net.'), TCPRule(false)}), TCAction())
"""
ASKED = {situation.resolver for situation in SITUATIONS}
LISTED = "setACL({'127.10.0.0/16'})\n"


@pytest.fixture(scope="module")
def servers(workspace, nsd, certificates):
    ports = [free_port() for _ in range(3)]
    listeners = (f"addTLSLocal('127.0.0.1:{ports[0]}', '{certificates[0]}', '{certificates[1]}')\n"
                 f"addDOHLocal('127.0.0.1:{ports[1]}', '{certificates[0]}', '{certificates[1]}', '/dns-query')\n")
    with fleet() as started:
        refuse = {"127.0.0.0/8": "allow", "127.1.0.1/32": "refuse"}
        for name, access, options in (("backend", None, ""), ("refusing", refuse, "    ede: yes\n"), ("refusing-bare", refuse, "")):
            started[name] = Unbound(workspace, (nsd.address, nsd.port), name=name, access=access, options=options)
        backend, refusing, bare = ((server.address, server.port) for server in started.values())
        started["rules"] = Dnsdist(workspace, backend, options=RULES + listeners)
        started["tls"], started["https"] = (Listener(started["rules"], port) for port in ports[:2])
        started["open"] = Dnsdist(workspace, backend, options="setACL({'0.0.0.0/0'})\n")
        started["listed"] = Dnsdist(workspace, backend, options=LISTED + (
            f"addDOHLocal('127.0.0.1:{ports[2]}', '{certificates[0]}', '{certificates[1]}', '/dns-query')\n"))
        started["listed-https"] = Listener(started["listed"], ports[2])
        started["behind-proxy"] = Dnsdist(workspace, backend, options=RULES.replace("127.0.0.0/8", "127.10.0.0/16") +
                                          "setProxyProtocolACL({'127.10.20.5', '127.66.6.6'})\n")
        started["behind-refusal"] = Dnsdist(workspace, refusing)
        started["behind-bare-refusal"] = Dnsdist(workspace, bare)
        yield started


@pytest.fixture(scope="module")
def column(workspace, servers, certificates):
    trust = f"tls: {{server_name: dns.example, ca_file: {certificates[0]}}}"
    more = {"behind-proxy": ", proxy: true", "tls": ", " + trust, "https": ", https: {path: /dns-query, method: POST}, " + trust}
    more["listed-https"] = more["https"]
    endpoints = {name: Endpoint(server, more=more.get(name, "")) for name, server in servers.items() if name in ASKED}
    with flooded(servers["rules"], "127.77.7.7"):
        return ask_all(workspace, endpoints, SITUATIONS, CLIENTS + CLAIMERS)


def test_situation(column, probe):
    column.assert_is(probe)
