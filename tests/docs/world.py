"""The company of the documents: its hosts' addresses and its DNS servers, all within one network namespace with nothing beyond it."""
import shutil

from harness import Bind, Namespace, Workspace
from harness.authority import Authority

# Who asks. All of it is on the host that the exporter runs on.
HOSTS = ["10.20.5.18", "10.99.0.2", "10.30.0.7", "10.20.30.54", "10.20.30.67", "203.0.113.54", "203.0.113.55", "198.51.100.7",
         "10.50.0.9", "10.40.5.18"]
INTERNAL = {"ns1": "10.20.30.40", "ns2": "10.20.30.41"}
PUBLIC = {"pub1": "192.0.2.53", "pub2": "192.0.2.54"}

INTERNET_VIEW = """
view "internet" {{
    match-clients {{ {internet_client}; }};
    recursion no;
    zone "." {{ type primary; file "internet.zone"; }};
}};
"""
# The two resolvers, which have the inner view of the company's zone too.
INTERNAL_VIEWS = INTERNET_VIEW + """
acl offices {{ !10.20.30.54; 10.20.0.0/16; }};
acl vpn {{ 10.99.0.0/16; }};
acl dmz {{ 10.30.0.0/24; }};
view "inside" {{
    match-clients {{ any; }};
    recursion yes;
    allow-query {{ offices; vpn; dmz; }};
    allow-recursion {{ offices; vpn; }};
    query-source address {internet_client};
    forwarders {{ {address} port {port}; }};
    forward only;
    zone "." {{ type hint; file "root.hints"; }};
    zone "corp.example" {{
        type primary;
        file "inside.zone";
        allow-transfer {{ 10.20.30.54; }};
        allow-update {{ 10.20.30.67; }};
    }};
}};
"""
# The two that the world asks.
PUBLIC_VIEWS = INTERNET_VIEW + """
view "outside" {{
    match-clients {{ any; }};
    recursion no;
    zone "corp.example" {{
        type primary;
        file "outside.zone";
        allow-transfer {{ 203.0.113.54; 203.0.113.55; }};
    }};
}};
"""


class World:
    def __init__(self, name):
        self.workspace, self.servers = Workspace(), []
        self.authority = Authority(self.workspace)
        self.namespace = Namespace(name)
        try:
            for address in [*HOSTS, *INTERNAL.values(), *PUBLIC.values()]:
                self.namespace.add(f"{address}/32")
            with self.namespace.entered():
                # Servers run as nobody, on port 53.
                with open("/proc/sys/net/ipv4/ip_unprivileged_port_start", "w", encoding="ascii") as file:
                    file.write("0")
                for server, address in INTERNAL.items():
                    certificate, key = self.authority.issue(server, f"DNS:{server}.corp.example")
                    # Braces doubled, as in the views above.
                    tls = f'tls company {{{{ cert-file "{certificate}"; key-file "{key}"; }}}};'
                    self.start(server, address, INTERNAL_VIEWS + tls, f"listen-on port 853 tls company {{ {address}; }};")
                for server, address in PUBLIC.items():
                    self.start(server, address, PUBLIC_VIEWS)
        except Exception:
            self.close()
            raise

    def start(self, name, address, views, options=""):
        self.servers.append(Bind(self.workspace, address, 53, name, views=views, options=options))

    def clone(self):
        """A directory to do a document in, with what the document takes for given: the company's certificate authority."""
        place = self.workspace.directory("clone")
        shutil.copy(self.authority.file, place)
        return place

    def close(self):
        for server in self.servers:
            server.stop()
        self.namespace.delete()
        self.workspace.remove()
