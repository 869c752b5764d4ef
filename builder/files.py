"""Write files so that nobody ever sees half of one, or some of several."""

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from builder.errors import UsageError


def write_whole(path: Path, data: bytes, *, mode: int = 0o644) -> None:
    """Write a file beside its place and rename it there; raises UsageError where the place cannot be written.

    The mode does not depend on the umask, so that the same call gives the same file everywhere.
    """
    write_all({path: data}, mode=mode)


def write_all(files: Mapping[Path, bytes], *, mode: int = 0o644) -> None:
    """Write several files, each as write_whole does; none takes its place before all are written beside theirs."""
    beside: dict[Path, Path] = {}
    path = Path()
    try:
        for path, data in files.items():
            beside[path] = _write_beside(path, data, mode)
        for path in files:
            beside[path].replace(path)
    except OSError as error:
        reason = error.strerror or str(error)
        raise UsageError(f"cannot write {path}: {reason}", "Choose a folder that you may write to.") from error
    finally:
        for temporary in beside.values():
            temporary.unlink(missing_ok=True)


def _write_beside(path: Path, data: bytes, mode: int) -> Path:
    if path.is_dir():
        raise IsADirectoryError(None, "a folder stands there")
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    beside = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        beside.chmod(mode)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    return beside
