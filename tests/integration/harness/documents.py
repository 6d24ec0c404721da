"""Markdown files as a package installs them."""
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
REPOSITORY = "https://github.com/dnspolicy/dnspolicy/blob/main/"


def assert_links_hold(directory):
    """Each link leads to a file beside the document, or to one that the repository has."""
    documents = list(Path(directory).rglob("*.md"))
    assert len(documents) > 10
    for document in documents:
        for target in re.findall(r"\]\(([^)\s#]+)", document.read_text(encoding="utf-8")):
            if target.startswith(REPOSITORY):
                assert (ROOT / target.removeprefix(REPOSITORY)).exists(), f"{document}: {target}"
            elif not re.match(r"\w+:", target):
                assert (document.parent / target).exists(), f"{document}: {target}"
