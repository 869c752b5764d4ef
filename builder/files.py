"""Write files so that nobody ever sees half of one."""

import os
import tempfile
from pathlib import Path

from builder.errors import UsageError


def write_whole(path: Path, data: bytes, *, mode: int = 0o644) -> None:
    """Write a file beside its place and rename it there; raises UsageError where the place cannot be written.

    The mode does not depend on the umask, so that the same call gives the same file everywhere.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, beside = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
            Path(beside).chmod(mode)
            Path(beside).replace(path)
        except BaseException:
            Path(beside).unlink(missing_ok=True)
            raise
    except OSError as error:
        reason = error.strerror or str(error)
        raise UsageError(f"cannot write {path}: {reason}", "Choose a folder that you may write to.") from error
