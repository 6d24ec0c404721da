#!/usr/bin/python3 -B
"""The servers and the exporter that the browser tests look at, for a parent that speaks lines of JSON.

Each line of standard input is {"do": NAME, ...}, and is answered by {"result": ...} or {"error": SENTENCE}. The first line of
the output says where the servers are. All ends with the end of the input.
"""
import json
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "integration"))
from harness import Bind, Exporter, Misbehaving, Unbound, Workspace  # noqa: E402

INSIDE = ("127.10.0.0/16", "::1")


class Stage:
    def __init__(self, workspace):
        self.workspace = workspace
        self.started = []
        self.bind = self.keep(Bind(workspace, name="ns1", allowed=INSIDE))
        self.unbound = self.keep(Unbound(workspace, (self.bind.address, self.bind.port), name="lab"))
        self.odd = self.keep(Misbehaving(workspace))
        self.exporter = None

    def keep(self, server):
        self.started.append(server)
        return server

    def servers(self):
        named = {"ns1": self.bind, "lab": self.unbound, "odd": self.odd}
        return {name: {"address": server.address, "port": server.port} for name, server in named.items()}

    def start(self, config=None):
        """Starts the exporter, the second time at the same address; without a config, with the one before."""
        port = self.exporter.port if self.exporter else None
        config_file = self.exporter.config_file if self.exporter else None
        self.exporter = Exporter(self.workspace, config, port=port, config_file=config_file)
        return self.exporter.url

    def stop(self):
        self.exporter.stop()

    def reload(self, config):
        return self.exporter.reload(config)

    def allow(self, networks):
        """Who may recurse at ns1, from now on."""
        path = self.bind.directory / "named.conf"
        old, new = path.read_text(), []
        for line in old.splitlines(keepends=True):
            is_inside = "match-clients" in line and any(network in line for network in INSIDE)
            rule = " ".join(f"{network};" for network in [*INSIDE, *networks])
            new.append(f"    match-clients {{ {rule} }};\n" if is_inside else line)
        path.write_text("".join(new))
        reloads = self.bind.process.log().count("all zones loaded")
        self.bind.process.send_signal(signal.SIGHUP)
        self.bind.process.wait_until(lambda: self.bind.process.log().count("all zones loaded") > reloads, "named's reload")

    def close(self):
        if self.exporter:
            self.exporter.stop()
        for server in reversed(self.started):
            server.stop()


def serve(stage):
    tell({"result": stage.servers()})
    for line in sys.stdin:
        order = json.loads(line)
        action = getattr(stage, order.pop("do"))
        try:
            tell({"result": action(**order)})
        except Exception as error:  # pylint: disable=broad-except
            tell({"error": f"{type(error).__name__}: {error}"})


def tell(message):
    print(json.dumps(message), flush=True)


def main():
    workspace = Workspace()
    stage = None
    try:
        stage = Stage(workspace)
        serve(stage)
    finally:
        if stage:
            stage.close()
        workspace.remove()


if __name__ == "__main__":
    main()
