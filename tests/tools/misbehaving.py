"""A DNS server that misbehaves as the name asked for says: misbehaving.py ADDRESS PORT

Any label of the qname that is a behaviour of the tables UDP and TCP below decides; without one, the answer is an ordinary A
record. With the label `then-answer` an ordinary reply follows the strange one. Every query is printed as a line of JSON.
"""
import asyncio
import json
import os
import random
import socket
import struct
import sys

A, SOA, WKS, OPT, TSIG = 1, 6, 11, 41, 250
COOKIE, BADCOOKIE = 10, 23
SERVER_COOKIE = b"a server"
QR, TC, RD, RA = 0x8000, 0x0200, 0x0100, 0x0080
LATE_S = 0.6
OTHER_ADDRESS = "127.99.0.1"


def encode_name(name):
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".") if label) + b"\0"


class Query:
    def __init__(self, data):
        self.data = data
        self.id, self.flags, count = struct.unpack("!HHH", data[:6])
        labels, at = [], 12
        while data[at]:
            labels.append(data[at + 1:at + 1 + data[at]].decode("latin-1"))
            at += 1 + data[at]
        self.labels = [label.lower() for label in labels]
        self.name = ".".join(labels)
        self.qtype, self.qclass = struct.unpack("!HH", data[at + 1:at + 5])
        self.question = data[12:at + 5]
        assert count == 1

    def reply(self, rcode=0, answers=(), additional=(), flags=QR | RA, change_id=0, question=None, counts=None):
        question = self.question if question is None else question
        counts = counts or (1 if question else 0, len(answers), 0, len(additional))
        header = struct.pack("!HHHHHH", (self.id + change_id) & 0xffff, flags | (self.flags & RD) | rcode, *counts)
        return header + question + b"".join(answers) + b"".join(additional)


def record(rtype, data, owner=b"\xc0\x0c", rclass=1, ttl=60):
    return owner + struct.pack("!HHIH", rtype, rclass, ttl, len(data)) + data


def opt(*options, extended_rcode=0, version=0):
    data = b"".join(struct.pack("!HH", code, len(value)) + value for code, value in options)
    return record(OPT, data, owner=b"\0", rclass=1232, ttl=extended_rcode << 24 | version << 16)


MARKUP = (b"<script>document.title='ran'</script>", b"\"><img src=x onerror=document.title='ran'>", b"&lt;i&gt; &#60;")
ADDRESS_RECORD = record(A, bytes([192, 0, 2, 53]))


def answer(query):
    return query.reply(answers=[ADDRESS_RECORD], additional=[opt()])


def client_cookie(query):
    """The client's cookie, and whether ours follows it. The COOKIE option is the last one of the query."""
    for size in (8 + len(SERVER_COOKIE), 8):
        if query.data[-size - 4:-size] == struct.pack("!HH", COOKIE, size):
            return query.data[-size:][:8], size > 8
    return None, False


def bad_cookie(query):
    cookie = (COOKIE, client_cookie(query)[0] + SERVER_COOKIE)
    return query.reply(rcode=BADCOOKIE & 15, additional=[opt(cookie, extended_rcode=BADCOOKIE >> 4)])


def good_cookie(query):
    return answer(query) if client_cookie(query)[1] else bad_cookie(query)


def wrong_cookie(query):
    return query.reply(answers=[ADDRESS_RECORD], additional=[opt((COOKIE, b"not ours" + SERVER_COOKIE))])


def zone_begins(query):
    names = encode_name("ns.example") + encode_name("admin.example")
    return query.reply(answers=[record(SOA, names + struct.pack("!5I", 41, 1, 1, 1, 1))])


def short_mac_tsig(size):
    """A TSIG record of that many bytes: a short MAC, and other data up to the size."""
    head = encode_name("hmac-sha256") + struct.pack("!HIHHH", 0, 0, 300, 4, 0) + b"\0\0" + struct.pack("!HHH", 0, 0, 0)
    padding = size - len(head) - 11
    body = head[:-2] + struct.pack("!H", padding) + bytes(padding)
    return record(TSIG, body, owner=b"\0", rclass=255, ttl=0)


def huge_with_tsig(query):
    start = len(query.reply())
    texts, room = [], 65535 - start - 400
    while room > 270:
        texts.append(record(16, b"\xff" + b"x" * 255))
        room -= len(texts[-1])
    return query.reply(answers=texts, additional=[short_mac_tsig(65535 - start - sum(map(len, texts)))])


