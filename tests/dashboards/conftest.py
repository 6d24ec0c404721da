"""The demo is started first and left to itself while the other tests run: what it is asked needs data of some time."""
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(HERE), str(ROOT / "tests" / "integration"), str(ROOT / "dashboards" / "source")]
from harness.fixtures import npm_packages  # noqa: E402
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
    return npm_packages(HERE)


@pytest.fixture(scope="session")
def grafana(packages, tmp_path_factory):
    """Runs a script of this folder among Grafana's packages: grafana("render.cjs", work) gives what it answers. They are bundled first,
    for some of them are ES modules, which Debian's Node.js 18 cannot require()."""
    bundles = tmp_path_factory.mktemp("bundles")

    def run(script, work):
        bundle = bundles / script
        if not bundle.exists():
            subprocess.run([packages / ".bin" / "esbuild", HERE / script, "--bundle", "--platform=node", "--log-level=warning",
                            f"--outfile={bundle}"], timeout=60, check=True)
        result = subprocess.run(["node", bundle], input=json.dumps(work), capture_output=True, text=True, timeout=60, check=False)
        assert result.returncode == 0, result.stderr
        return json.loads(result.stdout)

    return run


@pytest.fixture(autouse=True, scope="session")
def already_running(request):
    """Only where a test asks for data."""
    if any("scraped" in item.fixturenames for item in request.session.items):
        request.getfixturevalue("running")
