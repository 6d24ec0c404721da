"""What the service says on stderr, and that it goes on when nobody listens."""
import json
import os
import signal
import subprocess

import pytest

from harness import wait_until
from harness.exporter import Exporter, built, prefix
from harness.process import free_port

QUIET = "clients: {c: {subnet: 127.0.0.0/8}}\nresolvers: {r: {address: 127.0.0.1, port: 9}}\n" \
        "checks: [{name: n, client: c, resolver: r, query: example.com, expect: ANSWERED, interval: 1h}]\n"
WRONG = QUIET.replace("client: c,", "client: d,").replace("query:", "quary:")


def test_in_json_every_line_is_json_from_the_first_to_the_last(exporter):
    running = exporter(QUIET, "--log.format=json")
    assert not running.reload(WRONG)
    assert running.reload(QUIET)
    running.stop()
    lines = [json.loads(line) for line in running.process.log().splitlines()]
    assert all({"ts", "level", "msg"} <= set(line) for line in lines)
    said = [line["msg"] for line in lines]
    assert "started" in said and "reload failed; the running configuration stays" in said and said[-1] == "stopped"
    assert any("unknown client 'd'" in line["msg"] and line["level"] == "error" for line in lines)


@pytest.mark.parametrize("form", ["json", "logfmt"])
def test_a_start_that_fails_says_so_in_the_form_of_the_log(workspace, form):
    failed = Exporter(workspace, WRONG, f"--log.format={form}", wait=False)
    assert failed.process.popen.wait(20) == 1
    lines = failed.process.log().splitlines()
    assert len(lines) >= 3 and "nothing was started" in lines[-1], lines
    for line in lines:
        assert json.loads(line)["msg"] if form == "json" else line.startswith("ts="), line
    assert any(f"{failed.config_file}:3:" in line and "quary" in line for line in lines)


def test_a_stderr_that_nobody_reads_stops_nothing(workspace):
    directory, port = workspace.directory("exporter"), free_port()
    file = directory / "dnspolicy.yml"
    file.write_text(QUIET)
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    with pytest.raises(BlockingIOError):
        while True:
            os.write(writer, bytes(4096))
    os.set_blocking(writer, True)
    process = subprocess.Popen([*prefix(), built("dnspolicy_exporter"), f"--config.file={file}", "--log.level=debug",
                                f"--web.listen-address=127.0.0.1:{port}", "--web.enable-lifecycle"], stderr=writer)
    try:
        def ask(path, *options):
            answer = subprocess.run(["curl", "-s", "-m", "10", "-w", "%{http_code}", *options, f"http://127.0.0.1:{port}{path}"],
                                    capture_output=True, text=True, check=False)
            return answer.stdout[-3:]
        wait_until(lambda: ask("/-/ready") == "200", "the start", 30)
        file.write_text(WRONG)
        assert [ask("/-/reload", "-X", "POST") for _ in range(3)] == ["500"] * 3
        assert ask("/metrics") == "200"
    finally:
        process.send_signal(signal.SIGTERM)
        status = process.wait(20)
        os.close(writer)
        os.close(reader)
    assert status == 0
