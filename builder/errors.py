"""What can go wrong, as one tree. Each error carries a message, a hint and the exit code the command line ends with."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong in an input, and where: `line` counts from 1, 0 where there is none."""

    message: str
    where: str = ""
    line: int = 0
    hint: str = ""

    def __str__(self) -> str:
        place = f"{self.where}:{self.line}" if self.line else self.where
        return f"{place}: {self.message}" if place else self.message


class SolsmithError(Exception):
    """Base of everything solsmith raises on purpose."""

    exit_code = 2

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(SolsmithError):
    """The command was called in a way that makes no sense; nothing was read or written."""


class UnreadableInput(SolsmithError):
    """An input cannot be read at all: absent, no zip, not UTF-8, over a limit."""


class InputFaults(SolsmithError):
    """An input can be read, and says something wrong: every fault of it at once, in the order of its lines."""

    def __init__(self, source: str | Path, faults: Sequence[Fault]) -> None:
        self.source = str(source)
        self.faults = tuple(sorted(faults, key=lambda fault: fault.line))
        count = "1 fault" if len(self.faults) == 1 else f"{len(self.faults)} faults"
        super().__init__(f"{self.source}: {count}")


class RemoteError(SolsmithError):
    """The other side refused, or could not be reached."""

    exit_code = 3


class Refused(RemoteError):
    """The other side was reached and said no; `code` is its own error code, `status` the HTTP status (0: none)."""

    def __init__(self, message: str, hint: str = "", *, code: str = "", status: int = 0) -> None:
        super().__init__(message, hint)
        self.code = code
        self.status = status


class Unreachable(RemoteError):
    """No answer came: name, connection, TLS or time-out."""


class OutcomeUnknown(RemoteError):
    """A request may or may not have been carried out, and looking it up did not settle it."""
