"""The recipes of packaging/ for containers, Kubernetes and RPM: what can be built, run and validated without a registry or a cluster."""
import re
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT / "tests" / "integration")]

from harness.fixtures import npm_packages, workspace  # noqa: E402,F401  pylint: disable=wrong-import-position


def run(*command, **options):
    """Runs a command that must succeed; what it printed."""
    ended = subprocess.run([str(word) for word in command], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
                           **{"cwd": ROOT, "timeout": 300, **options})
    assert ended.returncode == 0, f"{command}: {ended.returncode}\n{ended.stdout[-4000:]}"
    return ended.stdout


def makefile(variable):
    return re.search(rf"^{variable}\s*:?=\s*(.*)", (ROOT / "Makefile").read_text(), re.M)[1].strip()


@pytest.fixture(scope="session")
def version():
    return makefile("VERSION")


@pytest.fixture(scope="session")
def packages():
    """The validators from npm, as the lock file names them."""
    return npm_packages(HERE)


@pytest.fixture(scope="session")
def tracked():
    """The files of the tree that git knows, as they are now."""
    names = run("git", "ls-files", "-z").split("\0")[:-1]
    return [name for name in names if (ROOT / name).exists() or (ROOT / name).is_symlink()]
