"""Configurations that make a given load, and the exporter under it."""
import time

from harness import Exporter

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

    def window(self, seconds=5.0):
        """CPU per check, rate, and both scrapes. The scrapes' own work stays outside."""
        before, began = self.exporter.metrics(), time.monotonic()
        time.sleep(0.3)
        window = Window(self.pid)
        time.sleep(seconds)
        cpu, wall = window.end()
        after, ended = self.exporter.metrics(), time.monotonic()
        share = wall / (ended - began)
        return Result(before, after, cpu, wall, share)

    def stop(self):
        self.exporter.stop()


class Result:
    def __init__(self, before, after, cpu, wall, share):
        self.before, self.after, self.cpu, self.wall, self.share = before, after, cpu, wall, share

    def increase(self, name, **labels):
        """Of a counter, in the stretch that the CPU time is of."""
        return (self.after.sum(name, **labels) - self.before.sum(name, **labels)) * self.share

    @property
    def checks(self):
        return self.increase("dnspolicy_verdicts_total")

    @property
    def queries(self):
        return self.increase("dnspolicy_queries_total")

    @property
    def rate(self):
        return self.checks / self.wall

    @property
    def loss(self):
        return self.increase("dnspolicy_attempts_lost_total") / max(self.queries, 1)

    @property
    def us_per_check(self):
        return self.cpu * 1e6 / self.checks

    @property
    def us_per_query(self):
        return self.cpu * 1e6 / self.queries
