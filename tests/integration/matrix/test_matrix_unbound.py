"""Unbound: access control by network, local zones, rate limits, RPZ, PROXYv2, TLS."""
import pytest

from column import (ANSWER, CLAIMERS, CLIENTS, FRESH, INSIDE, NO_RD, OUTSIDE, QUERY, RECURSION, REFUSAL, RPZ, SILENCE,
                    Endpoint, Situation, answer_or, ask_all, fleet)
from flood import flooded
from harness import Unbound, ask, free_port

SERVER = "Unbound"
pytestmark = pytest.mark.plain

CACHED = "{name: www.example.com, type: A, recursion_desired: false}"

SITUATIONS = [
    Situation("recursion allowed", "refuse", INSIDE, FRESH, "NOERROR ra !aa answers=1", RECURSION),
    Situation("open recursion found", "open", OUTSIDE, FRESH, "NOERROR ra !aa answers=1", RECURSION),
    # The bare header: no question, no OPT, so no EDE and no NSID.
    Situation("recursion refused", "refuse", OUTSIDE, FRESH, "REFUSED size=12 question=0 !ra ede=", REFUSAL),
    Situation("recursion refused", "ede", OUTSIDE, FRESH, "REFUSED question=1 !ra ede=18", REFUSAL),
    Situation("recursion refused", "non-local", OUTSIDE, FRESH, "REFUSED question=0 !ra", REFUSAL),
    Situation("recursion allowed", "non-local", INSIDE, FRESH, "NOERROR ra !aa answers=1", RECURSION),
    Situation("query refused", "refuse", OUTSIDE, "printer.lab.example A", "REFUSED size=12", REFUSAL),
    Situation("query refused", "non-local", OUTSIDE, "printer.lab.example A", "NOERROR aa answers=1",
              QUERY),
    Situation("silent denial", "deny", OUTSIDE, FRESH, "timeout", SILENCE, ("udp",)),
    Situation("silent denial", "deny", OUTSIDE, FRESH, "closed", SILENCE, ("tcp",)),
    Situation("recursion allowed", "deny", INSIDE, FRESH, "NOERROR ra !aa answers=1", RECURSION),
    Situation("open cache found", "snoop", OUTSIDE, CACHED, "NOERROR !aa answers=1", answer_or("open_cache")),
    Situation("refused without RD", "ede", INSIDE, NO_RD, "REFUSED ra !aa ede=20", REFUSAL),
    Situation("refused without RD", "refuse", INSIDE, NO_RD, "REFUSED ra !aa ede=", REFUSAL),
    Situation("name policy: denied", "policy", INSIDE, "www.blocked.example.net A", "REFUSED aa ra", REFUSAL),
    Situation("name policy: denied", "policy", INSIDE, "nxdomain.probe.example.net A", "NXDOMAIN aa ra answers=0",
              {"NXDOMAIN": "as_expected", "DENIED": "unexpected_answer"}),
    Situation("name policy: silence", "policy", INSIDE, "www.dropped.example.net A", "timeout", SILENCE, ("udp",)),
    Situation("name policy: silence", "policy", INSIDE, "www.dropped.example.net A", "closed", SILENCE, ("tcp",)),
    Situation("name policy: silence", "policy", INSIDE, "drop.probe.example.net A", "timeout", SILENCE, ("udp",)),
    Situation("name policy: silence", "policy", INSIDE, "drop.probe.example.net A", "closed", SILENCE, ("tcp",)),
    Situation("recursion allowed", "policy", INSIDE, FRESH, "NOERROR ra !aa answers=1", RECURSION),
    Situation("rate limited", "limiting", "limited", FRESH, "timeout", SILENCE, ("udp",)),
    Situation("rate limited", "limiting", "limited", FRESH, "closed", SILENCE, ("tcp",)),
    Situation("recursion allowed", "limiting", INSIDE, FRESH, "NOERROR ra", RECURSION),
    Situation("PROXYv2 over UDP", "behind-proxy", "claims-inside", FRESH, "NOERROR ra answers=1", RECURSION, ("udp",)),
    Situation("PROXYv2 over TCP", "behind-proxy", "claims-inside", FRESH, "NOERROR ra answers=1", RECURSION, ("tcp",)),
    Situation("PROXYv2 over UDP", "behind-proxy", "claims-outside", FRESH, "REFUSED !ra ede=18", REFUSAL, ("udp",)),
    Situation("PROXYv2 over TCP", "behind-proxy", "claims-outside", FRESH, "REFUSED !ra ede=18", REFUSAL, ("tcp",)),
    # Both must be allowed: the peer that brings the header, and whom it names.
    Situation("PROXYv2 over UDP", "behind-proxy", "really-outside", FRESH, "REFUSED", REFUSAL, ("udp",)),
    Situation("PROXYv2 over TCP", "behind-proxy", "really-outside", FRESH, "REFUSED", REFUSAL, ("tcp",)),
    Situation("DNS over TLS", "tls", INSIDE, FRESH, "NOERROR ra answers=1", RECURSION, ("tls",)),
    Situation("DNS over TLS", "tls", OUTSIDE, FRESH, "REFUSED !ra ede=18", REFUSAL, ("tls",)),
    Situation("DNS over HTTPS", "https", INSIDE, FRESH, "NOERROR ra answers=1", RECURSION, ("https",)),
    Situation("DNS over HTTPS", "https", OUTSIDE, FRESH, "REFUSED !ra ede=18", REFUSAL, ("https",)),
    Situation("TCP only", "policy", INSIDE, "tcp.probe.example.net A", "NOERROR !tc answers=1", ANSWER),
]


