"""Knot Resolver: views and policies in Lua, in front of what plays the internet."""
from .process import Process, free_port, installed
from .wire import ask

CONFIGURATION = """\
net.ipv6 = false
net.outgoing_v4('127.1.0.1')
net.listen('{address}', {port}, {{ kind = 'dns' }})
log_level('info')
log_target('stderr')
cache.open(10 * MB, 'lmdb://{directory}')
trust_anchors.remove('.')
modules.unload('priming')
modules.unload('detect_time_skew')
modules = {{ 'policy', 'view', 'nsid' }}
nsid.name('{name}')
{options}
policy.add(policy.all(policy.STUB('{internet}')))
"""


class KnotResolver:
    """`options` is Lua, run before the policy that forwards everything to `internet`, an (address, port)."""

    def __init__(self, workspace, internet, address="127.0.0.1", port=None, name="kresd", options=""):
        self.address, self.port, self.name = address, port or free_port(address), name
        self.directory = workspace.directory("kresd")
        (self.directory / "kresd.conf").write_text(CONFIGURATION.format(
            address=address, port=self.port, name=name, directory=self.directory, options=options,
            internet=f"{internet[0]}@{internet[1]}"))
        self.process = Process("Knot Resolver", [installed("kresd"), "-n", "-c", str(self.directory / "kresd.conf"),
                                                 str(self.directory)], self.directory)
        try:
            self.process.wait_until(lambda: ask(address, self.port, "ns.example.net"),
                                    f"a reply from {address} port {self.port}")
        except Exception:
            self.stop()
            raise

    def stop(self):
        return self.process.stop()
