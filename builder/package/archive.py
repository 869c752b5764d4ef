"""Members <-> zip: a deterministic write, a bounded read, and a digest of the contents.

DEFLATE's bytes differ between builds of zlib, so the zip's own hash says little. The content digest is the same
wherever and whenever a package was built or packed: sha256 over the sorted lines `name NUL sha256(member) LF`.
"""

import hashlib
import io
import os
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from builder.errors import UnreadableInput
from builder.package.directory import Entry, read_directory
from builder.package.limits import DEFAULT_LIMITS
from builder.package.limits import Limits as Limits
from builder.text import printable

# A day without meaning, for members whose making has no time of its own.
FIXED_DATE = (2020, 2, 2, 0, 0, 0)
_MIB = 1 << 20
_PIECE = 1 << 16
# A member above this is inflated once for counting, before it is inflated to be kept.
_LARGE = 16 * _MIB


class _Member(zipfile.ZipInfo):
    """A zip entry as Dataverse's exports carry it: made by 4.5 on DOS, deflated, "maximum compression" flagged."""

    def __init__(self, name: str, date: tuple[int, int, int, int, int, int]) -> None:
        super().__init__(name, date)
        self.compress_type = zipfile.ZIP_DEFLATED
        self.create_system = 0
        self.create_version = 45

    # zipfile sets its own flags and file mode when it writes an entry; exports have bit 1 set, and no mode (measured).
    @property
    def flag_bits(self) -> int:
        return self._flags | 0x2

    @flag_bits.setter
    def flag_bits(self, flags: int) -> None:
        self._flags = flags

    @property
    def external_attr(self) -> int:
        return 0

    @external_attr.setter
    def external_attr(self, _: int) -> None:
        pass


def dos_date(source_date_epoch: str | None) -> tuple[int, int, int, int, int, int]:
    """Turn SOURCE_DATE_EPOCH (seconds, UTC) into a zip date, within what zip can say; without one, a fixed day."""
    if source_date_epoch is None:
        return FIXED_DATE
    try:
        moment = datetime.fromtimestamp(int(source_date_epoch), UTC)
    except (ValueError, OverflowError, OSError):
        raise UnreadableInput(
            f"SOURCE_DATE_EPOCH is no number of seconds: {printable(source_date_epoch)}", "Unset it, or give seconds."
        ) from None
    earliest, latest = datetime(1980, 1, 1, tzinfo=UTC), datetime(2107, 12, 31, 23, 59, 58, tzinfo=UTC)
    moment = min(max(moment, earliest), latest)
    return moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second


