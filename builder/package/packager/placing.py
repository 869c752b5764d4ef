"""The files of an unpacked package into a folder, whole or not at all: only what changed is written, and nothing is
deleted that no unpack made."""

import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from builder.errors import Fault, InputFaults, SolsmithError, UsageError
from builder.files import write_all
from builder.package.layout import BOM, FileStyle
from builder.package.packager.folder_files import FolderFiles
from builder.package.packager.kinds import KEPT, LEFT_OUT
from builder.package.packager.packing import component_files, read_folder_manifest
from builder.package.packager.tree import SOLUTION_FILE, UnpackedFile, UnpackedTree
from builder.text import printable


@dataclass(frozen=True, slots=True)
class Placing:
    """What is to be done to a folder: files to write, those that stay, and those that an earlier unpack made and this
    one does not (`unnecessary`)."""

    folder: Path
    written: Mapping[str, bytes]
    unchanged: tuple[str, ...]
    unnecessary: tuple[str, ...]

    def write(self, *, delete: bool = False) -> None:
        """Do it all, or leave all as it was; `delete` removes what is unnecessary. Raises UsageError where it can't."""
        if not self.folder.exists() or not any(self.folder.iterdir()):
            self._write_new()
            return
        files: dict[Path, bytes | None] = {}
        if delete:  # first, lest a file whose name changes in case only be removed after it was written
            files |= {self.folder / name: None for name in self.unnecessary}
        files |= {self.folder / name: data for name, data in self.written.items()}
        before = {path.parent for path in files if path.parent.exists()}
        try:
            write_all(files, mode=None)
        except BaseException:
            _remove_empty({path.parent for path in files} - before, self.folder)
            raise
        _remove_empty({(self.folder / name).parent for name in self.unnecessary} if delete else (), self.folder)

    def _write_new(self) -> None:
        """Write a folder beside its place, and move it there."""
        beside = None
        try:
            self.folder.absolute().parent.mkdir(parents=True, exist_ok=True)
            beside = Path(tempfile.mkdtemp(prefix=f".{self.folder.name}.", dir=self.folder.absolute().parent))
            beside.chmod(0o755)
            for name, data in self.written.items():
                path = beside / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
            if self.folder.exists():
                self.folder.rmdir()
            beside.rename(self.folder)
        except OSError as error:
            reason = error.strerror or str(error)
            raise UsageError(
                f"cannot write {self.folder}: {reason}", "Choose a folder that you may write to."
            ) from error
        finally:
            if beside is not None and beside.exists():
                shutil.rmtree(beside, ignore_errors=True)


def newline_of(folder: Path) -> str | None:
    """Tell the line end of a folder that was unpacked before; None where there is none."""
    path = folder / SOLUTION_FILE
    return FileStyle.of(path.read_bytes()).newline if path.is_file() and not path.is_symlink() else None


def plan(folder: Path, tree: UnpackedTree, *, any_newline: bool = False, force: bool = False) -> Placing:
    """Compare a folder with what was unpacked. `any_newline` takes texts that differ in line ends for the same.

    Raises UsageError where another solution, or something else, is in the folder, but for `force`; InputFaults where a
    file would be written through a link.
    """
    if not folder.is_dir() or not any(folder.iterdir()):
        if folder.exists() and not folder.is_dir():
            raise UsageError(f"{folder} is no folder", "Choose another place.")
        return Placing(folder, {name: file.data for name, file in tree.files.items()}, (), ())
    files = FolderFiles(folder)
    if not force:
        _refuse_foreign(files, tree)
    _refuse_links(folder, tree.files)
    written, unchanged = {}, []
    for name, file in tree.files.items():
        if (folder / name).is_file() and _same(files.read(name), file, any_newline=any_newline):
            unchanged.append(name)
        else:
            written[name] = file.data
    return Placing(folder, written, tuple(unchanged), tuple(_unnecessary(files, tree)))


def _refuse_foreign(files: FolderFiles, tree: UnpackedTree) -> None:
    hint = "Choose another folder, or unpack into it all the same with --force."
    if not files.has(SOLUTION_FILE):
        raise UsageError(f"{files.path} is not empty, and no unpacked solution", hint)
    try:
        _, manifest = read_folder_manifest(files)
    except SolsmithError:
        return
    if manifest.unique_name != tree.manifest.unique_name:
        names = f"{printable(manifest.unique_name)}, not {printable(tree.manifest.unique_name)}"
        raise UsageError(f"{files.path} holds the solution {names}", hint)


def _refuse_links(folder: Path, names: Iterable[str]) -> None:
    faults, told = [], set()
    for name in names:
        parts = name.split("/")
        for number in range(1, len(parts) + 1):
            place = "/".join(parts[:number])
            if place not in told and (folder / place).is_symlink():
                told.add(place)
                message = f"{printable(place)} is a link, and nothing is written through links"
                faults.append(Fault(message, place, hint="Remove the link."))
    if faults:
        raise InputFaults(folder, faults)


def _same(there: bytes, file: UnpackedFile, *, any_newline: bool) -> bool:
    """Compare as Microsoft's tool does: a byte order mark is no difference (measured)."""
    if there == file.data or not file.is_xml:
        return there == file.data
    texts = [data.removeprefix(BOM) for data in (there, file.data)]
    if any_newline:
        texts = [text.replace(b"\r\n", b"\n") for text in texts]
    return texts[0] == texts[1]


def _unnecessary(files: FolderFiles, tree: UnpackedTree) -> list[str]:
    """Name the files of an earlier unpack that this one does not make: those that packing reads as components, those of
    Other/Members, and those beside the members of this package in folders that no component claims."""
    found = component_files(files) | set(files.below(KEPT))
    tops = {name.partition("/")[0] for name, file in tree.files.items() if not file.kind and not file.is_xml}
    for top in tops:
        if top.lower() not in LEFT_OUT:
            found.update(files.below(top))
    made = {os.path.normcase(name) for name in tree.files}
    return sorted(name for name in found if os.path.normcase(name) not in made)


def _remove_empty(folders: Iterable[Path], top: Path) -> None:
    """Remove folders that are empty, and those above them that become so, up to the top."""
    for folder in sorted(folders, key=lambda path: len(path.parts), reverse=True):
        here = folder
        while here != top and here.is_dir() and not any(here.iterdir()):
            here.rmdir()
            here = here.parent
