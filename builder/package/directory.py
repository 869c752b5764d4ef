"""The central directory of a zip, read with suspicion: what it says of each entry is compared with what is there.

Python's zipfile believes the directory. Here nothing is inflated or trusted before it holds that the directory lies
where the end record says, has as many entries as that says, that no two entries share a byte, that each entry's own
header agrees with it, and that no name leads out of the package. Layout: APPNOTE.TXT 6.3, sections 4.3 to 4.5 (docs).
"""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from builder.errors import Fault, UnreadableInput
from builder.package.damage import displaced, not_a_zip
from builder.package.limits import Limits
from builder.text import printable

STORED, DEFLATED = 0, 8
_END = struct.Struct("<4s4H2LH")
_END_64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR_64 = struct.Struct("<4sLQL")
_ENTRY = struct.Struct("<4s2BH4HL2L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_LONGEST_COMMENT = 0xFFFF
_FULL = 0xFFFFFFFF
_ENCRYPTED = 0x0001 | 0x0040 | 0x2000
_SIZES_FOLLOW = 0x0008
_UTF_8 = 0x0800
_UNIX, _MACOS = 3, 19
_FILE_KINDS = {0: "", 0o100000: "", 0o040000: "", 0o120000: "a symbolic link"}
_METHODS = {1: "shrunk", 6: "imploded", 9: "Deflate64", 12: "BZIP2", 14: "LZMA", 93: "Zstandard", 95: "XZ", 98: "PPMd"}
_SEPARATORS = re.compile(r"[/\\]")


@dataclass(frozen=True, slots=True)
class Entry:
    """A member: where its packed bytes lie (`start` to `end`), how they are packed, its size and CRC-32 inflated."""

    name: str
    start: int
    end: int
    deflated: bool
    size: int
    crc: int


@dataclass(frozen=True, slots=True)
class Directory:
    """What a zip lists: its members in order, without folders; and what is odd about it and harms no reader."""

    entries: tuple[Entry, ...]
    remarks: tuple[Fault, ...]


def read_directory(source: str, data: bytes, limits: Limits) -> Directory:
    """Read the central directory of a zip; raises UnreadableInput where it is damaged, hostile or over a limit."""
    return _Reader(source, data, limits).directory()


@dataclass(frozen=True, slots=True)
class _Listed:
    """An entry as the directory has it; `offset` is that of its own header."""

    name: str
    raw_name: bytes
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    offset: int


class _Reader:
    def __init__(self, source: str, data: bytes, limits: Limits) -> None:
        self._source = source
        self._data = data
        self._limits = limits
        self._remarks: list[Fault] = []

    def directory(self) -> Directory:
        """Read it all."""
        start, end, count = self._place()
        listed = list(self._listed(start, end, count))
        self._check_sizes(listed)
        entries = self._located(listed, start)
        self._check_names(entries)
        return Directory(tuple(entries), tuple(self._remarks))

    def _refuse(self, what: str, hint: str = "Export or build the package again.") -> UnreadableInput:
        return UnreadableInput(f"{self._source}: {what}", hint)

    def _place(self) -> tuple[int, int, int]:
        """Find the directory: its start, its end, and how many entries it should have."""
        data = self._data
        found = data.rfind(b"PK\x05\x06", max(0, len(data) - _LONGEST_COMMENT - _END.size))
        if found < 0:
            raise self._refuse(*not_a_zip(data))
        if found + _END.size > len(data):
            raise self._refuse(f"cut off within its end record, after {len(data):,} bytes")
        _, disk, first_disk, here, count, size, offset, comment = _END.unpack_from(data, found)
        behind = len(data) - found - _END.size - comment
        if behind < 0:
            raise self._refuse(f"cut off: {-behind:,} bytes of its end are missing")
        if behind:
            self._remark(f"{behind:,} bytes stand after the end of the zip", "They belong to nothing: remove them.")
        if disk or first_disk or here != count:
            raise self._refuse("one part of a zip that is split over several files", "Join the parts to one zip.")
        end, count, size, offset = self._place_64(found, count, size, offset)
        if size > self._limits.directory_bytes:
            raise self._refuse(f"its central directory has more than {self._limits.directory_bytes:,} bytes")
        if count > self._limits.members:
            raise self._refuse(f"it lists {count:,} members, more than {self._limits.members:,}")
        start = end - size
        if start != offset:
            if start >= 0 and (data.startswith(b"PK\x01\x02", start) or not count):
                raise self._refuse(*displaced(data, start - offset))
            raise self._refuse("damaged: its central directory is not where its end record says")
        return start, end, count

    def _place_64(self, found: int, count: int, size: int, offset: int) -> tuple[int, int, int, int]:
        """Read the zip64 records, if there are any, and hold them against the end record."""
        at = found - _LOCATOR_64.size
        if at < 0 or not self._data.startswith(b"PK\x06\x07", at):
            return found, count, size, offset
        _, _, record, _ = _LOCATOR_64.unpack_from(self._data, at)
        if record + _END_64.size != at or not self._data.startswith(b"PK\x06\x06", record):
            raise self._refuse("damaged: its zip64 end record is not where it should be")
        *_, here, count_64, size_64, offset_64 = _END_64.unpack_from(self._data, record)
        plain, full = (count, size, offset), (0xFFFF, _FULL, _FULL)
        for old, most, new in zip(plain, full, (count_64, size_64, offset_64), strict=True):
            if here != count_64 or old not in (most, new):
                raise self._refuse("its zip64 records contradict its end record")
        return record, count_64, size_64, offset_64

    def _listed(self, start: int, end: int, count: int) -> Iterator[_Listed]:
        """Read the entries of the directory."""
        data, at = self._data, start
        for number in range(1, count + 1):
            if at + _ENTRY.size > end or not data.startswith(b"PK\x01\x02", at):
                raise self._refuse(f"damaged: its central directory has no entry {number:,} of {count:,}")
            fields = _ENTRY.unpack_from(data, at)
            system, flags, method, crc = fields[2], fields[4], fields[5], fields[8]
            sizes, lengths, attributes, offset = fields[9:11], fields[11:14], fields[16], fields[17]
            name_at, extra_at = at + _ENTRY.size, at + _ENTRY.size + lengths[0]
            at += _ENTRY.size + sum(lengths)
            if at > end:
                raise self._refuse(f"damaged: entry {number:,} of its central directory is cut off")
            raw_name = data[name_at:extra_at]
            extra = data[extra_at : extra_at + lengths[1]]
            name = self._name(raw_name, flags, number)
            size, packed, offset = self._widened(name, extra, sizes[1], sizes[0], offset)
            self._check_kind(name, flags, method, attributes >> 16 if system in (_UNIX, _MACOS) else 0)
            yield _Listed(name, raw_name, flags, method, crc, packed, size, offset)
        if at != end:
            raise self._refuse(f"damaged: its central directory has more than the {count:,} entries it should have")

    def _name(self, raw: bytes, flags: int, number: int) -> str:
        try:
            name = raw.decode("utf-8" if flags & _UTF_8 else "cp437")
        except UnicodeDecodeError:
            raise self._refuse(f"the name of entry {number:,} is not the UTF-8 that it says it is") from None
        if why := _harm_of_name(name):
            raise self._refuse(
                f"the member {printable(name)!r} {why}", "No export has such a name: do not import this package."
            )
        return name

    def _widened(self, name: str, extra: bytes, *values: int) -> list[int]:
        """Take the values (size, packed size, offset) that do not fit into 32 bits from the zip64 field."""
        if _FULL not in values:
            return list(values)
        field = _extra_field(extra, 1)
        wide = list(struct.unpack(f"<{len(field) // 8}Q", field[: len(field) // 8 * 8]))
        if len(wide) < values.count(_FULL):
            raise self._refuse(f"{printable(name)}: its zip64 field is missing or too short")
        return [wide.pop(0) if value == _FULL else value for value in values]

    def _check_kind(self, name: str, flags: int, method: int, mode: int) -> None:
        if flags & _ENCRYPTED:
            raise self._refuse(f"{printable(name)} is encrypted", "Pack the members without a password.")
        if method not in (STORED, DEFLATED):
            how = _METHODS.get(method, f"by method {method}")
            raise self._refuse(
                f"{printable(name)} is packed in a way that imports do not read ({how})", "Pack it with Deflate."
            )
        kind = _FILE_KINDS.get(mode & 0o170000, "a device or the like")
        if kind:
            raise self._refuse(f"{printable(name)} is {kind}, not a file", "Pack the file itself.")

    def _check_sizes(self, listed: list[_Listed]) -> None:
        """Hold what the directory says of the sizes against the limits, before a byte is inflated."""
        limits, total = self._limits, 0
        for entry in listed:
            name = entry.name
            if entry.size > limits.member_bytes:
                raise self._refuse(
                    f"{printable(name)} inflates to {entry.size:,} bytes, more than {limits.member_bytes:,}"
                )
            if entry.size > limits.ratio_from and entry.size > limits.ratio * entry.packed:
                raise self._refuse(
                    f"{printable(name)} inflates to more than {limits.ratio} times its packed size: a zip bomb"
                )
            if entry.size and entry.name.endswith("/"):
                raise self._refuse(f"the folder {printable(name)} has {entry.size:,} bytes of content")
            total += entry.size
        if total > limits.total_bytes:
            raise self._refuse(f"its members inflate to {total:,} bytes, more than {limits.total_bytes:,}")

    def _located(self, listed: list[_Listed], directory: int) -> list[Entry]:
        """Find the packed bytes of each entry; no two entries share one, and all lie before the directory."""
        located: dict[int, Entry] = {}
        free, before = 0, ""
        for index in sorted(range(len(listed)), key=lambda index: listed[index].offset):
            entry = listed[index]
            if entry.offset < free:
                raise self._refuse(
                    f"{printable(entry.name)} and {printable(before)} share bytes of the zip: a zip bomb, or damaged"
                )
            if not located and entry.offset:
                self._remark(f"{entry.offset:,} bytes stand before the first member", "They belong to nothing.")
            start = self._content(entry, directory)
            free, before = start + entry.packed, entry.name
            if free > directory:
                raise self._refuse(f"damaged: {printable(entry.name)} reaches beyond the members' part of the zip")
            located[index] = Entry(entry.name, start, free, entry.method == DEFLATED, entry.size, entry.crc)
        return [located[index] for index in range(len(listed)) if not listed[index].name.endswith("/")]

    def _content(self, entry: _Listed, directory: int) -> int:
        """Read an entry's own header, hold it against the directory, and give where its content starts."""
        data, at, name = self._data, entry.offset, entry.name
        if at + _LOCAL.size > directory or not data.startswith(b"PK\x03\x04", at):
            raise self._refuse(f"damaged: {printable(name)} is not where the central directory says")
        _, _, flags, method, _, _, crc, packed, size, name_length, extra_length = _LOCAL.unpack_from(data, at)
        name_at = at + _LOCAL.size
        sizes = (crc, packed, size)
        said = (entry.crc, entry.packed, entry.size)
        if data[name_at : name_at + name_length] != entry.raw_name or method != entry.method or flags & _ENCRYPTED:
            raise self._refuse(f"{printable(name)}: its own header and the central directory contradict each other")
        if not flags & _SIZES_FOLLOW and any(a not in (b, _FULL) for a, b in zip(sizes, said, strict=True)):
            raise self._refuse(
                f"{printable(name)}: its own header and the central directory differ in its size or checksum"
            )
        return int(name_at + name_length + extra_length)

    def _check_names(self, entries: list[Entry]) -> None:
        """A name twice: one reader takes the first, another the last. Backslashes: most readers take them for slashes,
        and one real package has them (measured).
        """
        seen: set[str] = set()
        for entry in entries:
            if entry.name in seen:
                raise self._refuse(f"two members are named {printable(entry.name)}", "Keep one of them.")
            seen.add(entry.name)
            if "\\" in entry.name:
                self._remark(
                    "its name has backslashes, where zips have slashes",
                    "Pack the folder with a tool that follows the zip format.",
                    entry.name,
                )

    def _remark(self, message: str, hint: str, member: str = "") -> None:
        self._remarks.append(Fault(message, member, hint=hint))


def _harm_of_name(name: str) -> str:
    """Say how a name could mislead who unpacks it, "" where it could not."""
    if not name or "\0" in name:
        return "has no name that can be read"
    if name[0] in "/\\" or name[1:2] == ":":
        return "has an absolute path for a name"
    if ".." in _SEPARATORS.split(name):
        return "leads out of the package"
    return ""


def _extra_field(extra: bytes, wanted: int) -> bytes:
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, at)
        if kind == wanted:
            return extra[at + 4 : at + 4 + length]
        at += 4 + length
    return b""
