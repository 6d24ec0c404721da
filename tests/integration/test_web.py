"""The HTTP server: what it refuses, what changes something, and where it listens."""
import contextlib
import json
import re
import signal
import socket
import time

import pytest

from harness import Exporter, free_port
from harness.web import MANY, QUIET, ask, raw, read_all, read_slowly, silent, silent_server, status_of

# ---- what is refused ----

@pytest.mark.parametrize("target", ["/%", "/%4", "/metrics%00", "/%ff", "/api/v1/probes?client=%00", "/metrics?a=%zz",
                                    "/api/v1/probes?client=a&client=b", "/api/v1/probes?unknown=1",
                                    "/api/v1/probes?verdict=fine", "/api/v1/probes?limit=1001", "/health?since=1",
                                    "/api/v1/events?since=yesterday", "/api/v1/probes?client=%ed%a0%80",
                                    "/api/v1/probes/not-an-id"])
def test_a_target_that_makes_no_sense_is_400(idle, target):
    assert ask(idle, target) == 400


def test_errors_are_json_in_the_api_and_sentences_elsewhere(idle):
    reply = idle.get("/api/v1/probes?unknown=1")
    assert reply.headers["content-type"] == "application/json; charset=utf-8"
    error = reply.json()
    assert (error["status"], error["errorType"]) == ("error", "bad_data")
    assert "unknown" in error["error"]
    assert idle.get("/api/v1/nothing").json()["errorType"] == "not_found"
    assert idle.get("/health?x=1").json()["status"] == "error"
    assert idle.get("/nothing").headers["content-type"] == "text/plain; charset=utf-8"


def test_every_answer_is_closed_to_sniffing_framing_and_storing(idle):
    for path in ["/", "/metrics", "/health", "/api/v1/status", "/nothing", "/-/healthy"]:
        headers = idle.get(path).headers
        assert headers["x-content-type-options"] == "nosniff", path
        assert headers["cache-control"] == "no-store", path
        assert headers["content-security-policy"].startswith("default-src 'none'"), path
        assert headers["referrer-policy"] == "no-referrer", path


def test_unknown_paths_are_404(idle):
    for path in ["/nothing", "/metrics/", "//metrics", "/api/v1", "/api/v1/probes/", "/api/v1/probes/a/b", "/-/",
                 "/../etc/passwd", "*", "/api/v1/probes/0123456789abcdef"]:
        assert ask(idle, path) == 404, path


def test_a_wrong_method_is_405_and_told_the_right_one(idle):
    reply = idle.post("/metrics")
    assert (reply.status, reply.headers["allow"]) == (405, "GET, HEAD")
    for method in ["PUT", "DELETE", "OPTIONS", "TRACE", "BREW"]:
        assert ask(idle, "/api/v1/probes", method) == 405
    for path in ["/-/reload", "/api/v1/probes/0123456789abcdef/run"]:
        reply = idle.get(path)
        assert (reply.status, reply.headers["allow"]) == (405, "POST")
        assert "This endpoint requires a POST request." in reply.text


def test_head_has_the_headers_of_get_and_no_body(idle):
    for path in ["/", "/metrics", "/health", "/api/v1/status", "/-/healthy", "/nothing"]:
        head, get = idle.request("HEAD", path), idle.get(path)
        assert head.status == get.status and head.body == b"", path
        assert head.headers["content-type"] == get.headers["content-type"], path


