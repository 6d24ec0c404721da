"""Who gets in: logins, and TLS that changes while it runs."""
import http.client
import re
import socket
import ssl
import subprocess

import pytest

from harness import Exporter, ServerDied, wait_until
from harness.web import HASH, LOGIN, QUIET, basic, is_closed, silent, silent_server, status_of, wait_listening, write_web_config

# ---- logins ----


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


def test_people_are_asked_for_a_password_and_a_page_that_looks_again_is_not(exporter, place):
    web = write_web_config(place, f"basic_auth_users: {{alice: {HASH}}}\n")
    running = wait_listening(exporter(QUIET, f"--web.config.file={web}", wait=False))
    challenges = [running.request("GET", "/", headers).headers["www-authenticate"]
                  for headers in ({}, {"X-Requested-With": "XMLHttpRequest"}, {"X-Requested-With": "page.js"})]
    assert [challenge.split()[0] for challenge in challenges] == ["Basic", "Basic", "Reload"]


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
