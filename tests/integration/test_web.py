"""The HTTP server: what it refuses, who gets in, how long anything may take, and TLS that changes while it runs."""
import base64
import contextlib
import http.client
import json
import re
import signal
import socket
import ssl
import subprocess
import threading
import time

import pytest

from harness import Exporter, ServerDied, free_port, wait_until

# Nobody listens there: a refused connection at once.
QUIET = """
global: {interval: 1h, timeout: 1s, attempts: 1}
clients:
  local: {subnet: 127.0.0.0/8}
resolvers:
  nowhere: {address: 127.0.0.9, port: 5399}
checks:
  - {name: one, client: local, resolver: nowhere, query: "{random}.example A", expect: ANSWERED}
"""
HASH = "$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW"  # of "secret"
LOGIN = ("alice", "secret")


def basic(user, password):
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def raw(address, port, text, timeout=20):
    """Sends bytes and reads until the other end closes."""
    with socket.create_connection((address, port), timeout=timeout) as connection:
        connection.sendall(text if isinstance(text, bytes) else text.encode())
        return read_all(connection)


def read_all(connection):
    received = b""
    with contextlib.suppress(ConnectionError):
        while chunk := connection.recv(65536):
            received += chunk
    return received


def status_of(reply):
    return int(reply.split(b" ", 2)[1]) if reply else None


def ask(running, target, method="GET", headers=""):
    return status_of(raw(running.address, running.port,
                         f"{method} {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n"))


def is_closed(connection):
    """Whether the other end has closed it; what it sends in the meantime is thrown away."""
    connection.settimeout(0)
    try:
        while True:
            if not connection.recv(65536):
                return True
    except (BlockingIOError, ssl.SSLWantReadError):
        return False
    except OSError:
        return True


def wait_listening(running):
    running.wait_for(lambda: "msg=started" in running.process.log(), "the start")
    return running


@pytest.fixture
def quiet(exporter):
    return exporter(QUIET)


# ---- what is refused ----

@pytest.mark.parametrize("target", ["/%", "/%4", "/metrics%00", "/%ff", "/api/v1/probes?client=%00", "/metrics?a=%zz",
                                    "/api/v1/probes?client=a&client=b", "/api/v1/probes?unknown=1",
                                    "/api/v1/probes?verdict=fine", "/api/v1/probes?limit=1001", "/health?since=1",
                                    "/api/v1/events?since=yesterday", "/api/v1/probes?client=%ed%a0%80",
                                    "/api/v1/probes/not-an-id"])
def test_a_target_that_makes_no_sense_is_400(quiet, target):
    assert ask(quiet, target) == 400


def test_errors_are_json_in_the_api_and_sentences_elsewhere(quiet):
    reply = quiet.get("/api/v1/probes?unknown=1")
    assert reply.headers["content-type"] == "application/json; charset=utf-8"
    error = reply.json()
    assert (error["status"], error["errorType"]) == ("error", "bad_data")
    assert "unknown" in error["error"]
    assert quiet.get("/api/v1/nothing").json()["errorType"] == "not_found"
    assert quiet.get("/health?x=1").json()["status"] == "error"
    assert quiet.get("/nothing").headers["content-type"] == "text/plain; charset=utf-8"


def test_every_answer_is_closed_to_sniffing_framing_and_storing(quiet):
    for path in ["/", "/metrics", "/health", "/api/v1/status", "/nothing", "/-/healthy"]:
        headers = quiet.get(path).headers
        assert headers["x-content-type-options"] == "nosniff", path
        assert headers["cache-control"] == "no-store", path
        assert headers["content-security-policy"].startswith("default-src 'none'"), path
        assert headers["referrer-policy"] == "no-referrer", path


def test_unknown_paths_are_404(quiet):
    for path in ["/nothing", "/metrics/", "//metrics", "/api/v1", "/api/v1/probes/", "/api/v1/probes/a/b", "/-/",
                 "/../etc/passwd", "*", "/api/v1/probes/0123456789abcdef"]:
        assert ask(quiet, path) == 404, path


