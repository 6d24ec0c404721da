"""systemd-resolved, without installing it: a host that has it would ask it from then on.

It is unpacked beside the build and runs in a namespace of the network that it could otherwise listen to, and with a /run and an
/etc/systemd of its own, so that it neither meets the system's bus nor writes the system's resolv.conf.
"""
import shutil
import subprocess

from .exporter import build_directory
from .process import Process

CONFIGURATION = """\
[Resolve]
DNS={upstreams}
FallbackDNS=
Domains=~.
LLMNR=no
MulticastDNS=no
DNSSEC=no
DNSOverTLS=no
Cache=no
ReadEtcHosts=no
DNSStubListener=yes
"""

SCRIPT = """\
mount -t tmpfs tmpfs /run && mount --bind "$1" /etc/systemd &&
mkdir -p /run/systemd/resolve /run/systemd/netif/links && chown nobody /run/systemd/resolve &&
exec setpriv --pdeathsig TERM --reuid nobody --regid nogroup --clear-groups --inh-caps=-all,+net_bind_service,+net_raw,+setpcap \
    --ambient-caps=-all,+net_bind_service,+net_raw,+setpcap -- "$2"
"""


def unpacked():
    """Where systemd-resolved is, or None where the package can not be had."""
    place = build_directory() / "systemd-resolved"
    program = place / "lib" / "systemd" / "systemd-resolved"
    if not program.exists():
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        got = subprocess.run(["apt-get", "-q", "download", "systemd-resolved"], cwd=place, capture_output=True, timeout=60, check=False)
        for package in place.glob("*.deb") if got.returncode == 0 else ():
            subprocess.run(["dpkg", "-x", package, place], check=True)
    return program if program.exists() else None


class Resolved:
    """`upstreams` are (address, port) in the namespace; without one it refuses."""

    address, port = "127.0.0.53", 53

    def __init__(self, workspace, namespace, upstreams=()):
        self.namespace = namespace
        self.directory = workspace.directory("resolved")
        program = unpacked()
        # The tree itself may be where only its owner can read.
        copy = self.directory / "systemd-resolved"
        shutil.copyfile(program, copy)
        copy.chmod(0o755)
        configuration = self.directory / "etc"
        configuration.mkdir()
        (configuration / "resolved.conf").write_text(
            CONFIGURATION.format(upstreams=" ".join(f"{address}:{port}" for address, port in upstreams)))
        self.process = Process("systemd-resolved", ["unshare", "-m", "sh", "-c", SCRIPT, "sh", str(configuration), str(copy)],
                               self.directory, unprivileged=False, prefix=["ip", "netns", "exec", namespace.name])
        try:
            self.process.wait_until(self.listens, f"systemd-resolved on {self.address} port {self.port}")
        except Exception:
            self.stop()
            raise

    def listens(self):
        """It logs no start, and stays silent to some of what could be asked."""
        sockets = subprocess.run(["ip", "netns", "exec", self.namespace.name, "ss", "-Hlnut", "sport", "=", f":{self.port}"],
                                 capture_output=True, text=True, check=True).stdout
        return "tcp" in sockets and "udp" in sockets

    def stop(self):
        return self.process.stop()
