"""What the dashboards are shown: real servers that agree and disagree with a policy, exporters that watch them, Prometheus."""
import signal
import time
from concurrent.futures import ThreadPoolExecutor

from harness import Bind, Exporter, Misbehaving, Prometheus, Unbound, Workspace, free_port
from harness.authority import Authority

# Names as people give them: what Grafana puts into a query must come out as the same name.
CLIENTS = {"office": "10", "branch (new)": "11", "internet": "66"}
SITE = "ams"
# When the demo is disturbed after its start, and for how long: some runs of every probe.
QUIET_S, SILENT_S = 12, 8

CONFIGURATION = """\
global: {{interval: 2s, timeout: 900ms, attempts: 2, max_qps_per_resolver: 0, max_denied_qps: 0}}
clients:
  office: {{subnet: 127.10.0.0/16, source: 127.10.20.5}}
  branch (new): {{subnet: 127.11.0.0/16, source: 127.11.0.9}}
  internet: {{subnet: 127.66.0.0/16, source: 127.66.6.6}}
  moved away: {{subnet: 192.0.2.0/24, source: 192.0.2.1}}
resolvers:
  ns1.corp: {{address: {ns1.address}, port: {ns1.port}, group: corp, zones: [corp.example]}}
  ns2.corp: {{address: {ns2.address}, port: {ns2.port}, group: corp, zones: [corp.example]}}
  lab: {{address: {lab.address}, port: {lab.port}}}
  dot: {{address: {dot.address}, port: {dot.port}, tls: {{server_name: dns.example, ca_file: "{authority.file}"}}}}
  odd: {{address: {odd.address}, port: {odd.port}}}
checks:
  - {{name: recursion, client: [office, "branch (new)"], resolver: "group:corp", query: "{{random}}.probe.example.net A",
     transport: [udp, tcp], expect: ANSWERED}}
  - {{name: no-open-recursion, client: internet, resolver: ["group:corp", lab], query: ["{{random}}.probe.example.net A",
     "{{random}}.probe.example.net AAAA"], expect: REFUSED, severity: critical}}
  - {{name: intranet, client: office, resolver: ns1.corp, query: intranet.corp.example A,
     expect: {{rcode: NOERROR, answer: {{contains: [10.9.9.9]}}}}}}
  - {{name: encrypted, client: office, resolver: dot, query: "{{random}}.probe.example.net A", transport: tls, expect: ANSWERED}}
  - {{name: spoofed, client: office, resolver: odd, query: wrong-id.example A, expect: NOERROR}}
  - {{name: broken, client: office, resolver: odd, query: servfail.example A, expect: SERVFAIL}}
  - {{name: moved, client: moved away, resolver: lab, query: www.example.net A, expect: ANSWERED}}
"""
# The other site sees one server, and Prometheus gives it no `site` label.
ELSEWHERE = """\
global: {{interval: 2s, timeout: 900ms}}
clients:
  office: {{subnet: 127.10.0.0/16, source: 127.10.20.5}}
resolvers:
  lab: {{address: {lab.address}, port: {lab.port}}}
checks:
  - {{name: recursion, client: office, resolver: lab, query: "{{random}}.probe.example.net A", expect: ANSWERED}}
"""


class Demo:
    """Runs from its start on, in the background."""

    def __init__(self):
        self.workspace, self.started = Workspace(), []
        self.thread, self.disturbance = ThreadPoolExecutor(max_workers=1), None
        try:
            self.start()
        except BaseException:
            self.stop()
            raise

    def run(self, kind, *arguments, **options):
        self.started.append(kind(self.workspace, *arguments, **options))
        return self.started[-1]

    def start(self):
        authority, tls_port = Authority(self.workspace), free_port()
        certificate = authority.issue("dns.example", "DNS:dns.example", days=20)
        ns1 = self.run(Bind, name="ns1")
        internet = (ns1.address, ns1.port)
        servers = {
            "ns1": ns1, "authority": authority,
            # Somebody has told this member of the group about the branch, and not the other one.
            "ns2": self.run(Bind, name="ns2", allowed=("127.10.0.0/16", "127.11.0.0/16")),
            "lab": self.run(Unbound, internet, name="lab"),
            "dot": self.run(Unbound, internet, name="dot", port=tls_port, options="    tls-port: {}\n    tls-service-pem: \"{}\"\n"
                            "    tls-service-key: \"{}\"\n".format(tls_port, *certificate)),
            "odd": self.run(Misbehaving)}
        self.exporter = self.run(Exporter, CONFIGURATION.format(**servers))
        self.elsewhere = self.run(Exporter, ELSEWHERE.format(**servers))
        self.prometheus = self.run(Prometheus, [(self.exporter, {"site": SITE}), self.elsewhere])
        self.exporter.wait_for(lambda: all(probe["runs"] for probe in self.exporter.probes()), "the first run of every probe")
        self.prometheus.wait_for("sum(dnspolicy_probe_success) > 0", "a first scrape")
        self.began = time.time()
        self.interrupted = servers["ns2"].process
        self.disturbance = self.thread.submit(self.disturb)

    def disturb(self):
        """A server falls silent and comes back: verdicts change. The exporter of the other site is started anew, which changes none."""
        time.sleep(QUIET_S)
        self.interrupted.send_signal(signal.SIGSTOP)
        time.sleep(SILENT_S)
        self.interrupted.send_signal(signal.SIGCONT)
        self.elsewhere.stop()
        self.run(Exporter, self.elsewhere.config_file.read_text(), port=self.elsewhere.port)

    def wait(self, seconds):
        """Until that many seconds of data are there, whatever was done in the meantime."""
        self.disturbance.result()
        time.sleep(max(0.0, self.began + seconds - time.time()))
        # Whatever was last scraped is what is asked for: the newest samples of both targets are in.
        self.prometheus.wait_for(f"min(timestamp(up)) >= {self.began + seconds:.3f} - 2", "the last scrape")

    def stop(self):
        if self.disturbance:
            self.disturbance.exception()
        for each in reversed(self.started):
            each.stop()
        # A process that the thread has started ends with it.
        self.thread.shutdown()
        self.workspace.remove()
