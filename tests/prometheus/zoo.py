"""Everything wrong at once: a case for each alert that a server or a policy can cause, on real servers."""
from harness import Bind, Exporter, Unbound, free_port
from harness.authority import Authority
from harness.bind import VIEWS
from harness.streams import StreamServer

# Where each alert's case is: what its runbook calls CHECK, CLIENT and so on, and what the first command then shows.
CASES = {
    "UnexpectedRefusal": ({"CHECK": "recursion", "CLIENT": "branch", "RESOLVER": "ns1"}, "unexpected_refusal"),
    "OpenRecursion": ({"CHECK": "no-open-recursion", "CLIENT": "internet", "RESOLVER": "lab"}, "open_recursion"),
    "OpenTransfer": ({"CHECK": "corp-transfer", "CLIENT": "internet", "RESOLVER": "ns1"}, "open_transfer"),
    "OpenUpdate": ({"CHECK": "corp-update", "CLIENT": "internet", "RESOLVER": "ns1"}, "open_update"),
    "PolicyMismatch": ({"CHECK": "intranet", "CLIENT": "office", "RESOLVER": "ns1"}, "wrong_answer"),
    "ResolverUnreachable": ({"CHECK": "down", "CLIENT": "office", "RESOLVER": "nowhere"}, "network_error"),
    "LocalProbeError": ({"CHECK": "tunnel", "CLIENT": "vpn", "RESOLVER": "ns1"}, "add the address to this host"),
    "GroupDivergence": ({"CHECK": "no-open-recursion", "CLIENT": "internet", "GROUP": "corp-anycast"}, "lab\tudp\topen_recursion"),
    "RefusalRateHigh": ({"SUBNET": "127.11.0.0/16", "QTYPE": "A"}, 'client="branch"'),
    "TLSCertificateExpiring": ({"RESOLVER": "dot1"}, "UTC"),
}
# What no server can cause: what is wrong with the exporter itself. Its runbooks' commands work all the same.
OF_THE_EXPORTER = {
    "ProbesStale": (CASES["UnexpectedRefusal"][0], "unexpected_refusal"),
    "ProberLate": ({}, "dnspolicy_probe_runs_skipped_total"),
    "ConfigReloadFailed": ({}, "4 clients"),
    "DnspolicyDown": ({}, "Ready"),
}
CONFIGURATION = """\
global: {{interval: 500ms, timeout: 200ms, attempts: 2, max_denied_qps: 0}}
clients:
  office: {{subnet: 127.10.0.0/16, source: 127.10.20.5}}
  branch: {{subnet: 127.11.0.0/16, source: 127.11.0.9}}
  internet: {{subnet: 127.66.0.0/16, source: 127.66.6.6}}
  vpn: {{subnet: 192.0.2.0/24, source: 192.0.2.5}}     # no address of this host
resolvers:
  ns1: {{address: 127.0.0.1, port: {bind}, zones: [corp.example], group: corp-anycast}}
  lab: {{address: 127.0.0.1, port: {unbound}, group: corp-anycast}}
  nowhere: {{address: 127.0.0.1, port: {nowhere}}}
  dot1: {{address: 127.0.0.1, port: {dot}, tls: {{server_name: dot1.example, ca_file: {authority}}}}}
checks:
  - {{name: recursion, client: branch, resolver: ns1, query: "{{random}}.probe.example.net A", expect: ANSWERED, severity: critical}}
  - {{name: no-open-recursion, client: internet, resolver: "group:corp-anycast", query: "{{random}}.probe.example.net A",
      expect: REFUSED, severity: page}}
  - {{name: corp-transfer, client: internet, resolver: ns1, query: corp.example AXFR, transport: tcp, expect: DENIED}}
  - {{name: corp-update, client: internet, resolver: ns1, expect: DENIED,
      query: {{opcode: UPDATE, zone: corp.example, name: probe.corp.example, type: TXT}}}}
  - {{name: intranet, client: office, resolver: ns1, query: intranet.corp.example A,
      expect: {{rcode: NOERROR, answer: {{contains: [10.9.9.9]}}}}}}
  - {{name: down, client: office, resolver: nowhere, query: www.example.com A, expect: ANSWERED}}
  - {{name: tunnel, client: vpn, resolver: ns1, query: www.example.com A, expect: ANSWERED}}
  - {{name: private, client: office, resolver: dot1, query: www.example.com A, transport: tls, expect: REFUSED}}
"""


class Zoo:
    def __init__(self, workspace):
        self.started = []
        try:
            authority = Authority(workspace)
            bind = self.start(Bind(workspace, views=VIEWS.replace(
                'file "outside.zone";', 'file "outside.zone"; allow-update {{ any; }}; allow-transfer {{ any; }};')))
            unbound = self.start(Unbound(workspace, internet=(bind.address, bind.port)))
            dot = self.start(StreamServer(certificate=authority.issue("dot1", "DNS:dot1.example", days=10)))
            self.exporter = self.start(Exporter(workspace, CONFIGURATION.format(
                bind=bind.port, unbound=unbound.port, nowhere=free_port(), dot=dot.port, authority=authority.file)))
        except Exception:
            self.stop()
            raise

    def start(self, server):
        self.started.append(server)
        return server

    def stop(self):
        for each in reversed(self.started):
            each.stop()
