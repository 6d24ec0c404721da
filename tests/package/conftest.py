"""One package, one machine: the tests of test_package.py are the story of both, told in order."""
import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(HERE), str(ROOT / "tests" / "integration")]

from harness import Process  # noqa: E402
from harness.fixtures import workspace  # noqa: E402,F401
from machine import Machine, clean_root, what_is_missing  # noqa: E402


@pytest.fixture(scope="session")
def built():
    """The directory that `make deb` fills."""
    result = subprocess.run(["make", "-s", "--no-print-directory", "deb"], cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True,
                            text=True, timeout=300, check=False, env={**os.environ, "DEB_BUILD_OPTIONS": "nocheck"})
    assert result.returncode == 0, result.stderr
    return ROOT / "build" / "deb"


@pytest.fixture(scope="session")
def package(built):
    return next(path for path in built.glob("dnspolicy_*.deb"))


@pytest.fixture(scope="session")
def debian():
    """A clean Debian 12 as a tar."""
    if missing := what_is_missing():
        pytest.skip(missing)
    return clean_root(ROOT / "build" / "package")


@pytest.fixture(scope="session")
def machine(debian, workspace):
    booted = Machine(debian, workspace.directory("machine"))
    yield booted
    booted.stop()


CONFIGURATION = """\
port=53
listen-address=127.0.0.53
bind-interfaces
no-resolv
no-hosts
no-daemon
user=nobody
log-facility=-
pid-file=
address=/answered.example/192.0.2.1
"""


@pytest.fixture(scope="session")
def dnsmasq(workspace):
    """Starts a server at 127.0.0.53 in the network where `prefix` puts it: it answers under answered.example and refuses the rest."""
    started = []

    def start(*prefix):
        directory = workspace.directory("dnsmasq")
        (directory / "dnsmasq.conf").write_text(CONFIGURATION)
        started.append(Process("dnsmasq", ["/usr/sbin/dnsmasq", "-C", str(directory / "dnsmasq.conf")], directory, unprivileged=False,
                               prefix=prefix))
        started[-1].wait_until(lambda: "started, version" in started[-1].log(), "the start of dnsmasq")
    yield start
    for each in started:
        each.stop()
