"""The benchmark: what a check costs, what waiting costs, what 100,000 probes cost; each figure beside a peer or a goal.

    make bench                     all of it, about 20 minutes
    make bench ROWS="cpu ports"    some of it: cpu, peak, blackbox, wakeups, lateness, rtt, ports, size, metrics,
                                   proxy, tsig, tcp, tls, https

CPU is user + sys of the process. Ratios are of runs made in turn; the median of the pairs is told.
"""
import os
import random
import re
import signal
import socket
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "integration"))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from harness import Exporter, Nsd, Process, Workspace, free_port  # noqa: E402
from harness.exporter import build_directory  # noqa: E402

import streams  # noqa: E402
from load import Load, configuration, silent_load  # noqa: E402
from measure import (Window, histogram_quantile, kernel_socket_bytes, lane_wakeups, median, peak_bytes, reset_peak,  # noqa: E402
                     resident_bytes)
from peers import Blackbox, dnsperf  # noqa: E402

LATENESS = "dnspolicy_schedule_lateness_seconds"
PAIRS = 3


class Table:
    def __init__(self):
        self.rows = []

    def add(self, what, value, goal=None, note=""):
        self.rows.append((what, value, goal or "", note))
        print(f"{what:<62} {value:>12} {goal or '':>14}  {note}", flush=True)


def lateness_p99(result):
    return histogram_quantile(0.99, result.before, result.after, LATENESS)


def tick_ms(rate):
    """As the lanes choose it."""
    return min(max(32 / rate * 1000, 1), 10)


