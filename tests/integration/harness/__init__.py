"""Real servers and the real exporter as unprivileged processes on loopback, for the integration tests and the demo.

Standard library only. Every object here ends what it started, by its process id, and nothing is sent off the host: the
resolvers' sources are loopback addresses, from which the kernel routes nowhere else.
"""
from .bind import Bind
from .exporter import Exporter, built, run_command
from .metrics import Metrics
from .misbehaving import Misbehaving
from .namespace import Namespace
from .nsd import Nsd
from .policy import policy
from .process import Process, ServerDied, Workspace, free_port, wait_until
from .unbound import Unbound
from .wire import ask

__all__ = ["Bind", "Exporter", "Metrics", "Misbehaving", "Namespace", "Nsd", "Process", "ServerDied", "Unbound",
           "Workspace", "ask", "built", "free_port", "policy", "run_command", "wait_until"]
