"""Members <-> zip: a deterministic write, a bounded read, and a digest of the contents.

DEFLATE's bytes differ between builds of zlib, so the zip's own hash says little. The content digest is the same
wherever and whenever a package was built or packed: sha256 over the sorted lines `name NUL sha256(member) LF`.
"""

import hashlib
import io
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from builder.errors import UnreadableInput
from builder.text import printable

# A day without meaning, for members whose making has no time of its own.
FIXED_DATE = (2020, 2, 2, 0, 0, 0)
_MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """What a package may cost to read: bytes of the zip, members, bytes of one and of all members inflated."""

    archive_bytes: int = 512 * _MIB
    members: int = 65_000
    member_bytes: int = 256 * _MIB
    total_bytes: int = 1024 * _MIB


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
    the limits allow. What a member's header says of its size is not believed.

    Every way of reading raises UnreadableInput where the zip is damaged, hostile or too large.
    """

    def __init__(self, source: str, data: bytes, limits: Limits | None = None) -> None:
        self.source = source
        self._limits = limits or Limits()
        self._inflated: dict[str, int] = {}
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise UnreadableInput(
                f"{source}: not a zip, or a damaged one ({error})", "Export or build the package again."
            ) from error
        self._entries = {entry.filename: entry for entry in self._zip.infolist() if not entry.is_dir()}
        if len(self._zip.infolist()) > self._limits.members:
            raise UnreadableInput(f"{source}: more than {self._limits.members:,} members")

    @classmethod
    def open(cls, path: Path, limits: Limits | None = None) -> "Archive":
        """Read the zip at a path into memory."""
        limits = limits or Limits()
        try:
            with path.open("rb") as file:
                data = file.read(limits.archive_bytes + 1)
        except OSError as error:
            raise UnreadableInput(f"{path}: {error.strerror}", "Name a solution zip.") from error
        if len(data) > limits.archive_bytes:
            raise UnreadableInput(f"{path}: larger than {limits.archive_bytes:,} bytes")
        return cls(str(path), data, limits)

    def __getitem__(self, name: str) -> bytes:
        entry = self._entries[name]
        others = sum(size for other, size in self._inflated.items() if other != name)
        room = min(self._limits.member_bytes, self._limits.total_bytes - others)
        try:
            with self._zip.open(entry) as member:
                data = member.read(room + 1)
                if len(data) <= room:
                    member.read(1)  # the end of a member is where its checksum is compared
        except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, RuntimeError) as error:
            raise UnreadableInput(f"{self.source}: cannot read {printable(name)} ({error})") from error
        if len(data) > room:
            raise UnreadableInput(f"{self.source}: {printable(name)} inflates to more than {room:,} bytes")
        self._inflated[name] = len(data)
        return data

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)
