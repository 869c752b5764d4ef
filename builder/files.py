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


def write_together(contents: Mapping[Path, bytes | None]) -> None:
    """Write several files, all or none; None removes one. Raises UsageError where a place cannot be written.

    What had been written before a failure is put back. Permissions of files that exist stay as they are.
    """
    undo: list[tuple[Path, bytes | None, int]] = []
    try:
        for path, data in contents.items():
            before = path.read_bytes() if path.exists() else None
            mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
            undo.append((path, before, mode))
            if data is not None:
                write_whole(path, data, mode=mode)
            else:
                path.unlink(missing_ok=True)
    except BaseException as error:
        for path, before, mode in reversed(undo):
            if before is None:
                path.unlink(missing_ok=True)
            else:
                write_whole(path, before, mode=mode)
        if isinstance(error, OSError):
            reason = error.strerror or str(error)
            raise UsageError(f"cannot write {path}: {reason}", "Choose a folder that you may write to.") from error
        raise
