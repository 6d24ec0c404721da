"""One column of the matrix of servers and situations: what a server is asked, what it does, and what is said of it.

A situation is written once with the facts of its outcome and with several expectations, each with the verdict that it must get: a
refusal is right where a denial was wanted and wrong where an answer was. All of a column is one run of `dnspolicy check`.
"""
import json
import re
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from harness import run_command
from harness.keys import MISTYPED, OTHER, UNKNOWN, XFR

SKEWED = "clock skewed"
# The rows of the table, in its order.
ROWS = ("recursion allowed", "recursion refused", "open recursion found", "query refused", "cache refused", "open cache found",
        "refused without RD", "silent denial", "name policy: denied", "name policy: silence", "TCP only", "rate limited",
        "good key", "unknown key", "wrong secret", SKEWED, "key not listed", "transfer allowed", "transfer denied",
        "update allowed", "update denied", "zone unchanged", "NOTIFY denied", "PROXYv2 over UDP", "PROXYv2 over TCP",
        "DNS over TLS", "DNS over HTTPS", "upstream refuses", "no upstream")

INSIDE, OUTSIDE = "inside", "outside"
CLIENTS = """\
  inside: {subnet: 127.10.0.0/16, source: 127.10.20.5}
  outside: {subnet: 127.66.0.0/16, source: 127.66.6.6}
  limited: {subnet: 127.77.0.0/16, source: 127.77.7.7}
"""
SIGNERS = "".join(f"  with-{key.name}: {{subnet: 127.10.0.0/16, source: 127.10.20.5, key: {key.name}}}\n"
                  for key in (XFR, OTHER, MISTYPED, UNKNOWN))
KEYS = "keys:\n" + "".join(f"  {key.name}: {{algorithm: {key.algorithm}, secret: {key.secret}}}\n"
                           for key in (XFR, OTHER, MISTYPED, UNKNOWN))
# Who a PROXYv2 header says is asking.
CLAIMERS = """\
  claims-inside: {subnet: 127.10.0.0/16, source: 127.10.20.5, proxy: 127.10.1.1}
  claims-outside: {subnet: 127.66.0.0/16, source: 127.10.20.5, proxy: 127.66.1.1, nat: true}
  really-outside: {subnet: 127.10.0.0/16, source: 127.66.6.6, proxy: 127.10.1.1, nat: true}
"""

FRESH = '"{random}.probe.example.net A"'
NO_RD = '{name: "{random}.probe.example.net", type: A, recursion_desired: false}'
# Nobody refreshes copy.example because of it: it is asked only where it must be denied.
NOTIFY = "{opcode: NOTIFY, name: copy.example, type: SOA}"


def update(zone, name="probe", kind="TXT"):
    return f"{{opcode: UPDATE, zone: {zone}, name: {name}.{zone}, type: {kind}}}"


# A zone for any name that a server is authoritative for.
ZONE = """\
$TTL 300
@ SOA ns1.corp.example. hostmaster.corp.example. 7 3600 600 86400 300
@ NS ns1.corp.example.
ns1 A 127.0.0.1
www A 203.0.113.80
"""
RPZ = """\
$TTL 60
@ SOA localhost. root.localhost. 1 3600 600 86400 60
@ NS localhost.
nxdomain.probe.example.net CNAME .
drop.probe.example.net CNAME rpz-drop.
tcp.probe.example.net CNAME rpz-tcp-only.
"""

# Expectations and their verdicts.
ANSWER = {"ANSWERED": "as_expected"}
REFUSAL = {"REFUSED": "as_expected", "DENIED": "as_expected", "ANSWERED": "unexpected_refusal"}
NOTAUTH = {"NOTAUTH": "as_expected", "DENIED": "as_expected", "ANSWERED": "unexpected_refusal"}
SILENCE = {"NO_RESPONSE": "as_expected", "DENIED": "as_expected", "REFUSED": "no_response", "ANSWERED": "no_response"}
FORBIDDEN = {"DENIED": "as_expected", "NO_RESPONSE": "protocol_error", "ANSWERED": "protocol_error"}
BAD_KEY = {"DENIED": "as_expected", "ANSWERED": "bad_credentials"}
BAD_SIGNATURE = {"DENIED": "bad_credentials", "ANSWERED": "bad_credentials"}


def answer_or(verdict):
    """The answer is right for those who are welcome, and has its own name when it goes to others."""
    return {"ANSWERED": "as_expected", "DENIED": verdict}


RECURSION, QUERY = answer_or("open_recursion"), answer_or("unexpected_answer")
TRANSFER, UPDATE = answer_or("open_transfer"), answer_or("open_update")


@dataclass(frozen=True)
class Situation:
    """`facts` are words: an rcode or a status, flags (!flag for clear), `ede=18` (`ede=` for none), `size=12`, `answers=0`, `question=0`,
    `tsig=BADKEY`, `nsid=…`, `http=403`."""
    row: str
    resolver: str
    client: str
    query: str
    facts: str
    verdicts: dict
    transports: tuple = ("udp", "tcp")

    def name(self, expectation, number):
        return f"{number}-{re.sub('[^a-z0-9]+', '-', self.row.lower())}-{expectation.lower().replace('_', '-')}"


