"""What a path stands for: a package, an unpacked folder, or a folder with any number of either."""

import glob
import os
from collections.abc import Iterable
from pathlib import Path

from builder.package.folder import is_unpacked

_MAGIC = frozenset("*?[")


def packages_at(paths: Iterable[Path]) -> list[Path]:
    """Give the packages that paths stand for, each once, in the order of the paths and by name within a folder.

    A folder that SolutionPackager unpacked is a package; any other is searched for such folders and for zips. A path
    that is not there is taken for a pattern (`dist/*.zip`), for shells that do not resolve them. What stands for
    nothing is given as it is, so that reading it says why.
    """
    found: dict[Path, None] = {}
    for path in paths:
        found.update(dict.fromkeys(_at(path) or [path]))
    return list(found)


def _at(path: Path) -> list[Path]:
    if path.is_dir():
        return [path] if is_unpacked(path) else _below(path)
    if not path.exists() and _MAGIC & set(str(path)):
        matches = sorted(glob.glob(str(path), recursive=True))  # noqa: PTH207 - Path.glob takes no absolute pattern
        return [package for match in matches for package in (_at(Path(match)) or [Path(match)])]
    return []


def _below(folder: Path) -> list[Path]:
    found: list[Path] = []
    for top, folders, files in os.walk(folder):
        here = Path(top)
        if here != folder and is_unpacked(here):
            found.append(here)
            folders.clear()
            continue
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [here / name for name in files if name.lower().endswith(".zip")]
    return sorted(found)