# What is said once, over either transport: behaviour to the bytes of the reply.
REPLIES = {
    "refused": lambda q: q.reply(rcode=5, additional=[opt()]),
    "refused-bare": lambda q: q.reply(rcode=5, flags=QR, question=b""),
    "refused-denied": lambda q: q.reply(rcode=5, additional=[opt((15, b"\0\x12no entry"))]),
    "servfail-denied": lambda q: q.reply(rcode=2, additional=[opt((15, b"\0\x12"))]),
    "servfail": lambda q: q.reply(rcode=2, additional=[opt()]),
    "formerr": lambda q: q.reply(rcode=1, question=b"", flags=QR),
    "notimp": lambda q: q.reply(rcode=4),
    "nxdomain": lambda q: q.reply(rcode=3),
    "badvers": lambda q: q.reply(additional=[opt(extended_rcode=1)]),
    "not-a-reply": lambda q: q.reply(answers=[ADDRESS_RECORD], flags=0),
    "echo": lambda q: q.data,
    "other-opcode": lambda q: q.reply(answers=[ADDRESS_RECORD], flags=QR | RA | 4 << 11),
    "wrong-id": lambda q: q.reply(answers=[ADDRESS_RECORD], change_id=1),
    "wrong-question": lambda q: q.reply(question=encode_name("elsewhere.example") + b"\0\1\0\1", answers=[ADDRESS_RECORD]),
    "wrong-type": lambda q: q.reply(question=q.question[:-4] + b"\0\x1c\0\1", answers=[ADDRESS_RECORD]),
    "garbage": lambda q: q.reply(answers=[random.randbytes(90)], counts=(1, 3, 3, 3)),
    "short": lambda q: q.data[:2] + b"\x80\x05\0",
    "empty": lambda q: b"",
    "loop": lambda q: q.reply(answers=[record(A, bytes(4), owner=struct.pack("!H", 0xc000 | 12 + len(q.question)))]),
    "pointer-past-end": lambda q: q.reply(answers=[record(A, bytes(4), owner=b"\xff\xff")]),
    "counts-lie": lambda q: q.reply(answers=[ADDRESS_RECORD], counts=(1, 65535, 65535, 65535)),
    "rdata-past-end": lambda q: q.reply(answers=[ADDRESS_RECORD[:-6] + b"\xff\xff" + ADDRESS_RECORD[-4:]]),
    "trailing": lambda q: answer(q) + bytes(40),
    "chain": lambda q: q.reply(answers=[ADDRESS_RECORD], additional=[opt((13, encode_name("example")))]),
    "chain-empty": lambda q: q.reply(answers=[ADDRESS_RECORD], additional=[opt((13, b""))]),
    "two-opt": lambda q: q.reply(answers=[ADDRESS_RECORD], additional=[opt(), opt()]),
    "option-past-end": lambda q: q.reply(answers=[ADDRESS_RECORD], additional=[record(OPT, b"\0\3\0\xff", owner=b"\0")]),
    "nasty-texts": lambda q: q.reply(answers=[record(16, b'\x0b"\\\n\0\xff\x1b[31m<')], additional=[
        opt((3, b'"\\\n\0\xff</script>'), (15, b'\0\x03"\\\n\0\xc3\x28<script>'))]),
    "markup": lambda q: q.reply(answers=[record(16, bytes([len(text)]) + text) for text in MARKUP], additional=[
        opt((3, b"<b>nsid</b>"), (15, b"\0\x12</p><iframe src=/>"))]),
    "oversized": lambda q: q.reply(answers=[ADDRESS_RECORD] * 250),
    "wks": lambda q: q.reply(answers=[record(WKS, bytes([192, 0, 2, 1, 6]) + b"\xff" * 8192)]),
    "huge-tsig": huge_with_tsig,
    "cookie-required": good_cookie,
    "cookie-never-good": bad_cookie,
    "cookie-wrong": wrong_cookie,
}

# What is said to the SOA query before a transfer, and to the transfer itself; None: the connection ends.
ZONES = {
    "zone-served": (zone_begins, zone_begins),
    "zone-denied": (zone_begins, REPLIES["refused"]),
    "zone-unserved": (REPLIES["refused"], REPLIES["refused"]),
    "zone-soa-garbage": (REPLIES["garbage"], REPLIES["refused"]),
    "zone-closes": (zone_begins, None),
}


class Sockets:
    """The sockets that a UDP reply may come from: the right one, and others."""

    def __init__(self, address, port):
        # Sent to directly: an asyncio transport does not send an empty datagram.
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self.right, self.other_port, self.other_address = (socket.socket(family, socket.SOCK_DGRAM) for _ in range(3))
        self.right.bind((address, port))
        self.other_port.bind((address, 0))
        self.other_address.bind(("::1" if family == socket.AF_INET6 else OTHER_ADDRESS, port))


