"""The rows about what a client or a transport adds to a check: PROXYv2, TSIG, connections, TLS handshakes, HTTP/2.

Ratios are of two loads run in turn against the same server; the median of the pairs is told.
"""
import subprocess

from harness.exporter import build_directory

from load import Load, names
from measure import median
from servers import KEY_NAME, KEY_SECRET, SERVER_NAME, Dnsdist, SigningNsd

PAIRS = 3
CLIENTS = 8


def plan_text(resolver, rate, check="", client=lambda number: f"subnet: 127.20.{number}.0/24, source: 127.20.{number}.7", keys=""):
    """`rate` probes a second at one resolver, spread over clients with sources of their own."""
    clients = "".join(f"  c{number}: {{{client(number)}}}\n" for number in range(CLIENTS))
    everyone = ", ".join(f"c{number}" for number in range(CLIENTS))
    queries = "".join(f"      - {name} A\n" for name in names(rate // CLIENTS))
    return (f"global: {{max_qps_per_resolver: 0, max_denied_qps: 0}}\n{keys}clients:\n{clients}"
            f"resolvers:\n  target: {{{resolver}}}\n"
            f"checks:\n  - name: load\n    client: [{everyone}]\n    resolver: target\n    interval: 1s\n    timeout: 900ms\n"
            f"    attempts: 1\n    expect: NOERROR\n{check}    query:\n{queries}")


def passing(load):
    """The load is worth measuring only while its probes pass."""
    counts = load.exporter.json("/api/v1/verdicts?limit=1")["verdicts"]
    total = sum(counts.values())
    if counts["as_expected"] < 0.99 * total:
        example = load.exporter.json("/api/v1/verdicts?limit=1")
        raise RuntimeError(f"the load does not pass: {example}")


def measured(bench, text):
    """CPU per check, and the last outcome of one of its probes."""
    load = Load(bench.workspace, text)
    try:
        passing(load)
        result = load.window(8)
        passing(load)
        return result, load.exporter.json("/api/v1/probes?limit=1")["probes"][0]["outcome"]
    finally:
        load.stop()


def pairs(bench, table, base, other):
    """Each is (what, text). Tells both and their ratio."""
    ratios, costs = [], ([], [])
    for _ in range(PAIRS):
        results = [measured(bench, text)[0] for _, text in (base, other)]
        for cost, result in zip(costs, results):
            cost.append(result.us_per_check)
        ratios.append(results[1].us_per_check / results[0].us_per_check)
    for (what, _), cost, result in zip((base, other), costs, results):
        table.add(f"CPU per check: {what}", f"{median(cost):.1f} µs", note=f"{result.rate:,.0f}/s, lost {result.loss:.3%}")
    table.add("  × the row before", f"{median(ratios):.2f}")


def proxy(bench, table):
    """What a PROXYv2 header adds to a check over UDP."""
    server = Dnsdist(bench.workspace)
    where = f"address: {server.address}, port: {server.port}"
    claims = lambda number: f"subnet: 127.30.{number}.0/24, source: 127.30.{number}.7, proxy: 127.30.{number}.9"  # noqa: E731
    try:
        pairs(bench, table, ("UDP at dnsdist", plan_text(where, 4000)),
              ("UDP at dnsdist, PROXYv2", plan_text(f"{where}, proxy: true", 4000, client=claims)))
    finally:
        server.stop()


def tsig(bench, table):
    """What signing and verifying add to a check over UDP, and what they cost alone."""
    server = SigningNsd(bench.workspace)
    where = f"address: {server.address}, port: {server.port}"
    keys = f"keys:\n  {KEY_NAME}: {{algorithm: hmac-sha256, secret: {KEY_SECRET}}}\n"
    signs = lambda number: f"subnet: 127.20.{number}.0/24, source: 127.20.{number}.7, key: {KEY_NAME}"  # noqa: E731
    try:
        pairs(bench, table, ("UDP at NSD", plan_text(where, 8000)),
              ("UDP at NSD, TSIG hmac-sha256", plan_text(where, 8000, client=signs, keys=keys)))
    finally:
        server.stop()
    output = subprocess.run([build_directory() / "bench/tsig_cost"], capture_output=True, text=True, check=True).stdout
    for line in output.splitlines():
        what, nanoseconds = line.rsplit(" ", 1)
        table.add(f"  {what}", f"{nanoseconds} ns")


def once_and_reused(bench, table, name, where, transport, rates, each="a connection each"):
    """A connection for each check, and one that serves again."""
    first, again = rates
    check = f"    transport: {transport}\n    reuse_connection: "
    pairs(bench, table, (f"{name}, {each}", plan_text(where, first, f"{check}false\n")),
          (f"{name}, reuse_connection", plan_text(where, again, f"{check}true\n")))


def tcp(bench, table):
    """TCP with a connection for each check, and with reuse_connection."""
    server = Dnsdist(bench.workspace)
    try:
        once_and_reused(bench, table, "TCP", f"address: {server.address}, port: {server.port}", "tcp", (1000, 2000))
    finally:
        server.stop()


def verified(server):
    return f"tls: {{server_name: {SERVER_NAME}, ca_file: {server.certificate}}}"


def tls(bench, table):
    """DoT: a full handshake, a resumed session, a connection that serves again."""
    server = Dnsdist(bench.workspace)
    tells = verified(server)
    check = "    transport: tls\n    reuse_connection: false\n"
    try:
        full, resumed = (f"address: {server.address}, port: {port}, {tells}" for port in (server.tls_full, server.tls))
        pairs(bench, table, ("DoT, a full handshake each", plan_text(full, 240, check)),
              ("DoT, a session resumed each", plan_text(resumed, 240, check)))
        once_and_reused(bench, table, "DoT", resumed, "tls", (240, 2000), "a session resumed each")
    finally:
        server.stop()


def https(bench, table):
    """DoH: a connection for each check (its session resumed), and with reuse_connection."""
    server = Dnsdist(bench.workspace)
    where = f"address: {server.address}, port: {server.https}, {verified(server)}, https: {{path: /dns-query, method: POST}}"
    try:
        once_and_reused(bench, table, "DoH", where, "https", (240, 2000), "a session resumed each")
    finally:
        server.stop()


ROWS = (proxy, tsig, tcp, tls, https)
