"""Fixtures that every folder of tests has use for; a conftest.py imports them by name."""
import subprocess

import pytest

from .process import Workspace


@pytest.fixture(scope="session")
def workspace():
    place = Workspace()
    yield place
    place.remove()


def npm_packages(folder):
    """The node_modules of a folder, as its lock file wants them."""
    installed, lock = folder / "node_modules" / ".package-lock.json", folder / "package-lock.json"
    if not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
        ended = subprocess.run(["npm", "ci", "--prefix", str(folder), "--ignore-scripts", "--no-audit", "--no-fund"], text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300, check=False)
        assert ended.returncode == 0, ended.stdout
    return folder / "node_modules"
