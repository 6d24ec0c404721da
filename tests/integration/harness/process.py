"""Processes: starting them without privileges, waiting for a condition, ending them by id."""
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path


class ServerDied(Exception):
    """A process ended although nobody asked it to; the message holds the end of its log."""


def wait_until(condition, what, timeout=10.0, pause=0.02):
    """Calls condition() until it gives something true, and returns that."""
    deadline = time.monotonic() + timeout
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {timeout:g} s: {what}")
        time.sleep(pause)


def free_port(address="127.0.0.1"):
    """A port that is free for both UDP and TCP at that address now."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    for _ in range(50):
        with socket.socket(family, socket.SOCK_STREAM) as tcp, socket.socket(family, socket.SOCK_DGRAM) as udp:
            tcp.bind((address, 0))
            try:
                udp.bind((address, tcp.getsockname()[1]))
            except OSError:
                continue
            return tcp.getsockname()[1]
    raise OSError(f"no port of {address} is free for both UDP and TCP")


class Workspace:
    """A temporary directory that servers running as `nobody` own when we are root. remove() leaves nothing behind."""

    def __init__(self):
        self.path = Path(tempfile.mkdtemp(prefix="dnspolicy-"))
        give_away(self.path)

    def directory(self, name):
        """A new directory inside; the second of one name gets a number."""
        path, count = self.path / name, 1
        while path.exists():
            count += 1
            path = self.path / f"{name}-{count}"
        path.mkdir(mode=0o755)
        give_away(path)
        return path

    def remove(self):
        shutil.rmtree(self.path, ignore_errors=True)


def give_away(path):
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(path, nobody.pw_uid, nobody.pw_gid)


def installed(binary):
    """The path of a server or tool of the system."""
    found = shutil.which(binary, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if not found:
        raise FileNotFoundError(f"{binary} is not installed; packaging/install-packages test demo")
    return found


def private_copy(binary, directory):
    """The system's server, copied: AppArmor confines /usr/sbin/named and its like to the system's own directories by path."""
    found = installed(binary)
    copy = Path(directory) / Path(binary).name
    shutil.copyfile(found, copy)
    copy.chmod(0o755)
    return str(copy)


class Process:
    """One process with its log. Whoever starts it must stop() it; if we are killed before, the kernel ends it for us."""

    def __init__(self, name, argv, directory, unprivileged=True, prefix=(), env=None):
        self.name = name
        self.directory = Path(directory)
        self.log_path = self.directory / f"{Path(argv[0]).name}.log"
        command = ["setpriv", "--pdeathsig", "TERM"]
        if unprivileged and os.geteuid() == 0:
            command += ["--reuid", "nobody", "--regid", "nogroup", "--clear-groups"]
        command += ["--", *argv]
        with open(self.log_path, "ab") as log:
            # A session of its own: Ctrl-C in a terminal reaches us alone, and we end the others in order.
            self.popen = subprocess.Popen([*prefix, *command], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                          cwd=self.directory, start_new_session=True,
                                          env={**os.environ, **(env or {})})

    @property
    def pid(self):
        return self.popen.pid

    def is_running(self):
        return self.popen.poll() is None

    def log(self):
        return self.log_path.read_text(errors="replace")

    def log_end(self, lines=15):
        return "\n".join("    " + line for line in self.log().splitlines()[-lines:])

    def check_running(self):
        if not self.is_running():
            raise ServerDied(f"{self.name} ended with status {self.popen.returncode}; the end of its log:\n{self.log_end()}")

    def wait_until(self, condition, what, timeout=10.0):
        """As wait_until(), but a process that has died is reported at once."""
        def alive_and_true():
            self.check_running()
            return condition()
        try:
            return wait_until(alive_and_true, what, timeout)
        except TimeoutError as error:
            raise TimeoutError(f"{self.name}: {error}\n{self.log_end()}") from None

    def send_signal(self, number):
        self.popen.send_signal(number)

    def stop(self, number=signal.SIGTERM, timeout=10.0):
        """Returns the exit status. A process that does not end in time is killed, and that is an error."""
        if self.is_running():
            self.popen.send_signal(number)
        try:
            return self.popen.wait(timeout)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            self.popen.wait()
            raise TimeoutError(f"{self.name} did not end within {timeout:g} s of signal {int(number)}\n{self.log_end()}") from None