def test_no_byte_follows_the_head_of_a_head(idle):
    """What follows would be read as the beginning of the next answer."""
    for path in ["/", "/metrics", "/api/v1/status"]:
        with socket.create_connection((idle.address, idle.port), timeout=20) as connection:
            connection.sendall(f"HEAD {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
            answer = b"".join(iter(lambda: connection.recv(4096), b""))
            assert answer.startswith(b"HTTP/1.1 200") and answer.index(b"\r\n\r\n") + 4 == len(answer), path


def test_requests_with_a_body_are_not_taken(idle):
    assert idle.post("/-/reload", body=b"x").status == 413
    assert idle.request("GET", "/metrics", body=b"x" * 100000).status == 413
    assert ask(idle, "/metrics", headers="Transfer-Encoding: chunked\r\n") == 413
    assert ask(idle, "/metrics", headers="Content-Length: 0\r\n") == 200
    assert ask(idle, "/metrics", headers="Content-Length: 0\r\nContent-Length: 5\r\n") == 400
    assert ask(idle, "/metrics", headers="Content-Length: many\r\n") == 400
    assert idle.get("/-/healthy").status == 200


def test_long_urls_and_headers_are_refused(idle):
    assert ask(idle, "/nothing?" + "a" * 4000) == 404
    assert ask(idle, "/metrics?" + "a" * 5000) == 414
    assert ask(idle, "/metrics", headers="X-A: " + "a" * 15000 + "\r\n") == 200
    assert ask(idle, "/metrics", headers="X-A: " + "a" * 17000 + "\r\n") == 431
    assert ask(idle, "/metrics", headers="X-A: " + "a" * 100000 + "\r\n") in (431, None)
    assert idle.get("/-/healthy").status == 200


def test_what_is_not_http_gets_400_or_nothing(idle):
    for text in [b"\r\n\r\n\r\n", b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03\r\n\r\n", b"GET\r\n\r\n", b"A" * 40000,
                 b"GET / HTTP/1.1\r\n\r\n", b"GET / /metrics HTTP/1.1\r\nHost: x\r\n\r\n",
                 b"GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", b"GET / HTTP/9.9\r\nHost: x\r\n\r\n"]:
        with socket.create_connection((idle.address, idle.port), timeout=20) as connection:
            with contextlib.suppress(OSError):
                connection.sendall(text)
                connection.shutdown(socket.SHUT_WR)
            reply = read_all(connection)
            assert not reply or status_of(reply) in range(400, 600), (text[:40], reply[:60])
    assert idle.get("/-/healthy").status == 200


def test_old_and_pipelining_clients_are_served(idle):
    assert b"dnspolicy_build_info" in raw(idle.address, idle.port, "GET /metrics HTTP/1.0\r\n\r\n")
    both = raw(idle.address, idle.port, "GET /-/healthy HTTP/1.1\r\nHost: x\r\n\r\n"
                                          "GET /-/ready HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert b"Healthy" in both and b"Ready" in both
    absolute = raw(idle.address, idle.port, "GET http://x/-/healthy HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert status_of(absolute) == 200


def test_every_request_is_counted_with_its_handler_and_code(idle):
    def count(handler, code):
        # A fetch counts itself only when it is answered.
        found = re.search(f'dnspolicy_http_requests_total{{handler="{handler}",code="{code}"}} (\\d+)', idle.get("/metrics").text)
        return int(found.group(1)) if found else 0

    asked = [("/api/v1/probes", "api_probes", 200), ("/api/v1/probes?x=1", "api_probes", 400), ("/nothing", "other", 404),
             ("/-/reload", "reload", 405), ("/-/healthy", "healthy", 200), ("/metrics?" + "a" * 5000, "other", 414),
             ("/%", "other", 400)]
    before = [count(handler, code) for _, handler, code in asked]
    for path, _, _ in asked:
        ask(idle, path)
    assert [count(handler, code) for _, handler, code in asked] == [number + 1 for number in before]
    before = count("other", 400)
    assert status_of(raw(idle.address, idle.port, "GET / HTTP/1.1\r\n\r\n")) == 400  # never reaches a route
    assert count("other", 400) == before + 1


# ---- what changes something ----

def test_without_the_flag_nothing_changes(idle):
    assert idle.post("/-/reload").status == 403
    probe = idle.probe()
    assert idle.post(f"/api/v1/probes/{probe['id']}/run").status == 403


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


# ---- listening ----

def test_two_addresses_are_served(exporter):
    second = free_port("127.0.0.3")
    running = exporter(QUIET, f"--web.listen-address=127.0.0.3:{second}")
    assert running.get("/-/healthy").status == 200
    assert status_of(raw("127.0.0.3", second, "GET /-/healthy HTTP/1.0\r\n\r\n")) == 200


def test_a_busy_port_is_told_with_what_to_do(idle, workspace):
    late = Exporter(workspace, QUIET, port=idle.port, wait=False)
    assert late.process.popen.wait(20) == 1
    assert f"127.0.0.1:{idle.port} is in use: " in late.process.log()
    assert "--web.listen-address" in late.process.log()


def test_the_telemetry_path_can_be_moved_but_not_onto_another_page(exporter, workspace):
    running = exporter(QUIET, "--web.telemetry-path=/dns/metrics")
    assert b"dnspolicy_build_info" in running.get("/dns/metrics").body
    assert running.get("/metrics").status == 404
    assert 'href="./dns/metrics"' in running.get("/").text
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
