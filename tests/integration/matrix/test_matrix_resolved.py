"""systemd-resolved with nobody to ask: it refuses, and marks the refusal as authoritative."""
import os

import pytest

from column import INSIDE, NO_RD, REFUSAL, Endpoint, Situation, ask_all
from harness import Namespace
from harness.resolved import Resolved, unpacked

SERVER = "systemd-resolved"
pytestmark = [pytest.mark.plain, pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a network namespace")]

SITUATIONS = [
    Situation("no upstream", "stub", INSIDE, '"{random}.probe.example.net A"', "REFUSED aa ra ede=", REFUSAL),
    Situation("refused without RD", "stub", INSIDE, NO_RD, "REFUSED ra !aa ede=", REFUSAL),
    Situation("query refused", "stub", INSIDE, "version.bind TXT CH", "REFUSED aa ra ede=", REFUSAL),
]


@pytest.fixture(scope="module")
def namespace():
    place = Namespace(f"dnspolicy-resolved-{os.getpid()}")
    yield place
    place.delete()


@pytest.fixture(scope="module")
def column(workspace, namespace):
    if not unpacked():
        pytest.skip("the package systemd-resolved cannot be downloaded")
    server = Resolved(workspace, namespace)
    try:
        return ask_all(workspace, {"stub": Endpoint(server)}, SITUATIONS,
                       f"  inside: {{subnet: 127.10.0.0/16, source: 127.10.20.5, netns: {namespace.name}}}\n")
    finally:
        server.stop()


def test_situation(column, probe):
    column.assert_is(probe)
