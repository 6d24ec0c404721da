"""Shell completion, as installed, in real shells on a terminal: what is offered, and that nothing is ever run by it.

A recorder stands in for both programs: what a completed line hands to it is what the shell made of the line, quoting included.
"""
import json
import os
import pty
import re
import select
import shlex
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness import run_command, wait_until
from harness.exporter import ROOT, built

PROGRAMS = ["dnspolicy", "dnspolicy_exporter"]
CONTEXTS = [("dnspolicy_exporter", []), ("dnspolicy", []), ("dnspolicy", ["lint"]), ("dnspolicy", ["check"]), ("dnspolicy", ["diff"])]
# Names that a shell would run, split or expand if it were let; two letters tell each.
HOSTILE = ["ab$(touch ran)", "bc`touch ran`", "cd; touch ran", "de'touch ran", 'ef"$(touch ran)"', "fg & touch ran", "gh *", "hi $HOME",
           "jk\\n", "kl|touch ran", "lm é"]
CONFIG = f"""
clients: {json.dumps({name: {"subnet": "127.0.0.0/8"} for name in ["office", "vpn", *HOSTILE]})}
resolvers: {{ns1: {{address: 127.0.0.1}}, ns2: {{address: 127.0.0.2}}}}
checks: [{{name: strangers, client: office, resolver: ns1, query: "{{random}}.example A", expect: REFUSED}}]
policies: [{{name: guests, operation: recursion, resolver: ns1, query: "{{random}}.b.example A", allow: vpn, deny: office}}]
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """What `make install` puts under a prefix."""
    prefix = tmp_path_factory.mktemp("prefix")
    subprocess.run(["make", "-s", "install", f"PREFIX={prefix}"], cwd=ROOT, check=True, capture_output=True)
    return prefix


@dataclass
class Place:
    """Where a shell runs: a home and working directory, the recorder on its path, and what it recorded."""
    home: Path
    installed: Path

    def __post_init__(self):
        self.record = self.home / ".recorded"
        folder = self.home / ".bin"
        folder.mkdir()
        for program in PROGRAMS:
            script = folder / program
            names = f'case $2 in --names=*) exec {built(program)} "$@" ;; esac\n' if program == "dnspolicy" else ""
            script.write_text(f"#!/bin/sh\n{names}printf '%s\\0' \"$@\" >{self.record}.new\nmv {self.record}.new {self.record}\n")
            script.chmod(0o755)
        self.environment = {"PATH": f"{folder}:/usr/bin:/bin", "HOME": str(self.home), "ZDOTDIR": str(self.home), "TERM": "dumb",
                            "XDG_DATA_DIRS": f"{self.installed}/share", "LC_ALL": "C.UTF-8"}
        self.prepare()

    def type(self, *keys):
        """What the recorder was called with once these keys and Enter were pressed."""
        self.record.unlink(missing_ok=True)
        self.press(*keys, "\n", until=self.record.exists)
        return self.record.read_text().split("\0")[:-1]

    def completes(self, line):
        """The arguments of the line after a TAB."""
        return self.type(line, "\t")

    def press(self, *keys, until=None):
        """Presses the keys in a new shell. Without a condition to wait for the last is Control-U, and the shell has worked
        through them once it is seen to run a command."""
        child, terminal = pty.fork()
        if child == 0:
            os.chdir(self.home)
            os.execve(self.argv[0], self.argv, self.environment)
        shown = bytearray()

        def read():
            if select.select([terminal], [], [], 0.02)[0]:
                shown.extend(os.read(terminal, 4096))

        try:
            wait_until(lambda: b"READY> " in shown or read(), f"a prompt; seen: {shown}", 20)
            for key in keys if until else [*keys, "\x15", "dnspolicy\n"]:
                os.write(terminal, key.encode())
            wait_until(lambda: (until or self.record.exists)() or read(), f"a call by {keys}; seen: {shown}", 20)
        finally:
            os.close(terminal)  # hangs up
            os.waitpid(child, 0)

class Bash(Place):
    """M-* inserts all that may stand there, TAB what is unambiguous."""

    argv = ["/bin/bash", "--noprofile", "--rcfile", ".rc", "-i"]

    def prepare(self):
        (self.home / ".rc").write_text(". /usr/share/bash-completion/bash_completion\nPS1='READY> '\n"
                                       "bind 'set enable-bracketed-paste off'\n")

    def offers(self, line):
        given = self.type(line, "\x1b*")
        return given[len(shlex.split(line)) - 1 - (not line.endswith(" ")):]


class Zsh(Place):
    argv = ["/usr/bin/zsh", "-d", "-i"]

    def prepare(self):
        (self.home / ".zshrc").write_text(
            f"fpath=({self.installed}/share/zsh/site-functions $fpath)\nautoload -Uz compinit\ncompinit -u -D\n"
            "zle -C all complete-word _generic\nbindkey '^T' all\nzstyle ':completion:all:*' completer _all_matches _complete\n"
            "zstyle ':completion:all:*' insert true\nunsetopt zle_bracketed_paste 2>/dev/null; unset zle_bracketed_paste\n"
            "zstyle ':completion:*' insert-tab false\nPS1='READY> '\n")

    def offers(self, line):
        given = self.type(line, "\x14")
        return given[len(shlex.split(line)) - 1 - (not line.endswith(" ")):]


class Fish(Place):
    argv = ["/usr/bin/fish", "-i"]

    def prepare(self):
        (self.home / ".config" / "fish").mkdir(parents=True, exist_ok=True)
        (self.home / ".config" / "fish" / "config.fish").write_text("function fish_prompt; echo -n 'READY> '; end\nset -g fish_greeting\n")

    def offers(self, line):
        result = subprocess.run(["/usr/bin/fish", "-c", "complete -C $argv[1]", line], cwd=self.home, env=self.environment,
                                capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL)
        assert not result.stderr
        return [each.split("\t")[0] for each in result.stdout.splitlines()]


SHELLS = {"bash": Bash, "zsh": Zsh, "fish": Fish}


@pytest.fixture(params=SHELLS)
def shell(request, tmp_path, installed):
    (tmp_path / "dnspolicy.yml").write_text(CONFIG)
    return SHELLS[request.param](tmp_path, installed)


@pytest.mark.parametrize("program, command", CONTEXTS, ids=lambda value: " ".join(value) if isinstance(value, list) else value)
def test_every_option_of_the_help_is_offered(shell, program, command):
    help_text = run_command(*command, "--help", program=program).stdout
    pattern = r"^ +(?:-\w, )?(--[\w.-]+)" if command or program != "dnspolicy" else r"'dnspolicy (?:COMMAND )?(--\w+)'"
    told = set(re.findall(pattern, help_text, re.M))
    assert told and told == {word.rstrip("=") for word in shell.offers(" ".join([program, *command, "--"]))}


@pytest.mark.parametrize("line, offered", [
    ("dnspolicy l", ["lint"]), ("dnspolicy c", ["check"]), ("dnspolicy check --format j", ["json", "junit"]),
    ("dnspolicy lint --names ", ["checks", "clients", "resolvers"]),
    ("dnspolicy_exporter --log.format ", ["json", "logfmt"]), ("dnspolicy_exporter --log.level ", ["debug", "error", "info", "warn"]),
    ("dnspolicy check --resolver ", ["ns1", "ns2"]), ("dnspolicy check --check ", ["guests", "strangers"]),
    ("dnspolicy check --client o", ["office"]), ("dnspolicy check -c other.yml --client ", ["elsewhere"]),
    ("dnspolicy check --config=other.yml --client ", ["elsewhere"]), ("dnspolicy check --config other.yml --client ", ["elsewhere"]),
    ("dnspolicy check -c ~/other.yml --client ", ["elsewhere"]), ("dnspolicy check -cother.yml --client ", ["elsewhere"]),
], ids=lambda value: value if isinstance(value, str) else "")
def test_what_is_offered(shell, line, offered):
    (shell.home / "other.yml").write_text(CONFIG.replace("office", "elsewhere").replace("vpn", "elsewhere2"))
    given = [word for word in shell.offers(line) if word != "elsewhere2" and word not in HOSTILE]
    assert sorted(given) == offered


@pytest.mark.parametrize("line, completed", [
    ("dnspolicy ch", ["check"]), ("dnspolicy check --form", ["check", "--format"]), ("dnspolicy check --format=ju", ["check", "--format=junit"]),
    ("dnspolicy check --resolver=ns1 --client=of", ["check", "--resolver=ns1", "--client=office"]),
    ("dnspolicy check -c pol", ["check", "-c", "policy file.yml"]), ("dnspolicy check --config=pol", ["check", "--config=policy file.yml"]),
    ("dnspolicy diff res", ["diff", "result.json"]), ("dnspolicy diff result.json pol", ["diff", "result.json", "policy file.yml"]),
    ("dnspolicy_exporter --config.file=pol", ["--config.file=policy file.yml"]),
    ("dnspolicy_exporter --config.file pol", ["--config.file", "policy file.yml"]),
    ("dnspolicy_exporter --web.config.file=pol", ["--web.config.file=policy file.yml"]),
    ("dnspolicy_exporter --log.level=w", ["--log.level=warn"]),
    # Nothing to offer: the line stays as it is, and no file is put where none belongs.
    ("dnspolicy_exporter --prober.lanes pol", ["--prober.lanes", "pol"]), ("dnspolicy check pol", ["check", "pol"]),
    ("dnspolicy check -c missing.yml --client of", ["check", "-c", "missing.yml", "--client", "of"]),
    ("dnspolicy check -c fifo --client of", ["check", "-c", "fifo", "--client", "of"]),
], ids=lambda value: value if isinstance(value, str) else "")
def test_what_a_line_becomes(shell, line, completed):
    (shell.home / "policy file.yml").write_text("")
    (shell.home / "result.json").write_text("{}")
    os.mkfifo(shell.home / "fifo")
    assert shell.completes(line) == completed


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_is_one_word_whatever_is_in_it(shell, name):
    assert shell.completes(f"dnspolicy check --client {name[:2]}") == ["check", "--client", name]
    (shell.home / name).write_text("")
    assert shell.completes(f"dnspolicy diff {name[:2]}") == ["diff", name]
    assert shell.completes(f"dnspolicy_exporter --config.file={name[:2]}") == [f"--config.file={name}"]
    assert not (shell.home / "ran").exists()


@pytest.mark.parametrize("typed", ["$(touch ran)", "`touch ran`", "'$(touch ran)'", "x;touch${IFS}ran"])
def test_what_was_typed_is_not_run_to_complete_it(shell, typed):
    for line in (f"dnspolicy check -c {typed} --client ", f"dnspolicy check --client {typed}", f"dnspolicy lint -c {typed}"):
        shell.press(line, "\t")
        assert not (shell.home / "ran").exists(), line


def test_uninstalling_leaves_nothing(tmp_path):
    for target in ("install", "uninstall"):
        subprocess.run(["make", "-s", target, "PREFIX=/usr", f"DESTDIR={tmp_path}"], cwd=ROOT, check=True, capture_output=True)
        left = [path.name for path in tmp_path.rglob("*") if not path.is_dir()]
        assert target == "uninstall" or {"dnspolicy", "_dnspolicy", "dnspolicy_exporter.fish"} <= set(left)
    assert not left
