"""That the documents pass means something only if a document that is wrong does not."""
import os

import pytest

from blocks import DocumentError, blocks_of, says
from harness import Namespace, Workspace, wait_until
from session import Disagreement, Session


def fence(language, text, mark=None):
    return (f"<!-- {mark} -->\n" if mark else "") + f"```{language}\n{text}```\n"


@pytest.mark.parametrize("shown, printed, is_same", [
    ("one\ntwo\n", "one\ntwo\n", True), ("one\ntwo\n", "one\n", False), ("one\n", "one\ntwo\n", False), ("one\n", "", False),
    ("a … c\n", "a b c\n", True), ("a … c\n", "a b d\n", False), ("a … c\n", "a\nc\n", False),
    ("one\n…\nend\n", "one\n2\n3\nend\n", True), ("one\n…\nend\n", "one\nend\n", True), ("one\n…\nend\n", "one\nend\nmore\n", False),
    ("a.c\n", "abc\n", False)])
def test_an_output_is_as_shown_line_by_line_but_for_what_varies(shown, printed, is_same):
    assert says(shown, printed) == is_same


@pytest.mark.parametrize("text", [
    fence("yaml", "a: 1\n"), fence("text", "output\n"), fence("sh", "true\n", "runs well"), fence("sh", "true\n", "within 5 s"),
    fence("sh", "true\n", "file: x"), fence("yaml", "a: 1\n", "stays running, port 1"), "```sh\ntrue\n",
    fence("sh", "true\n") + fence("text", "a\n") + fence("text", "b\n"),
    fence("sh", "sleep 9\n", "stays running, port 1") + fence("text", "a\n"),
    fence("sh", "true\n") + fence("text", "…\n")],
    ids=["file without a name", "output of nothing", "unknown mark", "waits for nothing", "commands as a file", "file that runs",
         "without end", "two outputs", "output of what stays", "any output"])
def test_a_block_that_nothing_holds_to_account_is_an_error(text):
    with pytest.raises(DocumentError, match="bad.md:[1247]: "):
        blocks_of("bad.md", text)


@pytest.fixture(scope="module")
def namespace():
    if os.geteuid() != 0:
        pytest.skip("only root can make a network namespace")
    place = Namespace(f"dnspolicy-docs-runner-{os.getpid()}")
    yield place
    place.delete()


@pytest.fixture
def session(namespace):
    workspace = Workspace()
    running = Session(namespace, workspace.directory("clone"))
    yield running
    running.close()
    workspace.remove()


@pytest.fixture
def do(session):
    def run(text):
        for block in blocks_of("a.md", text):
            session.do(block)
    return run


def test_files_commands_and_outputs_that_are_right_pass(do):
    do(fence("yaml", "a: 1\n", "file: new/a.yml") + fence("yaml", "b: 2\n", "more of: new/a.yml") +
       fence("sh", "cat new/a.yml\nkept=3\n") + fence("text", "a: 1\nb: …\n") + fence("sh", "echo $kept\n") + fence("text", "3\n"))


@pytest.mark.parametrize("text, why", [
    (fence("sh", "echo one\n") + fence("text", "two\n"), "not as shown(.|\n)*-two\n\\+one"),
    (fence("sh", "echo one\n") + fence("text", "one\nmore\n"), "not as shown"),
    (fence("sh", "true\n") + fence("text", "one\n"), "not as shown"),
    (fence("sh", "false\necho not reached\n"), "it failed"), (fence("sh", "no-such-command\n"), "not found"),
    (fence("sh", "echo $unset\n"), "unset"),
    (fence("sh", "date +%N\n", "within 1 s") + fence("text", "never\n"), "not within 1 s"),
    (fence("sh", "false\n", "stays running, port 9"), "nothing listens on port 9"),
    (fence("yaml", "a: 1\n", "more of: a.yml"), "no such file"),
    (fence("yaml", "a: 1\n", "file: config/dnspolicy.yml"), "into the tree"),
    (fence("promql", "up > 0\nsum(up\n"), "it failed")],
    ids=["another output", "less output", "no output", "failure", "no such command", "unset variable", "never so", "does not stay",
         "nothing to append to", "file of the tree", "no PromQL"])
def test_what_is_wrong_is_told_with_its_line(do, text, why):
    with pytest.raises(Disagreement, match=f"a.md:[12]: (.|\n)*{why}"):
        do(text)


def test_what_stays_running_is_there_for_the_next_block_and_gone_at_the_end(do, session):
    do(fence("sh", "python3 -m http.server 8099\n", "stays running, port 8099") +
       fence("sh", "curl -s -o /dev/null -w '%{http_code}\\n' http://127.0.0.1:8099/\n") + fence("text", "200\n"))
    assert session.connects(8099)
    session.close()
    wait_until(lambda: not session.connects(8099), "the end of what stayed")


def test_the_network_of_a_document_leads_nowhere(do):
    do(fence("sh", "ip -o link | grep -c .\nip route | grep -c . || true\n") + fence("text", "1\n0\n"))
