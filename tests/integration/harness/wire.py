"""Just enough DNS to ask a server whether it is up, without a library that the demo would have to install."""
import os
import socket
import struct
from dataclasses import dataclass

TYPES = {"A": 1, "NS": 2, "SOA": 6, "TXT": 16, "AAAA": 28}
RCODES = {0: "NOERROR", 1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED", 9: "NOTAUTH"}


@dataclass
class Reply:
    rcode: str
    is_authoritative: bool
    recursion_available: bool
    answers: int


def encode_name(name):
    labels = [label.encode() for label in name.rstrip(".").split(".") if label]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def encode_query(name, qtype, recursion_desired):
    header = struct.pack("!HHHHHH", int.from_bytes(os.urandom(2)), 0x0100 if recursion_desired else 0, 1, 0, 0, 0)
    return header + encode_name(name) + struct.pack("!HH", TYPES[qtype], 1)


def receive_exactly(stream, count):
    data = b""
    while len(data) < count:
        piece = stream.recv(count - len(data))
        if not piece:
            raise ConnectionError("closed in the middle of a message")
        data += piece
    return data


def ask(address, port, name, qtype="A", tcp=False, source=None, recursion_desired=True, timeout=1.0):
    """The server's reply, or None for silence, a refused connection and the like."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    query = encode_query(name, qtype, recursion_desired)
    try:
        with socket.socket(family, socket.SOCK_STREAM if tcp else socket.SOCK_DGRAM) as sock:
            sock.settimeout(timeout)
            if source:
                sock.bind((source, 0))
            sock.connect((address, port))
            sock.sendall(struct.pack("!H", len(query)) + query if tcp else query)
            if tcp:
                data = receive_exactly(sock, struct.unpack("!H", receive_exactly(sock, 2))[0])
            else:
                data = sock.recv(65535)
    except OSError:
        return None
    if len(data) < 12 or data[:2] != query[:2]:
        return None
    flags, _, answers = struct.unpack("!HHH", data[2:8])
    return Reply(RCODES.get(flags & 15, str(flags & 15)), bool(flags & 0x0400), bool(flags & 0x0080), answers)
