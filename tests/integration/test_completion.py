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


class Shell:
    """One shell on a terminal for the tests of a module: a home of its own, and the recorder on its path."""

    def __init__(self, home, prefix):
        self.home, self.record, self.shown = home, home / ".recorded", bytearray()
        folder = home / ".bin"
        folder.mkdir()
        for program in PROGRAMS:
            names = f'case $2 in --names=*) exec {built(program)} "$@" ;; esac\n' if program == "dnspolicy" else ""
            script = folder / program
            script.write_text(f"#!/bin/sh\n{names}printf '%s\\0' \"$@\" >{self.record}.new\nmv {self.record}.new {self.record}\n")
            script.chmod(0o755)
        self.environment = {"PATH": f"{folder}:/usr/bin:/bin", "HOME": str(home), "ZDOTDIR": str(home), "TERM": "dumb",
                            "XDG_DATA_DIRS": f"{prefix}/share", "LC_ALL": "C.UTF-8"}
        self.prepare(prefix)
        self.child, self.terminal = pty.fork()
        if self.child == 0:
            os.chdir(home)
            os.execve(self.argv[0], self.argv, self.environment)
        wait_until(lambda: b"READY> " in self.shown or self.read(), f"a prompt; seen: {self.shown}", 20)

    def read(self):
        if select.select([self.terminal], [], [], 0.02)[0]:
            self.shown.extend(os.read(self.terminal, 4096))

    def stop(self):
        os.close(self.terminal)  # hangs up
        os.waitpid(self.child, 0)

    def type(self, *keys):
        """What the recorder was called with once these keys and Enter were pressed, Control-U before them."""
        self.record.unlink(missing_ok=True)
        self.shown.clear()
        for key in ("\x15", *keys, "\n"):
            os.write(self.terminal, key.encode())
        wait_until(lambda: self.record.exists() or self.read(), f"a call by {keys}; seen: {self.shown}", 20)
        return self.record.read_text().split("\0")[:-1]

    def completes(self, line):
        """The arguments of the line after a TAB."""
        return self.type(line, "\t")

    def press(self, *keys):
        """Presses them and forgets the line. The shell has worked through them once it runs the next one."""
        assert self.type(*keys, "\x15", "dnspolicy sync") == ["sync"]


class Bash(Shell):
    """M-* inserts all that may stand there, TAB what is unambiguous."""

    argv = ["/bin/bash", "--noprofile", "--rcfile", ".rc", "-i"]

    def prepare(self, prefix):
        (self.home / ".rc").write_text(". /usr/share/bash-completion/bash_completion\nPS1='READY> '\n"
                                       "bind 'set enable-bracketed-paste off'\n")

    def offers(self, line):
        given = self.type(line, "\x1b*")
        return given[len(shlex.split(line)) - 1 - (not line.endswith(" ")):]


class Zsh(Shell):
    """Its own TAB expands a word, commands in it included, before it asks for completion; complete-word only asks."""

    argv = ["/usr/bin/zsh", "-d", "-i"]

    def prepare(self, prefix):
        (self.home / ".zshrc").write_text(
            f"fpath=({prefix}/share/zsh/site-functions $fpath)\nautoload -Uz compinit\ncompinit -u -D\n"
            "zle -C all complete-word _generic\nbindkey '^T' all\nzstyle ':completion:all:*' completer _all_matches _complete\n"
            "zstyle ':completion:all:*' insert true\nunsetopt zle_bracketed_paste 2>/dev/null; unset zle_bracketed_paste\n"
            "bindkey '^I' complete-word\nzstyle ':completion:*' insert-tab false\nPS1='READY> '\n")

    def offers(self, line):
        given = self.type(line, "\x14")
        return given[len(shlex.split(line)) - 1 - (not line.endswith(" ")):]


class Fish(Shell):
    argv = ["/usr/bin/fish", "-i"]

    def prepare(self, prefix):
        (self.home / ".config" / "fish").mkdir(parents=True, exist_ok=True)
        (self.home / ".config" / "fish" / "config.fish").write_text("function fish_prompt; echo -n 'READY> '; end\nset -g fish_greeting\n")

    def offers(self, line):
        result = subprocess.run(["/usr/bin/fish", "-c", "complete -C $argv[1]", line], cwd=self.home, env=self.environment,
                                capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL)
        assert not result.stderr
        return [each.split("\t")[0] for each in result.stdout.splitlines()]


SHELLS = {"bash": Bash, "zsh": Zsh, "fish": Fish}


@pytest.fixture(params=SHELLS, scope="module")
def shell(request, tmp_path_factory, installed):
    home = tmp_path_factory.mktemp(request.param)
    (home / "dnspolicy.yml").write_text(CONFIG)
    (home / "other.yml").write_text(CONFIG.replace("office", "elsewhere").replace("vpn", "elsewhere2"))
    (home / "result.json").write_text("{}")
    for name in ("policy file.yml", *HOSTILE):
        (home / name).write_text("")
    os.mkfifo(home / "fifo")
    started = SHELLS[request.param](home, installed)
    yield started
    started.stop()


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
    assert shell.completes(line) == completed


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_is_one_word_whatever_is_in_it(shell, name):
    assert shell.completes(f"dnspolicy check --client {name[:2]}") == ["check", "--client", name]
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
