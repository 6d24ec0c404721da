"""A query leaves as its client, every time: by its interface, with its mark, from its namespace, from an address that is not ours.

The exporter's host has two cables, and at the end of each is a server of the same address. Which of them a query reaches tells by
which way it left; without a client's context it is the left one.
"""
import os

import pytest

from harness import Misbehaving, Namespace, policy
from harness.exporter import prefix
from harness.streams import StreamServer

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a network namespace")

SERVER = "10.0.0.53"
OFFICE = "10.20.5.18"
GUEST = "172.16.9.4"
PODS = "10.244.0.7"
PAST_SEVERAL_USES = 6  # of one and the same socket, which forgets its interface between two of them
TRANSPORTS = ["udp", "tcp"]


class Side:
    """What is at the end of one cable."""

    def __init__(self, workspace, host, name, number):
        self.namespace = Namespace(f"{host.name}-{name}")
        host.join(name, self.namespace, "host")
        host.ip("addr", "add", f"10.{number}.0.1/24", "dev", name)
        self.namespace.ip("addr", "add", f"10.{number}.0.2/24", "dev", "host")
        self.namespace.ip("route", "add", "default", "via", f"10.{number}.0.1")
        self.namespace.add(f"{SERVER}/32")
        self.server = Misbehaving(workspace, SERVER, 5353, namespace=self.namespace)

    def sources(self):
        return [query["source"] for query in self.server.queries("probe")]

    def delete(self):
        self.server.stop()
        self.namespace.delete()


@pytest.fixture
def host():
    place = Namespace(f"dnspolicy-{os.getpid()}")
    place.add(f"{OFFICE}/32")
    yield place
    place.delete()


@pytest.fixture
def left(workspace, host):
    side = Side(workspace, host, "left", 1)
    host.ip("route", "add", SERVER, "via", "10.1.0.2", "dev", "left")
    yield side
    side.delete()


@pytest.fixture
def right(workspace, host):
    side = Side(workspace, host, "right", 2)
    host.ip("route", "add", SERVER, "via", "10.2.0.2", "dev", "right", "metric", "200")
    host.ip("route", "add", SERVER, "via", "10.2.0.2", "table", "9")
    host.ip("rule", "add", "fwmark", "9", "lookup", "9")
    yield side
    side.delete()


def asking(client, transport, server):
    checks = (f"  - {{name: one, client: asker, resolver: ns1, transport: {transport},"
              ' query: "{random}.probe.example A", expect: ANSWERED}\n')
    return policy({"ns1": server}, checks, interval="200ms", timeout="100ms", attempts=1, clients=f"  asker: {{{client}}}\n")


def after_several_uses(running):
    running.wait_for(lambda: running.probe(check="one")["runs"] >= PAST_SEVERAL_USES, "several runs")
    return running.probe(check="one")


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("context", ["interface: right", "mark: 9"])
def test_every_query_leaves_by_the_clients_way(exporter, host, left, right, context, transport):
    client = f"subnet: 10.20.0.0/16, source: {OFFICE}, {context}"
    probe = after_several_uses(exporter(asking(client, transport, right.server), namespace=host))
    assert probe["verdict"] == "as_expected"
    assert left.sources() == []
    assert len(right.sources()) >= PAST_SEVERAL_USES and set(right.sources()) == {OFFICE}


def test_without_a_context_a_query_leaves_by_the_hosts_way(exporter, host, left, right):
    after_several_uses(exporter(asking(f"subnet: 10.20.0.0/16, source: {OFFICE}", "udp", left.server), namespace=host))
    assert right.sources() == []
    assert set(left.sources()) == {OFFICE}


def test_an_interface_brings_its_own_source(exporter, host, left, right):
    probe = after_several_uses(exporter(asking("subnet: 10.2.0.0/24, interface: right", "udp", right.server), namespace=host))
    assert probe["verdict"] == "as_expected"
    assert set(right.sources()) == {"10.2.0.1"}


def test_a_kept_connection_that_reaches_nobody_is_no_silence(exporter, host, left):
    """As where a firewall has forgotten it: a query that the other end never acknowledges proves no denial."""
    with left.namespace.entered():
        server = StreamServer(address=SERVER)
    text = asking(f"subnet: 10.20.0.0/16, source: {OFFICE}", "tcp", server)
    running = exporter(text.replace("expect: ANSWERED", "reuse_connection: true, expect: REFUSED"), namespace=host)
    running.judged(check="one")
    running.wait_for(lambda: running.probe(check="one")["outcome"]["reused_connection"], "a connection that serves again")
    left.namespace.ip("route", "add", "blackhole", f"{OFFICE}/32")
    running.wait_for(lambda: running.probe(check="one")["verdict"] == "no_response", "silence to a new connection")
    events = running.json("/api/v1/events")["events"]
    assert [event["to"] for event in events[1::-1]] == ["network_error", "no_response"], events
    assert "send: Connection timed out" in events[1]["explanation"], events
    server.stop()


