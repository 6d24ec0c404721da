"""`reproduce` is a command that a person can paste: it sends what the prober sent, but for the message id."""
import socket
import subprocess
from contextlib import suppress

import pytest

from harness import Misbehaving, policy
from harness.keys import XFR

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


CLAIMANTS = """\
global: {{interval: 500ms, timeout: 100ms, attempts: 1}}
keys:
  {key.name}: {{algorithm: {key.algorithm}, secret_file: xfr.key}}
clients:
  claimant: {{subnet: 198.51.100.0/24, proxy: 198.51.100.7, key: {key.name}}}
resolvers:
  edge: {{address: 127.0.0.1, port: {port}, proxy: true}}
checks:
  - {{name: q, client: claimant, resolver: edge, query: www.example A, expect: ANSWERED}}
"""
FILES = {"bare": f"{XFR.secret}\n",
         "clause": f'key "{XFR.name}" {{\n\talgorithm {XFR.algorithm};\n\tsecret "{XFR.secret}";\n}};\n'}
# A PROXYv2 header with two IPv4 addresses, and a TSIG record from its time on.
HEADER, UNLIKE = 28, 6 + 2 + 2 + 32 + 2 + 2 + 2


@pytest.mark.parametrize("form", FILES)
def test_kdig_claims_and_signs_as_the_prober_did(exporter, workspace, form):
    directory = workspace.directory("claimant")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.settimeout(10)
        (directory / "dnspolicy.yml").write_text(CLAIMANTS.format(key=XFR, port=listener.getsockname()[1]))
        (directory / "xfr.key").write_text(FILES[form])
        (directory / "xfr.key").chmod(0o600)
        running = exporter(None, config_file=directory / "dnspolicy.yml")
        running.judged(check="q")
        probe = running.probe(check="q")
        running.stop()
        claimed = int(probe["outcome"]["claimed"].rpartition(":")[2]).to_bytes(2, "big")
        sent = next(data for data in iter(lambda: listener.recv(1500), b"") if data[24:26] == claimed)
        listener.setblocking(False)
        with suppress(BlockingIOError):
            while listener.recv(1500):
                pass
        listener.settimeout(10)
        command = subprocess.Popen(["sh", "-c", probe["reproduce"]], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        pasted = listener.recv(1500)
        command.kill()
        command.wait()
    assert probe["reproduce"].startswith("kdig ") and XFR.secret not in probe["reproduce"]
    assert pasted[:HEADER] == sent[:HEADER], probe["reproduce"]
    assert pasted[HEADER + 2:-UNLIKE] == sent[HEADER + 2:-UNLIKE], probe["reproduce"]
