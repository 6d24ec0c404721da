"""The command line: what people, CI jobs and Nagios get, and the exit codes they decide by."""
import json
import signal
import subprocess
import xml.etree.ElementTree

import pytest

from harness import Bind, policy, run_command
from harness.exporter import built, prefix
from harness.policy import CLIENTS

PASSES = '  - {name: strangers, client: outside, resolver: ns1, query: "{random}.probe.example.net A", expect: REFUSED}\n'
FAILS = '  - {name: strict, client: outside, resolver: ns1, query: "{random}.probe.example.net A", expect: ANSWERED}\n'
FAILS_BADLY = FAILS.replace("name: strict", "name: grave").replace("expect", "severity: critical, expect")
GONE = ('  - {name: elsewhere, client: foreign, resolver: ns1, query: "{random}.probe.example.net A", expect: REFUSED}\n')
FOREIGN = "  foreign: {subnet: 192.0.2.0/24, source: 192.0.2.250}\n"


@pytest.fixture
def file(tmp_path, bind):
    """Writes a policy file of these checks for BIND; its path."""
    def write(checks, name="policy.yml", **options):
        path = tmp_path / name
        path.write_text(policy({"ns1": bind}, checks, zones={"ns1": "corp.example"}, **options))
        return path
    return write


@pytest.mark.parametrize("checks, status", [
    (PASSES, 0), (PASSES + FAILS, 1), (PASSES + FAILS + FAILS_BADLY, 2), (GONE, 3), (PASSES + GONE, 3)],
                         ids=["pass", "warning", "critical", "unknown", "partly unknown"])
@pytest.mark.parametrize("form", ["table", "json", "junit", "tap", "nagios"])
@pytest.mark.plain
def test_the_exit_code_is_the_same_in_every_form(file, checks, status, form):
    result = run_command("check", "-c", file(checks, clients=CLIENTS + FOREIGN), "--format", form)
    assert result.returncode == status, result.stdout + result.stderr
    assert result.stdout and "\x1b" not in result.stdout, "no colours but on a terminal"


def test_the_table_names_what_fails_and_why(file):
    result = run_command("check", "-c", file(PASSES + FAILS))
    assert "unexpected_refusal" in result.stdout and "strict" in result.stdout and "outside" in result.stdout


def test_json_is_what_the_api_gives(file):
    answer = json.loads(run_command("check", "-c", file(PASSES + FAILS), "--format=json").stdout)
    probes = {probe["check"]: probe for probe in answer["probes"]}
    assert answer["summary"]["probes"] == 2 and answer["summary"]["passed"] == 1
    assert probes["strangers"]["verdict"] == "as_expected" and probes["strict"]["verdict"] == "unexpected_refusal"
    assert probes["strict"]["outcome"]["rcode"] == "REFUSED"


def test_junit_counts_failures(file):
    suite = xml.etree.ElementTree.fromstring(run_command("check", "-c", file(PASSES + FAILS), "--format=junit").stdout)
    cases = suite.findall(".//testcase")
    assert len(cases) == 2 and len(suite.findall(".//failure")) == 1


def test_tap_has_a_plan_and_a_line_each(file):
    lines = run_command("check", "-c", file(PASSES + FAILS), "--format=tap").stdout.splitlines()
    assert "1..2" in lines
    assert sum(line.startswith("ok ") for line in lines) == 1 and sum(line.startswith("not ok ") for line in lines) == 1


def test_nagios_says_all_on_its_first_line(file):
    lines = run_command("check", "-c", file(PASSES + FAILS_BADLY), "--format=nagios").stdout.splitlines()
    assert "CRITICAL" in lines[0] and "|" in lines[0], "status first, performance data after the bar"
    assert run_command("check", "-c", file(PASSES), "--format=nagios").stdout.startswith("DNSPOLICY OK")


def test_nagios_is_told_on_its_first_line_why_nothing_was_checked(file):
    """It shows no standard error."""
    broken = run_command("check", "-c", file(PASSES.replace("client", "clint")), "--format=nagios")
    assert broken.returncode == 3 and broken.stdout.startswith("DNSPOLICY UNKNOWN - ") and "clint" in broken.stderr
    nothing = run_command("check", "-c", file(PASSES), "--format=nagios", "--client=nobody")
    assert nothing.returncode == 3 and nothing.stdout.startswith("DNSPOLICY UNKNOWN - ")


@pytest.mark.parametrize("arguments, trouble", [
    (["check", "-c", "{file}", "--format=json"], 3), (["lint", "-c", "{file}"], 3), (["diff", "{result}", "{result}"], 2)], ids=str)
@pytest.mark.plain
def test_half_a_result_is_trouble(file, tmp_path, arguments, trouble):
    path, result = file(PASSES), tmp_path / "result.json"
    result.write_text(run_command("check", "-c", path, "--format=json").stdout)
    command = [*prefix(), built("dnspolicy"), *(word.format(file=path, result=result) for word in arguments)]
    with open("/dev/full", "w", encoding="utf-8") as full:
        ended = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert ended.returncode == trouble and "could not be written" in ended.stderr


