"""What a supervisor such as systemd hears, and that it hears of life only while there is some."""
import os
import signal

import pytest

from harness import Misbehaving, policy, run_command
from harness.keys import certificate
from harness.supervisor import Supervisor, halted, threads
from harness.web import QUIET, write_web_config

pytestmark = pytest.mark.tsan

REFUSED = '  - {name: refused, client: outside, resolver: ns1, query: "{random}.probe.example.net A", expect: REFUSED}\n'
SECOND = REFUSED.replace("name: refused", "name: second")
WATCHDOG = 0.4  # in seconds; four signs of life are due within that
PAUSE = 2 * WATCHDOG


@pytest.fixture
def quiet(workspace):
    server = Misbehaving(workspace)
    yield server
    server.stop()


@pytest.fixture
def supervised(workspace, exporter, quiet):
    """Starts an exporter under a supervisor that has read its first READY: gives both."""
    started = []

    def start(*arguments, checks=REFUSED, **options):
        supervisor = Supervisor(workspace, **options)
        started.append(supervisor)
        running = exporter(policy({"ns1": quiet}, checks), "--prober.lanes=2", *arguments, env=supervisor.environment)
        return supervisor, running
    yield start
    for each in started:
        each.close()


@pytest.mark.parametrize("abstract", [False, True], ids=["path", "abstract"])
def test_ready_comes_once_and_when_it_is_served(supervised, abstract):
    supervisor, running = supervised(abstract=abstract)
    news = supervisor.next()
    assert running.is_ready(), "whoever is told may ask"
    assert set(news) == {"READY", "STATUS"} and news["READY"] == "1"
    assert news["STATUS"].startswith("running in 2 lanes: 1 probe, as loaded at 20")
    assert supervisor.next(timeout=0.3) is None, "without a watchdog nothing more is said"


def test_a_reload_begins_and_ends_with_news(supervised, quiet):
    supervisor, running = supervised()
    supervisor.next()
    assert running.reload(policy({"ns1": quiet}, REFUSED + SECOND))
    begin, end = supervisor.next(), supervisor.next()
    assert begin["RELOADING"] == "1" and int(begin["MONOTONIC_USEC"]) > 0
    assert end["READY"] == "1" and "2 probes" in end["STATUS"]


def test_a_reload_over_http_is_told_as_well(supervised):
    supervisor, running = supervised("--web.enable-lifecycle")
    supervisor.next()
    assert running.post("/-/reload").status == 200
    assert "RELOADING" in supervisor.next() and "READY" in supervisor.next()


def test_a_failed_reload_is_told_with_its_first_error(supervised, quiet):
    supervisor, running = supervised()
    supervisor.next()
    assert not running.reload(policy({"ns1": quiet}, REFUSED.replace("outside", "nobody").replace("ns1", "ns2")))
    assert "RELOADING" in supervisor.next()
    news = supervisor.next()
    assert news["READY"] == "1", "it goes on, so it is ready"
    assert news["STATUS"].startswith(f"reload failed: {running.config_file}:8:")
    assert "nobody" in news["STATUS"] and "(and 1 more); still running: 1 probe, as loaded at " in news["STATUS"]


def test_the_end_is_told_before_it_comes(supervised):
    supervisor, running = supervised(watchdog=WATCHDOG)
    supervisor.next()
    running.stop()
    assert supervisor.after_watchdogs()["STOPPING"] == "1"
    assert supervisor.next(timeout=0.1) is None


def test_a_bad_file_is_never_ready(workspace):
    supervisor = Supervisor(workspace)
    file = workspace.directory("bad") / "dnspolicy.yml"
    file.write_text("checks: [")
    done = run_command(f"--config.file={file}", program="dnspolicy_exporter", env=supervisor.environment)
    assert done.returncode == 1
    assert supervisor.next(timeout=0.1) is None
    supervisor.close()


@pytest.mark.parametrize("text", ["", "# checks:\n#   - {name: one}\n", "---\n"], ids=["nothing", "comments", "a document"])
def test_a_file_that_nobody_has_written_yet_is_told_apart(workspace, text):
    file = workspace.directory("unwritten") / "dnspolicy.yml"
    file.write_text(text)
    start = run_command(f"--config.file={file}", program="dnspolicy_exporter")
    assert start.returncode == 2 and "no checks yet" in start.stderr and str(file) in start.stderr
    check = run_command(f"--config.file={file}", "--config.check", program="dnspolicy_exporter")
    assert check.returncode == 2 and "the file is empty" in check.stderr


def test_tls_does_not_keep_it_from_showing_life(workspace, exporter):
    place = workspace.directory("web")
    web = write_web_config(place, "tls_server_config: {{cert_file: {}, key_file: {}}}\n".format(*certificate(place, "localhost")))
    supervisor = Supervisor(workspace, watchdog=WATCHDOG)
    exporter(QUIET, f"--web.config.file={web}", env=supervisor.environment, wait=False)
    assert "READY" in supervisor.next()
    assert supervisor.signs_of_life(PAUSE) >= 2
    supervisor.close()


def test_who_lives_says_so_again_and_again(supervised):
    supervisor, running = supervised(watchdog=WATCHDOG)
    requests = running.metrics().sum("dnspolicy_http_requests_total")
    assert supervisor.signs_of_life(4 * WATCHDOG) >= 4
    assert running.metrics().sum("dnspolicy_http_requests_total") == requests + 1, "its own connections are no requests"


def test_a_watchdog_of_another_process_is_not_ours(supervised):
    os.environ["WATCHDOG_PID"] = "1"
    try:
        supervisor, _ = supervised(watchdog=WATCHDOG)
    finally:
        del os.environ["WATCHDOG_PID"]
    assert "READY" in supervisor.next()
    assert supervisor.next(timeout=PAUSE) is None


def test_a_stopped_process_gives_no_sign_of_life(supervised):
    supervisor, running = supervised(watchdog=WATCHDOG)
    running.process.send_signal(signal.SIGSTOP)
    try:
        assert supervisor.signs_of_life(PAUSE) == 0
    finally:
        running.process.send_signal(signal.SIGCONT)
    assert supervisor.signs_of_life(PAUSE) >= 1


def test_one_thread_that_hangs_is_enough(supervised):
    """Each of those that matter: both lanes, the one that accepts connections, the one that serves them."""
    supervisor, running = supervised(watchdog=WATCHDOG)
    names = threads(running.process.pid)
    needed = {number: name for number, name in names.items() if name in ("lane", "doorman", "MHD-single")}
    assert sorted(needed.values()) == ["MHD-single", "doorman", "lane", "lane"], names
    for number, name in needed.items():
        with halted(number):
            assert supervisor.signs_of_life(WATCHDOG) <= 1, "it may have come round just before"
            assert supervisor.signs_of_life(PAUSE) == 0, f"{name} hangs"
        assert supervisor.signs_of_life(PAUSE) >= 1, f"{name} goes on"
    assert "threads do not come round" in running.process.log()
