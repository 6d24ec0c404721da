"""The commands of the runbooks, run where there is something to see; and the alerts of all those cases."""
import os
import re
import subprocess
from pathlib import Path

import pytest

from harness.alertmanager import Alertmanager
from harness.exporter import build_directory
from harness.process import wait_until
from harness.prometheus import Prometheus
from scaled import rule_files, scaled
from zoo import CASES, OF_THE_EXPORTER, Zoo

RUNBOOKS = Path(__file__).resolve().parents[2] / "docs" / "runbooks"
# They tell by their exit status what they found.
MAY_FAIL = re.compile(r"dnspolicy check|sh -x$")


@pytest.fixture(scope="module")
def zoo(workspace):
    started = Zoo(workspace)
    yield started
    started.stop()


@pytest.fixture(scope="module")
def prometheus(workspace, zoo):
    started = Prometheus(workspace, [(zoo.exporter, {"site": "ams"})], "500ms", rule_files(workspace.directory("rules")))
    yield started
    started.stop()


@pytest.fixture(scope="module")
def alertmanager(workspace):
    started = Alertmanager(workspace, scaled("alertmanager.yml"))
    yield started
    started.stop()


def commands(name):
    """The lines of the page's sh blocks."""
    return "".join(re.findall(r"^```sh\n(.*?)^```$", (RUNBOOKS / f"{name}.md").read_text(encoding="utf-8"), re.M | re.S)).splitlines()


def run(command, **variables):
    ended = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=60, check=False,
                           env={**os.environ, "PATH": f"{build_directory()}:{os.environ['PATH']}:/usr/sbin", **variables})
    return ended.returncode, ended.stdout + ended.stderr


@pytest.mark.parametrize("name", [*CASES, *OF_THE_EXPORTER])
def test_the_commands_of_a_runbook_show_its_case(zoo, name):
    labels, shown = {**CASES, **OF_THE_EXPORTER}[name]
    variables = {"E": f"{zoo.exporter.address}:{zoo.exporter.port}", **labels}
    lines = [line for line in commands(name) if not line.startswith("amtool")]
    assert {word.split("=")[0] for word in lines[0].split("#")[0].split()} == set(variables), "the labels that the page begins with"
    zoo.exporter.wait_for(lambda: all(probe["runs"] >= 2 for probe in zoo.exporter.probes()))
    assert len(lines) == 4, "three commands"
    outputs = []
    for line in lines[1:]:
        status, output = run(line.replace("/etc/dnspolicy/dnspolicy.yml", str(zoo.exporter.config_file)), **variables)
        print(f"$ {line}\n{output}")
        assert (status == 0 or MAY_FAIL.search(line)) and output.strip(), f"{line}: status {status}\n{output}"
        assert "Usage:" not in output and "parse error" not in output, output
        outputs.append(output)
    assert shown in outputs[0]


@pytest.mark.parametrize("name", [*CASES, *OF_THE_EXPORTER])
def test_the_silence_of_a_runbook_is_taken(alertmanager, name):
    for line in commands(name):
        if line.startswith("amtool"):
            status, output = run(f"{line} --alertmanager.url={alertmanager.url}")
            assert status == 0 and re.fullmatch(r"[0-9a-f-]{36}\n", output), output
            # Narrower than its alert's name, and it says why.
            assert len(re.findall(r"\w+=", line.split("--")[0])) >= 2 and "--comment=" in line


def test_real_servers_cause_every_alert_that_servers_can_cause(prometheus, zoo):
    def firing():
        return {labels["alertname"] for labels, _ in prometheus.query('ALERTS{alertstate="firing"}')}

    wait_until(lambda: firing() >= set(CASES), "an alert for each case", timeout=60, pause=0.5)
    # A test machine may be too busy for probes twice a second.
    assert firing() - {"ProberLate"} == set(CASES)
    for labels, _ in prometheus.query('ALERTS{alertstate="firing"}'):
        assert labels["severity"] in ("critical", "page", "warning") and labels["site"] == "ams"
    assert not zoo.exporter.reload("checks: [")
    wait_until(lambda: "ConfigReloadFailed" in firing(), "the alert of the reload", timeout=30, pause=0.5)
    assert prometheus.query("check_client_resolver:dnspolicy_category:max == 5")
