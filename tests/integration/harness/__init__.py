"""Real servers and the real exporter as unprivileged processes on loopback, for the integration tests and the demo.

Standard library only. Every object here ends what it started, by its process id, and nothing is sent off the host: the
resolvers' sources are loopback addresses, from which the kernel routes nowhere else.
"""
from .bind import Bind
from .dnsdist import Dnsdist
from .dnsmasq import Dnsmasq
from .exporter import Exporter, built, run_command
from .knot import Knot
from .kresd import KnotResolver
from .metrics import Metrics
from .misbehaving import Misbehaving
from .namespace import Namespace
from .nsd import Nsd
from .pdns import PowerDns, Recursor
from .policy import policy
from .process import Process, ServerDied, Workspace, free_port, wait_until
from .prometheus import Prometheus, QueryFailed
from .unbound import Unbound
from .wire import ask

__all__ = ["Bind", "Dnsdist", "Dnsmasq", "Exporter", "Knot", "KnotResolver", "Metrics", "Misbehaving", "Namespace", "Nsd",
           "PowerDns", "Process", "Prometheus", "QueryFailed", "Recursor", "ServerDied", "Unbound", "Workspace", "ask", "built",
           "free_port", "policy", "run_command", "wait_until"]
