"""The source address is who is asking: when it goes, the probe says so and never asks as somebody else."""
import os

import pytest

from harness import Misbehaving, Namespace, policy
from harness.streams import StreamServer

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a network namespace")

OFFICE = {4: "10.20.5.18", 6: "2001:db8:20::18"}
SERVER = {4: "10.20.0.53", 6: "2001:db8:20::53"}
LENGTH = {4: 32, 6: 128}
CLIENTS = """\
  office: {subnet: [10.20.0.0/16, "2001:db8:20::/48"], source: [10.20.5.18, "2001:db8:20::18"]}
  roaming: {subnet: [10.99.0.0/16, "2001:db8:99::/48"]}
"""


@pytest.fixture
def namespace():
    place = Namespace(f"dnspolicy-{os.getpid()}")
    for addresses in (OFFICE, SERVER):
        for family, address in addresses.items():
            place.add(f"{address}/{LENGTH[family]}")
    yield place
    place.delete()


@pytest.fixture(params=[4, 6], ids=["ipv4", "ipv6"])
def family(request):
    return request.param


@pytest.fixture
def server(workspace, namespace, family):
    running = Misbehaving(workspace, SERVER[family], 5353, namespace=namespace)
    yield running
    running.stop()


def check(client, transport, expect="ANSWERED"):
    return (f"  - {{name: {client}-{transport}, client: {client}, resolver: ns1, transport: {transport},"
            f' query: "{{random}}.probe.example A", expect: {expect}}}\n')


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_a_source_that_goes_between_two_runs_is_a_local_error_until_it_is_back(exporter, namespace, server, family, transport):
    running = exporter(policy({"ns1": server}, check("office", transport), interval="300ms", timeout="100ms", clients=CLIENTS),
                       namespace=namespace)
    name = f"office-{transport}"
    running.wait_for(lambda: running.probe(check=name)["runs"] >= 3, "three runs")
    assert running.probe(check=name)["verdict"] == "as_expected"

    namespace.remove(f"{OFFICE[family]}/{LENGTH[family]}")
    running.wait_for(lambda: running.probe(check=name)["verdict"] == "local_error", "a local error")
    probe = running.probe(check=name)
    assert OFFICE[family] in probe["explanation"]
    assert probe["outcome"]["status"] == "local_error"
    asked = len(server.queries("probe"))
    running.wait_for(lambda: running.probe(check=name)["runs"] >= probe["runs"] + 3, "three more runs")
    assert len(server.queries("probe")) == asked, "nothing was sent meanwhile"

    namespace.add(f"{OFFICE[family]}/{LENGTH[family]}")
    running.wait_for(lambda: running.probe(check=name)["verdict"] == "as_expected", "the recovery")
    queries = server.queries("probe")
    assert {query["source"] for query in queries} == {OFFICE[family]}
    running.wait_for(lambda: running.metrics().value("dnspolicy_queries_total", client="office") == len(server.queries("probe")),
                     "as many queries counted as the server has seen")


def test_a_kept_connection_whose_source_has_gone_is_no_silent_server(exporter, namespace):
    source, place = f"{OFFICE[4]}/32", SERVER[4]
    with namespace.entered():
        server = StreamServer(address=place)
    running = exporter(policy({"ns1": server}, check("office", "tcp", "REFUSED, reuse_connection: true"), interval="300ms",
                              timeout="100ms", clients=CLIENTS), namespace=namespace)
    running.wait_for(lambda: (running.probe(check="office-tcp")["outcome"] or {}).get("reused_connection"), "a kept connection")

    namespace.remove(source)
    running.wait_for(lambda: running.probe(check="office-tcp")["verdict"] != "as_expected", "another verdict")
    assert running.probe(check="office-tcp")["verdict"] == "local_error"
    namespace.add(source)
    running.wait_for(lambda: running.probe(check="office-tcp")["verdict"] == "as_expected", "the recovery")
    assert running.metrics().sum("dnspolicy_verdicts_total", verdict="no_response") == 0
    server.stop()


def test_a_source_that_the_kernel_chooses_outside_the_subnet_is_a_local_error(exporter, namespace, server):
    running = exporter(policy({"ns1": server}, check("roaming", "udp"), clients=CLIENTS), namespace=namespace)
    probe = running.judged(check="roaming-udp")
    assert probe["verdict"] == "local_error"
    assert server.queries("probe") == []
    assert running.metrics().value("dnspolicy_queries_total", client="roaming") == 0
