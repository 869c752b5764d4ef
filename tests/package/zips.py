"""Zips written field by field, so that they can lie."""

import struct
import zlib
from dataclasses import dataclass, field

CORE = {
    "customizations.xml": b"<ImportExportXml><Roles></Roles></ImportExportXml>",
    "solution.xml": b"<ImportExportXml/>",
    "[Content_Types].xml": b"<Types/>",
}


@dataclass
class Entry:
    """An entry; what is None is what it should be. `own_...` stands in the entry's own header alone."""

    name: str = "a.txt"
    data: bytes = b"hello"
    packed: bytes | None = None
    method: int = 8
    flags: int = 0x2
    system: int = 0
    mode: int = 0
    size: int | None = None
    packed_size: int | None = None
    crc: int | None = None
    own_name: str | None = None
    own_size: int | None = None
    own_method: int | None = None
    offset: int | None = None
    extra: bytes = b""
    raw_name: bytes | None = None
    omit: bool = False

    def content(self) -> bytes:
        if self.packed is not None:
            return self.packed
        return deflate(self.data) if self.method == 8 else self.data


def deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


def zeros(size: int) -> tuple[bytes, int]:
    """Give DEFLATE's bytes for a multiple of 1 MiB of zeros, made without inflating them, and their CRC-32."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    crc = 0
    for _ in range(min(size >> 20, 64)):
        crc = zlib.crc32(bytes(1 << 20), crc)
    return block * (size >> 20) + b"\x03\x00", crc


@dataclass
class Zip:
    entries: list[Entry] = field(default_factory=list)
    before: bytes = b""
    after: bytes = b""
    comment: bytes = b""
    count: int | None = None
    offset_by: int = 0
    size_by: int = 0
    disk: int = 0
    zip64: tuple[int, int, int] | None = None

    def bytes(self) -> bytes:
        out = bytearray(self.before)
        directory = b""
        for entry in self.entries:
            content, offset = entry.content(), len(out) if entry.offset is None else entry.offset
            name = entry.name.encode() if entry.raw_name is None else entry.raw_name
            own_name = name if entry.own_name is None else entry.own_name.encode()
            crc = zlib.crc32(entry.data) if entry.crc is None else entry.crc
            size = len(entry.data) if entry.size is None else entry.size
            packed = len(content) if entry.packed_size is None else entry.packed_size
            if not entry.omit:
                own_size = size if entry.own_size is None else entry.own_size
                method = entry.method if entry.own_method is None else entry.own_method
                out += struct.pack(
                    "<4s5H3L2H", b"PK\3\4", 20, entry.flags, method, 0, 33, crc, packed, own_size, len(own_name), 0
                )
                out += own_name + content
            directory += struct.pack(
                "<4s2BH4H3L5H2L", b"PK\1\2", 45, entry.system, 20, entry.flags, entry.method, 0, 33, crc, packed, size,
                len(name), len(entry.extra), 0, 0, 0, entry.mode << 16, offset,
            )  # fmt: skip
            directory += name + entry.extra
        count = len(self.entries) if self.count is None else self.count
        start = len(out)
        out += directory
        end = [count, len(directory) + self.size_by, start + self.offset_by]
        if self.zip64:
            out += struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, self.zip64[0], *self.zip64)
            out += struct.pack("<4sLQL", b"PK\6\7", 0, start + len(directory), 1)
        out += struct.pack("<4s4H2LH", b"PK\5\6", self.disk, self.disk, count, *end, len(self.comment))
        return bytes(out + self.comment + self.after)


def core(**changes: bytes) -> list[Entry]:
    """Give the three core members; `changes` by the member's first word replace their bytes."""
    return [Entry(name, changes.get(name.split(".")[0].strip("[]"), data)) for name, data in CORE.items()]
