"""Bytes gone wrong, as disks, editors, transfers and adversaries make them."""

import random

# What a parser treats in a special way.
TOKENS = (
    b"<", b">", b"</", b"/>", b"&", b";", b'"', b"'", b"=", b"<!--", b"-->", b"<![CDATA[", b"]]>", b"<?xml ", b"?>",
    b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b"&b;", b"&#0;", b"&#x110000;", b"&amp;", b"\0", b"\xff", b"\xef\xbb\xbf",
    b"\xff\xfe", b"\r", b"\n", b"\xc2\xa0", b"\xe2\x80\xae", b"xmlns='x'", b" xsi:nil='true'", b" xsi:type='a:b'",
    b"<Roles>", b"</Roles>", b"<Role>", b"<RolePrivilege/>", b"<Roles/>", b"<RootComponent type='20'/>", b"20", b"-1",
    b"9" * 40, b"{", b"}", b"../", b"prv", b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07",
    b"\xff\xff\xff\xff", b"\xff\xff", b"\x00\x00\x00\x00",
)  # fmt: skip


def mutate(data: bytes, chance: random.Random) -> bytes:
    """Change bytes in one to eight places."""
    out = bytearray(data)
    for _ in range(chance.choice((1, 1, 1, 2, 3, 8))):
        at = chance.randrange(len(out) + 1)
        kind = chance.randrange(8)
        if kind == 0 and at < len(out):
            out[at] ^= 1 << chance.randrange(8)
        elif kind == 1 and at < len(out):
            out[at] = chance.randrange(256)
        elif kind == 2:
            del out[at : at + chance.choice((1, 2, 4, 30, 500))]
        elif kind == 3:
            out[at:at] = chance.choice(TOKENS)
        elif kind == 4:
            token = chance.choice(TOKENS)
            out[at : at + len(token)] = token
        elif kind == 5:
            start = chance.randrange(len(out) + 1)
            out[at:at] = out[start : start + chance.choice((1, 20, 300))]
        elif kind == 6:
            out[at:at] = bytes(chance.choice((1, 100, 70_000)))
        elif chance.random() < 0.2:
            del out[at:]
    return bytes(out)
