"""Zip to folder and folder to zip, whole: what `solsmith unpack` and `solsmith pack` do."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from builder.errors import Fault, SolsmithError, UnreadableInput, UsageError
from builder.files import write_all
from builder.package.archive import Archive, content_digest, dos_date, pack
from builder.package.core import SOLUTION
from builder.package.packager.both import combine
from builder.package.packager.folder_files import FolderFiles
from builder.package.packager.kinds import LEFT_OUT
from builder.package.packager.manifest import Manifest, PackageType, read_manifest
from builder.package.packager.mapping import FileMap
from builder.package.packager.nodes import read_document
from builder.package.packager.packing import PackOptions, pack_members, read_folder_manifest
from builder.package.packager.tree import UnpackedTree, UnpackOptions
from builder.package.packager.unpacking import unpack_members
from builder.text import printable

_NO_MAP = FileMap()


def managed_twin(path: Path) -> Path:
    """Say where the managed package lies beside an unmanaged one: `X_managed.zip` (measured)."""
    return path.with_name(f"{path.stem}_managed{path.suffix}")


def unpack_zip(
    path: Path, package_type: PackageType | None, options: UnpackOptions, file_map: FileMap = _NO_MAP
) -> UnpackedTree:
    """Give the files of a package; with BOTH, of it and of its managed twin. None takes the type that it says.

    Raises UsageError where the package is of another type, UnreadableInput, and InputFaults where it is no solution.
    """
    if package_type is PackageType.BOTH:
        twin = managed_twin(path)
        if path.stem.lower().endswith("_managed"):
            raise UsageError(f"{path} has the name of a managed package", "For both, name the unmanaged one.")
        if not twin.is_file():
            raise UnreadableInput(f"{twin}: the managed package is not there", f"For both, it lies beside {path.name}.")
        unmanaged, managed = _unpack(path, options), _unpack(twin, options)
        if not options.exact:
            _check_type(path, unmanaged.manifest, PackageType.UNMANAGED)
            _check_type(twin, managed.manifest, PackageType.MANAGED)
        tree = combine(unmanaged, managed, options)
    else:
        tree = _unpack(path, options)
        if package_type:
            _check_type(path, tree.manifest, package_type)
    for name in [name for name, file in tree.files.items() if file.kind and not file.is_xml and file_map.find(name)]:
        del tree.files[name]
        tree.notes.append(Fault(f"{printable(name)} is not written: the map names another place for it", name))
    tree.notes[:0] = file_map.notes
    return tree


def _unpack(path: Path, options: UnpackOptions) -> UnpackedTree:
    archive = Archive.open(path)
    tree = unpack_members(str(path), archive, options)
    archive.verify()
    return tree


def _check_type(source: Path, manifest: Manifest, wanted: PackageType) -> None:
    if manifest.package_type is not wanted:
        raise UsageError(
            f"{source} is {manifest.package_type.word}, and {wanted.word} was asked for",
            f"Leave --package-type out, or say {manifest.package_type.word}.",
        )


@dataclass(frozen=True, slots=True)
class Packed:
    """A package that was packed: its zip is at `path` once it was written."""

    path: Path
    data: bytes
    digest: str
    manifest: Manifest
    members: int
    notes: tuple[Fault, ...]


def pack_folder(
    folder: Path,
    output: Path,
    package_type: PackageType | None,
    options: PackOptions,
    *,
    source_date_epoch: str | None = None,
) -> tuple[Packed, ...]:
    """Give the packages of a folder: one, or with BOTH the unmanaged one and its managed twin; nothing is written yet.

    None takes the type that the folder says. Raises UsageError where the folder is of another type (one of BOTH packs
    to any), UnreadableInput, InputFaults, and RootComponentFaults where the manifest and the folder disagree.
    """
    files = FolderFiles(folder)
    _, manifest = read_folder_manifest(files)
    wanted = package_type or manifest.package_type
    if manifest.package_type is not PackageType.BOTH:
        _check_type(folder, manifest, wanted)
    both = [(PackageType.UNMANAGED, output), (PackageType.MANAGED, managed_twin(output))]
    date = dos_date(source_date_epoch)
    made = []
    for kind, path in both if wanted is PackageType.BOTH else [(wanted, output)]:
        packed = pack_members(FolderFiles(folder), kind, options)
        notes = (*options.mapped.notes, *packed.notes)
        stated = replace(packed.manifest, package_type=kind)
        digest = content_digest(packed.members)
        made.append(Packed(path, pack(packed.members, date), digest, stated, len(packed.members), notes))
    return tuple(made)


def write_packages(packages: Sequence[Packed], folder: Path, *, force: bool = False) -> None:
    """Write packages, all or none; raises UsageError where one would take the place of anything but a package of the
    same solution (but for `force`), or would lie in the folder itself and be packed with it."""
    for package in packages:
        place = package.path.absolute().parent.resolve()
        if place.is_relative_to(folder.resolve()):
            top = place.relative_to(folder.resolve()).parts[:1]
            if top and top[0].lower() not in LEFT_OUT:
                raise UsageError(f"{package.path} lies in a folder that is packed", "Choose a place outside of it.")
        if package.path.exists() and not force and _solution_at(package.path) != package.manifest.unique_name:
            raise UsageError(
                f"{package.path} is there already, and is no package of {package.manifest.unique_name}",
                "Choose another place (-o), or replace it with --force.",
            )
    write_all({package.path: package.data for package in packages})


def _solution_at(path: Path) -> str:
    try:
        archive = Archive.open(path)
        return read_manifest(SOLUTION, read_document(SOLUTION, archive[SOLUTION])).unique_name
    except (SolsmithError, KeyError):
        return ""
