"""The image without a registry: its last stage is a directory, which is made here as in the Containerfile and entered by chroot.

tests/packaging/try-image builds and runs the whole image; that takes longer, and a machine that lets it.
"""
import os
import re
import shutil
import signal
import stat
import subprocess
from pathlib import Path

import pytest
from conftest import ROOT, run

from harness import free_port, wait_until
from harness.web import QUIET

CONTAINERFILE = (ROOT / "packaging" / "container" / "Containerfile").read_text()
USER = re.search(r"^USER (\d+):(\d+)$", CONTAINERFILE, re.M)
LOGIN = "basic_auth_users: {a: $2b$04$abcdefghijklmnopqrstuuR9bTvC7SsGxYMwjX7KpUIhAtjUhBrhW}\n"


@pytest.fixture(scope="module")
def root(workspace, tracked):
    """What the image holds, made from nothing but what the build may see."""
    context = workspace.directory("context")
    allowed = [line[1:] for line in (ROOT / ".containerignore").read_text().splitlines() if line.startswith("!")]
    for name in tracked:
        if any(name == pattern or name.startswith(pattern + "/") for pattern in allowed):
            (context / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, context / name)
    make = re.search(r"^RUN (make .*)$", CONTAINERFILE, re.M)[1].replace("/build", "build")
    # Quick, as what is tested is not the compiler's work.
    make = make.replace("CFLAGS=", "CFLAGS=-O0 WARNINGS=-Wno-cpp -s")
    run("sh", "-c", make, cwd=context, env={**os.environ, "REVISION": "tested"})
    place = context / "root"
    run("packaging/container/make-root", place, context / "build", cwd=context)
    for path in (context, workspace.path):
        path.chmod(0o755)
    return place


def inside(root, *command):
    """The command line that runs a program in the image as its user. Without root we are root in a namespace of our own."""
    if os.geteuid() == 0:
        return ["setpriv", "--no-new-privs", "chroot", f"--userspec={USER[1]}:{USER[2]}", "--groups=", str(root), *command]
    return ["unshare", "--map-root-user", "chroot", str(root), *command]


@pytest.fixture
def running(root):
    """Starts the entry point with these arguments after the configuration; ended after the test."""
    started = []

    def start(*arguments):
        (root / "etc" / "dnspolicy" / "dnspolicy.yml").write_text(QUIET)
        port = free_port()
        entry = re.search(r'^ENTRYPOINT \["(.*)"\]$', CONTAINERFILE, re.M)[1]
        command = re.search(r'^CMD \["(.*)"\]$', CONTAINERFILE, re.M)[1]
        started.append(subprocess.Popen(inside(root, entry, command, f"--web.listen-address=127.0.0.1:{port}", *arguments),
                                        stderr=subprocess.PIPE, text=True))
        return started[-1], port

    yield start
    for each in started:
        each.kill()
        each.wait()


def health(root, port):
    return subprocess.run(inside(root, "/usr/bin/healthy", "127.0.0.1", str(port)), timeout=20, check=False).returncode


def test_it_holds_the_programs_and_no_shell(root):
    programs = {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file() and path.stat().st_mode & 0o111
                and ".so" not in path.name}
    assert programs == {"usr/bin/dnspolicy", "usr/bin/dnspolicy_exporter", "usr/bin/healthy"}


def test_it_is_small(root):
    size = sum(path.stat().st_size for path in root.rglob("*") if path.is_file() and not path.is_symlink())
    assert size < 25_000_000, f"{size / 1e6:.1f} MB"


def test_nothing_in_it_may_be_changed_or_gives_privileges(root):
    for path in root.rglob("*"):
        mode = path.lstat().st_mode
        assert stat.S_ISLNK(mode) or not mode & (stat.S_ISUID | stat.S_ISGID | 0o022), path


def test_a_scanner_finds_the_version_of_every_library(root):
    records = {path.name: path.read_text() for path in (root / "var" / "lib" / "dpkg" / "status.d").iterdir()}
    libraries = set(root.rglob("*.so*"))
    assert len(libraries) > 10 and {"libc6", "libldns3", "libmicrohttpd12", "libssl3", "ca-certificates"} <= set(records)
    for name, record in records.items():
        assert f"Package: {name}\n" in record and re.search(r"^Version: \d", record, re.M)
    owners = run("dpkg-query", "-S", *(f"*/{library.parent.name}/{library.name}" for library in libraries)).splitlines()
    assert len(owners) >= len(libraries) and {owner.split(":")[0] for owner in owners} == set(records) - {"ca-certificates"}


def test_openssl_finds_whom_to_trust(root):
    place = re.search(r'"(.*)"', run("openssl", "version", "-d"))[1]
    assert (root / place.lstrip("/") / "cert.pem").read_text().count("BEGIN CERTIFICATE") > 50


def test_both_programs_run(root, version):
    for program in ("dnspolicy", "dnspolicy_exporter"):
        assert f"{program}, version {version} (revision tested" in run(*inside(root, f"/usr/bin/{program}", "--version"))


def test_it_serves_as_a_user_without_privileges_and_the_health_check_knows(root, running):
    exporter, port = running()
    wait_until(lambda: health(root, port) == 0, "a healthy exporter", 20)
    status = dict(line.split(":\t", 1) for line in Path(f"/proc/{exporter.pid}/status").read_text().splitlines())
    if os.geteuid() == 0:
        assert set(status["Uid"].split()) == {USER[1]} and int(status["CapEff"], 16) == 0
    exporter.send_signal(signal.SIGSTOP)
    assert health(root, port) == 1, "it is hung"
    exporter.send_signal(signal.SIGCONT)
    assert health(root, port) == 0
    exporter.send_signal(getattr(signal, re.search(r"^STOPSIGNAL (\w+)$", CONTAINERFILE, re.M)[1]))
    assert exporter.wait(20) == 0
    assert health(root, port) == 1, "nobody listens"


def test_who_asks_for_a_login_is_alive(root, running):
    (root / "etc" / "dnspolicy" / "web.yml").write_text(LOGIN)
    _, port = running("--web.config.file=/etc/dnspolicy/web.yml")
    wait_until(lambda: health(root, port) == 0, "a healthy exporter", 20)


def test_the_containerfile_is_sound(version, packages):
    assert not run(packages / ".bin" / "dockerfile-utils", "lint", ROOT / "packaging" / "container" / "Containerfile").strip()
    assert int(USER[1]) > 0 and int(USER[2]) > 0
    assert f'image.version="{version}"' in CONTAINERFILE
    first, last = re.findall(r"^FROM (\S+)", CONTAINERFILE, re.M)
    assert last == "scratch" and f'base.name="{first}"' in CONTAINERFILE
    help_text = run("build/dnspolicy_exporter", "--help")
    port = re.search(r"^EXPOSE (\d+)/tcp$", CONTAINERFILE, re.M)[1]
    assert f"(default: :{port})" in help_text and f'"127.0.0.1", "{port}"]' in CONTAINERFILE


def test_docker_sees_the_same_context():
    assert os.readlink(ROOT / ".dockerignore") == ".containerignore"
