"""The harness of the integration tests serves here too."""
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / "integration"), str(Path(__file__).resolve().parent)]
from harness.fixtures import workspace  # noqa: E402,F401