def pack(members: Mapping[str, bytes], date: tuple[int, int, int, int, int, int] = FIXED_DATE) -> bytes:
    """Give the zip of the members, in their order."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, data in members.items():
            archive.writestr(_Member(name, date), data)
    return buffer.getvalue()


def content_digest(members: Mapping[str, bytes]) -> str:
    """Give the digest of the members, as `sha256:` and 64 hexadecimal digits."""
    whole = hashlib.sha256()
    for name in sorted(members):
        whole.update(f"{name}\0{hashlib.sha256(members[name]).hexdigest()}\n".encode())
    return f"sha256:{whole.hexdigest()}"


class Archive(Mapping[str, bytes]):
    """The members of a zip by name, in the zip's order; each is inflated when it is asked for, and no further than
    the directory says, which the limits bound. `remarks` say what is odd about the zip and harms no reader.

    Every way of reading raises UnreadableInput where the zip is damaged, hostile or too large. The zip stays in
    memory; of the members only those that the caller keeps.
    """

    def __init__(self, source: str, data: bytes, limits: Limits | None = None) -> None:
        self.source = source
        self._data = memoryview(data)
        self._limits = limits or DEFAULT_LIMITS
        directory = read_directory(source, data, self._limits)
        self.remarks = directory.remarks
        self._entries = {entry.name: entry for entry in directory.entries}
        self._sound: set[str] = set()

    @classmethod
    def open(cls, path: Path, limits: Limits | None = None) -> "Archive":
        """Read the zip at a path into memory."""
        limits = limits or DEFAULT_LIMITS
        try:
            # A pipe or device may never end, or never answer.
            if not path.is_file():
                path.stat()
                raise UnreadableInput(f"{path}: not a file", "Name a solution zip.")
            with path.open("rb") as file:
                size = os.fstat(file.fileno()).st_size
                if size > limits.archive_bytes:
                    raise UnreadableInput(f"{path}: larger than {limits.archive_bytes:,} bytes")
                data = file.read(size)
        except OSError as error:
            raise UnreadableInput(f"{path}: {error.strerror}", "Name a solution zip.") from error
        return cls(str(path), data, limits)

    @property
    def content(self) -> bytes:
        """The zip itself, as it was read."""
        return bytes(self._data)

    def size(self, name: str) -> int:
        """Give the size of a member, in bytes, as the directory has it."""
        return self._entries[name].size

    def verify(self) -> None:
        """Inflate every member that was not read yet, keeping none: each has the size and checksum it should have."""
        for name in self._entries:
            if name not in self._sound:
                self._count(name)

    def pieces(self, name: str) -> Iterator[bytes | memoryview]:
        """Inflate a member in pieces of at most 1 MiB, until it is whole or passes what it may be."""
        entry = self._entries[name]
        inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        size = crc = taken = 0
        for at in range(entry.start, entry.end, _PIECE):
            if inflater.eof:
                break  # more than one stream: told below
            packed: bytes | memoryview = self._data[at : min(at + _PIECE, entry.end)]
            taken += len(packed)
            while packed:
                piece = self._inflate(entry, inflater, packed, _MIB) if entry.deflated else packed
                packed = inflater.unconsumed_tail
                size, crc = size + len(piece), zlib.crc32(piece, crc)
                self._check_growth(entry, size, taken - len(packed))
                yield piece
        self._check_end(entry, inflater, whole=taken == entry.end - entry.start)
        self._check(entry, size, crc)

    def __getitem__(self, name: str) -> bytes:
        entry = self._entries[name]
        packed = self._data[entry.start : entry.end]
        if entry.deflated and entry.size > _LARGE and name not in self._sound:
            self._count(name)  # before memory is spent on what may be a bomb
        if entry.deflated:
            inflater = zlib.decompressobj(-zlib.MAX_WBITS)
            data = self._inflate(entry, inflater, packed, entry.size + 1)
            if len(data) <= entry.size:
                self._check_end(entry, inflater, whole=True)
        else:
            data = bytes(packed)
        self._check(entry, len(data), zlib.crc32(data))
        return data

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def _count(self, name: str) -> None:
        for _ in self.pieces(name):
            pass

    def _inflate(self, entry: Entry, inflater: "zlib._Decompress", packed: bytes | memoryview, most: int) -> bytes:
        try:
            return inflater.decompress(packed, most)
        except zlib.error as error:
            raise self._damaged(entry, "it cannot be inflated") from error

    def _check_end(self, entry: Entry, inflater: "zlib._Decompress", *, whole: bool) -> None:
        if entry.deflated and (not inflater.eof or inflater.unused_data or not whole):
            raise self._damaged(entry, "it ends too early or too late")

    def _check_growth(self, entry: Entry, size: int, taken: int) -> None:
        if size > entry.size:
            raise self._lies(entry)
        if size > self._limits.ratio_from and size > self._limits.ratio * taken:
            raise UnreadableInput(f"{self.source}: {printable(entry.name)} is a zip bomb", "Do not import it.")

    def _check(self, entry: Entry, size: int, crc: int) -> None:
        if size > entry.size:
            raise self._lies(entry)
        if size < entry.size:
            raise self._damaged(entry, f"it has {size:,} bytes instead of {entry.size:,}")
        if crc != entry.crc:
            raise self._damaged(entry, "its checksum is wrong")
        self._sound.add(entry.name)

    def _lies(self, entry: Entry) -> UnreadableInput:
        return UnreadableInput(
            f"{self.source}: {printable(entry.name)} inflates to more than the {entry.size:,} bytes that the zip says",
            "Do not import it.",
        )

    def _damaged(self, entry: Entry, why: str) -> UnreadableInput:
        return UnreadableInput(
            f"{self.source}: {printable(entry.name)} is damaged: {why}", "Export or build the package again."
        )


def pieces_of(members: Mapping[str, bytes], name: str) -> Callable[[], Iterable[bytes | memoryview]]:
    """Give what gives a member in pieces, as often as it is asked: a large one is inflated anew, and never whole."""
    if isinstance(members, Archive) and members.size(name) > _LARGE:
        return partial(members.pieces, name)
    data = members[name]
    return lambda: (data,)
