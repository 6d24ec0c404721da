"""How long anything may take over HTTP, and how many may do it at once."""
import contextlib
import http.client
import socket
import threading
import time

from harness import wait_until
from harness.web import MANY, is_closed, read_all, read_slowly, status_of


def test_a_request_that_comes_byte_by_byte_is_ended(idle):
    kept = http.client.HTTPConnection(idle.address, idle.port, timeout=20)
    kept.request("GET", "/-/healthy")
    kept.getresponse().read()
    with socket.create_connection((idle.address, idle.port), timeout=20) as slow:
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


def test_one_address_cannot_take_all_connections(idle):
    greedy = [socket.create_connection((idle.address, idle.port), timeout=20) for _ in range(72)]
    wait_until(lambda: sum(map(is_closed, greedy)) >= 8, "the end of those too many")
    # Connections of earlier tests may still have been counted.
    assert sum(map(is_closed, greedy)) <= 12
    with socket.create_connection((idle.address, idle.port), timeout=20, source_address=("127.0.0.2", 0)) as other:
        other.sendall(b"GET /-/healthy HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert status_of(read_all(other)) == 200
    for connection in greedy:
        connection.close()
    idle.wait_for(idle.is_ready, "room again")


def test_in_a_full_house_the_idle_make_room(idle):
    crowd = [socket.create_connection((idle.address, idle.port), timeout=20, source_address=(f"127.0.1.{n // 60 + 1}", 0))
             for n in range(300)]
    # Those who came first have gone; those who came last, and a scraper, are served.
    wait_until(lambda: sum(map(is_closed, crowd[:44])) >= 40, "the first to go")
    assert idle.get("/-/healthy").status == 200
    crowd[-1].settimeout(20)
    crowd[-1].sendall(b"GET /-/healthy HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert status_of(read_all(crowd[-1])) == 200
    for connection in crowd:
        connection.close()
