"""DNS over TCP, TLS and HTTPS: who is taken for the resolver, what every kind of end is called, and what is used again."""
import socket
import ssl
import struct
import subprocess
import time

import pytest

from harness import Dnsdist, Unbound, free_port
from harness.authority import Authority
from harness.streams import GOAWAY, RST_STREAM, StreamServer, answer, frame, refusal, serve_dns, serve_http
from harness.wire import encode_name, receive_exactly

CONFIGURATION = """\
global: {{interval: 500ms, timeout: 400ms, attempts: 1, max_qps_per_resolver: 0, max_denied_qps: 0}}
clients:
  inside: {{subnet: 127.10.0.0/16, source: 127.10.20.5}}
resolvers:
  ns1: {{address: "{address}", port: {port}{resolver}}}
checks:
  - {{name: it, client: inside, resolver: ns1, query: "www.example.net A", transport: {transport}, expect: {expect}{check}}}
"""
HANDSHAKE_FAILURE = bytes([21, 3, 3, 0, 2, 2, 40])
SERVED = {"tcp": ({}, serve_dns), "tls": ({"alpn": ("dot",)}, serve_dns), "https": ({"alpn": ("h2",)}, serve_http())}


@pytest.fixture(scope="module")
def authority(workspace):
    return Authority(workspace)


@pytest.fixture(scope="module")
def good(authority):
    return authority.issue("good", "DNS:ns1.example,IP:127.0.0.1")


@pytest.fixture
def server():
    started = []

    def start(*arguments, **options):
        started.append(StreamServer(*arguments, **options))
        return started[-1]

    yield start
    for each in started:
        each.stop()


@pytest.fixture
def ask(exporter, authority):
    """Asks over the transport what expects REFUSED: the exporter."""
    def start(port, transport, name="ns1.example", ca_file=None, expect="REFUSED", address="127.0.0.1", https="", check=""):
        named = f"server_name: {name}, " if name else ""
        resolver = f", tls: {{{named}ca_file: {ca_file or authority.file}}}{https}" if transport != "tcp" else ""
        return exporter(CONFIGURATION.format(address=address, port=port, resolver=resolver, transport=transport, expect=expect,
                                             check=check))
    return start


def outcome(running):
    return running.judged(check="it")["outcome"]


def end_of(certificate):
    text = subprocess.run(["openssl", "x509", "-in", certificate, "-noout", "-enddate"], check=True, capture_output=True,
                          text=True).stdout
    return ssl.cert_time_to_seconds(text.strip().partition("=")[2])


def shown_end(running):
    return running.metrics().value("dnspolicy_tls_certificate_not_after_timestamp_seconds", resolver="ns1")


# ---- real servers ----

@pytest.fixture(scope="module")
def front(workspace, bind, good):
    """dnsdist before BIND, over TLS and HTTPS."""
    address = "127.0.0.1"
    tls, https = free_port(address), free_port(address)
    certificate, key = good
    started = Dnsdist(workspace, (bind.address, bind.port), address=address, options=f"""\
setACL('127.0.0.0/8')
addTLSLocal('{address}:{tls}', '{certificate}', '{key}')
addDOHLocal('{address}:{https}', '{certificate}', '{key}', {{'/dns-query'}})""")
    started.tls, started.https = tls, https
    yield started
    started.stop()


@pytest.mark.plain
@pytest.mark.tsan
@pytest.mark.valgrind
@pytest.mark.parametrize("reuse", ["false", "true"])
@pytest.mark.parametrize("name", ["ns1.example", None])
def test_dnsdist_answers_over_tls(ask, front, good, name, reuse):
    running = ask(front.tls, "tls", name=name, expect="ANSWERED", check=f", reuse_connection: {reuse}")
    heard = outcome(running)
    assert heard["status"] == "response" and heard["rcode"] == "NOERROR", heard
    assert 0 < heard["tls"]["handshake_seconds"] < 1 and heard["rtt_seconds"] > 0
    assert shown_end(running) == end_of(good[0])