@pytest.mark.plain
def test_who_has_read_enough_may_go(file):
    """As in: dnspolicy check | head -1"""
    many = "".join(PASSES.replace("strangers", f"strangers-{number}").replace("{random}", f"{{random}}.{number}")
                   for number in range(1500))
    command = [*prefix(), built("dnspolicy"), "check", "-c", file(many), "--format=json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as ended:
        assert ended.stdout.read(1) == "{"
        ended.stdout.close()
        errors = ended.stderr.read()
    assert ended.returncode == -signal.SIGPIPE and "written" not in errors


def test_probes_can_be_picked(file):
    path = file(PASSES + FAILS)
    assert run_command("check", "-c", path, "--check=strangers").returncode == 0
    assert run_command("check", "-c", path, "--check", "strict", "--client", "outside", "--resolver", "ns1").returncode == 1
    nothing = run_command("check", "-c", path, "--client=inside")
    assert nothing.returncode == 3 and "no probe" in nothing.stderr


def test_silence_is_judged_last(workspace):
    """So that a probe that hears the server can vouch for one that does not, in whatever order they ran."""
    silent = Bind(workspace, options="blackhole { 127.66.0.0/16; };")
    try:
        path = workspace.directory("silence") / "policy.yml"
        vouching = PASSES.replace("strangers", "insiders").replace("outside", "inside").replace("REFUSED", "ANSWERED")
        path.write_text(policy({"ns1": silent}, PASSES.replace("REFUSED", "DENIED") + vouching))
        assert run_command("check", "-c", path).returncode == 0
        alone = run_command("check", "-c", path, "--check=strangers", "--format=json")
        assert json.loads(alone.stdout)["probes"][0]["verdict"] == "no_response"
    finally:
        silent.stop()


def test_lint_tells_what_a_file_costs(file):
    result = run_command("lint", "-c", file(PASSES + FAILS))
    assert result.returncode == 0
    assert "2 probes" in result.stdout and "queries per second" in result.stdout and "series" in result.stdout


def test_lint_tells_every_error_at_its_place(file):
    path = file(PASSES.replace("client: outside", "client: outsider") + FAILS.replace("expect", "expekt"))
    result = run_command("lint", "-c", path)
    assert result.returncode == 1
    lines = result.stderr.splitlines()
    assert any(line.startswith(f"{path}:") and "outsider" in line and "outside" in line for line in lines), lines
    assert any("expekt" in line and "expect" in line for line in lines), lines


def test_lint_tells_how_many_series_there_will_be(file, exporter):
    """Once every probe has run; what servers and scrapers do beyond the configuration cannot be told beforehand."""
    path = file(PASSES + FAILS)
    words = run_command("lint", "-c", path).stdout.split()
    told = int(words[words.index("series") - 1])
    running = exporter(None, config_file=path)
    running.wait_for(lambda: all(probe["runs"] for probe in running.probes()), "a run of each")
    assert told == sum(len(series) for name, series in running.metrics().families.items()
                       if name not in ("dnspolicy_http_requests_total", "dnspolicy_node_verdicts_total"))


@pytest.mark.parametrize("what, names", [
    ("clients", ["inside", "outside"]), ("resolvers", ["ns1"]), ("checks", ["strangers", "strict"])])
def test_lint_lists_names_for_scripts(file, what, names):
    result = run_command("lint", "-c", file(PASSES + FAILS), f"--names={what}")
    assert result.returncode == 0 and sorted(result.stdout.splitlines()) == names


@pytest.mark.parametrize("arguments, status", [
    ([], 3), (["chekc"], 3), (["check", "--formt=json"], 3), (["check", "-c", "/nonexistent"], 3), (["check", "extra"], 3),
    (["diff", "one.json"], 2), (["diff", "/nonexistent", "/nonexistent"], 2)], ids=str)
def test_what_was_typed_wrong_is_told(arguments, status):
    result = run_command(*arguments)
    assert result.returncode == status and result.stderr and "Sanitizer" not in result.stderr


def test_help_is_no_error():
    for arguments in (["--help"], ["check", "--help"], ["lint", "--help"], ["--version"]):
        result = run_command(*arguments)
        assert result.returncode == 0 and result.stdout and not result.stderr


def test_diff_tells_what_opened_and_what_closed(file, tmp_path):
    def check(checks, name):
        path = tmp_path / name
        path.write_text(run_command("check", "-c", file(checks), "--format=json").stdout)
        return path

    closed = check(PASSES, "closed.json")
    again = check(PASSES, "again.json")
    # The same probe, another expectation: what was as expected is now a refusal too many.
    other = check(PASSES.replace("expect: REFUSED", "expect: ANSWERED"), "other.json")
    assert run_command("diff", closed, again).returncode == 0
    result = run_command("diff", closed, other)
    assert result.returncode == 1 and "unexpected_refusal" in result.stdout and "strangers" in result.stdout
    assert run_command("diff", closed, tmp_path / "missing.json").returncode == 2


def test_the_exporter_checks_its_file_without_starting(file):
    good = run_command(f"--config.file={file(PASSES)}", "--config.check", program="dnspolicy_exporter")
    assert good.returncode == 0 and "1 probes" in good.stdout
    bad = run_command(f"--config.file={file(PASSES + PASSES)}", "--config.check", program="dnspolicy_exporter")
    assert bad.returncode == 1 and "strangers" in bad.stderr


def test_a_port_in_use_is_told_before_anything_is_probed(file, bind):
    result = run_command(f"--config.file={file(PASSES)}", f"--web.listen-address=127.0.0.1:{bind.port}",
                         program="dnspolicy_exporter")
    assert result.returncode == 1
    assert f"127.0.0.1:{bind.port}" in result.stderr and "in use" in result.stderr
