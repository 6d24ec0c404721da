"""dnsdist: rules in front of other servers, which it takes to be up."""
from .process import Process, free_port, installed

CONFIGURATION = """\
setLocal('{address}:{port}')
setSecurityPollSuffix('')
newServer({{address='{backend}', source='127.1.0.1'{backend_options}}}):setUp()
{options}
"""


class Dnsdist:
    """`options` is Lua: access list and rules. The backend sees 127.1.0.1 as its client, unless it takes a PROXYv2 header."""

    def __init__(self, workspace, backend, address="127.0.0.1", port=None, options="", backend_options=""):
        self.address, self.port = address, port or free_port(address)
        self.directory = workspace.directory("dnsdist")
        (self.directory / "dnsdist.conf").write_text(CONFIGURATION.format(
            address=address, port=self.port, backend=f"{backend[0]}:{backend[1]}", options=options, backend_options=backend_options))
        self.process = Process("dnsdist", [installed("dnsdist"), "--supervised", "--disable-syslog", "-C",
                                           str(self.directory / "dnsdist.conf")], self.directory)
        try:
            self.process.wait_until(lambda: "Console ACL allowing" in self.process.log(),
                                    f"the start of dnsdist on {address} port {self.port}")
        except Exception:
            self.stop()
            raise

    def stop(self):
        return self.process.stop()
