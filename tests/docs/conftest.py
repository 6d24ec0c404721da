"""The harness of the integration tests serves here too; at the end stands what was not run, and why."""
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / "integration"), str(Path(__file__).resolve().parent)]
from blocks import DocumentError  # noqa: E402
from documents import DOCUMENTS, read  # noqa: E402


def pytest_terminal_summary(terminalreporter):
    terminalreporter.section("not run of the documents")
    for name in DOCUMENTS:
        try:
            skipped = [block for block in read(name) if block.purpose == "skip"]
        except DocumentError:
            # Its test has failed and says so.
            continue
        for block in skipped:
            terminalreporter.write_line(f"{block}: {block.details['reason']}")
