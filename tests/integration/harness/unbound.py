"""Unbound, open to the world by accident or with access control."""
from .bind import INTERNET_CLIENT
from .process import Process, free_port, private_copy
from .wire import ask

CONFIGURATION = """\
server:
    directory: "{directory}"
    username: ""
    chroot: ""
    pidfile: ""
    use-syslog: no
    logfile: ""
    log-queries: yes
    log-replies: yes
    do-daemonize: no
    num-threads: 1
    interface: {address}@{port}
    outgoing-interface: {internet_client}
    do-ip6: no
    do-not-query-localhost: no
    module-config: "iterator"
    qname-minimisation: no
    nsid: "ascii_{name}"
{access}
{options}
forward-zone:
    name: "."
    forward-addr: {internet}
remote-control:
    control-enable: no
{sections}
"""


class Unbound:
    """`internet` is the (address, port) of what plays the internet: a Bind or an Nsd. `access` maps networks to actions.
    `options` are lines of the server section, `sections` further ones (rpz, auth-zone, view)."""

    def __init__(self, workspace, internet, address="127.0.0.1", port=None, name="unbound", access=None, options="", sections=""):
        self.address, self.port, self.name = address, port or free_port(address), name
        self.directory = workspace.directory("unbound")
        configuration = self.directory / "unbound.conf"
        rules = access or {"0.0.0.0/0": "allow"}
        configuration.write_text(CONFIGURATION.format(
            directory=self.directory, address=address, port=self.port, name=name, options=options, sections=sections,
            internet=f"{internet[0]}@{internet[1]}", internet_client=INTERNET_CLIENT,
            access="\n".join(f"    access-control: {network} {action}" for network, action in rules.items())))
        binary = private_copy("unbound", self.directory)
        self.process = Process("Unbound", [binary, "-d", "-p", "-c", str(configuration)], self.directory)
        try:
            # Any reply will do: the access control may well refuse us. Where a PROXYv2 header is wanted, there is none to us.
            self.process.wait_until(lambda: "start of service" in self.process.log() or ask(address, self.port, "ns.example.net"),
                                    f"a reply from {address} port {self.port}")
        except Exception:
            self.stop()
            raise

    def stop(self):
        return self.process.stop()