def note(query, transport, peer):
    print(json.dumps({"transport": transport, "source": peer[0], "port": peer[1], "name": query.name, "id": query.id,
                      "bytes": query.data.hex()}), flush=True)


class Udp(asyncio.DatagramProtocol):
    def __init__(self, sockets):
        self.sockets = sockets

    def datagram_received(self, data, addr):
        query = Query(data)
        note(query, "udp", addr)
        send = self.sockets.right.sendto
        for label in query.labels:
            if label in REPLIES:
                send(REPLIES[label](query), addr)
                break
            if label == "truncated":
                send(query.reply(flags=QR | RA | TC), addr)
                break
            if label == "late":
                asyncio.get_running_loop().call_later(LATE_S, send, answer(query), addr)
                break
            if label == "twice":
                send(answer(query), addr)
                send(answer(query), addr)
                break
            if label in ("other-port", "other-address"):
                getattr(self.sockets, label.replace("-", "_")).sendto(answer(query), addr)
                break
            if label == "silent" or label in TCP:
                break
        else:
            send(answer(query), addr)
            return
        if "then-answer" in query.labels:
            send(answer(query), addr)


def framed(message):
    return struct.pack("!H", len(message)) + message


async def say_bytewise(writer, query):
    for byte in framed(answer(query)):
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(0.002)


async def say_dripping(writer, query):
    """Never done: the client's own deadline has to end it."""
    writer.write(framed(bytes(1000))[:2])
    while True:
        writer.write(b"\0")
        await writer.drain()
        await asyncio.sleep(0.05)


async def close_midway(writer, query):
    writer.write(framed(answer(query))[:20])


async def close_in_length(writer, query):
    writer.write(b"\0")


async def close_at_once(writer, query):
    pass


async def reset(writer, query):
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def reset_midway(writer, query):
    writer.write(framed(answer(query))[:20])
    await asyncio.sleep(0.05)
    await reset(writer, query)


async def promise_much(writer, query):
    writer.write(b"\xff\xff" + answer(query))
    await asyncio.sleep(30)


async def say_zero_length(writer, query):
    writer.write(b"\0\0")
    await asyncio.sleep(0.3)


async def stay_silent(writer, query):
    await asyncio.sleep(30)


async def never_stop(writer, query):
    """Messages of no bytes, as fast as they are taken."""
    while True:
        writer.write(bytes(65536))
        await writer.drain()


async def say_other_first(writer, query):
    writer.write(framed(REPLIES["wrong-id"](query)) + framed(answer(query)))


TCP = {
    "tcp-bytewise": say_bytewise,
    "tcp-drip": say_dripping,
    "tcp-close-midway": close_midway,
    "tcp-close-in-length": close_in_length,
    "tcp-close": close_at_once,
    "tcp-reset": reset,
    "tcp-reset-midway": reset_midway,
    "tcp-promise": promise_much,
    "tcp-zero-length": say_zero_length,
    "tcp-silent": stay_silent,
    "tcp-flood": never_stop,
    "tcp-other-first": say_other_first,
}


async def read_query(reader, writer):
    length = struct.unpack("!H", await reader.readexactly(2))[0]
    query = Query(await reader.readexactly(length))
    note(query, "tcp", writer.get_extra_info("peername"))
    return query


async def serve_zone(reader, writer, query, soa, transfer):
    if query.qtype == SOA:
        writer.write(framed(soa(query)))
        if not transfer or "one-query" in query.labels:
            return
        query = await read_query(reader, writer)
    if not transfer:
        return
    writer.write(framed(transfer(query)))
    await reader.read()


async def serve_tcp(reader, writer):
    try:
        query = await read_query(reader, writer)
        for label in query.labels:
            if label in TCP:
                await TCP[label](writer, query)
                break
            if label in ZONES:
                await serve_zone(reader, writer, query, *ZONES[label])
                break
            if label in REPLIES:
                writer.write(framed(REPLIES[label](query)))
                await asyncio.sleep(0.3)
                break
        else:
            writer.write(framed(answer(query)))
        await writer.drain()
    except (ConnectionError, asyncio.IncompleteReadError):
        pass
    finally:
        writer.close()


async def main():
    address, port = sys.argv[1], int(sys.argv[2])
    loop = asyncio.get_running_loop()
    sockets = Sockets(address, port)
    sockets.right.setblocking(False)
    await loop.create_datagram_endpoint(lambda: Udp(sockets), sock=sockets.right)
    server = await asyncio.start_server(serve_tcp, address, port)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    assert len(sys.argv) == 3, __doc__
    asyncio.run(main())
