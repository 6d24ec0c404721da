"""Configurations that make a given load, and the exporter under it."""
import re
import time

from harness import Exporter, Metrics

from measure import Window


def names(count):
    return [f"n{number}.probe.example.net" for number in range(count)]


def configuration(address, port, probes, interval, timeout="400ms", attempts=2, clients=8, transport="udp", extra=""):
    """`probes` probes at one server, spread over clients with sources of their own, no limits."""
    queries = "".join(f"      - {name} A\n" for name in names(probes // clients))
    sources = "".join(f"  c{number}: {{subnet: 127.20.{number}.0/24, source: 127.20.{number}.7}}\n" for number in range(clients))
    return (f"global: {{max_qps_per_resolver: 0, max_denied_qps: 0}}\n"
            f"clients:\n{sources}"
            f"resolvers:\n  target: {{address: {address}, port: {port}}}\n{extra_resolvers(extra)}"
            f"checks:\n  - name: load\n    client: \"*\"\n    resolver: target\n    transport: {transport}\n"
            f"    interval: {interval}\n    timeout: {timeout}\n    attempts: {attempts}\n    expect: NOERROR\n"
            f"    query:\n{queries}{extra_checks(extra)}")


def extra_resolvers(extra):
    return extra[0] if extra else ""


def extra_checks(extra):
    return extra[1] if extra else ""


def silent_load(address, port, in_flight, timeout_s=2):
    """Probes of a silent address, so many that `in_flight` of them wait at any time; one attempt each."""
    interval_s = timeout_s + 1
    queries = "".join(f"      - s{number}.probe.example.net A\n" for number in range(in_flight * interval_s // timeout_s // 8))
    return (f"  silent: {{address: {address}, port: {port}}}\n",
            f"  - name: silence\n    client: \"*\"\n    resolver: silent\n    interval: {interval_s}s\n"
            f"    timeout: {timeout_s}s\n    attempts: 1\n    expect: NO_RESPONSE\n    query:\n{queries}")


class Load:
    """The exporter with one lane under a configuration, measured between two scrapes after it has settled."""

    def __init__(self, workspace, text, settle=3.0, lanes=1, **options):
        self.exporter = Exporter(workspace, text, f"--prober.lanes={lanes}", "--log.level=error", **options)
        self.pid = self.exporter.process.pid
        time.sleep(settle)

    def counters(self):
        """The counters and histograms; what there is for every probe is left aside, for reading it would take longer than the window."""
        wanted = re.compile(rb"^dnspolicy_(?:verdicts_total|attempts_lost_total|schedule_lateness_seconds_bucket|probes_in_flight).*$", re.M)
        text = self.exporter.get("/metrics").body
        return Metrics("\n".join(line.decode() for line in wanted.findall(text)))

    def queries_sent(self):
        return self.exporter.json("/api/v1/status")["queries_sent"]

    def window(self, seconds=5.0):
        """CPU and queries in a stretch of time; the scrapes around it stay outside."""
        before = self.counters()
        time.sleep(0.3)
        sent, window = self.queries_sent(), Window(self.pid)
        time.sleep(seconds)
        (cpu, wall), sent = window.end(), self.queries_sent() - sent
        return Result(before, self.counters(), cpu, wall, sent)

    def stop(self):
        self.exporter.stop()


class Result:
    def __init__(self, before, after, cpu, wall, queries):
        self.before, self.after, self.cpu, self.wall, self.queries = before, after, cpu, wall, queries

    def increase(self, name):
        return self.after.sum(name) - self.before.sum(name)

    @property
    def loss(self):
        """Attempts without a reply, of all checks between the scrapes."""
        return self.increase("dnspolicy_attempts_lost_total") / max(self.increase("dnspolicy_verdicts_total"), 1)

    @property
    def rate(self):
        return self.queries / self.wall

    @property
    def us_per_query(self):
        return self.cpu * 1e6 / self.queries

    @property
    def us_per_check(self):
        """Queries that were repeated count with their check."""
        return self.us_per_query * (1 + self.loss)
