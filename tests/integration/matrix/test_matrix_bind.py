"""BIND: views, query and recursion lists, RPZ, rate limits of refusals, keys, transfers, updates."""
import pytest

from column import (ANSWER, BAD_KEY, BAD_SIGNATURE, CLIENTS, FRESH, INSIDE, KEYS, NO_RD, NOTIFY, OUTSIDE, QUERY, RECURSION,
                    REFUSAL, RPZ, SIGNERS, SILENCE, TRANSFER, UPDATE, ZONE, Endpoint, Situation, answer_or, ask_all, fleet,
                    update)
from flood import flooded
from harness import Bind, ask
from zonedump import dump

SERVER = "BIND"
pytestmark = pytest.mark.plain

CACHED = "{name: www.example.com, type: A}"

SITUATIONS = [
    Situation("recursion allowed", "views", INSIDE, FRESH, "NOERROR ra !aa answers=1 nsid=ns1", RECURSION),
    Situation("recursion refused", "views", OUTSIDE, FRESH, "REFUSED !ra !aa ede= nsid=ns1", REFUSAL),
    Situation("query refused", "views", OUTSIDE, "corp.example SOA", "NOERROR aa !ra", QUERY),
    Situation("recursion allowed", "lists", INSIDE, FRESH, "NOERROR ra !aa answers=1", RECURSION),
    Situation("recursion refused", "lists", OUTSIDE, FRESH, "REFUSED !ra !aa ede=18", REFUSAL),
    Situation("refused without RD", "lists", OUTSIDE, NO_RD, "REFUSED !ra ede=18", REFUSAL),
    Situation("query refused", "lists", OUTSIDE, "www.private.example A", "REFUSED !ra ede=18", REFUSAL),
    Situation("query refused", "lists", INSIDE, "www.closed.example A", "REFUSED ra ede=18", REFUSAL),
    Situation("query refused", "lists", INSIDE, "www.private.example A", "NOERROR aa answers=1", QUERY),
    Situation("cache refused", "lists", OUTSIDE, CACHED, "REFUSED !ra ede=18", REFUSAL),
    Situation("open cache found", "snoop", OUTSIDE, CACHED, "NOERROR !ra !aa answers=1", answer_or("open_cache")),
    Situation("open recursion found", "open", OUTSIDE, FRESH, "NOERROR ra !aa answers=1", RECURSION),
    Situation("silent denial", "blackhole", OUTSIDE, FRESH, "timeout", SILENCE, ("udp",)),
    Situation("recursion allowed", "blackhole", INSIDE, FRESH, "NOERROR ra !aa answers=1", RECURSION),
    Situation("name policy: denied", "rpz", INSIDE, "nxdomain.probe.example.net A", "NXDOMAIN ra !aa answers=0",
              {"NXDOMAIN": "as_expected", "REFUSED": "unexpected_answer"}),
    Situation("name policy: silence", "rpz", INSIDE, "drop.probe.example.net A", "timeout", SILENCE),
    Situation("recursion allowed", "rpz", INSIDE, FRESH, "NOERROR ra !aa answers=1", RECURSION),
    Situation("TCP only", "rpz", INSIDE, "tcp.probe.example.net A", "NOERROR !tc answers=1", ANSWER),
    Situation("rate limited", "limiting", "limited", FRESH, "timeout", SILENCE, ("udp",)),
    # TCP proves an address, so it is exempt: the refusal is there for who looks.
    Situation("rate limited", "limiting", "limited", FRESH, "REFUSED !ra ede=18", REFUSAL, ("tcp",)),
    Situation("recursion allowed", "limiting", INSIDE, FRESH, "NOERROR ra !aa answers=1", RECURSION),

    Situation("good key", "primary", "with-xfr", "keyed.example SOA", "NOERROR aa", ANSWER),
    Situation("good key", "primary", "with-xfr", "keyed.example AXFR", "NOERROR aa", TRANSFER, ("tcp",)),
    Situation("good key", "primary", "with-xfr", "keyed.example IXFR", "NOERROR aa answers=1", TRANSFER, ("tcp",)),
    Situation("good key", "primary", "with-xfr", update("keyed.example"), "YXRRSET", UPDATE),
    Situation("unknown key", "primary", "with-unheard-of", "keyed.example SOA", "NOTAUTH tsig=BADKEY", BAD_KEY),
    Situation("unknown key", "primary", "with-unheard-of", "keyed.example AXFR", "NOTAUTH tsig=BADKEY", BAD_KEY, ("tcp",)),
    Situation("wrong secret", "primary", "with-mistyped", "keyed.example SOA", "NOTAUTH tsig=BADSIG", BAD_SIGNATURE),
    Situation("wrong secret", "primary", "with-mistyped", update("keyed.example"), "NOTAUTH tsig=BADSIG", BAD_SIGNATURE),
    Situation("clock skewed", "primary", "with-xfr", "keyed.example AXFR", "NOTAUTH tsig=BADTIME", BAD_SIGNATURE, ("tcp",)),
    Situation("key not listed", "primary", "with-other", "keyed.example AXFR", "REFUSED ede=18", REFUSAL, ("tcp",)),
    Situation("key not listed", "primary", "with-other", update("keyed.example"), "REFUSED", REFUSAL),
    # A grant is by name and type.
    Situation("update allowed", "primary", "with-xfr", update("granted.example"), "YXRRSET", UPDATE),
    Situation("update denied", "primary", "with-xfr", update("granted.example", "elsewhere"), "REFUSED", REFUSAL),
    Situation("update denied", "primary", "with-xfr", update("granted.example", kind="A"), "REFUSED", REFUSAL),
    Situation("update denied", "primary", "with-other", update("granted.example"), "REFUSED", REFUSAL),
    Situation("update denied", "primary", INSIDE, update("granted.example"), "REFUSED", REFUSAL),

    Situation("transfer allowed", "primary", INSIDE, "corp.example AXFR", "NOERROR aa", TRANSFER, ("tcp",)),
    Situation("transfer allowed", "primary", INSIDE, "corp.example IXFR", "NOERROR aa answers=1", TRANSFER, ("tcp",)),
    Situation("transfer denied", "primary", OUTSIDE, "corp.example AXFR", "REFUSED ede=18", REFUSAL, ("tcp",)),
    Situation("transfer denied", "primary", OUTSIDE, "corp.example IXFR", "REFUSED ede=18", REFUSAL, ("tcp",)),
    Situation("update allowed", "primary", INSIDE, update("corp.example"), "YXRRSET", UPDATE),
    Situation("update allowed", "primary", INSIDE, update("corp.example", "www", "A"), "YXRRSET", UPDATE),
    Situation("update denied", "primary", OUTSIDE, update("corp.example"), "REFUSED", REFUSAL),
    Situation("NOTIFY denied", "primary", OUTSIDE, NOTIFY, "REFUSED", REFUSAL),
]

