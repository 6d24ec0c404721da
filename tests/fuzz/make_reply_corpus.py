#!/usr/bin/env python3
"""Writes the seeds of fuzz_reply and fuzz_tsig into corpus/: one message for each shape that the parser tells apart."""

import pathlib
import struct

CORPUS = pathlib.Path(__file__).parent / "corpus"
OUT, TSIG = CORPUS / "reply", CORPUS / "tsig"
QNAME = b"\3www\7example\3com\0"
OWNER = b"\xc0\x0c"


def record(rtype, rdata, owner=OWNER, rclass=1, ttl=60):
    return owner + struct.pack("!HHIH", rtype, rclass, ttl, len(rdata)) + rdata


def opt(*options, ext=0):
    data = b"".join(struct.pack("!HH", code, len(value)) + value for code, value in options)
    return record(41, data, owner=b"\0", rclass=1232, ttl=ext << 24)


def tsig(error=0, mac=b"\xaa" * 32):
    rdata = b"\x0bhmac-sha256\0" + bytes(5) + b"\1\1\x2c" + struct.pack("!H", len(mac)) + mac
    return record(250, rdata + struct.pack("!HHH", 0x1234, error, 0), owner=b"\3key\0", rclass=255, ttl=0)


def message(flags, answers=(), authorities=(), additionals=(), question=True, ident=0x1234):
    counts = (1 if question else 0, len(answers), len(authorities), len(additionals))
    body = QNAME + b"\0\1\0\1" if question else b""
    return struct.pack("!HH4H", ident, flags, *counts) + body + b"".join((*answers, *authorities, *additionals))


SOA = record(6, b"\2ns\xc0\x10\4host\xc0\x10" + struct.pack("!5I", 1, 2, 3, 4, 5))
TYPES = {
    1: b"\xc0\0\2\1", 2: b"\2ns\xc0\x10", 5: b"\1a\xc0\x10", 11: b"\1\2\3\4\6\xff", 13: b"\1a\1b",
    15: b"\0\x0a\4mail\xc0\x10", 16: b'\6a b\\"\xff\0\1x', 28: bytes(15) + b"\1", 29: b"\0\x12\x16\x13" + bytes(12),
    33: b"\0\1\0\2\0\3\1s\0", 35: b"\0\1\0\2\1u\1s\1r\0", 37: b"\0\1\0\0\0abc", 43: b"\0\1\x0d\2\xab\xcd",
    44: b"\4\2\xab", 46: b"\0\1\x0d\2" + bytes(12) + b"\0\1\3foo\0sig", 47: b"\1b\0\0\1\x60\1\1\x40",
    48: b"\1\1\3\x0dkey", 49: b"abc", 50: b"\1\0\0\1\1\xaa\1\xbb\0\1\x60", 51: b"\1\0\0\0\0", 52: b"\3\1\1abc",
    61: b"pgp", 62: b"\0\0\0\1\0\3\0\1\x60", 63: b"\0\0\0\1\1\1" + bytes(12), 108: bytes(6), 109: bytes(8),
    256: b"\0\1\0\1http://x", 257: b"\0\5issueca.test", 65280: b"\xde\xad",
}
SVCB = (b"\0\1\0" + b"\0\0\0\2\0\1" + b"\0\1\0\6\2h2\2h3" + b"\0\3\0\2\1\xbb" + b"\0\4\0\4\1\2\3\4"
        + b"\0\5\0\3ech" + b"\0\6\0\x10" + bytes(16) + b"\xff\0\0\2x y")

SEEDS = {
    "bare_refused": message(0x8105, question=False),
    "refused_ede_nsid": message(0x8105, additionals=[opt((3, b"ns1"), (15, b"\0\x12no way"), (65001, b"x"))]),
    "badvers": message(0x8100, additionals=[opt(ext=1)]),
    "badcookie": message(0x8107, additionals=[opt((10, bytes(16)), ext=1)]),
    "option_13": message(0x8180, additionals=[opt((13, b""), (13, b"\1a\0"))]),
    "two_opts": message(0x8180, additionals=[opt(), opt()]),
    "bad_options": message(0x8180, additionals=[record(41, b"\0\3\0\5x", owner=b"\0")]),
    "nxdomain": message(0x8183, authorities=[SOA], additionals=[opt()]),
    "cname_chain": message(0x8580, answers=[record(5, b"\1a\xc0\x10"), record(5, b"\1b\xc0\x10", owner=b"\xc0\x2d"),
                                            record(1, b"\1\2\3\4", owner=b"\xc0\x3b")]),
    "truncated": message(0x8380),
    "update_notimp": message(0xa804, question=False),
    "tsig_badkey": message(0x8109, additionals=[opt(), tsig(17, b"")]),
    "tsig_signed": message(0x8585, additionals=[tsig()]),
    "tsig_badtime": message(0x8509, additionals=[tsig(18)]),
    "tsig_twice": message(0x8585, additionals=[tsig(), tsig()]),
    "cookie": message(0x8585, additionals=[opt((3, b"x"), (10, b"abcdefgh01234567"))]),
    "axfr": message(0x8400, answers=[SOA, record(1, b"\1\2\3\4")]),
    "update_echoed": message(0xa804, answers=[record(6, b"", rclass=254, ttl=0)]),
    "tsig_not_last": message(0x8585, additionals=[tsig(), opt()]),
    "chaos": message(0x8580, answers=[record(16, b"\4v1.0", rclass=3), record(1, b"\0\0\1", rclass=3)]),
    "pointer_chain": message(0x8180, answers=[record(65280, b"".join(struct.pack("!H", 0xc000 | at) for at in
                             (12, 45, 47, 49, 51))), record(2, b"\xc0\x35")]),
    "pointer_loop": message(0x8180, answers=[record(2, b"\1x\xc0\x2d")]),
    "everyday_types": message(0x8180, answers=[record(t, d) for t, d in TYPES.items() if t < 37]),
    "later_types": message(0x8180, answers=[record(t, d) for t, d in TYPES.items() if t >= 37]),
    "svcb_keys": message(0x8180, answers=[record(65, b"\0\1\0" + b"\0\0\3\xe8" + b"\0\2" * 500)]),
    "nsec_quote": message(0x8180, answers=[record(47, b'\1"\0\0\1\x40')]),
    "svcb": message(0x8180, answers=[record(64, SVCB), record(65, SVCB), record(65, b"\0\0\3foo\0")]),
}

OUT.mkdir(parents=True, exist_ok=True)
for name, wire in SEEDS.items():
    (OUT / name).write_bytes(b"\1\0\xff" + wire)
(OUT / "match_answer").write_bytes(b"\0" + message(0x8180, answers=[record(1, b"\1\2\3\4")], ident=0))
(OUT / "match_bare").write_bytes(b"\0" + message(0x8105, question=False, ident=0))
TSIG.mkdir(parents=True, exist_ok=True)
for name, wire in SEEDS.items():
    if name.startswith("tsig"):
        (TSIG / name).write_bytes(b"\0" + wire)
    elif len(wire) < 200:
        (TSIG / name).write_bytes(b"\1\0\x14" + wire)
