"""The Debian package from its making to its purge, on a machine that has seen nothing else."""
import json
import re
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from conftest import ROOT
from harness import wait_until
from harness.supervisor import halted, threads
from machine import unpack

UNIT = "dnspolicy-exporter.service"
CONFIG = "/etc/dnspolicy/dnspolicy.yml"
POLICY = """\
global: {interval: 300ms, timeout: 100ms, attempts: 2, max_denied_qps: 0}
keys:
  transfer: {algorithm: hmac-sha256, secret_file: transfer.key}
clients:
  plain: {subnet: 127.1.0.0/16, source: 127.1.0.1}
  by-interface: {subnet: 127.2.0.0/16, source: 127.2.0.1, interface: lo}
  marked: {subnet: 127.3.0.0/16, source: 127.3.0.1, mark: 9}
  foreign: {subnet: 198.51.100.0/24, source: 198.51.100.7, transparent: true}
  elsewhere: {subnet: 127.5.0.0/16, source: 127.5.0.1, netns: elsewhere}
  signed: {subnet: 127.6.0.0/16, source: 127.6.0.1, key: transfer}
resolvers:
  ns1: {address: 127.0.0.53}
checks:
  - {name: answered, client: [plain, by-interface, marked, foreign, elsewhere], resolver: ns1,
     query: "{random}.answered.example A", expect: NOERROR}
  - {name: refused, client: plain, resolver: ns1, query: "{random}.example A", expect: REFUSED}
"""
# What each client needs.
FREE, RAW, ADMIN = {"plain", "by-interface"}, {"marked", "foreign"}, {"elsewhere"}


def version():
    return re.search(r"^VERSION *:= *(\S+)$", (ROOT / "Makefile").read_text(), re.M)[1]


# ---- what is built ----

def test_the_version_is_told_once(built):
    """All else repeats the Makefile's."""
    changelog = (ROOT / "packaging/debian/changelog").read_text()
    assert re.match(r"dnspolicy \((.+)-\d+\)", changelog)[1] == version()
    repeated = {"packaging/container/Containerfile": r'image\.version="([^"]+)"', "packaging/rpm/dnspolicy.spec": r"^Version: *(\S+)$"}
    for name, pattern in repeated.items():
        if (ROOT / name).exists():
            found = re.search(pattern, (ROOT / name).read_text(), re.M)
            assert not found or found[1] == version(), name


def test_a_version_that_the_changelog_does_not_know_is_not_built(workspace):
    directory = workspace.directory("unknown")
    said = subprocess.run([ROOT / "packaging/make-deb", directory, "9.9.9", "none"], capture_output=True, text=True, check=False)
    assert said.returncode == 1 and f"begins with version {version()}, but the Makefile has 9.9.9" in said.stderr
    assert not list(directory.iterdir())


def test_the_tree_is_left_as_it_was(built):
    assert not (ROOT / "debian").exists()
    assert (built / f"dnspolicy_{version()}.orig.tar.xz").exists(), "there is a source package too"


def test_lintian_has_nothing_to_say(built):
    changes = next(built.glob("*.changes"))
    said = subprocess.run(["lintian", "--allow-root", "--display-info", "--pedantic", str(changes)], capture_output=True, text=True,
                          check=False)
    assert (said.stdout, said.returncode) == ("", 0), said.stdout


