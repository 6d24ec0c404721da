"""Claimed clients: one machine asks as anybody in the world, over both families, and the server decides on the claim."""
import json

import pytest

from harness import Unbound, run_command
from harness.process import free_port

CLIENTS = """\
  guest4: {subnet: 203.0.113.0/24, proxy: 203.0.113.7}
  guest6: {subnet: "2001:db8:1::/48", proxy: "2001:db8:1::7"}
  guest-of-both: {subnet: [203.0.113.0/24, "2001:db8:1::/48"], proxy: [203.0.113.7, "2001:db8:1::7"]}
  stranger4: {subnet: 198.51.100.0/24, proxy: 198.51.100.7}
  stranger6: {subnet: "2001:db8:2::/48", proxy: "2001:db8:2::7"}
"""
GUESTS = ["guest4", "guest6", "guest-of-both"]


@pytest.fixture(scope="module")
def world(workspace, nsd):
    """An Unbound behind PROXYv2 on 127.0.0.1 and ::1, and what was asked of it by whom."""
    port = free_port()
    lines = f"    do-ip6: yes\n    interface: ::1@{port}\n    proxy-protocol-port: {port}\n"
    server = Unbound(workspace, (nsd.address, nsd.port), port=port, options=lines, access={
        "127.0.0.0/8": "allow", "::1/128": "allow", "203.0.113.0/24": "allow", "2001:db8:1::/48": "allow"})
    resolvers = "".join(f'  {name}: {{address: "{address}", port: {port}, proxy: true}}\n'
                        for name, address in (("v4", "127.0.0.1"), ("v6", "::1")))
    guest_list = ("  - {name: guests, operation: recursion, resolver: [v4, v6], transport: [udp, tcp], deny_with: REFUSED, "
                  f'query: "{{random}}.probe.example.net A", allow: [{", ".join(GUESTS)}]}}\n')
    file = workspace.directory("proxy") / "dnspolicy.yml"
    file.write_text("global: {max_qps_per_resolver: 0, max_denied_qps: 0}\n"
                    f"clients:\n{CLIENTS}resolvers:\n{resolvers}policies:\n{guest_list}")
    result = run_command("check", "-c", file, "--format", "json", timeout=60)
    yield server, {(probe["client"]["name"], probe["resolver"]["name"], probe["transport"]): probe
                   for probe in json.loads(result.stdout)["probes"]}
    server.stop()


@pytest.mark.parametrize("resolver,transport", [("v4", "udp"), ("v4", "tcp"), ("v6", "udp"), ("v6", "tcp")])
def test_the_policy_decides_on_the_claimed_address(world, resolver, transport):
    _, probes = world
    for client in GUESTS + ["stranger4", "stranger6"]:
        probe = probes[client, resolver, transport]
        assert probe["verdict"] == "as_expected", probe
        assert probe["outcome"]["rcode"] == ("NOERROR" if client in GUESTS else "REFUSED")
    claimed = probes["guest-of-both", resolver, transport]["client"]["subnet"]
    assert claimed == ("203.0.113.0/24" if resolver == "v4" else "2001:db8:1::/48"), "the resolver's own family first"


def test_the_server_has_seen_the_claimed_clients_only(world):
    server, _ = world
    log = server.process.log()
    for address in ("203.0.113.7", "2001:db8:1::7"):
        assert f"info: {address} " in log, log[-2000:]
    asked = [line for line in log.splitlines() if ".probe.example.net. A IN" in line]
    assert not [line for line in asked if "info: 127.0.0.1 " in line or "info: ::1 " in line]
