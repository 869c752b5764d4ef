"""A path -> Package, whichever of the two forms lies there: a zip, or a folder that SolutionPackager unpacked."""

from pathlib import Path

from builder.errors import InputFaults
from builder.package.archive import Limits
from builder.package.core import SOLUTION
from builder.package.folder import open_folder
from builder.package.limits import DEFAULT_LIMITS
from builder.package.reader import Package, open_package, read_members, require_core


def open_any(path: Path, limits: Limits | None = None) -> Package:
    """Read the zip or the folder at a path as far as it can be read; raises UnreadableInput where it is neither.

    A folder's facts have the file and line where they stand; its components beside roles are not in the trees.
    """
    return open_folder(path, limits) if path.is_dir() else open_package(path, limits)


def read_any(path: Path, limits: Limits | None = None) -> Package:
    """Do the same, and raise InputFaults where a core member is absent or malformed. A folder that holds all that its
    manifest lists is read as the package that it packs to, with all components and members."""
    opened = require_core(open_any(path, limits))
    if not opened.unpacked:
        return opened
    try:
        package, complete = packed_package(path, limits)
    except InputFaults:
        return opened
    return package if complete else opened


def packed_package(path: Path, limits: Limits | None = None) -> tuple[Package, bool]:
    """Read a folder as the package that it packs to, and say whether it holds all components that its manifest lists.

    A folder of both package types gives the unmanaged members, and a manifest that says 2. Raises UnreadableInput, and
    InputFaults where the folder does not pack.
    """
    from builder.package.packager.folder_files import FolderFiles
    from builder.package.packager.manifest import PackageType
    from builder.package.packager.packing import pack_members, read_folder_manifest

    limits = limits or DEFAULT_LIMITS
    files = FolderFiles(path, limits)
    said = read_folder_manifest(files)[1].package_type
    packed = pack_members(files, PackageType.UNMANAGED if said is PackageType.BOTH else said, limits=limits)
    package = read_members(str(path), packed.members, limits)
    managed = package.trees[SOLUTION].find("SolutionManifest/Managed")
    if managed is not None:
        managed.text = said.value
    return package, not packed.undefined
