"""A path -> Package, whichever of the two forms lies there: a zip, or a folder that SolutionPackager unpacked."""

from pathlib import Path

from builder.package.archive import Limits
from builder.package.folder import open_folder
from builder.package.reader import Package, open_package, require_core


def open_any(path: Path, limits: Limits | None = None) -> Package:
    """Read the zip or the folder at a path as far as it can be read; raises UnreadableInput where it is neither."""
    return open_folder(path, limits) if path.is_dir() else open_package(path, limits)


def read_any(path: Path, limits: Limits | None = None) -> Package:
    """Do the same, and raise InputFaults where a core member is absent or malformed."""
    return require_core(open_any(path, limits))
