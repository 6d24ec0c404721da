"""The peers in Debian, asking the same server for the same names."""
import os
import re
import subprocess
import time

from harness import Process, free_port
from harness.http_service import answers

from load import names
from measure import Window


def dnsperf(workspace, address, port, seconds=5, rate=None, outstanding=100):
    """CPU µs per query and the rate reached."""
    directory = workspace.directory("dnsperf")
    queries = directory / "queries"
    queries.write_text("".join(f"{name} A\n" for name in names(2500)))
    command = ["dnsperf", "-s", address, "-p", str(port), "-d", str(queries), "-l", str(seconds), "-c", "1", "-T", "1", "-e"]
    command += ["-Q", str(rate)] if rate else ["-q", str(outstanding)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    completed = int(re.search(r"Queries completed:\s+(\d+)", output)[1])
    return (usage.ru_utime + usage.ru_stime) * 1e6 / completed, completed / seconds


class Blackbox:
    """blackbox_exporter's DNS module, driven by a real Prometheus through `targets` checks every `interval_s`."""

    def __init__(self, workspace, address, port, targets, interval_s):
        self.directory = workspace.directory("blackbox")
        self.http = free_port()
        modules = "modules:\n" + "".join(
            f"  m{number}:\n    prober: dns\n    timeout: 2s\n    dns: {{query_name: {name}, query_type: A, "
            "preferred_ip_protocol: ip4}\n" for number, name in enumerate(names(50)))
        (self.directory / "blackbox.yml").write_text(modules)
        self.blackbox = Process("blackbox_exporter", [
            "prometheus-blackbox-exporter", f"--config.file={self.directory}/blackbox.yml",
            f"--web.listen-address=127.0.0.1:{self.http}", "--log.level=error"], self.directory)
        per_module = targets // 50
        jobs = "".join(
            f"  - job_name: m{number}\n    metrics_path: /probe\n    params: {{module: [m{number}]}}\n"
            f"    static_configs: [{{targets: [{', '.join(self.target(address, port, at) for at in range(per_module))}]}}]\n"
            "    relabel_configs:\n"
            "      - {source_labels: [__address__], target_label: instance}\n"
            "      - {source_labels: [__address__], regex: '(.*)#.*', target_label: __param_target}\n"
            f"      - {{target_label: __address__, replacement: '127.0.0.1:{self.http}'}}\n" for number in range(50))
        (self.directory / "prometheus.yml").write_text(
            f"global: {{scrape_interval: {interval_s}s, scrape_timeout: 5s}}\nscrape_configs:\n{jobs}")
        self.prometheus = Process("Prometheus", [
            "prometheus", f"--config.file={self.directory}/prometheus.yml", f"--storage.tsdb.path={self.directory}/data",
            f"--web.listen-address=127.0.0.1:{free_port()}", "--log.level=error"], self.directory)
        self.blackbox.wait_until(lambda: answers(f"http://127.0.0.1:{self.http}/-/healthy"), "its HTTP port")

    @staticmethod
    def target(address, port, number):
        return f"'{address}:{port}#{number}'"

    def us_per_check(self, checks_per_second, seconds):
        """blackbox_exporter's own CPU; Prometheus' is told beside it."""
        own, other = Window(self.blackbox.pid), Window(self.prometheus.pid)
        time.sleep(seconds)
        own_cpu, wall = own.end()
        other_cpu, _ = other.end()
        checks = checks_per_second * wall
        return own_cpu * 1e6 / checks, other_cpu * 1e6 / checks

    def stop(self):
        self.prometheus.stop()
        self.blackbox.stop()