@pytest.fixture(scope="module")
def servers(workspace, nsd, certificates):
    inside_only = {"127.0.0.0/8": "allow", "127.66.0.0/16": "refuse"}
    local = '    local-zone: "lab.example." static\n    local-data: "printer.lab.example. A 10.9.8.7"\n'
    keyed = "    ede: yes\n" + '    tls-service-pem: "{}"\n    tls-service-key: "{}"\n'.format(*certificates)
    rpz = workspace.directory("rpz") / "rpz.zone"
    rpz.write_text(RPZ)
    ports = [free_port() for _ in range(3)]
    with fleet() as started:
        def start(name, access=None, options="", **more):
            started[name] = Unbound(workspace, (nsd.address, nsd.port), name=name, access=access, options=options, **more)

        for name, action in (("refuse", "refuse"), ("deny", "deny"), ("non-local", "refuse_non_local"), ("snoop", "allow_snoop")):
            start(name, {"127.0.0.0/8": "allow", "127.66.0.0/16": action}, local)
        start("open")
        start("ede", inside_only, "    ede: yes\n")
        start("policy", options='    module-config: "respip iterator"\n    local-zone: "blocked.example.net." always_refuse\n'
                                '    local-zone: "dropped.example.net." always_deny\n',
              sections=f'rpz:\n    name: "rpz.lab"\n    zonefile: "{rpz}"\n')
        start("limiting", options="    ip-ratelimit: 20\n    ip-ratelimit-factor: 0\n    ip-ratelimit-backoff: yes\n")
        start("behind-proxy", inside_only, f"    ede: yes\n    proxy-protocol-port: {ports[0]}\n", port=ports[0])
        start("tls", inside_only, keyed + f"    tls-port: {ports[1]}\n", port=ports[1])
        start("https", inside_only, keyed + f"    https-port: {ports[2]}\n", port=ports[2])
        yield started


@pytest.fixture(scope="module")
def column(workspace, servers, certificates):
    trust = f"tls: {{server_name: dns.example, ca_file: {certificates[0]}}}"
    more = {"behind-proxy": ", proxy: true", "tls": ", " + trust, "https": ", https: {path: /dns-query, method: POST}, " + trust}
    assert ask(servers["snoop"].address, servers["snoop"].port, "www.example.com")
    with flooded(servers["limiting"], "127.77.7.7"):
        return ask_all(workspace, {name: Endpoint(server, more=more.get(name, "")) for name, server in servers.items()}, SITUATIONS,
                       CLIENTS + CLAIMERS)


def test_situation(column, probe):
    column.assert_is(probe)


@pytest.mark.row("PROXYv2 over UDP")
def test_the_server_saw_the_claimed_clients_and_not_the_peer(column, servers):
    log = servers["behind-proxy"].process.log()
    assert column.probes and "info: 127.10.1.1 " in log and "info: 127.66.1.1 " in log and "127.10.20.5" not in log, log[-3000:]
