"""Knot Resolver: views and policies, whose refusals keep RA; a dropped query is SERVFAIL with EDE 18."""
import pytest

from column import (ANSWER, CLAIMERS, CLIENTS, FRESH, INSIDE, NO_RD, OUTSIDE, RECURSION, REFUSAL, Endpoint, Listener,
                    Situation, ask_all, fleet)
from harness import KnotResolver, Unbound, free_port

SERVER = "Knot Resolver"
pytestmark = pytest.mark.plain

DROPPED = {"SERVFAIL": "as_expected", "DENIED": "as_expected", "ANSWERED": "unexpected_refusal"}

SITUATIONS = [
    Situation("recursion allowed", "views", INSIDE, FRESH, "NOERROR ra !aa answers=1 nsid=views", RECURSION),
    Situation("recursion refused", "views", OUTSIDE, FRESH, "REFUSED ra !aa ede=18", REFUSAL),
    Situation("open recursion found", "open", OUTSIDE, FRESH, "NOERROR ra !aa answers=1", RECURSION),
    # Whom it drops it tells so, with a failure that says who decided.
    Situation("silent denial", "views", "limited", FRESH, "SERVFAIL ra ede=18", DROPPED),
    Situation("refused without RD", "views", INSIDE, NO_RD, "REFUSED ra !aa ede=20", REFUSAL),
    Situation("name policy: denied", "views", INSIDE, "refused.probe.example.net A", "REFUSED ra !aa ede=18", REFUSAL),
    Situation("name policy: denied", "views", INSIDE, "nxdomain.probe.example.net A", "NXDOMAIN ra aa ede=15 answers=0",
              {"NXDOMAIN": "as_expected", "REFUSED": "unexpected_answer"}),
    Situation("name policy: silence", "views", INSIDE, "drop.probe.example.net A", "SERVFAIL ra ede=18", DROPPED),
    Situation("TCP only", "views", INSIDE, "tcp.probe.example.net A", "NOERROR !tc answers=1", ANSWER),
    Situation("PROXYv2 over UDP", "behind-proxy", "claims-inside", FRESH, "NOERROR ra answers=1", RECURSION, ("udp",)),
    Situation("PROXYv2 over UDP", "behind-proxy", "claims-outside", FRESH, "REFUSED ra ede=18", REFUSAL, ("udp",)),
    Situation("PROXYv2 over TCP", "behind-proxy", "claims-inside", FRESH, "NOERROR ra answers=1", RECURSION, ("tcp",)),
    Situation("PROXYv2 over TCP", "behind-proxy", "claims-outside", FRESH, "REFUSED ra ede=18", REFUSAL, ("tcp",)),
    Situation("DNS over TLS", "tls", INSIDE, FRESH, "NOERROR ra answers=1", RECURSION, ("tls",)),
    Situation("DNS over TLS", "tls", OUTSIDE, FRESH, "REFUSED ra ede=18", REFUSAL, ("tls",)),
    Situation("DNS over HTTPS", "https", INSIDE, FRESH, "NOERROR ra answers=1", RECURSION, ("https",)),
    Situation("DNS over HTTPS", "https", OUTSIDE, FRESH, "REFUSED ra ede=18", REFUSAL, ("https",)),
    Situation("upstream refuses", "behind-refusal", INSIDE, FRESH, "REFUSED ra", REFUSAL),
    Situation("upstream refuses", "behind-bare-refusal", INSIDE, FRESH, "SERVFAIL ra",
              {"SERVFAIL": "as_expected", "ANSWERED": "wrong_rcode"}),
]

ASKED = {situation.resolver for situation in SITUATIONS}
VIEWS = """\
view:addr('127.66.0.0/16', policy.all(policy.REFUSE))
view:addr('127.77.0.0/16', policy.all(policy.DROP))
policy.add(policy.suffix(policy.REFUSE, {todname('refused.probe.example.net')}))
policy.add(policy.suffix(policy.DENY, {todname('nxdomain.probe.example.net')}))
policy.add(policy.suffix(policy.DROP, {todname('drop.probe.example.net')}))
-- TC itself would end the chain over TCP too, before the name is handed on.
policy.add(policy.suffix(function (state, request)
    if not request.qsource.flags.tcp then return policy.TC(state, request) end
end, {todname('tcp.probe.example.net')}))
"""


@pytest.fixture(scope="module")
def servers(workspace, nsd, certificates):
    internet, ports = (nsd.address, nsd.port), [free_port() for _ in range(2)]
    listeners = "net.tls('{}', '{}')\n".format(*certificates) + "".join(
        f"net.listen('127.0.0.1', {port}, {{ kind = '{kind}' }})\n" for port, kind in zip(ports, ("tls", "doh2")))
    with fleet() as started:
        for name, bareness in (("refusal", "    ede: yes\n"), ("bare-refusal", "")):
            started[name] = Unbound(workspace, internet, options=bareness, access={"127.0.0.0/8": "allow", "127.1.0.1/32": "refuse"})
            started[f"behind-{name}"] = KnotResolver(workspace, (started[name].address, started[name].port), name=f"behind-{name}")
        started["views"] = KnotResolver(workspace, internet, name="views", options=VIEWS + listeners)
        started["tls"], started["https"] = (Listener(started["views"], port) for port in ports)
        started["open"] = KnotResolver(workspace, internet, name="open")
        started["behind-proxy"] = KnotResolver(workspace, internet, name="behind-proxy",
                                               options=VIEWS + "net.proxy_allowed({'127.10.20.5'})\n")
        yield started


@pytest.fixture(scope="module")
def column(workspace, servers, certificates):
    trust = f"tls: {{server_name: dns.example, ca_file: {certificates[0]}}}"
    more = {"behind-proxy": ", proxy: true", "tls": ", " + trust, "https": ", https: {path: /dns-query, method: POST}, " + trust}
    return ask_all(workspace, {name: Endpoint(server, more=more.get(name, "")) for name, server in servers.items() if name in ASKED},
                   SITUATIONS, CLIENTS + CLAIMERS)


def test_situation(column, probe):
    column.assert_is(probe)
