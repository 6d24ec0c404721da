"""Parametrizes the tests of a column by its situations, and prints the matrix at the end of the run.

A column is a module with SERVER (the head of the column), SITUATIONS, a fixture `column`, and test_situation(column, probe).
"""
import os

import pytest

from column import ROWS, probes
from harness.exporter import build_directory
from harness.keys import certificate

RANK = {"skipped": 1, "passed": 2, "failed": 3}
SIGNS = {"passed": "✓", "failed": "✗", "skipped": "s", None: "–"}
cells = pytest.StashKey()


@pytest.fixture(scope="module")
def certificates(workspace):
    """A certificate for dns.example and its key: (file, file)."""
    return certificate(workspace.directory("certificate"), "dns.example")


def pytest_configure(config):
    config.stash[cells] = {}


def pytest_generate_tests(metafunc):
    if "probe" in metafunc.fixturenames:
        metafunc.parametrize("probe", probes(metafunc.module.SITUATIONS), ids=str)


def pytest_collection_modifyitems(config, items):
    """The matrix is about servers: the sanitizers' builds meet the same paths in the other tests, in less time."""
    if build_directory().name not in ("asan", "tsan") and not os.environ.get("DNSPOLICY_PREFIX"):
        return
    here = [item for item in items if hasattr(item.module, "SERVER")]
    items[:] = [item for item in items if item not in here]
    config.hook.pytest_deselected(items=here)


def row_of(item):
    if "probe" in getattr(item, "fixturenames", ()):
        return item.callspec.params["probe"].situation.row
    marker = item.get_closest_marker("row")
    return marker.args[0] if marker else None


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    report = (yield).get_result()
    row = row_of(item)
    if row is None or (report.when != "call" and report.outcome == "passed"):
        return
    assert row in ROWS, f"{row!r} is no row of the matrix"
    place = (item.module.SERVER, row)
    found = item.config.stash[cells]
    found[place] = max(found.get(place, report.outcome), report.outcome, key=RANK.get)


def pytest_terminal_summary(terminalreporter, config):
    found = config.stash[cells]
    if not found:
        return
    servers = sorted({server for server, _ in found})
    width = max(map(len, ROWS))
    terminalreporter.section("servers × situations: ✓ as measured, ✗ not, s skipped, – not applicable")
    terminalreporter.write_line(" " * width + "  " + "  ".join(servers))
    for row in ROWS:
        signs = "  ".join(SIGNS[found.get((server, row))].ljust(len(server)) for server in servers)
        terminalreporter.write_line(f"{row:{width}}  {signs}".rstrip())
