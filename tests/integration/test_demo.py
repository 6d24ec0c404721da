"""What `make demo` promises, through its own script."""
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from harness import Metrics, wait_until
from harness.exporter import ROOT, build_directory

URL = "http://127.0.0.1:10953"
SERVERS = {"named", "unbound", "dnspolicy_expor"}


def processes():
    """pid to (parent, name) of all that run."""
    found = {}
    for place in Path("/proc").glob("[0-9]*/stat"):
        try:
            head, tail = place.read_text(errors="replace").rsplit(")", 1)
        except OSError:
            continue
        if tail.split()[0] != "Z":
            found[int(head.split("(")[0])] = (int(tail.split()[1]), head.split("(")[1])
    return found


def children(parent):
    """name to pid of all below."""
    everyone, below = processes(), {}
    parents = {parent}
    for _ in range(4):
        parents |= {pid for pid, (ppid, _) in everyone.items() if ppid in parents}
    for pid in parents - {parent}:
        below[everyone[pid][1]] = pid
    return below


def get(path):
    answer = subprocess.run(["curl", "-s", "-w", "\n%{http_code}", URL + path], capture_output=True, text=True, check=False)
    body, _, status = answer.stdout.rpartition("\n")
    return int(status or 0), body


def metrics():
    status, body = get("/metrics")
    assert status == 200, body
    return Metrics(body)


class Demo:
    def __init__(self, temporary, command):
        self.temporary = temporary
        self.output = temporary.parent / "output"
        self.errors = temporary.parent / "errors"
        with open(self.output, "w", encoding="utf-8") as output, open(self.errors, "w", encoding="utf-8") as errors:
            self.popen = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=output, stderr=errors,
                                          env={**os.environ, "TMPDIR": str(temporary)}, start_new_session=True)
        self.started = time.monotonic()
        self.below = {}

    def wait_until_it_says_what_to_open(self, timeout=60):
        def told():
            assert self.popen.poll() is None, self.errors.read_text()
            return "Ctrl-C" in self.output.read_text()
        wait_until(told, "what to open", timeout)
        self.below = {name: pid for name, pid in children(self.popen.pid).items() if name in SERVERS}
        assert set(self.below) == SERVERS

    def assert_it_ends_and_leaves_nothing(self, status):
        assert self.popen.wait(timeout=30) == status, self.errors.read_text()
        assert not set(self.below.values()) & set(processes()), "a process is left behind"
        assert list(self.temporary.iterdir()) == [], "a file is left behind"


@pytest.fixture
def demo(tmp_path):
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    # The servers run as nobody.
    for place in [temporary, *temporary.parents][:4]:
        place.chmod(0o755)
    started = []

    def start(*command):
        started.append(Demo(temporary, command or [sys.executable, "-B", "config/demo.py"]))
        return started[-1]

    yield start
    for each in started:
        if each.popen.poll() is None:
            each.popen.terminate()
            each.popen.wait(timeout=30)


@pytest.mark.plain
def test_within_fifteen_seconds_it_shows_refusals_that_pass_and_the_open_resolver(demo):
    running = demo()
    running.wait_until_it_says_what_to_open()
    wait_until(lambda: (scrape := metrics()).sum("dnspolicy_probe_verdict") > scrape.sum("dnspolicy_probe_verdict", verdict="pending")
               == 0, "every verdict", 15)
    assert time.monotonic() - running.started < 15

    metrics_now = metrics()
    print(*metrics_now.samples("dnspolicy_probe_verdict"), sep="\n")
    for transport in ("udp", "tcp"):
        labels = {"check": "no-open-recursion", "client": "internet", "transport": transport}
        assert metrics_now.value("dnspolicy_probe_verdict", resolver="ns1", verdict="as_expected", **labels) == 1
        assert metrics_now.value("dnspolicy_probe_verdict", resolver="lab", verdict="open_recursion", **labels) == 1
        assert metrics_now.value("dnspolicy_refusals_total", client="internet", resolver="ns1", transport=transport,
                             expected="true") >= 1
    assert metrics_now.value("dnspolicy_probe_verdict", check="branch-may-recurse", verdict="unexpected_refusal") == 1
    others = [labels for labels, _ in metrics_now.samples("dnspolicy_probe_verdict") if labels["verdict"] not in
              ("as_expected", "open_recursion", "unexpected_refusal")]
    assert others == [], others

    told = running.output.read_text()
    assert f"{URL}/metrics" in told
    for path in ("/", "/metrics", "/api/v1/verdicts", "/health", "/health?resolver=ns1", "/api/v1/probes?check=no-open-recursion"):
        assert path in told, path
        status, body = get(path)
        assert (status == 503) == path.startswith("/health") and body, path
    assert "open_recursion" in get("/api/v1/verdicts")[1]
    running.popen.send_signal(signal.SIGINT)
    running.assert_it_ends_and_leaves_nothing(0)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def test_it_can_be_stopped_before_it_is_up(demo, number):
    running = demo()
    wait_until(lambda: "named" in children(running.popen.pid), "the first server")
    running.popen.send_signal(number)
    running.assert_it_ends_and_leaves_nothing(0)


@pytest.mark.parametrize("victim, name", [("named", "BIND"), ("unbound", "Unbound"), ("dnspolicy_expor", "dnspolicy_exporter")])
def test_when_a_part_dies_it_says_which_and_ends_the_others(demo, victim, name):
    running = demo()
    running.wait_until_it_says_what_to_open()
    os.kill(running.below[victim], signal.SIGKILL)
    running.assert_it_ends_and_leaves_nothing(1)
    assert f"{name} ended" in running.errors.read_text()


@pytest.mark.parametrize("port, kind, name", [(5300, socket.SOCK_DGRAM, "BIND"), (5301, socket.SOCK_STREAM, "Unbound"),
                                              (10953, socket.SOCK_STREAM, "dnspolicy_exporter")])
def test_a_busy_port_is_told_before_anything_starts(demo, port, kind, name):
    with socket.socket(socket.AF_INET, kind) as holder:
        holder.bind(("127.0.0.1", port))
        if kind == socket.SOCK_STREAM:
            holder.listen()
        running = demo()
        running.assert_it_ends_and_leaves_nothing(1)
    errors = running.errors.read_text()
    assert f"{name} needs 127.0.0.1 port {port}" in errors and "nothing was started" in errors
    assert len(errors.splitlines()) == 2


@pytest.mark.skipif(build_directory() != ROOT / "build", reason="make demo runs the build that is shipped")
@pytest.mark.plain
@pytest.mark.parametrize("to_all", [False, True], ids=["make", "terminal"])
def test_make_demo_builds_starts_and_stops(demo, to_all):
    """Ctrl-C in a terminal reaches make and the script alike; `kill` reaches make alone."""
    running = demo("make", "demo")
    running.wait_until_it_says_what_to_open(timeout=300)
    if to_all:
        os.killpg(running.popen.pid, signal.SIGINT)
    else:
        running.popen.send_signal(signal.SIGTERM)
    running.popen.wait(timeout=30)
    wait_until(lambda: not set(running.below.values()) & set(processes()), "the end of all")
    wait_until(lambda: list(running.temporary.iterdir()) == [], "an empty directory")
