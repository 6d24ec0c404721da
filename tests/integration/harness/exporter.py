"""The exporter under test, and the command line beside it."""
import http.client
import json
import os
import signal
import subprocess
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from .metrics import Metrics
from .process import Process, free_port

ROOT = Path(__file__).resolve().parents[3]
# What a sanitizer, the allocator or a broken invariant would say.
REPORTS = ("Sanitizer", "runtime error:", "== Invalid", "== Conditional jump", "definitely lost", "stack smashing",
           "corrupted")
SANITIZER_OPTIONS = {
    "ASAN_OPTIONS": "detect_leaks=1:strict_string_checks=1:detect_stack_use_after_return=1",
    "UBSAN_OPTIONS": "print_stacktrace=1",
    "TSAN_OPTIONS": "exitcode=66:second_deadlock_stack=1",
}


def build_directory():
    """Where the binaries under test are: DNSPOLICY_BUILD, relative to the root of the tree; build/ without it."""
    return ROOT / os.environ.get("DNSPOLICY_BUILD", "build")


def built(program):
    path = build_directory() / program
    if not path.exists():
        raise FileNotFoundError(f"{path} is not built")
    return str(path)


def prefix():
    """TSan needs a fixed address layout on recent kernels; DNSPOLICY_PREFIX puts anything else (valgrind) in front."""
    words = os.environ.get("DNSPOLICY_PREFIX", "").split()
    return words or (["setarch", "-R"] if build_directory().name == "tsan" else [])


def run_command(*arguments, program="dnspolicy", timeout=60, env=None):
    """Runs the command line to its end: a CompletedProcess with text."""
    return subprocess.run([*prefix(), built(program), *map(str, arguments)], capture_output=True, text=True, timeout=timeout,
                          check=False, env={**os.environ, **SANITIZER_OPTIONS, **(env or {})})


@dataclass
class HttpReply:
    status: int
    headers: dict
    body: bytes

    @property
    def text(self):
        return self.body.decode()

    def json(self):
        return json.loads(self.body)


class Exporter:
    """Runs from the start to stop(). The configuration is text; reload() replaces it."""

    def __init__(self, workspace, configuration, *arguments, address="127.0.0.1", port=None, namespace=None, wait=True,
                 config_file=None, env=None):
        self.address, self.port, self.namespace = address, port or free_port(address), namespace
        self.directory = workspace.directory("exporter")
        self.config_file = Path(config_file) if config_file else self.directory / "dnspolicy.yml"
        if configuration is not None:
            self.write(configuration)
        enter = ["ip", "netns", "exec", namespace.name] if namespace else []
        argv = [built("dnspolicy_exporter"), f"--config.file={self.config_file}",
                f"--web.listen-address={address}:{self.port}", *arguments]
        self.process = Process("dnspolicy_exporter", argv, self.directory, unprivileged=False, prefix=[*enter, *prefix()],
                               env={**SANITIZER_OPTIONS, **(env or {})})
        if not wait:
            return
        try:
            self.process.wait_until(self.is_ready, f"http://{address}:{self.port}/-/ready", timeout=30)
        except Exception:
            self.process.stop(signal.SIGKILL)
            raise

    @property
    def url(self):
        return f"http://{self.address}:{self.port}"

    def is_ready(self):
        try:
            return self.get("/-/ready").status == 200
        except OSError:
            return False

    def request(self, method, path, headers=None, body=None, timeout=20):
        connection = http.client.HTTPConnection(self.address, self.port, timeout=timeout)
        try:
            with self.namespace.entered() if self.namespace else nullcontext():
                connection.connect()
            connection.request(method, path, headers=headers or {}, body=body)
            reply = connection.getresponse()
            return HttpReply(reply.status, {key.lower(): value for key, value in reply.getheaders()}, reply.read())
        finally:
            connection.close()

    def get(self, path, **headers):
        """Header names are written with underscores: accept_encoding="gzip"."""
        return self.request("GET", path, {name.replace("_", "-"): value for name, value in headers.items()})

    def post(self, path, body=None):
        return self.request("POST", path, body=body)

    def json(self, path):
        """The `data` of a JSON answer that must be a success."""
        reply = self.get(path)
        assert reply.status == 200, f"{path}: {reply.status} {reply.text}"
        answer = reply.json()
        assert answer["status"] == "success", answer
        return answer["data"]

    def metrics(self):
        reply = self.get("/metrics")
        assert reply.status == 200, f"/metrics: {reply.status} {reply.text[:500]}"
        return Metrics(reply.text)

    def probes(self, **filters):
        """The probes of /api/v1/probes that match, all pages of them."""
        query = "".join(f"&{key}={value}" for key, value in filters.items())
        found = []
        while True:
            page = self.json(f"/api/v1/probes?limit=1000&offset={len(found)}{query}")
            found += page["probes"]
            if len(found) >= page["total"] or not page["probes"]:
                return found

    def probe(self, **filters):
        """The only probe that matches."""
        found = self.probes(**filters)
        assert len(found) == 1, f"{len(found)} probes match {filters}"
        return found[0]

    def judged(self, timeout=15, **filters):
        """The only probe that matches, once it has been judged."""
        return self.wait_for(lambda: next((probe for probe in [self.probe(**filters)] if probe["verdict"] != "pending"), None),
                             f"a verdict on {filters}", timeout)

    def wait_for(self, condition, what="the condition", timeout=15):
        return self.process.wait_until(condition, what, timeout)

    def write(self, configuration):
        """Replaces the configuration file whole, as an editor or a deployment would."""
        new = self.config_file.with_suffix(".new")
        new.write_text(configuration)
        new.rename(self.config_file)

    def loads(self):
        """How often a configuration was taken into use or turned down since the start."""
        log = self.process.log()
        return log.count("configuration reloaded"), log.count("reload failed")

    def reload(self, configuration=None, timeout=15):
        """Sends SIGHUP and waits until the exporter says how it went: True for taken into use."""
        if configuration is not None:
            self.write(configuration)
        good, bad = self.loads()
        self.process.send_signal(signal.SIGHUP)
        self.wait_for(lambda: self.loads() != (good, bad), "the end of the reload", timeout)
        return self.loads()[0] > good

    def stop(self, number=signal.SIGTERM):
        """Ends it, and holds it to a clean end: status 0, and nothing that a sanitizer had to say."""
        status = self.process.stop(number, timeout=20)
        log = self.process.log()
        for report in REPORTS:
            assert report not in log, f"the exporter's log has {report!r}:\n{log[-8000:]}"
        assert status == 0, f"the exporter ended with status {status}:\n{self.process.log_end(40)}"
