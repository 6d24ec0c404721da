"""Configuration texts for the tests: servers by name, checks as YAML, and everything fast."""

CLIENTS = """\
  inside: {subnet: 127.10.0.0/16, source: 127.10.20.5}
  outside: {subnet: 127.66.0.0/16, source: 127.66.6.6}
"""


def policy(servers, checks, interval="500ms", timeout="200ms", attempts=2, clients=CLIENTS, zones=None):
    """`servers` maps names to anything with an address and a port; `zones` maps some of them to the zones they serve."""
    text = (f"global: {{interval: {interval}, timeout: {timeout}, attempts: {attempts}, max_qps_per_resolver: 0,"
            f" max_denied_qps: 0}}\nclients:\n{clients}resolvers:\n")
    for name, server in servers.items():
        text += f'  {name}: {{address: "{server.address}", port: {server.port}, zones: [{(zones or {}).get(name, "")}]}}\n'
    return text + "checks:\n" + checks
