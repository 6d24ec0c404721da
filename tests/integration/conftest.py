"""Fixtures: servers live for the whole session, an exporter for one test.

    def test_something(bind, exporter):
        running = exporter(f'''...configuration...''')
        assert running.judged(check="name")["verdict"] == "as_expected"
"""
import pytest

from harness import Bind, Exporter, Nsd, Unbound
from harness.fixtures import workspace  # noqa: F401
from harness.web import QUIET


@pytest.fixture(scope="session")
def bind(workspace):
    """127.10.0.0/16 is inside and may recurse; everyone else is refused all but corp.example."""
    server = Bind(workspace)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def unbound(workspace, bind):
    """Open to everyone, by accident."""
    server = Unbound(workspace, internet=(bind.address, bind.port))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def nsd(workspace):
    """The fake internet on 127.1.0.1: authoritative for the root."""
    server = Nsd(workspace)
    yield server
    server.stop()


@pytest.fixture
def exporter(workspace):
    """Starts exporters: exporter(configuration, *arguments, port=…) as harness.Exporter has it. Each is ended after the test, and the
    test fails unless it ends cleanly."""
    started = []

    def start(configuration, *arguments, **options):
        started.append(Exporter(workspace, configuration, *arguments, **options))
        return started[-1]

    yield start
    for each in started:
        # Also when the test has ended it: a second look at its status and log does no harm.
        each.stop()


@pytest.fixture
def idle(exporter):
    """An exporter with next to nothing to do, for tests of its HTTP server."""
    return exporter(QUIET)


@pytest.fixture
def place(workspace):
    """A directory for the files of a web configuration."""
    return workspace.directory("web")
