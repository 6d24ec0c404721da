"""The demo is started first and left to itself while the other tests run: what it is asked needs data of some time."""
import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(HERE), str(ROOT / "tests" / "integration"), str(ROOT / "dashboards" / "source")]
# How long Prometheus scrapes before its data is looked at.
SECONDS = int(os.environ.get("DNSPOLICY_DEMO_SECONDS", "45"))


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: "scraped" in item.fixturenames)


@pytest.fixture(scope="session")
def running():
    from demo import Demo
    started = Demo()
    yield started
    started.stop()


@pytest.fixture(scope="session")
def scraped(running):
    running.wait(SECONDS)
    return running


@pytest.fixture(scope="session")
def packages():
    """Grafana's own packages, as the lock file names them."""
    modules = HERE / "node_modules"
    lock = HERE / "package-lock.json"
    installed = modules / ".package-lock.json"
    if not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
        result = subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=HERE, capture_output=True, text=True,
                                timeout=300, check=False)
        assert result.returncode == 0, result.stderr
    return modules


@pytest.fixture(autouse=True, scope="session")
def already_running(request):
    """Only where a test asks for data."""
    if any("scraped" in item.fixturenames for item in request.session.items):
        request.getfixturevalue("running")
