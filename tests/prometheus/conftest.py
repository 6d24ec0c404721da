"""The harness of the integration tests serves here too."""
import sys
from pathlib import Path

import pytest

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / "integration"), str(Path(__file__).resolve().parent)]
from harness import Workspace  # noqa: E402


@pytest.fixture(scope="session")
def workspace():
    place = Workspace()
    yield place
    place.remove()
