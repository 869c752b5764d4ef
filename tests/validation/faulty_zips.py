"""Faults of the zip itself: (rule, what is wrong, members -> the bytes of the faulty file)."""

import io
import stat
import struct
import warnings
import zipfile
import zlib
from collections.abc import Callable

from tests.validation.edits import Members, S, written, zipped

Raw = Callable[[Members], bytes]


def _patched(find: bytes, at: int, new: bytes) -> Raw:
    """Overwrite bytes of the first header that starts so."""

    def make(members: Members) -> bytes:
        whole = bytearray(zipped(members))
        place = whole.index(find) + at
        whole[place : place + len(new)] = new
        return bytes(whole)

    return make


def _symbolic_link(entry: zipfile.ZipInfo) -> None:
    entry.create_system = 3
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16


def _with_name(name: str) -> Raw:
    return lambda members: written(
        members | {"extra.xml": b"<a />"}, lambda entry: setattr(entry, "filename", name), "extra.xml"
    )


def _named_twice(members: Members) -> bytes:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return written({**members, "x": b"<a />"}, lambda entry: setattr(entry, "filename", S), "x")


def _bomb(members: Members) -> bytes:
    return zipped({**members, "a.xml": bytes(70_000_000)})


def _method(entry: zipfile.ZipInfo) -> None:
    entry.compress_type = zipfile.ZIP_LZMA


def _sharing(members: Members) -> bytes:
    """Let two entries of the directory lead to one member."""
    whole = zipped(members)
    first = whole.index(b"PK\x01\x02")
    second = whole.index(b"PK\x01\x02", first + 4)
    return whole[: second + 42] + whole[first + 42 : first + 46] + whole[second + 46 :]


def _as_git_does(members: Members) -> bytes:
    """Lose a byte, as a conversion of line ends does."""
    whole = zipped(members)
    return whole[:60] + whole[61:]


RAW: list[tuple[str, str, Raw]] = [
    ("SOL100", "empty", lambda _: b""),
    ("SOL100", "no zip", lambda _: b"<html>Not found</html>"),
    ("SOL100", "gzip", lambda members: zlib.compress(zipped(members), wbits=31)),
    ("SOL100", "cut off at half", lambda members: zipped(members)[: len(zipped(members)) // 2]),
    ("SOL100", "cut off at the last byte", lambda members: zipped(members)[:-1]),
    ("SOL100", "a byte lost, as git does", _as_git_does),
    ("SOL100", "the first header gone", lambda members: zipped(members)[30:]),
    ("SOL100", "a member's bytes changed", _patched(b"PK\x03\x04", 60, b"\xff\xff\xff\xff")),
    ("SOL100", "a checksum changed", _patched(b"PK\x01\x02", 16, b"\0\0\0\0")),
    ("SOL100", "an encrypted member", _patched(b"PK\x01\x02", 8, struct.pack("<H", 3))),
    ("SOL100", "a method that no import reads", lambda members: written(members, _method)),
    ("SOL100", "a size that is a lie", _patched(b"PK\x01\x02", 24, struct.pack("<L", 7))),
    ("SOL100", "a zip bomb", _bomb),
    ("SOL100", "members that share bytes", _sharing),
    ("SOL100", "a symbolic link", lambda members: written(members, _symbolic_link)),
    ("SOL100", "a name that leads out", _with_name("../evil.xml")),
    ("SOL100", "a name that leads out further on", _with_name("a/../../evil.xml")),
    ("SOL100", "an absolute name", _with_name("/etc/evil.xml")),
    ("SOL100", "a drive letter", _with_name("C:/evil.xml")),
    ("SOL100", "a name twice", _named_twice),
    ("SOL101", "the package zipped in another zip", lambda members: zipped({"Package.zip": zipped(members)})),
    ("SOL101", "an empty zip", lambda _: zipped({})),
    ("SOL113", "a script in front", lambda members: _prefixed(members)),
    ("SOL113", "bytes behind the end", lambda members: zipped(members) + b"more"),
    ("SOL113", "backslashes", _with_name("Assets\\a.xml")),
]  # fmt: skip


def _prefixed(members: Members) -> bytes:
    """Put bytes in front and say so: offsets count from the start of the file."""
    buffer = io.BytesIO()
    buffer.write(b"#!/bin/sh\n")
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()
