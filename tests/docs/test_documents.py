"""Every command of the documents, done in order among the servers that the documents speak of."""
import os
import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from documents import DOCUMENTS, read
from harness.exporter import ROOT
from session import Session
from world import World

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a network namespace")


def do(name, number):
    blocks = read(name)
    world = World(f"dnspolicy-docs-{os.getpid()}-{number}")
    try:
        session = Session(world.namespace, world.clone())
        try:
            for block in blocks:
                session.do(block)
        finally:
            session.close()
    finally:
        world.close()
    return blocks


@pytest.fixture(scope="session")
def done(request):
    """Several at a time: most of a document's time is waiting."""
    selected = [item.callspec.params["document"] for item in request.session.items if "done" in item.fixturenames]
    with ThreadPoolExecutor(4) as pool:
        yield {name: pool.submit(do, name, number) for number, name in enumerate(selected)}


@needs_root
@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_document_does_what_it_says(done, document):
    blocks = done[document].result()
    assert any(block.purpose in ("run", "retry", "stay") for block in blocks)




def anchors(path):
    """What GitHub makes of the headings."""
    headings = re.findall(r"^#+ (.*)", path.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))], ids=lambda path: str(path.relative_to(ROOT)))
def test_a_document_links_to_what_there_is(path):
    for target in re.findall(r"\]\(([^)\s]+)\)", path.read_text(encoding="utf-8")):
        if re.match(r"\w+:", target):
            continue
        file, _, anchor = target.partition("#")
        there = (path.parent / file).resolve() if file else path
        assert there.exists(), target
        assert not anchor or anchor in anchors(there), target
