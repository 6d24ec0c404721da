"""A document, done: its files written and its commands run in order, by one shell in namespaces of its own."""
import difflib
import os
import select
import socket
import subprocess
import time
from pathlib import Path

from blocks import says
from harness import built
from harness.exporter import ROOT, build_directory

BLOCK_SECONDS = 60
LISTEN_SECONDS = 20


class Disagreement(Exception):
    """The document says one thing, and what happened is another; the message shows both."""


def clone_like(directory):
    """A directory that looks like a fresh clone after `make`, in which files can be written without harm to the tree."""
    for path in ROOT.iterdir():
        if path.name not in ("build", ".git"):
            (directory / path.name).symlink_to(path)
    (directory / "build").symlink_to(build_directory())


class Session:
    """bash -eu in a network namespace, and in a process namespace: what a document leaves running ends with it, and what it signals by
    name is its own."""

    def __init__(self, namespace, directory):
        self.namespace, self.directory = namespace, Path(directory)
        self.logs = self.directory / ".logs"
        self.logs.mkdir()
        clone_like(self.directory)
        environment = {**os.environ, "HOME": str(self.directory), "PATH": f"{Path(built('dnspolicy')).parent}:{os.environ['PATH']}",
                       "NO_COLOR": "1", "LC_ALL": "C.UTF-8", "TERM": "dumb"}
        self.shell = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", "ip", "netns", "exec", namespace.name, "unshare", "--pid", "--fork", "--kill-child",
             "--mount-proc", "bash", "-eu"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            cwd=self.directory, env=environment)
        self.count, self.printed = 0, b""

    def close(self):
        self.shell.kill()
        self.shell.wait()

    def run(self, text, before="", after=""):
        """Runs the lines in the shell and gives what they printed; a status that is not 0 ends the shell, as -e has it."""
        self.count += 1
        script, end = self.logs / f"block-{self.count}.sh", f"end-of-block-{self.count}"
        script.write_text(text, encoding="utf-8")
        # A block never reads the commands that follow it.
        command = f"{before} . {script} </dev/null {after}\nprintf '\\n%s\\n' {end}\n"
        self.shell.stdin.write(command.encode())
        self.shell.stdin.flush()
        return self.read_until(f"\n{end}\n".encode(), text)

    def read_until(self, end, text):
        deadline = time.monotonic() + BLOCK_SECONDS
        while end not in self.printed:
            ready, _, _ = select.select([self.shell.stdout], [], [], max(0.0, deadline - time.monotonic()))
            data = os.read(self.shell.stdout.fileno(), 65536) if ready else b""
            if not data:
                why = "it failed" if ready else f"it did not end within {BLOCK_SECONDS} s"
                raise Disagreement(f"{why}:\n{text}It printed:\n{self.printed.decode(errors='replace')}")
            self.printed += data
        output, _, self.printed = self.printed.partition(end)
        return output.decode(errors="replace")

    def do(self, block):
        try:
            getattr(self, f"do_{block.purpose}")(block)
        except Disagreement as error:
            raise Disagreement(f"{block}: {error}") from None

    def do_skip(self, block):
        """Told by the test."""

    do_figure = do_skip

    def do_file(self, block, mode="w"):
        path = self.directory / block.details["file"]
        if path.is_symlink() or any(parent.is_symlink() for parent in path.parents if self.directory in parent.parents):
            raise Disagreement(f"{path.name} would be written into the tree itself")
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, mode, encoding="utf-8") as file:
            file.write(block.text)

    def do_more(self, block):
        if not (self.directory / block.details["file"]).exists():
            raise Disagreement("there is no such file yet to append to")
        self.do_file(block, "a")

    def do_run(self, block):
        printed = self.run(block.text)
        if block.output is not None and not says(block.output, printed):
            raise Disagreement("the output is not as shown:\n" + difference(block.output, printed))

    def do_retry(self, block):
        """A subshell may fail as often as it likes."""
        deadline = time.monotonic() + int(block.details["seconds"])
        while True:
            printed = self.run(block.text, before="(", after=") || true")
            if says(block.output, printed):
                return
            if time.monotonic() > deadline:
                raise Disagreement(f"not within {block.details['seconds']} s:\n" + difference(block.output, printed))
            time.sleep(0.5)

    def do_stay(self, block):
        *first, last = block.text.rstrip("\n").replace("\\\n", "").split("\n")
        if first:
            self.run("\n".join(first) + "\n")
        log, port = self.logs / f"port-{block.details['port']}.log", int(block.details["port"])
        log.touch()
        self.run(f"exec {last}\n", before="(", after=f") >{log} 2>&1 & kept_{port}=$!")
        deadline = time.monotonic() + LISTEN_SECONDS
        while not self.connects(port):
            printed = log.read_text(errors="replace")
            if self.run(f"kill -0 $kept_{port} 2>&1 || echo gone\n") or time.monotonic() > deadline:
                raise Disagreement(f"nothing listens on port {port}; it printed:\n{printed}")
            time.sleep(0.1)

    def connects(self, port):
        with self.namespace.entered(), socket.socket(socket.AF_INET, socket.SOCK_STREAM) as connection:
            return connection.connect_ex(("127.0.0.1", port)) == 0

    def do_promql(self, block):
        rules = "".join(f"      - {{record: 'line:{number}', expr: {quoted(line)}}}\n"
                        for number, line in enumerate(block.text.splitlines()) if line.split("#")[0].strip())
        file = self.logs / "promql.yml"
        file.write_text(f"groups:\n  - name: lines\n    rules:\n{rules}", encoding="utf-8")
        self.run(f"promtool check rules {file}\n")


def quoted(line):
    return "'" + line.replace("'", "''") + "'"


def difference(expected, printed):
    return "\n".join(difflib.unified_diff(expected.rstrip("\n").split("\n"), printed.rstrip("\n").split("\n"), "shown", "printed",
                                          n=100, lineterm=""))
