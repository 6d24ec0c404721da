"""More queries than a rate limit allows."""
import socket

from harness.wire import encode_query


def flood(server, source, count=60):
    """Sends queries for a name and reads no reply."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((source, 0))
        for _ in range(count):
            sock.sendto(encode_query("www.example.net", "A", True), (server.address, server.port))
