"""Servers for the rows about transports, claims and keys: dnsdist, which answers all by itself, and an NSD that knows a key."""
import subprocess

from harness import zones
from harness.nsd import CONFIGURATION
from harness.process import Process, free_port, private_copy
from harness.wire import ask

KEY_NAME, KEY_SECRET = "bench", "YmVuY2htYXJrLWtleS1vZi0zMi1ieXRlcy1sb25nLi4="
SERVER_NAME = "bench.example.net"
# Whoever comes from there must say on whose behalf.
PROXIES = "127.30.0.0/16"


def certificate(directory):
    """A certificate that vouches for itself; the paths of it and of its key."""
    paths = directory / "cert.pem", directory / "key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                    "-subj", f"/CN={SERVER_NAME}", "-addext", f"subjectAltName=DNS:{SERVER_NAME}",
                    "-out", paths[0], "-keyout", paths[1]], check=True, capture_output=True)
    for path in paths:
        path.chmod(0o644)
    return paths


class Dnsdist:
    """UDP and TCP, DoT with and without session tickets, DoH; the same made-up answer to everything."""

    def __init__(self, workspace, address="127.1.0.20"):
        self.address = address
        self.directory = workspace.directory("dnsdist")
        self.certificate, key = certificate(self.directory)
        self.port, self.tls, self.tls_full, self.https = (free_port(address) for _ in range(4))
        files = f"'{self.certificate}', '{key}'"
        never_resume = "{sessionTickets=false, numberOfStoredSessions=0}"
        (self.directory / "dnsdist.conf").write_text(
            f"setLocal('{address}:{self.port}')\n"
            f"addTLSLocal('{address}:{self.tls}', {files})\n"
            f"addTLSLocal('{address}:{self.tls_full}', {files}, {never_resume})\n"
            f"addDOHLocal('{address}:{self.https}', {files}, '/dns-query')\n"
            "setACL('127.0.0.0/8')\n"
            f"setProxyProtocolACL('{PROXIES}')\n"
            "setSecurityPollSuffix('')\n"
            "addAction(AllRule(), SpoofAction('192.0.2.1'))\n")
        binary = private_copy("dnsdist", self.directory)
        self.process = Process("dnsdist", [binary, "--supervised", "--disable-syslog", "-C", str(self.directory / "dnsdist.conf")],
                               self.directory)
        try:
            self.process.wait_until(lambda: ask(address, self.port, "ns.example.net"), f"a reply from {address} port {self.port}")
        except Exception:
            self.stop()
            raise

    def stop(self):
        return self.process.stop()


class SigningNsd:
    """The fake internet of the other rows, which signs its replies to queries signed with our key."""

    def __init__(self, workspace, address="127.1.0.21"):
        self.address, self.port = address, free_port(address)
        self.directory = workspace.directory("nsd")
        (self.directory / "root.zone").write_text(zones.INTERNET)
        (self.directory / "nsd.conf").write_text(
            CONFIGURATION.format(directory=self.directory, listen=f"    ip-address: {address}@{self.port}\n", name="bench")
            + f'key:\n    name: "{KEY_NAME}"\n    algorithm: hmac-sha256\n    secret: "{KEY_SECRET}"\n'
            + 'zone:\n    name: "."\n    zonefile: "root.zone"\n')
        binary = private_copy("nsd", self.directory)
        self.process = Process("NSD", [binary, "-d", "-c", str(self.directory / "nsd.conf")], self.directory)
        try:
            self.process.wait_until(lambda: ask(address, self.port, ".", "SOA"), f"a reply from {address} port {self.port}")
        except Exception:
            self.stop()
            raise

    def stop(self):
        return self.process.stop()
