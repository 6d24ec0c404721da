"""dnsmasq: a small forwarder, with or without somebody to forward to."""
from .process import Process, free_port, installed

CONFIGURATION = """\
port={port}
listen-address={address}
bind-interfaces
no-resolv
no-hosts
no-daemon
user=nobody
log-facility=-
log-queries=extra
pid-file={directory}/dnsmasq.pid
{options}
"""


class Dnsmasq:
    """`options` name the upstreams: `server=127.1.0.1#5300`, and what it shall answer itself."""

    def __init__(self, workspace, address="127.0.0.1", port=None, options=""):
        self.address, self.port = address, port or free_port(address)
        self.directory = workspace.directory("dnsmasq")
        (self.directory / "dnsmasq.conf").write_text(CONFIGURATION.format(
            address=address, port=self.port, directory=self.directory, options=options))
        self.process = Process("dnsmasq", [installed("dnsmasq"), "-C", str(self.directory / "dnsmasq.conf")], self.directory)
        try:
            # It hands nothing on of an upstream whose refusal has no question, so a query would not tell.
            self.process.wait_until(lambda: "started, version" in self.process.log(),
                                    f"the start of dnsmasq on {address} port {self.port}")
        except Exception:
            self.stop()
            raise

    def stop(self):
        return self.process.stop()
