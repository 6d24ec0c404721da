"""The supervisor's end of sd_notify(3), and the stopping of one thread of another process."""
import ctypes
import errno
import os
import socket
import time
from contextlib import contextmanager
from pathlib import Path

PTRACE_DETACH, PTRACE_SEIZE, PTRACE_INTERRUPT = 17, 0x4206, 0x4207
WALL = 0x40000000  # for threads, too
libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]


class Supervisor:
    """Listens where NOTIFY_SOCKET points; `abstract` has no file. `environment` is for the process that is to notify."""

    def __init__(self, workspace, abstract=False, watchdog=None):
        path = workspace.directory("supervisor") / "notify"
        self.name = f"@dnspolicy-{os.getpid()}-{time.monotonic_ns()}" if abstract else str(path)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind("\0" + self.name[1:] if abstract else self.name)
        self.environment = {"NOTIFY_SOCKET": self.name}
        if watchdog:
            self.environment["WATCHDOG_USEC"] = str(int(watchdog * 1e6))

    def next(self, timeout=10):
        """The next piece of news as a dictionary, or None when none comes in time."""
        self.socket.settimeout(timeout)
        try:
            text = self.socket.recv(8192).decode()
        except TimeoutError:
            return None
        return dict(line.split("=", 1) for line in text.split("\n"))

    def after_watchdogs(self, timeout=10):
        """The next piece of news that is no sign of life."""
        end = time.monotonic() + timeout
        while (left := end - time.monotonic()) > 0:
            news = self.next(left)
            if news and "WATCHDOG" not in news:
                return news
        raise TimeoutError(f"no news within {timeout:g} s")

    def signs_of_life(self, seconds):
        """How many come within that time; no other news may."""
        self.discard()
        end, count = time.monotonic() + seconds, 0
        while (left := end - time.monotonic()) > 0:
            news = self.next(left)
            assert news in (None, {"WATCHDOG": "1"}), news
            count += news is not None
        return count

    def discard(self):
        """Forgets what has come so far."""
        self.socket.setblocking(False)
        while True:
            try:
                self.socket.recv(8192)
            except BlockingIOError:
                return

    def close(self):
        self.socket.close()
        Path(self.name).unlink(missing_ok=True)


def threads(pid):
    """Names of a process's threads, by id, oldest first."""
    tasks = sorted(Path(f"/proc/{pid}/task").iterdir(), key=lambda task: int(task.name))
    return {int(task.name): (task / "comm").read_text().strip() for task in tasks}


def ptrace(request, thread, data=None):
    if libc.ptrace(request, thread, None, data) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


@contextmanager
def halted(thread):
    """Holds one thread where it is while the others of its process go on, as no signal can."""
    ptrace(PTRACE_SEIZE, thread)
    try:
        ptrace(PTRACE_INTERRUPT, thread)
        os.waitpid(thread, WALL)
        yield
    finally:
        try:
            ptrace(PTRACE_DETACH, thread)
        except OSError as error:
            if error.errno != errno.ESRCH:
                raise
            # It was killed, and its process stays until we have seen that.
            os.waitpid(thread, WALL)
