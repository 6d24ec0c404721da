"""BIND 9 with views: a corporate resolver for its own networks, authoritative for everyone, and the fake internet behind it."""
import re
from dataclasses import dataclass

from . import zones
from .keys import KNOWN
from .process import Process, free_port, private_copy
from .wire import ask

# From this source a query meets the view that plays the internet.
INTERNET_CLIENT = "127.1.0.1"

CONFIGURATION = """\
options {{
    directory "{directory}";
    listen-on port {port} {{ {address}; }};
    listen-on-v6 port {port} {{ {address6}; }};
    pid-file none;
    session-keyfile none;
    lock-file none;
    server-id "{name}";
    version "9.x";
    notify no;
    dnssec-validation no;
    empty-zones-enable no;
    max-cache-size 16m;
    tcp-clients 1000;
    tcp-listen-queue 256;
    {options}
}};
controls {{ }};
logging {{
    channel queries {{ file "queries.log"; print-time yes; }};
    channel general {{ stderr; print-category yes; print-time yes; severity info; }};
    category queries {{ queries; }};
    category query-errors {{ null; }};
    category security {{ null; }};
    category default {{ general; }};
}};
{keys}
{views}"""

VIEWS = """\
view "internet" {{
    match-clients {{ {internet_client}; }};
    recursion no;
    zone "." {{ type primary; file "internet.zone"; }};
}};

# Its own networks: recursion, and the names that only insiders see.
view "inside" {{
    match-clients {{ {allowed} }};
    recursion yes;
    allow-recursion {{ any; }};
    query-source address {internet_client};
    forwarders {{ {address} port {port}; }};
    forward only;
    zone "." {{ type hint; file "root.hints"; }};
    zone "corp.example" {{ type primary; file "inside.zone"; }};
}};

# Everyone else: the public zone, and REFUSED for all else.
view "outside" {{
    match-clients {{ any; }};
    recursion no;
    zone "corp.example" {{ type primary; file "outside.zone"; }};
}};
"""

ROOT_HINTS = f". 60 NS ns.example.net.\nns.example.net. 60 A {INTERNET_CLIENT}\n"

# client @0x7f… 127.10.20.5#43512 (www.example.net): view inside: query: www.example.net IN A +E(0)K (127.0.0.1)
QUERY_LINE = re.compile(r"client @\S+ (\S+)#(\d+) \(.*?\): view (\S+): query: (\S+) (\S+) (\S+) ([-+])(\S*) \((\S+)\)")


@dataclass(frozen=True)
class LoggedQuery:
    source: str
    port: int
    view: str
    name: str
    qtype: str
    recursion_desired: bool
    is_tcp: bool


class Bind:
    """`views` replaces the views above, with {address}, {port}, {internet_client} and {allowed} in it, and `files` maps the names of
    its zone files to texts."""

    def __init__(self, workspace, address="127.0.0.1", port=None, name="ns1", allowed=("127.10.0.0/16", "::1"), options="",
                 listen_v6=False, views=VIEWS, files=None):
        self.address, self.port, self.name = address, port or free_port(address), name
        self.directory = workspace.directory("bind")
        for file, text in {"internet.zone": zones.INTERNET, "inside.zone": zones.CORP_INSIDE,
                           "outside.zone": zones.CORP_OUTSIDE, "root.hints": ROOT_HINTS, **(files or {})}.items():
            (self.directory / file).write_text(text)
        configuration = self.directory / "named.conf"
        keys = "".join(f'key "{key.name}" {{ algorithm {key.algorithm}; secret "{key.secret}"; }};\n' for key in KNOWN)
        configuration.write_text(CONFIGURATION.format(
            directory=self.directory, address=address, port=self.port, name=name, options=options, keys=keys,
            address6="::1" if listen_v6 else "none", views=views.format(
                address=address, port=self.port, internet_client=INTERNET_CLIENT,
                allowed=" ".join(f"{network};" for network in allowed))))
        binary = private_copy("named", self.directory)
        self.process = Process("BIND", [binary, "-f", "-n", "1", "-c", str(configuration)], self.directory)
        try:
            self.process.wait_until(self.answers, f"a reply from {address} port {self.port}")
        except Exception:
            self.stop()
            raise

    def answers(self):
        return ask(self.address, self.port, "ns.example.net", source=INTERNET_CLIENT) and \
            ask(self.address, self.port, "corp.example", "SOA", tcp=True)

    def queries(self, source=None, name_ends=""):
        """The server's own query log, oldest first."""
        log = self.directory / "queries.log"
        found = []
        for line in log.read_text(errors="replace").splitlines() if log.exists() else []:
            match = QUERY_LINE.search(line)
            if not match:
                continue
            client, port, view, name, _, qtype, recursion, flags, _ = match.groups()
            query = LoggedQuery(client, int(port), view, name, qtype, recursion == "+", "T" in flags)
            if (source is None or query.source == source) and query.name.endswith(name_ends):
                found.append(query)
        return found

    def stop(self):
        return self.process.stop()
