"""`make demo`: two real DNS servers on loopback, the exporter that watches them, and what to look at. Ctrl-C ends all of it."""
import argparse
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "integration"))
from harness import Bind, Exporter, ServerDied, Unbound, Workspace  # noqa: E402

ADDRESS = "127.0.0.1"
BIND_PORT, UNBOUND_PORT, EXPORTER_PORT = 5300, 5301, 10953
PORTS = [("BIND", BIND_PORT, "udp"), ("BIND", BIND_PORT, "tcp"), ("Unbound", UNBOUND_PORT, "udp"),
         ("Unbound", UNBOUND_PORT, "tcp"), ("dnspolicy_exporter", EXPORTER_PORT, "tcp")]

WHAT_TO_SEE = """
Running: BIND on {address} port {bind}, Unbound on port {unbound}, the exporter on port {exporter}. Within 15 seconds every check has
a verdict. Open

  {url}/                    the status page: who is told what, and why
  {url}/metrics             what Prometheus scrapes
  {url}/api/v1/verdicts     what does not pass, worst first
  {url}/health              503, with the offenders; one server alone: /health?resolver=ns1

or ask:  curl -s {url}/metrics | grep -E 'refusals_total|open_recursion'

  too_open    lab answers strangers: somebody left that Unbound open (open_recursion)
  too_strict  ns1 refuses the new branch: nobody has told it (unexpected_refusal)
  pass        ns1 refuses strangers, as it should: {url}/api/v1/probes?check=no-open-recursion

The list of checks is config/demo.yml: change it, then: kill -HUP {pid}
Ctrl-C ends the demo and leaves nothing behind.
"""


class Stop(Exception):
    """SIGINT or SIGTERM came."""


def on_stop_signals(handler):
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, handler)


def user_of(port, transport):
    """The process that holds the port, as ss tells it; empty when it tells nothing."""
    if not shutil.which("ss"):
        return ""
    listing = subprocess.run(["ss", "-Hnlp", f"--{transport}", f"sport = :{port}"], capture_output=True, text=True, check=False)
    words = listing.stdout.split('users:(("')
    return f' by {words[1].split(chr(34))[0]} (process {words[1].split("pid=")[1].split(",")[0]})' if len(words) > 1 else ""


def busy_ports():
    for name, port, transport in PORTS:
        kind = socket.SOCK_DGRAM if transport == "udp" else socket.SOCK_STREAM
        with socket.socket(socket.AF_INET, kind) as probe:
            if transport == "tcp":
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((ADDRESS, port))
                if transport == "tcp":
                    probe.listen()
            except OSError as error:
                yield f"{name} needs {ADDRESS} port {port} ({transport.upper()}): {error.strerror}{user_of(port, transport)}"


def run(workspace, started, configuration):
    """Starts everything, then waits for as long as everything runs: it returns by an exception only."""
    server = Bind(workspace, ADDRESS, BIND_PORT, name="ns1")
    started.append(server)
    started.append(Unbound(workspace, (ADDRESS, BIND_PORT), ADDRESS, UNBOUND_PORT, name="lab"))
    exporter = Exporter(workspace, None, address=ADDRESS, port=EXPORTER_PORT, config_file=configuration)
    started.append(exporter)
    print(WHAT_TO_SEE.format(address=ADDRESS, bind=BIND_PORT, unbound=UNBOUND_PORT, exporter=EXPORTER_PORT, url=exporter.url,
                             pid=exporter.process.pid), flush=True)
    select.select([os.pidfd_open(each.process.pid) for each in started], [], [])
    for each in started:
        each.process.check_running()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", default=ROOT / "config" / "demo.yml", type=Path, help="the list of checks")
    arguments = parser.parse_args()

    busy = list(busy_ports())
    if busy:
        print("make demo: nothing was started.", *busy, sep="\n  ", file=sys.stderr)
        return 1

    def stop(*_):
        on_stop_signals(signal.SIG_IGN)
        raise Stop

    workspace, started, status = Workspace(), [], 0
    try:
        on_stop_signals(stop)
        run(workspace, started, arguments.config)
    except Stop:
        print("\nStopping.", flush=True)
    except (ServerDied, TimeoutError, FileNotFoundError) as error:
        print(f"make demo: {error}\nThe others are stopped.", file=sys.stderr)
        status = 1
    finally:
        # Nothing must interrupt the tidying up.
        on_stop_signals(signal.SIG_IGN)
        for each in reversed(started):
            try:
                each.process.stop()
            except TimeoutError as error:
                print(f"make demo: {error}", file=sys.stderr)
                status = 1
        workspace.remove()
    return status


if __name__ == "__main__":
    sys.exit(main())
