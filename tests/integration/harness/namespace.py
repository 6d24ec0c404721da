"""A network namespace of the test's own: addresses come and go in it as the test likes. Needs root."""
import ctypes
import os
import subprocess
from contextlib import contextmanager

CLONE_NEWNET = 0x40000000
libc = ctypes.CDLL(None, use_errno=True)


class Namespace:
    def __init__(self, name):
        self.name = name
        subprocess.run(["ip", "netns", "add", name], check=True)
        self.ip("link", "set", "lo", "up")

    def ip(self, *arguments):
        subprocess.run(["ip", "-n", self.name, *arguments], check=True)

    def add(self, address):
        self.ip("addr", "add", address, "dev", "lo", *(["nodad"] if ":" in address else []))

    def remove(self, address):
        self.ip("addr", "del", address, "dev", "lo")

    def join(self, name, other, other_name):
        """A cable from here to another namespace: an interface in each."""
        self.ip("link", "add", name, "type", "veth", "peer", "name", other_name, "netns", other.name)
        self.ip("link", "set", name, "up")
        other.ip("link", "set", other_name, "up")

    @contextmanager
    def entered(self):
        """Sockets that this thread opens meanwhile belong to the namespace, and stay there."""
        with open("/proc/thread-self/ns/net", encoding="ascii") as home, open(f"/run/netns/{self.name}", encoding="ascii") as there:
            enter(there.fileno())
            try:
                yield
            finally:
                enter(home.fileno())

    def delete(self):
        subprocess.run(["ip", "netns", "delete", self.name], check=True)


def enter(descriptor):
    if libc.setns(descriptor, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