def test_a_wrong_method_is_405_and_told_the_right_one(quiet):
    reply = quiet.post("/metrics")
    assert (reply.status, reply.headers["allow"]) == (405, "GET, HEAD")
    for method in ["PUT", "DELETE", "OPTIONS", "TRACE", "BREW"]:
        assert ask(quiet, "/api/v1/probes", method) == 405
    for path in ["/-/reload", "/api/v1/probes/0123456789abcdef/run"]:
        reply = quiet.get(path)
        assert (reply.status, reply.headers["allow"]) == (405, "POST")
        assert "This endpoint requires a POST request." in reply.text


def test_head_has_the_headers_of_get_and_no_body(quiet):
    for path in ["/", "/metrics", "/health", "/api/v1/status", "/-/healthy", "/nothing"]:
        head, get = quiet.request("HEAD", path), quiet.get(path)
        assert head.status == get.status and head.body == b"", path
        assert head.headers["content-type"] == get.headers["content-type"], path


def test_no_byte_follows_the_head_of_a_head(quiet):
    """What follows would be read as the beginning of the next answer."""
    for path in ["/", "/metrics", "/api/v1/status"]:
        with socket.create_connection((quiet.address, quiet.port), timeout=20) as connection:
            connection.sendall(f"HEAD {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
            answer = b"".join(iter(lambda: connection.recv(4096), b""))
            assert answer.startswith(b"HTTP/1.1 200") and answer.index(b"\r\n\r\n") + 4 == len(answer), path


def test_requests_with_a_body_are_not_taken(quiet):
    assert quiet.post("/-/reload", body=b"x").status == 413
    assert quiet.request("GET", "/metrics", body=b"x" * 100000).status == 413
    assert ask(quiet, "/metrics", headers="Transfer-Encoding: chunked\r\n") == 413
    assert ask(quiet, "/metrics", headers="Content-Length: 0\r\n") == 200
    assert ask(quiet, "/metrics", headers="Content-Length: 0\r\nContent-Length: 5\r\n") == 400
    assert ask(quiet, "/metrics", headers="Content-Length: many\r\n") == 400
    assert quiet.get("/-/healthy").status == 200


def test_long_urls_and_headers_are_refused(quiet):
    assert ask(quiet, "/nothing?" + "a" * 4000) == 404
    assert ask(quiet, "/metrics?" + "a" * 5000) == 414
    assert ask(quiet, "/metrics", headers="X-A: " + "a" * 15000 + "\r\n") == 200
    assert ask(quiet, "/metrics", headers="X-A: " + "a" * 17000 + "\r\n") == 431
    assert ask(quiet, "/metrics", headers="X-A: " + "a" * 100000 + "\r\n") in (431, None)
    assert quiet.get("/-/healthy").status == 200


def test_what_is_not_http_gets_400_or_nothing(quiet):
    for text in [b"\r\n\r\n\r\n", b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03\r\n\r\n", b"GET\r\n\r\n", b"A" * 40000,
                 b"GET / HTTP/1.1\r\n\r\n", b"GET / /metrics HTTP/1.1\r\nHost: x\r\n\r\n",
                 b"GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", b"GET / HTTP/9.9\r\nHost: x\r\n\r\n"]:
        with socket.create_connection((quiet.address, quiet.port), timeout=20) as connection:
            with contextlib.suppress(OSError):
                connection.sendall(text)
                connection.shutdown(socket.SHUT_WR)
            reply = read_all(connection)
            assert not reply or status_of(reply) in range(400, 600), (text[:40], reply[:60])
    assert quiet.get("/-/healthy").status == 200


def test_old_and_pipelining_clients_are_served(quiet):
    assert b"dnspolicy_build_info" in raw(quiet.address, quiet.port, "GET /metrics HTTP/1.0\r\n\r\n")
    both = raw(quiet.address, quiet.port, "GET /-/healthy HTTP/1.1\r\nHost: x\r\n\r\n"
                                          "GET /-/ready HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert b"Healthy" in both and b"Ready" in both
    absolute = raw(quiet.address, quiet.port, "GET http://x/-/healthy HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert status_of(absolute) == 200


def test_every_request_is_counted_with_its_handler_and_code(quiet):
    def count(handler, code):
        # A fetch counts itself only when it is answered.
        found = re.search(f'dnspolicy_http_requests_total{{handler="{handler}",code="{code}"}} (\\d+)', quiet.get("/metrics").text)
        return int(found.group(1)) if found else 0

    asked = [("/api/v1/probes", "api_probes", 200), ("/api/v1/probes?x=1", "api_probes", 400), ("/nothing", "other", 404),
             ("/-/reload", "reload", 405), ("/-/healthy", "healthy", 200), ("/metrics?" + "a" * 5000, "other", 414),
             ("/%", "other", 400)]
    before = [count(handler, code) for _, handler, code in asked]
    for path, _, _ in asked:
        ask(quiet, path)
    assert [count(handler, code) for _, handler, code in asked] == [number + 1 for number in before]
    before = count("other", 400)
    assert status_of(raw(quiet.address, quiet.port, "GET / HTTP/1.1\r\n\r\n")) == 400  # never reaches a route
    assert count("other", 400) == before + 1


# ---- what changes something ----

def test_without_the_flag_nothing_changes(quiet):
    assert quiet.post("/-/reload").status == 403
    probe = quiet.probe()
    assert quiet.post(f"/api/v1/probes/{probe['id']}/run").status == 403


def test_a_reload_over_http_answers_with_its_result(exporter):
    running = exporter(QUIET, "--web.enable-lifecycle")
    assert running.post("/-/reload").status == 200
    running.write(QUIET.replace("name: one", "name: two"))
    assert running.post("/-/reload").status == 200
    assert running.probe()["check"] == "two"
    running.write(QUIET.replace("client: local", "client: lokal"))
    reply = running.post("/-/reload")
    assert reply.status == 500
    assert reply.headers["content-type"] == "text/plain; charset=utf-8"
    assert "lokal" in reply.text
    assert running.probe()["check"] == "two"


def test_an_ordered_run_answers_with_its_probe(exporter):
    running = exporter(QUIET, "--web.enable-lifecycle")
    probe = running.probe()
    reply = running.post(f"/api/v1/probes/{probe['id']}/run")
    assert reply.status == 200
    ran = reply.json()["data"]
    assert (ran["id"], ran["verdict"]) == (probe["id"], "network_error")
    assert ran["outcome"]["status"] == "connect_refused"
    again = running.post(f"/api/v1/probes/{probe['id']}/run").json()["data"]
    assert again["outcome"]["at"] > ran["outcome"]["at"] and again["outcome"]["qname"] != ran["outcome"]["qname"]
    assert running.metrics().value("dnspolicy_followup_queries_total", resolver="nowhere") == 2
    assert running.post("/api/v1/probes/0123456789abcdef/run").status == 404
    assert running.post("/api/v1/probes/xyz/run").status == 400


def test_pages_of_other_sites_change_nothing(exporter):
    running = exporter(QUIET, "--web.enable-lifecycle")
    own = f"http://{running.address}:{running.port}"
    for headers, status in [({"Origin": own}, 200), ({"Origin": "http://evil.example"}, 403), ({"Origin": "null"}, 403),
                            ({"Origin": own.replace("http", "https")}, 403), ({"Sec-Fetch-Site": "cross-site"}, 403),
                            ({"Origin": own, "Sec-Fetch-Site": "same-origin"}, 200)]:
        assert running.request("POST", "/-/reload", headers).status == status, headers


def silent(port):
    return QUIET.replace("5399", str(port)).replace("timeout: 1s", "timeout: 8s").replace("127.0.0.9", "127.0.0.1")


@contextlib.contextmanager
def silent_server():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        yield server


def order_run(running, probe):
    connection = socket.create_connection((running.address, running.port), timeout=20)
    connection.sendall(f"POST /api/v1/probes/{probe['id']}/run HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    return connection


def test_the_end_comes_while_somebody_waits_for_a_run(exporter):
    with silent_server() as server:
        running = exporter(silent(server.getsockname()[1]), "--web.enable-lifecycle")
        probe = running.probe()
        waiting = [order_run(running, probe) for _ in range(3)]
        running.wait_for(lambda: server.recv(512), "a query")
        gone = order_run(running, probe)
        gone.close()
        begin = time.monotonic()
        running.stop()
        assert time.monotonic() - begin < 5
        for connection in waiting:
            assert status_of(read_all(connection)) in (503, None)
            connection.close()


def test_a_client_that_gives_up_does_no_harm(exporter):
    with silent_server() as server:
        running = exporter(silent(server.getsockname()[1]).replace("8s", "300ms"), "--web.enable-lifecycle")
        probe = running.probe()
        for _ in range(5):
            order_run(running, probe).close()
        reply = running.post(f"/api/v1/probes/{probe['id']}/run")
        assert reply.status in (200, 503)
        assert running.get("/-/healthy").status == 200


# ---- logins ----

def write_web_config(running_directory, text):
    path = running_directory / "web.yml"
    new = running_directory / "web.new"
    new.write_text(text)
    new.rename(path)
    return path


@pytest.fixture
def place(workspace):
    return workspace.directory("web")


def test_with_users_nothing_is_open(exporter, place):
    web = write_web_config(place, f"basic_auth_users: {{alice: {HASH}}}\n")
    running = wait_listening(exporter(QUIET, f"--web.config.file={web}", wait=False))
    for path in ["/", "/metrics", "/-/healthy", "/api/v1/probes", "/nothing"]:
        reply = running.get(path)
        assert reply.status == 401, path
        assert reply.headers["www-authenticate"].startswith('Basic realm="dnspolicy"')
    for user, password in [("alice", "wrong"), ("alice", ""), ("mallory", "secret"), ("", ""), ("Alice", "secret")]:
        assert running.request("GET", "/metrics", basic(user, password)).status == 401, user
    for header in ["Basic", "Basic !!!", "Bearer x", "Basic " + "QUFB" * 2000]:
        assert running.request("GET", "/metrics", {"Authorization": header}).status == 401
    for _ in range(3):
        assert running.request("GET", "/metrics", basic(*LOGIN)).status == 200
    assert running.request("GET", "/metrics", basic("alice", "wrong")).status == 401


def test_users_and_headers_change_without_a_restart(exporter, place):
    web = write_web_config(place, f"basic_auth_users: {{alice: {HASH}}}\n")
    running = wait_listening(exporter(QUIET, f"--web.config.file={web}", wait=False))
    kept = http.client.HTTPConnection(running.address, running.port, timeout=20)

    def ask_kept(user):
        kept.request("GET", "/-/healthy", headers=basic(user, "secret"))
        reply = kept.getresponse()
        reply.read()
        return reply

    assert ask_kept("alice").status == 200
    write_web_config(place, f"basic_auth_users: {{bob: {HASH}}}\n"
                            "http_server_config: {headers: {Strict-Transport-Security: max-age=60, X-Frame-Options: sameorigin}}\n")
    wait_until(lambda: running.request("GET", "/-/healthy", basic("bob", "secret")).status == 200, "bob to be known")
    assert ask_kept("alice").status == 401
    reply = ask_kept("bob")
    assert reply.getheader("strict-transport-security") == "max-age=60"
    assert reply.getheader("x-frame-options") == "sameorigin"
    kept.close()


def test_a_broken_web_config_changes_nothing(exporter, place):
    web = write_web_config(place, f"basic_auth_users: {{alice: {HASH}}}\n")
    running = wait_listening(exporter(QUIET, f"--web.config.file={web}", wait=False))
    write_web_config(place, "basic_auth_users: {alice: secret}\n")
    wait_until(lambda: running.get("/-/healthy") and "the web config that is in force stays" in running.process.log(),
               "the complaint")
    assert "secret" not in running.process.log()
    assert running.get("/metrics").status == 401
    assert running.request("GET", "/metrics", basic(*LOGIN)).status == 200
    assert running.process.log().count("the web config that is in force stays") == 1


def test_a_flood_of_wrong_passwords_is_bounded_and_leaves_those_who_are_known(exporter, place):
    dear = HASH.replace("$04$", "$12$")  # a quarter of a second
    web = write_web_config(place, f"basic_auth_users: {{alice: {HASH}, dear: {dear}}}\n")
    running = wait_listening(exporter(QUIET, f"--web.config.file={web}", wait=False))
    assert running.request("GET", "/metrics", basic(*LOGIN)).status == 200
    flood = []
    for number in range(20):
        connection = http.client.HTTPConnection(running.address, running.port, timeout=60)
        connection.request("GET", "/metrics", headers=basic("dear", f"wrong{number}"))
        flood.append(connection)
    assert running.request("GET", "/metrics", basic(*LOGIN)).status == 200
    statuses = [connection.getresponse().status for connection in flood]
    assert set(statuses) <= {401, 503} and 503 in statuses and 401 in statuses
    for connection in flood:
        connection.close()


# ---- TLS ----

def make_certificate(place, name, issuer=None, usage="serverAuth"):
    """A certificate for 127.0.0.1 with the common name; self-signed without an issuer."""
    cert, key = place / f"{name}.pem", place / f"{name}.key"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
               "-subj", f"/CN={name}", "-addext", "subjectAltName=IP:127.0.0.1", "-addext", f"extendedKeyUsage={usage}",
               "-keyout", str(key), "-out", str(cert)]
    if issuer:
        command += ["-CA", str(issuer[0]), "-CAkey", str(issuer[1]), "-addext", "basicConstraints=CA:FALSE"]
    subprocess.run(command, check=True, capture_output=True)
    return cert, key


def tls_config(cert, key, more=""):
    return f"tls_server_config: {{cert_file: {cert}, key_file: {key}{more}}}\n"


def tls_connect(running, client=None, version=None):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if version:
        context.minimum_version = context.maximum_version = version
    if client:
        context.load_cert_chain(*map(str, client))
    return context.wrap_socket(socket.create_connection((running.address, running.port), timeout=20))


def tls_get(connection, close=True):
    """The whole reply of /-/healthy; b"" when there is none."""
    try:
        connection.sendall(b"GET /-/healthy HTTP/1.1\r\nHost: x\r\n" + (b"Connection: close\r\n" if close else b"") + b"\r\n")
        received = b""
        while not received.endswith(b"Healthy\n"):
            chunk = connection.recv(65536)
            if not chunk:
                break
            received += chunk
        return received
    except (ssl.SSLError, ConnectionError):
        return b""


def served_name(running, place):
    with tls_connect(running) as connection:
        der = connection.getpeercert(binary_form=True)
    text = subprocess.run(["openssl", "x509", "-inform", "der", "-noout", "-subject"], input=der, check=True,
                          capture_output=True, cwd=place).stdout.decode()
    return text.strip().rpartition("= ")[2]


def test_a_new_certificate_is_served_and_no_connection_is_lost(exporter, place):
    first, second = make_certificate(place, "first"), make_certificate(place, "second")
    cert, key = place / "cert.pem", place / "cert.key"
    cert.write_bytes(first[0].read_bytes())
    key.write_bytes(first[1].read_bytes())
    web = write_web_config(place, tls_config("cert.pem", "cert.key"))
    running = wait_listening(exporter(QUIET, f"--web.config.file={web}", wait=False))
    assert served_name(running, place) == "first"
    kept = tls_connect(running)
    assert b"Connection: close" not in tls_get(kept, close=False)

    cert.write_bytes(second[0].read_bytes())  # for a moment certificate and key do not fit: the old ones stay
    key.write_bytes(second[1].read_bytes())
    wait_until(lambda: served_name(running, place) == "second", "the new certificate")
    # The old connection is asked to go, but whoever uses it in time is answered.
    reply = tls_get(kept, close=False)
    assert reply == b"" or b"Connection: close" in reply
    wait_until(lambda: is_closed(kept), "the end of the old connection")
    kept.close()
    with tls_connect(running) as connection:
        assert status_of(tls_get(connection)) == 200


def test_an_answer_under_way_survives_a_new_certificate(exporter, place):
    with silent_server() as server:
        first, second = make_certificate(place, "first"), make_certificate(place, "second")
        web = write_web_config(place, tls_config(*first))
        configuration = silent(server.getsockname()[1]).replace("8s", "4s")
        running = wait_listening(exporter(configuration, f"--web.config.file={web}", "--web.enable-lifecycle", wait=False))
        with tls_connect(running) as connection:
            connection.sendall(b"GET /api/v1/probes HTTP/1.1\r\nHost: x\r\n\r\n")
            received = b""
            while not (found := re.search(rb'"id":"(\w+)".*}$', received, re.DOTALL)):
                received += connection.recv(65536)
            identity = found.group(1)
            connection.sendall(b"POST /api/v1/probes/" + identity + b"/run HTTP/1.1\r\nHost: x\r\n\r\n")
            running.wait_for(lambda: server.recv(512), "a query")
            write_web_config(place, tls_config(*second))
            wait_until(lambda: served_name(running, place) == "second", "the new certificate", timeout=3)
            assert status_of(connection.recv(65536)) == 200


def test_tls_can_be_turned_on_and_off(exporter, place):
    web = write_web_config(place, "")
    running = exporter(QUIET, f"--web.config.file={web}")
    write_web_config(place, tls_config(*make_certificate(place, "first")))

    def speaks_tls():
        try:
            with tls_connect(running) as connection:
                return status_of(tls_get(connection)) == 200
        except OSError:
            return False

    wait_until(speaks_tls, "TLS")
    write_web_config(place, "")
    wait_until(running.is_ready, "plain HTTP")


def test_versions_of_tls_are_as_configured(exporter, place):
    certificate = make_certificate(place, "first")
    web = write_web_config(place, tls_config(*certificate, ", min_version: TLS13"))
    running = wait_listening(exporter(QUIET, f"--web.config.file={web}", wait=False))
    with tls_connect(running, version=ssl.TLSVersion.TLSv1_3) as connection:
        assert status_of(tls_get(connection)) == 200
    with pytest.raises(OSError):
        tls_connect(running, version=ssl.TLSVersion.TLSv1_2)
    write_web_config(place, tls_config(*certificate, ", max_version: TLS12"))

    def speaks_12():
        try:
            with tls_connect(running, version=ssl.TLSVersion.TLSv1_2) as connection:
                return status_of(tls_get(connection)) == 200
        except OSError:
            return False

    wait_until(speaks_12, "TLS 1.2")
    with pytest.raises(OSError):
        tls_connect(running, version=ssl.TLSVersion.TLSv1_3)


@pytest.mark.parametrize("mode, without, with_stranger, with_known", [
    ("NoClientCert", True, True, True),
    ("RequestClientCert", True, True, True),
    ("RequireAnyClientCert", False, True, True),
    ("VerifyClientCertIfGiven", True, False, True),
    ("RequireAndVerifyClientCert", False, False, True)])
def test_client_certificates_are_asked_for_as_in_go(exporter, place, mode, without, with_stranger, with_known):
    ca = make_certificate(place, "ca")
    known = make_certificate(place, "known", issuer=ca, usage="clientAuth")
    stranger = make_certificate(place, "stranger", usage="clientAuth")
    ca_file = "" if mode == "NoClientCert" else f", client_ca_file: {ca[0]}"
    web = write_web_config(place, tls_config(*make_certificate(place, "server"), f", client_auth_type: {mode}{ca_file}"))
    running = wait_listening(exporter(QUIET, f"--web.config.file={web}", wait=False))

    def gets_in(client):
        try:
            with tls_connect(running, client) as connection:
                return status_of(tls_get(connection)) == 200
        except OSError:
            return False

    assert (gets_in(None), gets_in(stranger), gets_in(known)) == (without, with_stranger, with_known)


def test_a_key_that_does_not_fit_is_told_at_the_start(place, workspace):
    cert, _ = make_certificate(place, "first")
    _, key = make_certificate(place, "second")
    web = write_web_config(place, tls_config(cert, key))
    with pytest.raises(ServerDied, match="the TLS certificate and key cannot be used"):
        Exporter(workspace, QUIET, f"--web.config.file={web}")


def test_config_check_tells_what_is_wrong_with_the_web_config(place, workspace):
    web = write_web_config(place, "basic_auth_users: {alice: plain}\nunknown_key: 1\n")
    running = Exporter(workspace, QUIET, f"--web.config.file={web}", "--config.check", wait=False)
    assert running.process.popen.wait(20) == 1
    assert "web.yml:1:" in running.process.log() and "web.yml:2:" in running.process.log()


# ---- time and numbers ----

def test_a_request_that_comes_byte_by_byte_is_ended(quiet):
    kept = http.client.HTTPConnection(quiet.address, quiet.port, timeout=20)
    kept.request("GET", "/-/healthy")
    kept.getresponse().read()
    with socket.create_connection((quiet.address, quiet.port), timeout=20) as slow:
        begin = time.monotonic()
        with contextlib.suppress(ConnectionError):
            for byte in "GET /metrics HTTP/1.1\r\nX-Slow: " + "a" * 1000:
                if is_closed(slow):
                    break
                slow.sendall(byte.encode())
                time.sleep(0.2)  # what is tested: a byte now and then
        took = time.monotonic() - begin
    assert 9 < took < 20
    kept.request("GET", "/-/healthy")  # has idled in the meantime, which is allowed
    assert kept.getresponse().status == 200
    kept.close()


MANY = QUIET.replace('"{random}.example A"', "[" + ", ".join(f'"{{random}}.n{n}.example A"' for n in range(4000)) + "]")


def read_slowly(running, path="/metrics"):
    """Asks and reads nothing, with as little room for what comes as the kernel allows."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    connection.settimeout(20)
    connection.connect((running.address, running.port))
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    return connection


def test_slow_readers_do_not_keep_a_scraper_out(exporter):
    running = exporter(MANY)
    assert len(running.get("/metrics").body) > 1_000_000  # more than the kernel takes off our hands for a slow reader
    slow = [read_slowly(running) for _ in range(4)]
    full = running.wait_for(lambda: next((reply for reply in [running.get("/metrics")] if reply.status == 503), None),
                            "all places to be taken")
    assert full.headers["retry-after"] == "1"
    reply = running.wait_for(lambda: next((reply for reply in [running.get("/metrics")] if reply.status == 200), None),
                             "a place", timeout=10)
    assert b"dnspolicy_build_info" in reply.body
    assert running.get("/-/healthy").status == 200
    wait_until(lambda: any(is_closed(connection) for connection in slow), "the end of a slow reader")
    for connection in slow:
        connection.close()


def test_readers_that_dawdle_do_not_keep_a_scraper_out(exporter):
    """They never stall, and are not done for a long time."""
    running = exporter(MANY)
    slow, ended = [read_slowly(running) for _ in range(4)], threading.Event()

    def dawdle():
        while not ended.wait(0.05):
            for connection in slow:
                with contextlib.suppress(OSError):
                    connection.recv(20000)

    dawdling = threading.Thread(target=dawdle)
    dawdling.start()
    try:
        running.wait_for(lambda: running.get("/metrics").status == 503, "all places to be taken")
        running.wait_for(lambda: running.get("/metrics").status == 200, "a place", timeout=10)
    finally:
        ended.set()
        dawdling.join()
        for connection in slow:
            connection.close()


def test_one_address_cannot_take_all_connections(quiet):
    greedy = [socket.create_connection((quiet.address, quiet.port), timeout=20) for _ in range(72)]
    wait_until(lambda: sum(map(is_closed, greedy)) >= 8, "the end of those too many")
    # Connections of earlier tests may still have been counted.
    assert sum(map(is_closed, greedy)) <= 12
    with socket.create_connection((quiet.address, quiet.port), timeout=20, source_address=("127.0.0.2", 0)) as other:
        other.sendall(b"GET /-/healthy HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert status_of(read_all(other)) == 200
    for connection in greedy:
        connection.close()
    quiet.wait_for(quiet.is_ready, "room again")


def test_in_a_full_house_the_idle_make_room(quiet):
    crowd = [socket.create_connection((quiet.address, quiet.port), timeout=20, source_address=(f"127.0.1.{n // 60 + 1}", 0))
             for n in range(300)]
    # Those who came first have gone; those who came last, and a scraper, are served.
    wait_until(lambda: sum(map(is_closed, crowd[:44])) >= 40, "the first to go")
    assert quiet.get("/-/healthy").status == 200
    crowd[-1].settimeout(20)
    crowd[-1].sendall(b"GET /-/healthy HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert status_of(read_all(crowd[-1])) == 200
    for connection in crowd:
        connection.close()


# ---- listening ----

def test_two_addresses_are_served(exporter):
    second = free_port("127.0.0.3")
    running = exporter(QUIET, f"--web.listen-address=127.0.0.3:{second}")
    assert running.get("/-/healthy").status == 200
    assert status_of(raw("127.0.0.3", second, "GET /-/healthy HTTP/1.0\r\n\r\n")) == 200


def test_a_busy_port_is_told_with_what_to_do(quiet, workspace):
    late = Exporter(workspace, QUIET, port=quiet.port, wait=False)
    assert late.process.popen.wait(20) == 1
    assert f"127.0.0.1:{quiet.port} is in use: " in late.process.log()
    assert "--web.listen-address" in late.process.log()


def test_the_telemetry_path_can_be_moved_but_not_onto_another_page(exporter, workspace):
    running = exporter(QUIET, "--web.telemetry-path=/dns/metrics")
    assert b"dnspolicy_build_info" in running.get("/dns/metrics").body
    assert running.get("/metrics").status == 404
    assert 'href="/dns/metrics"' in running.get("/").text
    clash = Exporter(workspace, QUIET, "--web.telemetry-path=/health", wait=False)
    assert clash.process.popen.wait(20) == 1
    assert "--web.telemetry-path /health is taken by another page" in clash.process.log()


def test_an_answer_under_way_ends_before_the_exporter_does(exporter):
    running = exporter(MANY)
    with read_slowly(running, "/api/v1/probes?limit=1000") as connection:
        first = connection.recv(1024)
        running.process.send_signal(signal.SIGTERM)
        body = first + read_all(connection)
        assert status_of(body) == 200
        assert json.loads(body.partition(b"\r\n\r\n")[2])["data"]["total"] == 4000
    running.process.popen.wait(20)  # a second signal would end it at once