RECURSIVE = """\
view "all" {{
    match-clients {{ any; }};
    query-source address {internet_client};
    forwarders {{ INTERNET; }};
    forward only;
    recursion yes;
    zone "." {{ type hint; file "root.hints"; }};
    BODY
}};
"""
BODIES = {
    "lists": """allow-recursion {{ {allowed} }};
    zone "private.example" {{ type primary; file "private.zone"; allow-query {{ {allowed} }}; }};
    zone "closed.example" {{ type primary; file "private.zone"; allow-query {{ none; }}; }};""",
    "snoop": "allow-recursion {{ {allowed} 127.0.0.1; }}; allow-query-cache {{ any; }};",
    "open": "allow-recursion {{ any; }};",
    "blackhole": "allow-recursion {{ any; }};",
    "rpz": """allow-recursion {{ any; }};
    response-policy {{ zone "rpz.lab"; }};
    zone "rpz.lab" {{ type primary; file "rpz.zone"; }};""",
    "limiting": "allow-recursion {{ {allowed} }}; rate-limit {{ errors-per-second 1; window 30; }};",
}
PRIMARY = """\
view "all" {{
    match-clients {{ any; }};
    recursion no;
    zone "corp.example" {{ type primary; file "corp.zone"; allow-transfer {{ {allowed} 127.0.0.1; }}; allow-update {{ {allowed} }}; }};
    zone "keyed.example" {{ type primary; file "keyed.zone"; allow-transfer {{ key xfr; }}; allow-update {{ key xfr; }}; }};
    zone "granted.example" {{ type primary; file "granted.zone"; allow-transfer {{ 127.0.0.1; }};
        update-policy {{ grant xfr name probe.granted.example TXT; }}; }};
    zone "copy.example" {{ type secondary; primaries {{ 127.0.0.9 port 9; }}; file "copy.zone"; }};
}};
"""
ZONES = "corp.example, keyed.example, granted.example"


@pytest.fixture(scope="module")
def servers(workspace, nsd, bind):
    files = {"rpz.zone": RPZ, **{f"{name}.zone": ZONE for name in ("private", "corp", "keyed", "granted", "copy")}}
    internet = f"{nsd.address} port {nsd.port}"
    with fleet() as started:
        for name, body in BODIES.items():
            views = RECURSIVE.replace("INTERNET", internet).replace("BODY", body)
            started[name] = Bind(workspace, name=name, views=views, files=files,
                                 options="blackhole { 127.66.0.0/16; };" if name == "blackhole" else "")
        started["primary"] = Bind(workspace, name="primary", views=PRIMARY, files=files)
        yield {**started, "views": bind}


@pytest.fixture(scope="module")
def before(servers):
    return dump(servers["primary"], ["corp.example", "keyed.example", "granted.example"])


@pytest.fixture(scope="module")
def column(workspace, servers, before):
    zones = {"views": "corp.example", "lists": "private.example, closed.example", "primary": ZONES + ", copy.example"}
    for name in ("lists", "snoop"):
        assert ask_inside(servers[name])
    with flooded(servers["limiting"], "127.77.7.7"):
        return ask_all(workspace, {name: Endpoint(server, zones.get(name, "")) for name, server in servers.items()}, SITUATIONS,
                       CLIENTS + SIGNERS, KEYS)


def ask_inside(server):
    """The answer to www.example.com, which is in the cache from then on."""
    return ask(server.address, server.port, "www.example.com", source="127.10.1.1").answers


def test_situation(column, probe):
    column.assert_is(probe)


@pytest.mark.row("zone unchanged")
def test_no_zone_has_changed(column, servers, before):
    assert column.probes and dump(servers["primary"], list(before)) == before
