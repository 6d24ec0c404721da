"""What a process costs, as the kernel accounts it."""
import os
import statistics
import time
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


def cpu_seconds(pid):
    """User and system time of all threads so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def resident_bytes(pid):
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE


def peak_bytes(pid):
    return int(status_field(f"/proc/{pid}/status", "VmHWM").split()[0]) * 1024


def reset_peak(pid):
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def status_field(path, name):
    for line in Path(path).read_text().splitlines():
        if line.startswith(name + ":"):
            return line.split(":", 1)[1].strip()
    raise KeyError(name)


def lane_wakeups(pid):
    """How often the prober's threads have slept and been woken: their voluntary context switches."""
    total = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        if (task / "comm").read_text().startswith("lane"):
            total += int(status_field(task / "status", "voluntary_ctxt_switches"))
    return total


def kernel_socket_bytes():
    """Slab memory of the whole kernel: read before and after, with nothing else going on."""
    return int(status_field("/proc/meminfo", "Slab").split()[0]) * 1024


class Window:
    """CPU and wall time of a process over a stretch of time."""

    def __init__(self, pid):
        self.pid, self.cpu, self.wall = pid, cpu_seconds(pid), time.monotonic()

    def end(self):
        return cpu_seconds(self.pid) - self.cpu, time.monotonic() - self.wall


def histogram_quantile(quantile, before, after, name):
    """The quantile of what a histogram has seen between two scrapes, interpolated as Prometheus does. Seconds."""
    def buckets(metrics):
        return {float(labels["le"]): value for labels, value in metrics.samples(f"{name}_bucket")}
    first, last = buckets(before), buckets(after)
    bounds = sorted(last)
    counts = [last[bound] - first.get(bound, 0) for bound in bounds]
    wanted, low, below = quantile * counts[-1], 0.0, 0.0
    for bound, count in zip(bounds, counts):
        if count >= wanted:
            return low if bound == float("inf") else low + (bound - low) * (wanted - below) / max(count - below, 1)
        low, below = bound, count
    return low


def median(values):
    return statistics.median(values)
