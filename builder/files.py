"""Write files so that nobody ever sees half of one, or some of several."""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from builder.errors import UsageError

_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


def write_whole(path: Path, data: bytes, *, mode: int = 0o644) -> None:
    """Write a file beside its place and rename it there; raises UsageError where the place cannot be written.

    The mode does not depend on the umask, so that the same call gives the same file everywhere.
    """
    write_all({path: data}, mode=mode)


def write_all(files: Mapping[Path, bytes | None], *, mode: int | None = 0o644) -> None:
    """Write several files, each as write_whole does; None as data removes one, None as mode leaves that of a file that
    is there. None takes its place before all are written beside theirs; after a failure, all is as it was.
    """
    beside: dict[Path, Path] = {}
    done: dict[Path, bytes | None] = {}
    path = Path()
    try:
        for path, data in files.items():
            if data is not None:
                # The name is known before the file is there: an interruption leaves none behind.
                beside[path] = _name_beside(path)
                _write(beside[path], data, _mode_of(path) if mode is None else mode)
        for path in files:
            done[path] = path.read_bytes() if path.exists() else None
            _put(path, beside.get(path))
    except BaseException as error:
        for written, before in reversed(done.items()):
            _put(written, None if before is None else _write(_name_beside(written), before, _mode_of(written)))
        if isinstance(error, OSError):
            reason = error.strerror or str(error)
            raise UsageError(f"cannot write {path}: {reason}", "Choose a folder that you may write to.") from error
        raise
    finally:
        for temporary in beside.values():
            temporary.unlink(missing_ok=True)


def _put(path: Path, beside: Path | None) -> None:
    """Let a file that was written beside a place take it; without one, leave the place empty."""
    if beside is None:
        path.unlink(missing_ok=True)
    else:
        beside.replace(path)


def _mode_of(path: Path) -> int:
    return path.stat().st_mode & 0o777 if path.exists() else 0o644


def _name_beside(path: Path) -> Path:
    if path.is_dir():
        raise IsADirectoryError(None, "a folder stands there")
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.with_name(f".{path.name[:40]}.{secrets.token_hex(6)}")


def _write(beside: Path, data: bytes, mode: int) -> Path:
    try:
        with os.fdopen(os.open(beside, _NEW_FILE, 0o600), "wb") as file:
            file.write(data)
        beside.chmod(mode)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    return beside