def test_debians_hardening_reaches_every_compiler_run(built):
    said = subprocess.run(["blhc", "--all", str(built / "build.log")], capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stdout
    assert len(re.findall(r"^cc .* -c ", (built / "build.log").read_text(), re.M)) > 100, "they are shown"


def test_all_that_belongs_into_it_is_in_it(built, package):
    listing = subprocess.run(["dpkg-deb", "-c", str(package)], capture_output=True, text=True, check=True).stdout
    files = {line.split()[5].lstrip("."): line.split()[:2] for line in listing.splitlines()}
    for name in ["/usr/bin/dnspolicy", "/usr/bin/dnspolicy_exporter", f"/lib/systemd/system/{UNIT}", CONFIG,
                 "/etc/default/dnspolicy-exporter", "/usr/lib/sysusers.d/dnspolicy.conf", "/usr/share/man/man1/dnspolicy.1.gz",
                 "/usr/share/man/man5/dnspolicy.yml.5.gz", "/usr/share/man/man8/dnspolicy_exporter.8.gz",
                 "/usr/share/bash-completion/completions/dnspolicy_exporter", "/usr/share/zsh/vendor-completions/_dnspolicy",
                 "/usr/share/fish/vendor_completions.d/dnspolicy.fish"]:
        assert name in files, name
    examples = "/usr/share/doc/dnspolicy/examples"
    for source, target in [("config/prometheus", f"{examples}/prometheus"), ("dashboards", f"{examples}/dashboards"),
                           ("packaging/systemd/drop-ins", f"{examples}/drop-ins"), ("docs", "/usr/share/doc/dnspolicy/docs")]:
        place = built / f"dnspolicy-{version()}" / source
        names = {f"{target}/{path.relative_to(place)}" for path in place.rglob("*") if path.is_file()}
        assert names and not names - set(files), source
    assert all(owner == "root/root" and mode[5] == mode[8] == "-" for mode, owner in files.values() if mode[0] != "l")


def test_an_image_that_is_being_made_gets_it_too(debian, package, workspace):
    """Where no systemd runs: the service is for the first boot."""
    root = workspace.directory("image") / "root"
    unpack(debian, root)
    shutil.copy(package, root / "root")
    done = subprocess.run(["chroot", str(root), "dpkg", "-i", f"/root/{package.name}"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (root / f"etc/systemd/system/multi-user.target.wants/{UNIT}").is_symlink()
    assert (root / "etc/dnspolicy").stat().st_gid != 0
    shutil.rmtree(root)


# ---- what a machine makes of it ----

def get(machine, path):
    """What the service answers; from within its network, by the host's curl."""
    return subprocess.run(["ip", "netns", "exec", machine.name, "curl", "-s", "--max-time", "5", f"http://127.0.0.1:10953{path}"],
                          capture_output=True, text=True, check=False).stdout


def verdicts(machine):
    answer = get(machine, "/api/v1/probes?check=answered")
    listed = json.loads(answer)["data"]["probes"] if answer else []
    return {probe["client"]["name"]: probe["verdict"] for probe in listed}


def await_verdicts(machine, good):
    wanted = {name: "as_expected" if name in good else "local_error" for name in FREE | RAW | ADMIN}
    wait_until(lambda: verdicts(machine) == wanted, f"the verdicts {wanted}", timeout=20, pause=0.1)


def mode(machine, name):
    """Owner's number, group's number and permissions, as the machine has them."""
    facts = machine.path(name).stat()
    return facts.st_uid, facts.st_gid, stat.S_IMODE(facts.st_mode)


def user(machine):
    """Name, user's number, group's number."""
    line = next(line for line in machine.path("/etc/passwd").read_text().splitlines() if line.startswith("dnspolicy:"))
    return line.split(":")


def main_process(machine):
    [process] = machine.processes(UNIT)
    return process


def status_of(process):
    with open(f"/proc/{process}/status", encoding="ascii") as status:
        return dict(line.rstrip("\n").split(":\t", 1) for line in status)


def journal(machine):
    return machine.run("journalctl", "-u", UNIT, "--no-pager").stdout


def exposure(machine):
    """What systemd-analyze makes of the unit with its drop-ins; 0 is the best, 10 the worst."""
    said = machine.run("systemd-analyze", "security", "--offline=true", "--no-pager", UNIT).stdout
    return re.search(r"Overall exposure level for .*: (\S+)", said)[1]


def test_it_is_installed_and_not_started_and_says_so(machine, package):
    machine.install(package)
    assert machine.show(UNIT, "ActiveState") == "inactive" and machine.show(UNIT, "UnitFileState") == "enabled"
    assert machine.run("systemctl", "is-system-running").stdout.strip() == "running", "nothing has failed"
    told = machine.run("systemctl", "status", UNIT, check=False).stdout
    assert f"no checks yet: edit {CONFIG}, then: systemctl restart dnspolicy-exporter" in told


def test_the_service_has_a_user_who_can_do_nothing_else(machine):
    _, _, number, group, _, home, shell = user(machine)
    assert 0 < int(number) < 1000 and shell == "/usr/sbin/nologin" and home == "/"
    assert mode(machine, "/etc/dnspolicy") == (0, int(group), 0o2750)
    assert mode(machine, CONFIG) == (0, int(group), 0o640), "secrets may be in it"


def test_the_unit_is_a_good_one_and_its_sandbox_is_tight(machine):
    assert machine.run("systemd-analyze", "verify", "--man=no", f"/lib/systemd/system/{UNIT}").stdout == ""
    assert exposure(machine) == "1.1"


def test_the_commented_policy_is_a_good_one(machine):
    """Taking away the # makes a file that lint has no error for."""
    text = machine.path(CONFIG).read_text()
    machine.write("/root/first.yml", re.sub("^#(?=[a-z]|  )", "", text, flags=re.M))
    assert "1 policy" in machine.run("dnspolicy", "lint", "-c", "/root/first.yml").stdout


def test_it_starts_as_its_user_and_asks(machine, dnsmasq):
    dnsmasq("ip", "netns", "exec", machine.name)
    # Its answers come back to who claims that address.
    machine.run("ip", "route", "add", "local", "198.51.100.0/24", "dev", "lo")
    machine.write("/etc/dnspolicy/transfer.key", "bm90IGEgc2VjcmV0IGF0IGFsbCwgYnV0IGxvbmc=\n")
    assert mode(machine, "/etc/dnspolicy/transfer.key")[1] == int(user(machine)[3]), "what is put there is its group's"
    machine.path("/etc/dnspolicy/transfer.key").chmod(0o640)
    machine.path(CONFIG).write_text(POLICY)
    machine.run("systemctl", "restart", UNIT)
    assert machine.show(UNIT, "ActiveState") == "active"
    assert machine.show(UNIT, "StatusText").startswith("running in")
    status = status_of(main_process(machine))
    assert status["Uid"].split() == [user(machine)[2]] * 4
    assert int(status["CapEff"], 16) == int(status["CapBnd"], 16) == 0
    assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2")
    await_verdicts(machine, FREE)
    metrics = get(machine, "/metrics")
    assert "\nprocess_start_time_seconds " in metrics and "\nprocess_open_fds " in metrics, "its sandbox shows what they need"
    assert re.search(r'^dnspolicy_refusals_total\{[^}]*expected="true"\} [1-9]', metrics, re.M)


def test_a_reload_tells_how_it_went(machine):
    before = main_process(machine)
    machine.run("systemctl", "reload", UNIT)
    machine.path(CONFIG).write_text(POLICY.replace("resolver: ns1", "resolver: ns2"))
    bad = machine.run("systemctl", "reload", UNIT, check=False)
    assert bad.returncode != 0
    wait_until(lambda: "reload failed: " + CONFIG in machine.show(UNIT, "StatusText"), "the reload's end")
    assert machine.show(UNIT, "ActiveState") == "active" and main_process(machine) == before
    machine.path(CONFIG).write_text(POLICY)
    machine.run("systemctl", "reload", UNIT)
    wait_until(lambda: machine.show(UNIT, "StatusText").startswith("running in"), "the reload's end")


def test_a_broken_file_fails_the_start_and_is_no_empty_one(machine):
    machine.path(CONFIG).write_text("checks: [")
    assert machine.run("systemctl", "restart", UNIT, check=False).returncode != 0
    assert f'level=error msg="{CONFIG}:2:1: not YAML' in journal(machine)
    machine.run("systemctl", "stop", UNIT)
    machine.run("systemctl", "reset-failed", UNIT)
    machine.path(CONFIG).write_text(POLICY)
    machine.run("systemctl", "start", UNIT)


def drop_in(machine, name, text):
    machine.write(f"/etc/systemd/system/{UNIT}.d/{name}", text)
    machine.run("systemctl", "daemon-reload")
    machine.run("systemctl", "restart", UNIT)


def test_a_lane_that_hangs_is_restarted_by_the_watchdog(machine):
    drop_in(machine, "hasty.conf", "[Service]\nWatchdogSec=2\nRestartSec=100ms\n")
    process = main_process(machine)
    lane = next(number for number, name in threads(process).items() if name == "lane")
    wait_until(lambda: verdicts(machine).get("plain") == "as_expected", "a verdict")
    with halted(lane):
        wait_until(lambda: "Watchdog timeout" in journal(machine), "the end of systemd's patience", timeout=20, pause=0.1)
    assert "threads do not come round" in journal(machine)
    wait_until(lambda: machine.show(UNIT, "NRestarts") == "1" and machine.show(UNIT, "ActiveState") == "active", "another process")
    assert main_process(machine) != process
    await_verdicts(machine, FREE)
    machine.path(f"/etc/systemd/system/{UNIT}.d/hasty.conf").unlink()


@pytest.mark.parametrize("name, more, capability, score", [("net-raw", RAW, 13, "1.4"), ("netns", ADMIN, 21, "1.7")])
def test_each_drop_in_gives_the_capability_that_its_clients_need_and_no_other(machine, dnsmasq, name, more, capability, score):
    drop_in(machine, f"{name}.conf", (ROOT / f"packaging/systemd/drop-ins/{name}.conf").read_text())
    if more is ADMIN:
        # After the start: it must be seen all the same.
        machine.run("ip", "netns", "add", "elsewhere")
        machine.run("ip", "-n", "elsewhere", "link", "set", "lo", "up")
        dnsmasq("nsenter", f"--net=/proc/{machine.init}/root/run/netns/elsewhere")
    await_verdicts(machine, FREE | more)
    assert int(status_of(main_process(machine))["CapEff"], 16) == 1 << capability
    assert exposure(machine) == score
    shutil.rmtree(machine.path(f"/etc/systemd/system/{UNIT}.d"))


def test_within_a_network_namespace_it_needs_no_capability(machine):
    """The other way that netns.conf tells of."""
    drop_in(machine, "within.conf", "[Service]\nNetworkNamespacePath=/run/netns/elsewhere\n")
    process = main_process(machine)
    inside = Path(f"/proc/{process}/ns/net").stat().st_ino
    assert inside == Path(f"/proc/{machine.init}/root/run/netns/elsewhere").stat().st_ino
    assert int(status_of(process)["CapEff"], 16) == 0
    shutil.rmtree(machine.path(f"/etc/systemd/system/{UNIT}.d"))


def test_an_upgrade_keeps_what_was_edited(machine, package, workspace):
    tree = workspace.directory("upgrade") / "tree"
    subprocess.run(["dpkg-deb", "-R", str(package), str(tree)], check=True)
    control = tree / "DEBIAN/control"
    control.write_text(re.sub(r"^Version: .*", "Version: 99.0-1", control.read_text(), flags=re.M))
    (tree / CONFIG.lstrip("/")).write_text("# another template\n")
    later = tree.parent / "dnspolicy_99.0-1.deb"
    subprocess.run(["dpkg-deb", "-b", str(tree), str(later)], check=True, capture_output=True)
    machine.path("/etc/dnspolicy").chmod(0o2755)
    machine.run("systemctl", "daemon-reload")
    machine.run("systemctl", "restart", UNIT)
    before = main_process(machine)

    machine.install(later, "--force-confdef", "--force-confold")
    assert machine.run("dpkg-query", "-W", "-f", "${Version}", "dnspolicy").stdout == "99.0-1"
    assert machine.path(CONFIG).read_text() == POLICY
    assert mode(machine, CONFIG)[1:] == (int(user(machine)[3]), 0o640) and mode(machine, "/etc/dnspolicy")[2] == 0o2755
    assert machine.show(UNIT, "ActiveState") == "active" and main_process(machine) != before, "the new one runs"
    await_verdicts(machine, FREE)


def test_removed_it_stops_and_keeps_the_configuration(machine):
    machine.run("dpkg", "--remove", "dnspolicy")
    assert machine.show(UNIT, "ActiveState") == "inactive" and not get(machine, "/metrics")
    assert machine.path(CONFIG).read_text() == POLICY
    assert not machine.path("/usr/bin/dnspolicy_exporter").exists()


def test_purged_it_leaves_its_user_and_what_others_put_there(machine):
    """The user stays by policy: files may still be its group's."""
    machine.run("dpkg", "--purge", "dnspolicy")
    assert [path.name for path in machine.path("/etc/dnspolicy").iterdir()] == ["transfer.key"]
    machine.path("/etc/dnspolicy/transfer.key").unlink()
    machine.path("/etc/dnspolicy").rmdir()
    found = machine.run("find", "/", "-xdev", "-name", "*dnspolicy*", "-not", "-path", "/proc/*", "-not", "-path", "/sys/*", "-not",
                        "-path", "/run/*", "-not", "-path", "/root/*").stdout.split()
    assert not found
    assert user(machine)
