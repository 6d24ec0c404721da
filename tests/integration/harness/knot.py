"""Knot DNS: an authoritative server whose access list is its own word for no (NOTAUTH)."""
from . import zones
from .keys import KNOWN
from .process import Process, free_port, installed
from .wire import ask

CONFIGURATION = """\
server:
    rundir: "{directory}"
    listen: {address}@{port}
    nsid: "{name}"
    udp-workers: 1
    tcp-workers: 4
    background-workers: 1
{server_options}
database:
    storage: "{directory}"
log:
  - target: stderr
    any: info
{keys}
{options}
template:
  - id: default
    storage: "{directory}"
    zonefile-sync: -1
    journal-content: none
zone:
"""


class Knot:
    """`zone_texts` maps names to zone file texts; `zone_options` maps some of them to further lines of their entries (`acl: [...]`).
    `options` are sections between `key` and `zone`: `acl`, modules."""

    def __init__(self, workspace, address="127.0.0.1", port=None, name="knot", zone_texts=None, zone_options=None, options="",
                 server_options=""):
        self.address, self.port, self.name = address, port or free_port(address), name
        self.directory = workspace.directory("knot")
        keys = "key:\n" + "".join(f"  - id: {key.name}\n    algorithm: {key.algorithm}\n    secret: {key.secret}\n" for key in KNOWN)
        configuration = CONFIGURATION.format(directory=self.directory, address=address, port=self.port, name=name, keys=keys,
                                             options=options, server_options=server_options)
        texts = zone_texts or {"corp.example": zones.CORP_OUTSIDE}
        for number, (zone, text) in enumerate(texts.items()):
            (self.directory / f"{number}.zone").write_text(text)
            configuration += f'  - domain: "{zone}"\n    file: "{number}.zone"\n{(zone_options or {}).get(zone, "")}'
        (self.directory / "knot.conf").write_text(configuration)
        self.process = Process("Knot DNS", [installed("knotd"), "-c", str(self.directory / "knot.conf")], self.directory)
        try:
            # Its listeners are up before its zones are.
            self.process.wait_until(lambda: "server started" in self.process.log() and ask(address, self.port, next(iter(texts)), "SOA"),
                                    f"a reply from {address} port {self.port}")
        except Exception:
            self.stop()
            raise

    def stop(self):
        return self.process.stop()