@dataclass
class Probe:
    """One expectation of one situation over one transport."""
    situation: Situation
    check: str
    transport: str
    expectation: str
    verdict: str

    def __str__(self):
        return f"{self.situation.row} ({self.situation.client} at {self.situation.resolver}), {self.expectation}, {self.transport}"


def probes(situations):
    return [Probe(situation, situation.name(expectation, number), transport, expectation, verdict)
            for number, situation in enumerate(situations)
            for expectation, verdict in situation.verdicts.items() for transport in situation.transports]


@dataclass
class Endpoint:
    """A server in a configuration: anything with an address and a port. `more` is YAML behind those."""
    server: object
    zones: str = ""
    more: str = ""


class Listener:
    """Another port of the same server."""

    def __init__(self, server, port):
        self.address, self.port, self.process = server.address, port, server.process

    def stop(self):
        pass


def configuration(endpoints, situations, group, clients, keys):
    """The checks of those situations that are in the group."""
    # Paced, because a server that queues ten connections and no more (Knot DNS) lets the others wait for a second.
    text = ("global: {interval: 30s, timeout: 300ms, attempts: 2, max_qps_per_resolver: 400, max_denied_qps: 0}\n"
            f"{keys}clients:\n{clients}resolvers:\n")
    for name, endpoint in endpoints.items():
        text += (f"  {name}: {{address: {endpoint.server.address}, port: {endpoint.server.port}, zones: [{endpoint.zones}]"
                 f"{endpoint.more}}}\n")
    text += "checks:\n"
    for number, situation in enumerate(situations):
        for expectation in situation.verdicts if situation in group else ():
            text += (f"  - {{name: {situation.name(expectation, number)}, client: {situation.client}, resolver: {situation.resolver},"
                     f" query: {situation.query}, transport: [{', '.join(situation.transports)}], expect: {expectation}}}\n")
    return text


@dataclass
class Column:
    """The results of one run, by check and transport."""
    probes: dict = field(default_factory=dict)

    def assert_is(self, probe):
        found = self.probes[probe.check, probe.transport]
        told = f"{found['verdict']}: {found['explanation']}\n{json.dumps(found['outcome'])}\n{found['reproduce']}"
        for word in probe.situation.facts.split():
            assert holds(found["outcome"], word), f"not {word!r}: {told}"
        assert found["verdict"] == probe.verdict, told


def holds(outcome, word):
    key, is_pair, value = word.partition("=")
    if is_pair:
        return {"ede": lambda: [entry["code"] for entry in outcome["ede"]] == [int(code) for code in value.split(",") if code],
                "size": lambda: outcome["size"] == int(value),
                "answers": lambda: outcome["counts"]["answer"] == int(value),
                "question": lambda: outcome["counts"]["question"] == int(value),
                "nsid": lambda: (outcome["nsid"] or {"text": ""})["text"] == value,
                "http": lambda: outcome["http_status"] == int(value),
                "tsig": lambda: tsig_error(outcome) == value}[key]()
    if word.isupper():
        return outcome["status"] == "response" and outcome["rcode"] == word
    if word in ("aa", "ra", "tc", "ad"):
        return word in outcome["flags"]
    if word.startswith("!"):
        return word[1:] not in outcome["flags"]
    return outcome["status"] == word


def tsig_error(outcome):
    return (outcome.get("tsig") or {}).get("error")


@contextmanager
def fleet():
    """A dict of servers by name, each of which is stopped at the end."""
    servers = {}
    try:
        yield servers
    finally:
        for server in servers.values():
            server.stop()


def ask_all(workspace, endpoints, situations, clients=CLIENTS, keys=""):
    """Asks everything once. Where a situation is about the clock, ours is wrong; the servers cannot tell whose."""
    column, skewed = Column(), [situation for situation in situations if situation.row == SKEWED]
    for group, env in (([situation for situation in situations if situation not in skewed], None), (skewed, wrong_clock())):
        if not group:
            continue
        file = workspace.directory("matrix") / "dnspolicy.yml"
        file.write_text(configuration(endpoints, situations, group, clients, keys))
        result = run_command("check", "-c", file, "--format", "json", timeout=120, env=env)
        assert result.returncode in (0, 1, 2) and result.stdout, f"{result.returncode}: {result.stderr}"
        column.probes |= {(probe["check"], probe["transport"]): probe for probe in json.loads(result.stdout)["probes"]}
    return column


def wrong_clock():
    """The environment of a process whose wall clock is an hour behind."""
    library = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)
    assert library, "libfaketime is not installed; packaging/install-packages test"
    return {"LD_PRELOAD": str(library), "FAKETIME": "-1h", "DONT_FAKE_MONOTONIC": "1"}