@pytest.mark.plain
@pytest.mark.tsan
@pytest.mark.valgrind
@pytest.mark.parametrize("reuse", ["false", "true"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_dnsdist_answers_over_https(ask, front, method, reuse):
    running = ask(front.https, "https", https=f", https: {{method: {method}}}", expect="ANSWERED",
                  check=f", reuse_connection: {reuse}")
    heard = outcome(running)
    assert (heard["status"], heard["rcode"], heard["http_status"]) == ("response", "NOERROR", 200), heard
    if reuse == "true":
        running.wait_for(lambda: outcome(running)["reused_connection"], "a connection that serves again")


def test_a_path_that_dnsdist_does_not_serve_is_an_http_error(ask, front):
    running = ask(front.https, "https", https=", https: {path: /elsewhere}")
    assert (outcome(running)["status"], outcome(running)["http_status"]) == ("http_failed", 404)
    assert running.judged(check="it")["verdict"] == "protocol_error"


@pytest.fixture(scope="module")
def secure_unbound(workspace, bind, good):
    """Unbound over TLS and HTTPS, which refuses the inside."""
    tls, https = free_port("127.0.0.1"), free_port("127.0.0.1")
    started = Unbound(workspace, internet=(bind.address, bind.port), access={"127.10.0.0/16": "refuse"}, options=f"""\
    interface: 127.0.0.1@{tls}
    interface: 127.0.0.1@{https}
    tls-port: {tls}
    https-port: {https}
    tls-service-pem: "{good[0]}"
    tls-service-key: "{good[1]}"
""")
    started.ports = {"tls": tls, "https": https}
    yield started
    started.stop()


@pytest.mark.plain
@pytest.mark.parametrize("reuse", ["false", "true"])
@pytest.mark.parametrize("transport", ["tls", "https"])
def test_unbound_refuses_whom_it_should_over_tls_and_https(ask, secure_unbound, transport, reuse):
    running = ask(secure_unbound.ports[transport], transport, check=f", reuse_connection: {reuse}")
    assert outcome(running)["rcode"] == "REFUSED" and running.judged(check="it")["verdict"] == "as_expected"
    if reuse == "true":
        running.wait_for(lambda: outcome(running)["reused_connection"], "a connection that serves again")
    else:
        running.wait_for(lambda: outcome(running)["tls"]["resumed"], "a resumed session")


# ---- whom to believe ----

@pytest.mark.plain
def test_a_certificate_for_another_name_is_not_the_resolvers(ask, server, good):
    running = ask(server(certificate=good).port, "tls", name="ns2.example")
    probe = running.judged(check="it")
    assert probe["outcome"]["status"] == "tls_failed" and probe["verdict"] == "protocol_error"
    assert "mismatch" in probe["outcome"]["error"].lower(), probe["outcome"]["error"]
    assert shown_end(running) == end_of(good[0])


@pytest.mark.plain
def test_a_certificate_that_has_expired_is_refused_and_its_end_is_shown(ask, server, authority):
    certificate = authority.issue("expired", "DNS:ns1.example", days=-1)
    running = ask(server(certificate=certificate).port, "tls")
    assert outcome(running)["status"] == "tls_failed"
    assert "expired" in outcome(running)["error"]
    assert shown_end(running) == end_of(certificate[0])


def test_another_authority_is_not_trusted(ask, server, good, workspace):
    running = ask(server(certificate=good).port, "tls", ca_file=Authority(workspace, "stranger").file)
    assert outcome(running)["status"] == "tls_failed"


def test_without_a_name_the_certificate_must_have_the_address(ask, server, authority):
    named = authority.issue("named", "DNS:ns1.example")
    assert outcome(ask(server(certificate=named).port, "tls", name=None))["status"] == "tls_failed"


def test_a_certificate_in_the_file_is_trusted_although_it_is_no_authority(ask, server, good):
    assert outcome(ask(server(certificate=good).port, "tls", ca_file=good[0]))["status"] == "response"


def test_a_file_without_a_readable_certificate_is_an_error_of_the_configuration(exporter, workspace):
    broken = workspace.directory("broken") / "ca.pem"
    broken.write_text("-----BEGIN CERTIFICATE-----\nbm90IG9uZQ==\n-----END CERTIFICATE-----\n")
    text = CONFIGURATION.format(address="127.0.0.1", port=853, resolver=f", tls: {{ca_file: {broken}}}", transport="tls",
                                expect="REFUSED", check="")
    started = exporter(text, wait=False)
    started.process.popen.wait(10)
    assert "holds no certificate" in started.process.log() and ":5:" in started.process.log()
    started.process.popen.returncode = 0


# ---- how it ends ----

def reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def answer_with(*data):
    """Reads the first bytes, so that the end is an orderly one."""
    def shake(connection):
        connection.recv(65536)
        for each in data:
            connection.sendall(each)
    return shake


ENDS = {
    "closed": (answer_with(), "closed"),
    "reset": (reset, "reset"),
    "no TLS": (answer_with(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "tls_failed"),
    "an alert": (answer_with(HANDSHAKE_FAILURE), "tls_failed"),
    "silence": (lambda connection: time.sleep(2), "timeout"),
}


@pytest.mark.plain
@pytest.mark.parametrize("transport", ["tls", "https"])
@pytest.mark.parametrize("end", ENDS)
def test_every_end_of_a_handshake_has_its_name(ask, server, end, transport):
    handshake, status = ENDS[end]
    running = ask(server(handshake=handshake).port, transport, expect="DENIED")
    probe = running.judged(check="it")
    assert probe["outcome"]["status"] == status, probe["outcome"]
    assert (probe["verdict"] == "protocol_error") == (status == "tls_failed")


@pytest.mark.plain
@pytest.mark.parametrize("versions", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_close_after_the_handshake_is_a_close(ask, server, good, versions):
    running = ask(server(lambda connection, seen: connection.recv(65536), certificate=good, versions=(versions, versions)).port, "tls")
    assert outcome(running)["status"] == "closed"


HTTP_ENDS = {
    "not found": (lambda query: answer(404, b""), "http_failed", 404),
    "not a DNS message": (lambda query: answer(200, b"<html>", b"text/html"), "http_failed", 200),
    "too much": (lambda query: answer(200, bytes(65536)), "http_failed", 200),
    "a reset stream": (lambda query: lambda stream: frame(RST_STREAM, 0, stream, bytes(4)), "http_failed", None),
    "a farewell": (lambda query: lambda stream: frame(GOAWAY, 0, 0, bytes(8)), "http_failed", None),
    "no HTTP/2": (lambda query: lambda stream: b"HTTP/1.1 400 Bad Request\r\n\r\n", "http_failed", None),
    "another id": (lambda query: answer(200, bytes([query[0] ^ 1]) + refusal(query)[1:]), "malformed", 200),
    "an answer in parts": (lambda query: answer(200, refusal(query) + bytes(30000)), "response", 200),
    "an answer": (lambda query: answer(200, refusal(query), b"application/dns-message; q=1"), "response", 200),
}


@pytest.mark.plain
@pytest.mark.parametrize("end", HTTP_ENDS)
def test_every_answer_over_https_has_its_name(ask, server, good, end):
    respond, status, http_status = HTTP_ENDS[end]
    heard = outcome(ask(server(serve_http(respond), certificate=good, alpn=("h2",)).port, "https"))
    assert (heard["status"], heard.get("http_status")) == (status, http_status), heard


def test_a_server_that_does_not_choose_http2_is_an_http_error(ask, server, good):
    running = ask(server(serve_http(), certificate=good, alpn=("http/1.1",)).port, "https")
    assert outcome(running)["status"] in ("http_failed", "tls_failed")
    running = ask(server(serve_http(), certificate=good).port, "https")
    assert outcome(running)["status"] == "http_failed"


def begin_an_answer(then):
    """A beginning without its end: of a message, of a TLS record, of an HTTP answer."""
    def serve(connection, seen):
        length, = struct.unpack("!H", receive_exactly(connection, 2))
        query = receive_exactly(connection, length)
        connection.sendall(struct.pack("!H", 60000) + refusal(query))
        then()
    return serve


def begin_a_record(connection):
    """Without TLS's knowledge: the head of a record of 16384 bytes, and some of it."""
    connection.recv(65536)
    with socket.socket(fileno=connection.detach()) as plain:
        plain.sendall(bytes([23, 3, 3, 0x40, 0]) + bytes(100))
        time.sleep(2)


def begin_http(query):
    return lambda stream: answer(200, refusal(query))(stream)[:-5]


CUT_SHORT = {
    "tcp, closed": ("tcp", begin_an_answer(lambda: None), "closed"),
    "tcp, silent": ("tcp", begin_an_answer(lambda: time.sleep(2)), "timeout"),
    "tls, closed": ("tls", begin_an_answer(lambda: None), "closed"),
    "tls, silent in a record": ("tls", lambda connection, seen: begin_a_record(connection), "timeout"),
    "https, silent": ("https", serve_http(begin_http), "timeout"),
}


@pytest.mark.plain
@pytest.mark.parametrize("case", CUT_SHORT)
def test_an_answer_that_has_begun_is_no_silence(ask, server, good, case):
    transport, serve, status = CUT_SHORT[case]
    options, _ = SERVED[transport]
    running = ask(server(serve, certificate=None if transport == "tcp" else good, **options).port, transport, expect="DENIED")
    probe = running.judged(check="it")
    assert (probe["outcome"]["status"], probe["outcome"].get("cut_short")) == (status, True), probe["outcome"]
    assert probe["verdict"] == "no_response" and "began to answer" in probe["explanation"]


@pytest.mark.plain
@pytest.mark.parametrize("transport", SERVED)
def test_an_end_without_a_byte_of_an_answer_is_not_cut_short(ask, server, good, transport):
    options, _ = SERVED[transport]
    place = server(lambda connection, seen: connection.recv(65536), certificate=None if transport == "tcp" else good, **options)
    assert "cut_short" not in outcome(ask(place.port, transport))


# ---- what goes before and after the query ----

def behind_a_proxy(seen):
    """Takes a PROXYv2 header off the connection before anything else is read."""
    def take(connection):
        head = receive_exactly(connection, 16)
        assert head[:12] == b"\r\n\r\n\0\r\nQUIT\n"
        seen.append((head[12], receive_exactly(connection, int.from_bytes(head[14:], "big"))))
    return take


@pytest.mark.plain
@pytest.mark.parametrize("reuse", ["false", "true"])
@pytest.mark.parametrize("transport", ["tcp", "tls", "https"])
def test_a_proxy_header_opens_each_connection_before_any_tls(exporter, server, good, authority, transport, reuse):
    options, serve = SERVED[transport]
    seen = []
    place = server(serve, certificate=None if transport == "tcp" else good, before=behind_a_proxy(seen), **options)
    tls = "" if transport == "tcp" else f", tls: {{ca_file: {authority.file}}}"
    text = CONFIGURATION.format(address="127.0.0.1", port=place.port, resolver=f", proxy: true{tls}", transport=transport,
                                expect="REFUSED", check=f", reuse_connection: {reuse}")
    running = exporter(text.replace("source: 127.10.20.5", "source: 127.10.20.5, proxy: 127.10.77.7"))
    assert outcome(running)["status"] == "response"
    running.wait_for(lambda: sum(each["queries"] for each in place.connections) >= 3, "three queries")
    assert len(seen) == len(place.connections)
    command, addresses = seen[0]
    assert command == 0x21 and addresses[:8] == bytes([127, 10, 77, 7, 127, 0, 0, 1])
    ports = {int.from_bytes(addresses[8:10], "big") for _, addresses in seen}
    claimed = outcome(running)["claimed"]
    assert claimed.startswith("127.10.77.7:")
    if reuse == "true":
        assert len(ports) == 1 and int(claimed.partition(":")[2]) in ports


@pytest.mark.plain
@pytest.mark.parametrize("transport", ["tcp", "tls"])
def test_a_transfer_asks_for_the_soa_over_the_same_connection(exporter, server, good, authority, transport):
    options, _ = SERVED[transport]
    names = []

    def serve(connection, seen):
        """A zone's SOA to all, the transfer of it to nobody."""
        while True:
            length, = struct.unpack("!H", receive_exactly(connection, 2))
            query = receive_exactly(connection, length)
            seen["queries"] += 1
            qtype = query[12 + len(encode_name("corp.example")) + 1]
            names.append(qtype)
            soa = b"\xc0\x0c" + struct.pack("!HHIH", 6, 1, 60, 22) + bytes(2) + struct.pack("!5I", 7, 60, 60, 60, 60)
            end = 12 + len(encode_name("corp.example")) + 4
            reply = refusal(query) if qtype != 6 else (
                query[:2] + b"\x84\x00" + struct.pack("!4H", 1, 1, 0, 0) + query[12:end] + soa)
            connection.sendall(struct.pack("!H", len(reply)) + reply)

    place = server(serve, certificate=None if transport == "tcp" else good, **options)
    tls = "" if transport == "tcp" else f", tls: {{ca_file: {authority.file}}}"
    text = CONFIGURATION.format(address="127.0.0.1", port=place.port, resolver=f", zones: [corp.example]{tls}",
                                transport=transport, expect="REFUSED", check="")
    running = exporter(text.replace("www.example.net A", "corp.example IXFR"))
    heard = outcome(running)
    assert (heard["status"], heard["rcode"], heard["zone"]) == ("response", "REFUSED", "served"), heard
    assert names[:2] == [6, 251] and place.connections[0]["queries"] == 2


# ---- what is used again ----

@pytest.mark.plain
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_the_second_run_resumes_the_session_of_the_first(ask, server, good, version):
    place = server(certificate=good, versions=(version, version))
    running = ask(place.port, "tls")
    running.wait_for(lambda: outcome(running)["tls"]["resumed"], "a resumed session")
    assert not place.connections[0]["resumed"] and place.connections[-1]["resumed"]
    assert shown_end(running) == end_of(good[0])


def test_a_server_that_waits_for_our_acknowledgement_is_not_slow(ask, server, good):
    """As Python's does: its tickets go first, and Nagle holds back the reply."""
    running = ask(server(certificate=good).port, "tls")
    running.wait_for(lambda: outcome(running)["rtt_seconds"] < 0.03, "a reply within less than a delayed acknowledgement")


@pytest.mark.plain
@pytest.mark.tsan
@pytest.mark.valgrind
@pytest.mark.parametrize("transport", SERVED)
def test_a_connection_serves_again_only_where_the_check_wants_it(ask, server, good, transport):
    options, serve = SERVED[transport]
    certificate = None if transport == "tcp" else good
    place = server(serve, certificate=certificate, **options)
    running = ask(place.port, transport, check=", reuse_connection: true")
    running.wait_for(lambda: sum(seen["queries"] for seen in place.connections) >= 4, "four queries")
    assert len(place.connections) == 1
    assert outcome(running)["reused_connection"] and outcome(running)["rcode"] == "REFUSED"
    place = server(serve, certificate=certificate, **options)
    running = ask(place.port, transport)
    running.wait_for(lambda: len(place.connections) >= 3, "three connections")
    assert {seen["queries"] for seen in place.connections[:2]} == {1}
    assert not outcome(running)["reused_connection"]


@pytest.mark.plain
@pytest.mark.parametrize("ends_early", [False, True])
@pytest.mark.parametrize("transport", SERVED)
def test_a_connection_that_ended_meanwhile_is_replaced_and_nobody_notices(ask, server, good, transport, ends_early):
    options, serve = SERVED[transport]
    place = server(serve, certificate=None if transport == "tcp" else good, limit=1, ends_early=ends_early, **options)
    running = ask(place.port, transport, check=", reuse_connection: true")
    running.wait_for(lambda: len(place.connections) >= 4, "four connections")
    metrics = running.metrics()
    assert metrics.sum("dnspolicy_responses_total") >= 2
    assert metrics.sum("dnspolicy_probe_verdict", verdict="as_expected") == 1
    assert metrics.sum("dnspolicy_queries_total") <= len(place.connections) * 2


@pytest.mark.plain
def test_a_connection_does_not_outlive_its_certificate(ask, server, authority):
    place = server(certificate=authority.issue_for_seconds("short", "DNS:ns1.example", 6))
    running = ask(place.port, "tls", check=", reuse_connection: true")
    running.wait_for(lambda: outcome(running)["reused_connection"], "a connection that serves again")
    running.wait_for(lambda: outcome(running)["status"] == "tls_failed", "the end of the certificate")
    assert "expired" in outcome(running)["error"]


def test_a_reload_ends_what_waits_to_be_used_again(ask, server, good):
    place = server(certificate=good)
    running = ask(place.port, "tls", check=", reuse_connection: true")
    running.wait_for(lambda: outcome(running)["reused_connection"], "a connection that serves again")
    before = len(place.connections)
    assert running.reload()
    running.wait_for(lambda: len(place.connections) > before, "a new connection")
