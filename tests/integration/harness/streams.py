"""A server of connections in a thread: what it does with each is a function of the test's choice.

It answers every query with REFUSED, over TCP, TLS or HTTP/2, unless told to do otherwise.
"""
import socket
import ssl
import struct
import threading
from contextlib import suppress

from .process import free_port
from .wire import receive_exactly

DATA, HEADERS, RST_STREAM, SETTINGS, GOAWAY = 0, 1, 3, 4, 7
END_STREAM, END_HEADERS = 1, 4
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DNS_MESSAGE = b"application/dns-message"
# HPACK: what stands in the static table.
STATUS = {200: b"\x88", 204: b"\x89", 404: b"\x8d", 500: b"\x8e"}


def refusal(query):
    return query[:2] + bytes([query[2] | 0x80, 5]) + query[4:]


def frame(kind, flags, stream, payload=b""):
    return struct.pack("!I", len(payload))[1:] + bytes([kind, flags]) + struct.pack("!I", stream) + payload


def answer(status, body, media_type=DNS_MESSAGE):
    """The frames of one answer, as a function of the stream."""
    header = STATUS[status] + b"\x0f\x10" + bytes([len(media_type)]) + media_type
    # Frames of at most 16384 bytes are what every client takes.
    parts = [body[at:at + 16384] for at in range(0, len(body), 16384)] or [b""]

    def frames(stream):
        data = [frame(DATA, END_STREAM if part is parts[-1] else 0, stream, part) for part in parts]
        return frame(HEADERS, END_HEADERS, stream, header) + b"".join(data)

    return frames


def serve_dns(connection, seen):
    """Messages after their lengths."""
    while True:
        length, = struct.unpack("!H", receive_exactly(connection, 2))
        query = receive_exactly(connection, length)
        seen["queries"] += 1
        if seen["queries"] > seen["limit"]:
            return
        reply = refusal(query)
        connection.sendall(struct.pack("!H", len(reply)) + reply)
        if seen["ends_early"] and seen["queries"] == seen["limit"]:
            return


def serve_http(respond=lambda query: answer(200, refusal(query))):
    """`respond` makes of the body of a POST what the frames of its answer are, as a function of the stream."""
    def serve(connection, seen):
        assert receive_exactly(connection, len(PREFACE)) == PREFACE
        connection.sendall(frame(SETTINGS, 0, 0))
        while True:
            head = receive_exactly(connection, 9)
            payload = receive_exactly(connection, int.from_bytes(head[:3], "big"))
            kind, flags, stream = head[3], head[4], int.from_bytes(head[5:], "big")
            if kind == SETTINGS and not flags & 1:
                connection.sendall(frame(SETTINGS, 1, 0))
            if kind == DATA and flags & END_STREAM:
                seen["queries"] += 1
                if seen["queries"] > seen["limit"]:
                    return
                connection.sendall(respond(payload)(stream))
                if seen["ends_early"] and seen["queries"] == seen["limit"]:
                    return
    return serve


class StreamServer:
    """`serve(connection, seen)` serves one connection to its end. `certificate`: with TLS; `handshake` replaces it, `before` goes before it.
    After `limit` replies a connection ends: right then if it `ends_early`, else when it is asked again."""

    def __init__(self, serve=serve_dns, certificate=None, alpn=(), handshake=None, versions=None, address="127.0.0.1",
                 limit=1000, ends_early=False, before=None):
        self.address, self.port = address, free_port(address)
        self.serve, self.handshake, self.before, self.context = serve, handshake, before, None
        self.connections, self.limits = [], {"limit": limit, "ends_early": ends_early}
        if certificate:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(*certificate)
            if alpn:
                self.context.set_alpn_protocols(list(alpn))
            if versions:
                self.context.minimum_version, self.context.maximum_version = versions
        self.listener = socket.create_server((address, self.port))
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        with suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                threading.Thread(target=self.handle, args=(connection,), daemon=True).start()

    def handle(self, connection):
        seen = {"queries": 0, "resumed": False, **self.limits}
        self.connections.append(seen)
        connection.settimeout(20)
        with suppress(OSError), connection:
            if self.handshake:
                self.handshake(connection)
                return
            if self.before:
                self.before(connection)
            if self.context:
                connection = self.context.wrap_socket(connection, server_side=True)
                seen["resumed"] = connection.session_reused
            with connection:
                self.serve(connection, seen)

    def stop(self):
        # Only this wakes a thread that waits in accept().
        with suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
