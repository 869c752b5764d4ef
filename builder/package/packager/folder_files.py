"""A folder as packing reads it: its files in the order in which Windows lists them, bounded, and no link followed."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from builder.errors import Fault, InputFaults, UnreadableInput
from builder.package.limits import DEFAULT_LIMITS, Limits
from builder.text import printable

_NO_LINK = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)


class FolderFiles:
    """The files below a folder, by their paths relative to it, with slashes.

    Raises InputFaults at a link, a device, or whatever is no plain file or folder; UnreadableInput past a limit.
    """

    def __init__(self, path: Path, limits: Limits = DEFAULT_LIMITS) -> None:
        self.path = path
        self._left = limits.total_bytes
        self._most = limits.member_bytes
        self._count = limits.members
        self._tops = {entry.name: entry for entry in self._entries("")} if path.is_dir() else {}
        self._below: dict[str, list[str]] = {}

    @property
    def top_folders(self) -> list[str]:
        """The names of the folders directly in it."""
        return [name for name, entry in self._tops.items() if entry.is_dir(follow_symlinks=False) or entry.is_symlink()]

    def below(self, folder: str) -> list[str]:
        """Give the files below a folder, level by level, each level in name order; none where there is no folder."""
        top = folder.partition("/")[0]
        if top not in self._tops:
            return []
        if folder not in self._below:
            self._below[folder] = list(self._walk(folder)) if (self.path / folder).is_dir() else []
        return self._below[folder]

    def has(self, file: str) -> bool:
        """Say whether there is a file (or something else) at a path."""
        return os.path.lexists(self.path / file)

    def read(self, file: str) -> bytes:
        """Read a file; raises InputFaults where it, or a folder on the way, is a link."""
        parts = file.split("/")
        for number in range(1, len(parts)):
            if (self.path / "/".join(parts[:number])).is_symlink():
                raise self._odd("/".join(parts[:number]), "a link, and links are not followed")
        return self._read(self.path / file, file)

    def read_elsewhere(self, path: Path) -> bytes:
        """Read a file that a mapping names, wherever it lies."""
        return self._read(path, str(path))

    def _read(self, path: Path, name: str) -> bytes:
        room = min(self._left, self._most)
        try:
            descriptor = os.open(path, os.O_RDONLY | _NO_LINK)
            with os.fdopen(descriptor, "rb") as stream:
                if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                    raise self._odd(name, "no plain file")
                data = stream.read(room + 1)
        except OSError as error:
            if path.is_symlink():
                raise self._odd(name, "a link, and links are not followed") from None
            raise UnreadableInput(f"{printable(str(path))}: {error.strerror}") from error
        if len(data) > room:
            raise UnreadableInput(f"{printable(str(path))}: larger than {room:,} bytes")
        self._left -= len(data)
        return data

    def _walk(self, folder: str) -> Iterator[str]:
        waiting = [folder]
        while waiting:
            here = waiting.pop(0)
            for entry in self._entries(here):
                name = f"{here}/{entry.name}"
                if entry.is_symlink():
                    raise self._odd(name, "a link, and links are not followed")
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(name)
                elif entry.is_file(follow_symlinks=False):
                    yield name
                else:
                    raise self._odd(name, "no plain file")

    def _entries(self, folder: str) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(self.path / folder) as found:
                entries = list(found)
        except OSError as error:
            raise UnreadableInput(f"{printable(str(self.path / folder))}: {error.strerror}") from error
        self._count -= len(entries)
        if self._count < 0:
            raise UnreadableInput(f"{printable(str(self.path))}: too many files for a package")
        return sorted(entries, key=lambda entry: (entry.name.upper(), entry.name))

    def _odd(self, name: str, what: str) -> InputFaults:
        hint = "Put the file itself there, or remove it."
        return InputFaults(self.path, [Fault(f"{printable(name)} is {what}", name, hint=hint)])
