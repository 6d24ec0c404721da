"""The misbehaving server of tests/tools as a process: what it does with a query is chosen by the name asked for."""
import json
import sys
from contextlib import nullcontext
from pathlib import Path

from .process import Process, free_port
from .wire import ask

SCRIPT = Path(__file__).resolve().parents[2] / "tools" / "misbehaving.py"


class Misbehaving:
    def __init__(self, workspace, address="127.0.0.1", port=None, namespace=None):
        self.address, self.port = address, port or free_port(address)
        self.directory = workspace.directory("misbehaving")
        # The tree itself may be where only its owner can read.
        script = self.directory / SCRIPT.name
        script.write_bytes(SCRIPT.read_bytes())
        self.process = Process("the misbehaving server", [sys.executable, "-B", str(script), address, str(self.port)],
                               self.directory, prefix=["ip", "netns", "exec", namespace.name] if namespace else [])
        try:
            with namespace.entered() if namespace else nullcontext():
                self.process.wait_until(lambda: ask(address, self.port, "up.example"),
                                        f"a reply from {address} port {self.port}")
        except Exception:
            self.stop()
            raise

    def queries(self, name_has=""):
        """What arrived, oldest first: dicts of transport, source, port, name, id, bytes (hex)."""
        lines = (json.loads(line) for line in self.process.log().splitlines() if line.startswith("{"))
        return [query for query in lines if name_has in query["name"]]

    def stop(self):
        return self.process.stop()
