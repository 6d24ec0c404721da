"""`reproduce` is a command that a person can paste: it sends what the prober sent, but for the message id."""
import subprocess

import pytest

from harness import Misbehaving, policy

# RFC 1035, section 4.1.1: the id is the first two bytes of a message.
ID = 2 * 2

QUERIES = {
    "plain": "www.example A",
    "random": '"{random}.probe.example A"',
    "root": '". NS"',
    "type-by-number": "www.example TYPE65280",
    "any": "www.example ANY",
    "other-class": "version.bind TXT CH",
    "no-rd": "{name: www.example, type: A, recursion_desired: false}",
    "no-edns": "{name: www.example, type: A, edns: false}",
    "dnssec": "{name: www.example, type: A, dnssec_ok: true, checking_disabled: true}",
    "bufsize": "{name: www.example, type: A, bufsize: 4096}",
    "no-nsid": "{name: www.example, type: A, nsid: false}",
    "long-name": f'"{"x" * 63}.{"y" * 63}.example TXT"',
    "underscore": "_dmarc._tcp.example SRV",
    "shell-words": r'''{name: "a$(id)`id`;&|'b\".example", type: A}''',
    "number-as-a-name": "{name: \"192.0.2.1\", type: PTR}",
    "looks-like-an-option": "{name: \"-x.example\", type: A}",
    "looks-like-a-type": "{name: mx, type: A}",
    "looks-like-a-class": "{name: in, type: A}",
}


@pytest.fixture(scope="module")
def listener(workspace):
    server = Misbehaving(workspace)
    yield server
    server.stop()


@pytest.mark.parametrize("transport", ["udp", "tcp"])
@pytest.mark.parametrize("query", QUERIES)
def test_the_command_sends_the_same_bytes_from_the_same_source(exporter, listener, query, transport):
    running = exporter(policy({"ns1": listener}, "  - {name: q, client: inside, resolver: ns1, interval: 1s,"
                              f" timeout: 400ms, transport: {transport}, query: {QUERIES[query]}, expect: NOERROR}}\n"))
    probe = running.judged(check="q")
    running.stop()
    port = int(probe["outcome"]["local"].rpartition(":")[2])
    sent = next(query for query in reversed(listener.queries()) if query["port"] == port)
    before = len(listener.queries())
    subprocess.run(["sh", "-c", probe["reproduce"]], capture_output=True, text=True, timeout=30, check=False)
    pasted = listener.queries()[before:]
    assert len(pasted) == 1, probe["reproduce"]
    assert pasted[0]["bytes"][ID:] == sent["bytes"][ID:], probe["reproduce"]
    assert (pasted[0]["source"], pasted[0]["transport"]) == (sent["source"], transport)
