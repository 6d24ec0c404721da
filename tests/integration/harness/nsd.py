"""NSD: authoritative and nothing else. It plays the internet for other servers, or an authoritative server under test."""
from . import zones
from .keys import KNOWN
from .process import Process, free_port, private_copy
from .wire import ask

CONFIGURATION = """\
server:
{listen}    username: ""
    chroot: ""
    zonesdir: "{directory}"
    xfrdir: "{directory}"
    xfrdfile: ""
    zonelistfile: "{directory}/zone.list"
    database: ""
    pidfile: ""
    logfile: ""
    server-count: 1
    rrl-ratelimit: 0
    nsid: "ascii_{name}"
remote-control:
    control-enable: no
"""


class Nsd:
    """`zone_texts` maps names to zone file texts; without it, this is the fake internet. `zone_options` maps some of them to further
    lines of their entries."""

    def __init__(self, workspace, address="127.1.0.1", port=None, name="nsd", zone_texts=None, more_addresses=(), zone_options=None):
        self.address, self.port, self.name = address, port or free_port(address), name
        self.directory = workspace.directory("nsd")
        texts = zone_texts or {".": zones.INTERNET}
        listen = "".join(f"    ip-address: {each}@{self.port}\n" for each in (address, *more_addresses))
        configuration = CONFIGURATION.format(directory=self.directory, listen=listen, name=name)
        for key in KNOWN:
            configuration += f'key:\n    name: "{key.name}"\n    algorithm: {key.algorithm}\n    secret: "{key.secret}"\n'
        for number, (zone, text) in enumerate(texts.items()):
            (self.directory / f"{number}.zone").write_text(text)
            configuration += f'zone:\n    name: "{zone}"\n    zonefile: "{number}.zone"\n{(zone_options or {}).get(zone, "")}'
        (self.directory / "nsd.conf").write_text(configuration)
        binary = private_copy("nsd", self.directory)
        self.process = Process("NSD", [binary, "-d", "-c", str(self.directory / "nsd.conf")], self.directory)
        first = next(iter(texts))
        try:
            self.process.wait_until(lambda: ask(address, self.port, first, "SOA"), f"a reply from {address} port {self.port}")
        except Exception:
            self.stop()
            raise

    def stop(self):
        return self.process.stop()