def test_an_interface_that_goes_is_a_local_error_until_it_is_back(exporter, workspace, host, left):
    running = exporter(asking("subnet: 10.2.0.0/24, interface: right", "udp", left.server), namespace=host)
    probe = running.judged(check="one")
    assert probe["verdict"] == "local_error"
    assert "bind to the interface right: No such device" in probe["explanation"]
    side = Side(workspace, host, "right", 2)
    try:
        host.ip("route", "add", SERVER, "via", "10.2.0.2", "dev", "right", "metric", "200")
        running.wait_for(lambda: running.probe(check="one")["verdict"] == "as_expected", "the recovery")
        host.ip("link", "delete", "right")
        running.wait_for(lambda: running.probe(check="one")["verdict"] == "local_error", "a local error")
        assert left.sources() == [], "never by another way"
    finally:
        side.delete()


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_transparent_client_asks_from_an_address_that_is_not_the_hosts(exporter, host, left, transport):
    # What comes back to the address is for this host, although the address is nobody's.
    host.ip("route", "add", "local", "172.16.9.0/24", "dev", "lo", "table", "100")
    host.ip("rule", "add", "iif", "left", "lookup", "100")
    client = f"subnet: 172.16.9.0/24, source: {GUEST}"
    running = exporter(asking(client, transport, left.server), namespace=host)
    assert running.judged(check="one")["verdict"] == "local_error"
    assert f"bind to {GUEST}: Cannot assign requested address" in running.probe(check="one")["explanation"]
    assert left.sources() == []

    assert running.reload(asking(client + ", transparent: true", transport, left.server))
    running.wait_for(lambda: running.probe(check="one")["verdict"] == "as_expected", "an answer")
    before = running.probe(check="one")["runs"]
    running.wait_for(lambda: running.probe(check="one")["runs"] >= before + PAST_SEVERAL_USES, "several runs")
    assert running.probe(check="one")["verdict"] == "as_expected"
    assert set(left.sources()) == {GUEST}


@pytest.mark.parametrize(("context", "told"), [
    ("mark: 9", "set the mark 9: Operation not permitted; it needs CAP_NET_ADMIN"),
    ("transparent: true", "Operation not permitted; it needs CAP_NET_ADMIN or CAP_NET_RAW"),
    ("netns: {netns}", "enter the network namespace /run/netns/{netns}: Operation not permitted; it needs CAP_SYS_ADMIN")])
def test_what_a_context_needs_is_told_where_it_lacks(exporter, host, left, monkeypatch, context, told):
    monkeypatch.setenv("DNSPOLICY_PREFIX", " ".join([*prefix(), "setpriv", "--bounding-set=-net_admin,-net_raw,-sys_admin"]))
    client = f"subnet: 10.20.0.0/16, source: {OFFICE}, {context.format(netns=left.namespace.name)}"
    running = exporter(asking(client, "udp", left.server), namespace=host)
    assert running.judged(check="one")["verdict"] == "local_error"
    assert told.format(netns=left.namespace.name) in running.probe(check="one")["explanation"]
    assert left.sources() == []


class Pods:
    """A namespace with a client and a server in it."""

    def __init__(self, workspace, name):
        self.namespace = Namespace(name)
        for address in (SERVER, PODS):
            self.namespace.add(f"{address}/32")
        self.server = Misbehaving(workspace, SERVER, 5353, namespace=self.namespace)

    def delete(self):
        self.namespace.delete()
        self.server.stop()


@pytest.mark.parametrize("by_path", [False, True], ids=["by-name", "by-path"])
@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_namespace_may_vanish_and_come_back(exporter, workspace, host, left, transport, by_path):
    name = f"{host.name}-pods"
    pods = Pods(workspace, name)
    netns = f"/run/netns/{name}" if by_path else name
    running = exporter(asking(f"subnet: 10.244.0.0/16, source: {PODS}, netns: {netns}", transport, pods.server), namespace=host)
    try:
        assert after_several_uses(running)["verdict"] == "as_expected"
        assert {query["source"] for query in pods.server.queries("probe")} == {PODS}
    finally:
        pods.delete()
    running.wait_for(lambda: running.probe(check="one")["verdict"] == "local_error", "a local error")
    assert f"enter the network namespace /run/netns/{name}: No such file or directory" in running.probe(check="one")["explanation"]

    pods = Pods(workspace, name)
    try:
        running.wait_for(lambda: running.probe(check="one")["verdict"] == "as_expected", "the recovery")
    finally:
        pods.delete()
    assert left.sources() == [], "nothing was asked from the host's own namespace"


def test_a_source_that_the_kernel_chooses_is_checked_in_a_namespace_too(exporter, workspace, host):
    pods = Pods(workspace, f"{host.name}-pods")
    try:
        running = exporter(asking(f"subnet: 10.244.0.0/16, netns: {pods.namespace.name}", "udp", pods.server), namespace=host)
        probe = running.judged(check="one")
        assert probe["verdict"] == "local_error"
        assert f"the kernel chose {SERVER} as source, outside the client's subnet" in probe["explanation"]
        assert pods.server.queries("probe") == []
    finally:
        pods.delete()