def silent_socket(address):
    """A UDP port that takes everything and answers nothing."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.bind((address, 0))
    return sock


def cpu(bench, table):
    """CPU per check at 20,000/s."""
    ratios, ours, theirs = [], [], []
    for _ in range(PAIRS):
        load = Load(bench.workspace, configuration(bench.nsd.address, bench.nsd.port, 20000, "1s"))
        result = load.window()
        load.stop()
        peer, _ = dnsperf(bench.workspace, bench.nsd.address, bench.nsd.port, rate=20000)
        ratios.append(result.us_per_check / peer)
        ours.append(result.us_per_check)
        theirs.append(peer)
    table.add("CPU per check at 20,000/s", f"{median(ours):.1f} µs", note=f"rate {result.rate:,.0f}/s, lost {result.loss:.3%}")
    table.add("  × dnsperf -Q 20000", f"{median(ratios):.2f}", "≤ 0.65", f"dnsperf {median(theirs):.1f} µs a query")


def peak(bench, table):
    """The highest rate that keeps lateness and losses low, and its cost."""
    best = None
    for rate in (40000, 60000, 80000, 100000, 120000):
        load = Load(bench.workspace, configuration(bench.nsd.address, bench.nsd.port, rate, "1s"))
        result = load.window()
        load.stop()
        p99 = lateness_p99(result)
        good = p99 <= (tick_ms(rate) + 1) / 1000 and result.loss < 0.001 and result.rate > 0.99 * rate
        table.add(f"  at {rate:,}/s: lateness p99 / lost / CPU", f"{p99 * 1e3:.2f} ms", f"{tick_ms(rate) + 1:.1f} ms",
                  f"{result.loss:.3%} lost, {result.us_per_check:.1f} µs, reached {result.rate:,.0f}/s")
        if good:
            best = rate
        elif best:
            break
    ratios, ours, theirs = [], [], []
    for _ in range(PAIRS):
        load = Load(bench.workspace, configuration(bench.nsd.address, bench.nsd.port, best or 40000, "1s"))
        result = load.window()
        load.stop()
        peer, reached = dnsperf(bench.workspace, bench.nsd.address, bench.nsd.port)
        ratios.append(result.us_per_check / peer)
        ours.append(result.us_per_check)
        theirs.append(peer)
    table.add(f"CPU per check at {best or 40000:,}/s, the highest good rate", f"{median(ours):.1f} µs")
    table.add("  × dnsperf -q 100", f"{median(ratios):.2f}", "≤ 1.6", f"dnsperf {median(theirs):.1f} µs at {reached:,.0f}/s")


def blackbox(bench, table):
    """5,000 checks every 10 s, against blackbox_exporter driven by Prometheus."""
    load = Load(bench.workspace, configuration(bench.nsd.address, bench.nsd.port, 5000, "10s", "2s"), settle=12)
    ours = load.window(20).us_per_check
    load.stop()
    peer = Blackbox(bench.workspace, bench.nsd.address, bench.nsd.port, 5000, 10)
    time.sleep(15)
    theirs, prometheus = peer.us_per_check(500, 20)
    peer.stop()
    table.add("CPU per check at 500/s", f"{ours:.1f} µs")
    table.add("  × blackbox_exporter driven by Prometheus", f"1/{theirs / ours:.0f}", "≤ 1/20",
              f"blackbox_exporter {theirs:.0f} µs, and {prometheus:.0f} µs of Prometheus'")


def wakeups(bench, table):
    """Replies spread over 5 to 50 ms."""
    address, port = "127.1.0.9", free_port("127.1.0.9")
    responder = Process("spread_responder", [str(build_directory() / "tools/spread_responder"), address, str(port), "5", "50"],
                        bench.workspace.directory("responder"), unprivileged=False)
    for rate, goal in ((500, None), (5000, "≤ 0.3")):
        load = Load(bench.workspace, configuration(address, port, rate, "1s"))
        before = lane_wakeups(load.pid)
        began = time.monotonic()
        time.sleep(5)
        count = (lane_wakeups(load.pid) - before) / (time.monotonic() - began)
        result = load.window()
        load.stop()
        table.add(f"Wake-ups per probe at {rate:,}/s, replies after 5 to 50 ms", f"{count / result.rate:.3f}", goal,
                  f"{result.us_per_check:.1f} µs a check")
    responder.stop()


def lateness(bench, table):
    """Scheduling lateness, alone and with 10,000 timeouts in flight beside it."""
    silent = silent_socket("127.1.0.8")
    alone_p99, beside_p99, alone_cpu, beside_cpu, waiting = [], [], [], [], 0
    for _ in range(PAIRS):
        load = Load(bench.workspace, configuration(bench.nsd.address, bench.nsd.port, 20000, "1s"))
        result = load.window()
        alone_p99.append(lateness_p99(result))
        alone_cpu.append(result.us_per_query)
        load.stop()
        extra = silent_load("127.1.0.8", silent.getsockname()[1], 10000)
        load = Load(bench.workspace, configuration(bench.nsd.address, bench.nsd.port, 20000, "1s", extra=extra), settle=8)
        result = load.window()
        waiting = result.after.value("dnspolicy_probes_in_flight")
        beside_p99.append(lateness_p99(result))
        beside_cpu.append(result.us_per_query)
        load.stop()
    silent.close()
    pairs = list(zip(alone_p99, beside_p99)), list(zip(alone_cpu, beside_cpu))
    table.add("Lateness p99 at 20,000/s", f"{median(alone_p99) * 1e3:.2f} ms", f"≤ {tick_ms(20000) + 1:.1f} ms")
    table.add("  with timeouts in flight beside it: lateness ×", f"{median([b / a for a, b in pairs[0]]):.2f}", "≤ 1.10",
              f"{waiting:,.0f} probes in flight at the end")
    table.add("  with timeouts in flight beside it: CPU per query sent ×", f"{median([b / a for a, b in pairs[1]]):.2f}", "≤ 1.10",
              f"{median(alone_cpu):.1f} and {median(beside_cpu):.1f} µs")


def rtt(bench, table):
    """Measured RTT must not depend on the load."""
    medians = {}
    for rate in (100, 20000):
        load = Load(bench.workspace, configuration(bench.nsd.address, bench.nsd.port, max(rate, 104), "1s", clients=8))
        probes = load.exporter.json("/api/v1/probes?limit=1000")["probes"]
        medians[rate] = median([probe["outcome"]["rtt_seconds"] for probe in probes if probe["verdict"] == "as_expected"]) * 1e6
        load.stop()
    table.add("RTT p50 at 100/s", f"{medians[100]:.0f} µs")
    table.add("RTT p50 at 20,000/s, more than at 100/s", f"{medians[20000] - medians[100]:+.0f} µs", "≤ +50 µs",
              f"{medians[20000]:.0f} µs")


def ports(bench, table):
    """Distinct (source, port) pairs of 5,000 checks, against independent draws from the ephemeral range."""
    load = Load(bench.workspace, configuration(bench.nsd.address, bench.nsd.port, 5000, "2s"))
    seen = [probe["outcome"]["local"] for probe in load.exporter.probes() if probe["outcome"]]
    load.stop()
    low, high = map(int, Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split())
    drawn = {(random.randrange(8), random.randint(low, high)) for _ in seen}
    table.add(f"Distinct (source, port) pairs of {len(seen):,} checks", f"{len(set(seen)):,}",
              "≥ 95 %", f"{len(set(seen)) / len(drawn):.1%} of as many independent draws")


def many(address, port, interval, timeout="2s"):
    """100 clients × 10 resolvers × 50 queries × 2 transports."""
    clients = "".join(f"  c{number}: {{subnet: 127.20.{number}.0/24, source: 127.20.{number}.7}}\n" for number in range(100))
    resolvers = "".join(f"  r{number}: {{address: {address(number)}, port: {port}}}\n" for number in range(10))
    queries = "".join(f"      - n{number}.probe.example.net A\n" for number in range(50))
    return ("global: {max_qps_per_resolver: 0, max_denied_qps: 0}\n"
            f"clients:\n{clients}resolvers:\n{resolvers}"
            f"checks:\n  - name: load\n    client: \"*\"\n    resolver: \"*\"\n    transport: [udp, tcp]\n    interval: {interval}\n"
            f"    timeout: {timeout}\n    expect: NOERROR\n    query:\n{queries}")


def size(bench, table):
    """100,000 probes: memory, start, reload."""
    probes = 100000
    small = Load(bench.workspace, configuration(bench.nsd.address, bench.nsd.port, 8, "10s"), settle=1, lanes=2)
    base = resident_bytes(small.pid)
    small.stop()
    text = many(lambda number: f"127.1.0.{number + 1}", bench.nsd.port, "60s")
    began = time.monotonic()
    running = Exporter(bench.workspace, text, "--prober.lanes=2", "--log.level=error")
    started = time.monotonic() - began
    table.add("Start until the lanes run, 100,000 probes", f"{started:.2f} s", "< 2 s")
    running.wait_for(lambda: running.json("/api/v1/verdicts?limit=1")["verdicts"]["pending"] == 0, "all probes to have run", 150)
    resident = resident_bytes(running.process.pid)
    table.add("Resident memory per probe, all have run", f"{(resident - base) / probes:,.0f} B", "≤ 1,536 B",
              f"{resident / 2**20:.0f} MiB in all")
    log_level = running.metrics().value("dnspolicy_config_last_reload_success_timestamp_seconds")
    began = time.monotonic()
    running.write(text.replace("n49.probe", "m49.probe"))
    running.process.send_signal(signal.SIGHUP)
    running.wait_for(lambda: reload_time(running) > log_level, "the reload", 30)
    table.add("Reload of 100,000 probes, 2,000 of them changed", f"{time.monotonic() - began:.2f} s", "< 2 s",
              "as seen over HTTP")
    running.stop()
    dead(bench, table)


def reload_time(running):
    """Without reading the large /metrics."""
    return time_of(running.json("/api/v1/status")["config"]["loaded"])


def time_of(text):
    from datetime import datetime
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def dead(bench, table):
    """What a probe that waits for a dead resolver costs beyond one that does not."""
    silent = silent_socket("127.1.0.8")
    port = silent.getsockname()[1]
    idle = Load(bench.workspace, configuration("127.1.0.8", port, 20000, "1h", "20s", attempts=1), settle=2)
    before, kernel_before = resident_bytes(idle.pid), kernel_socket_bytes()
    waiting = 0
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and waiting < 5000:
        waiting = idle.exporter.json("/api/v1/status")["probes_in_flight"]
        time.sleep(0.5)
    after, kernel_after = resident_bytes(idle.pid), kernel_socket_bytes()
    idle.stop()
    silent.close()
    table.add("Memory per probe waiting on a dead resolver", f"{max(after - before, 0) / waiting:,.0f} B", "",
              f"and {(kernel_after - kernel_before) / waiting:,.0f} B in the kernel; {waiting:,} waiting")


def metrics(bench, table):
    """/metrics at 100,000 probes whose lanes are idle."""
    running = Exporter(bench.workspace, many(lambda number: f"127.1.0.{number + 1}", bench.nsd.port, "60s"),
                       "--prober.lanes=2", "--log.level=error")
    running.wait_for(lambda: running.json("/api/v1/verdicts?limit=1")["verdicts"]["pending"] == 0, "all probes to have run", 150)
    pid = running.process.pid
    idle = Window(pid)
    time.sleep(5)
    idle_cpu, idle_wall = idle.end()
    plain = running.get("/metrics").body
    samples = len(re.findall(rb"^[a-z]", plain, re.M))
    reset_peak(pid)
    resident = resident_bytes(pid)
    for name, headers, goal in (("plain", {}, "≤ 150 ns"), ("gzip", {"accept_encoding": "gzip"}, "≤ 600 ns")):
        window = Window(pid)
        for _ in range(5):
            body = running.get("/metrics", **headers).body
        cpu_used, wall = window.end()
        own = cpu_used - idle_cpu * wall / idle_wall
        table.add(f"/metrics at 100,000 probes, {name}: CPU per sample", f"{own / 5 / samples * 1e9:.0f} ns", goal,
                  f"{samples:,} samples, {len(body) / 2**20:.1f} MiB, {wall / 5:.2f} s a scrape")
    table.add("  memory that a scrape adds, at its peak", f"{max(peak_bytes(pid) - resident, 0) / 2**10:,.0f} KiB")
    table.add("  the longest that a lane was held up by readers", f"{running.json('/api/v1/status')['longest_lane_wait_seconds'] * 1e3:.2f} ms",
              "< 1 ms", "waiting for a reader's copy")
    running.stop()


ROWS = {row.__name__: row for row in (cpu, peak, blackbox, wakeups, lateness, rtt, ports, size, metrics, *streams.ROWS)}


class Bench:
    def __init__(self):
        self.workspace = Workspace()
        self.nsd = Nsd(self.workspace, name="bench", more_addresses=[f"127.1.0.{number}" for number in range(2, 11)])


def main():
    wanted = sys.argv[1:] or list(ROWS)
    unknown = [name for name in wanted if name not in ROWS]
    if unknown:
        sys.exit(f"unknown rows {' '.join(unknown)}; known: {' '.join(ROWS)}")
    bench, table = Bench(), Table()
    print(f"{os.cpu_count()} processors, kernel {os.uname().release}\n")
    print(f"{'what':<62} {'measured':>12} {'goal':>14}")
    try:
        for name in wanted:
            ROWS[name](bench, table)
    finally:
        bench.nsd.stop()
        bench.workspace.remove()


main()
