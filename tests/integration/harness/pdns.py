"""PowerDNS: the authoritative server on SQLite, and the recursor."""
import sqlite3
from pathlib import Path

from .keys import KNOWN
from .process import Process, free_port, installed
from .wire import ask

SCHEMA = Path("/usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql")

AUTHORITATIVE = """\
launch=gsqlite3
gsqlite3-database={directory}/pdns.sqlite3
socket-dir={directory}
local-address={address}
local-port={port}
server-id={name}
daemon=no
guardian=no
disable-syslog=yes
log-dns-queries=yes
loglevel=6
receiver-threads=1
distributor-threads=1
cache-ttl=0
query-cache-ttl=0
negquery-cache-ttl=0
zone-cache-refresh-interval=0
security-poll-suffix=
"""

RECURSOR = """\
local-address={address}
local-port={port}
query-local-address=127.1.0.1
forward-zones=.={internet}
dont-query=
socket-dir={directory}
server-id={name}
daemon=no
disable-syslog=yes
quiet=no
threads=1
dnssec=off
qname-minimization=no
setuid=
setgid=
hint-file=no
security-poll-suffix=
"""


class PowerDns:
    """`records` maps zones to lists of (name, type, content); `metadata` maps zones to {kind: [values]}."""

    def __init__(self, workspace, records, metadata=None, address="127.0.0.1", port=None, name="pdns", options=""):
        self.address, self.port, self.name = address, port or free_port(address), name
        self.directory = workspace.directory("pdns")
        (self.directory / "pdns.conf").write_text(
            AUTHORITATIVE.format(directory=self.directory, address=address, port=self.port, name=name) + options)
        self.fill(records, metadata or {})
        # The database is made by us and written by the server.
        (self.directory / "pdns.sqlite3").chmod(0o666)
        self.process = Process("PowerDNS", [installed("pdns_server"), f"--config-dir={self.directory}"], self.directory)
        try:
            self.process.wait_until(lambda: self.answers(next(iter(records))), f"a reply from {address} port {self.port}")
        except Exception:
            self.stop()
            raise

    def answers(self, zone):
        # A server that wants a PROXYv2 header from everybody stays silent.
        return ask(self.address, self.port, zone, "SOA", timeout=0.2) or "operating unthreaded" in self.process.log()

    def fill(self, records, metadata):
        with sqlite3.connect(self.directory / "pdns.sqlite3") as database:
            database.executescript(SCHEMA.read_text(encoding="utf-8"))
            for number, (zone, entries) in enumerate(records.items(), 1):
                database.execute("INSERT INTO domains (id, name, type) VALUES (?, ?, 'NATIVE')", (number, zone))
                database.executemany("INSERT INTO records (domain_id, name, type, content, ttl, auth) VALUES (?, ?, ?, ?, 300, 1)",
                                     [(number, *entry) for entry in entries])
                for kind, values in metadata.get(zone, {}).items():
                    database.executemany("INSERT INTO domainmetadata (domain_id, kind, content) VALUES (?, ?, ?)",
                                         [(number, kind, value) for value in values])
            database.executemany("INSERT INTO tsigkeys (name, algorithm, secret) VALUES (?, ?, ?)",
                                 [(key.name, key.algorithm, key.secret) for key in KNOWN])
        database.close()

    def stop(self):
        return self.process.stop()


class Recursor:
    """`internet` is the (address, port) to forward everything to; `lua` is the text of its Lua configuration (RPZ)."""

    def __init__(self, workspace, internet, address="127.0.0.1", port=None, name="recursor", options="", lua=None):
        self.address, self.port, self.name = address, port or free_port(address), name
        self.directory = workspace.directory("recursor")
        text = RECURSOR.format(directory=self.directory, address=address, port=self.port, name=name,
                               internet=f"{internet[0]}:{internet[1]}") + options
        if lua:
            (self.directory / "recursor.lua").write_text(lua)
            text += f"lua-config-file={self.directory}/recursor.lua\n"
        (self.directory / "recursor.conf").write_text(text)
        self.process = Process("PowerDNS Recursor", [installed("pdns_recursor"), f"--config-dir={self.directory}"], self.directory)
        try:
            # Whom it does not allow it does not answer, so it is its log that says when.
            self.process.wait_until(lambda: "multiplexer" in self.process.log(),
                                    f"the start of the recursor on {address} port {self.port}")
        except Exception:
            self.stop()
            raise

    def stop(self):
        return self.process.stop()
