"""dnsmasq: refuses what it has nobody to ask for, and hands on what others refuse."""
import pytest

from column import CLIENTS, FRESH, INSIDE, OUTSIDE, RECURSION, REFUSAL, Endpoint, Situation, ask_all, fleet
from harness import Dnsmasq, Unbound

SERVER = "dnsmasq"
pytestmark = pytest.mark.plain

SITUATIONS = [
    Situation("recursion allowed", "forwarder", INSIDE, FRESH, "NOERROR ra !aa answers=1", RECURSION),
    # It has no list of networks: whoever reaches it is served.
    Situation("open recursion found", "forwarder", OUTSIDE, FRESH, "NOERROR ra !aa answers=1", RECURSION),
    Situation("name policy: denied", "forwarder", INSIDE, "www.local.example A", "NXDOMAIN ra !aa answers=0",
              {"NXDOMAIN": "as_expected", "REFUSED": "unexpected_answer"}),
    Situation("no upstream", "alone", INSIDE, FRESH, "REFUSED ra !aa ede=14", REFUSAL),
    Situation("upstream refuses", "behind-refusal", INSIDE, FRESH, "REFUSED ra !aa", REFUSAL),
    # It takes no reply without a question, so a bare refusal becomes silence.
    Situation("upstream refuses", "behind-bare-refusal", INSIDE, FRESH, "timeout", {"ANSWERED": "no_response"}, ("udp",)),
]
ASKED = {situation.resolver for situation in SITUATIONS}


@pytest.fixture(scope="module")
def servers(workspace, nsd):
    with fleet() as started:
        refuse = {"127.0.0.0/8": "refuse"}
        for name, access, options in (("backend", None, ""), ("refusing", refuse, "    ede: yes\n"), ("refusing-bare", refuse, "")):
            started[name] = Unbound(workspace, (nsd.address, nsd.port), name=name, access=access, options=options)
        to = {name: f"server={server.address}#{server.port}\n" for name, server in started.items()}
        started["forwarder"] = Dnsmasq(workspace, options=to["backend"] + "local=/local.example/\n")
        started["behind-refusal"] = Dnsmasq(workspace, options=to["refusing"])
        started["behind-bare-refusal"] = Dnsmasq(workspace, options=to["refusing-bare"])
        started["alone"] = Dnsmasq(workspace)
        yield started


@pytest.fixture(scope="module")
def column(workspace, servers):
    return ask_all(workspace, {name: Endpoint(servers[name]) for name in ASKED}, SITUATIONS, CLIENTS)


def test_situation(column, probe):
    column.assert_is(probe)
