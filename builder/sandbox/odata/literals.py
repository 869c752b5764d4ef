"""OData's literals: strings, GUIDs, numbers, dates, null."""

import re
from dataclasses import dataclass
from datetime import datetime

_GUID = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?")
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?")


class BadQuery(Exception):
    """A query that cannot be understood. `supported` is False where OData has it and the sandbox does not."""

    def __init__(self, message: str, supported: bool = True) -> None:
        super().__init__(message)
        self.message = message
        self.supported = supported


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant: its Edm type (Null for null) and its value, GUIDs in lower case."""

    type: str
    value: object


def parse_literal(text: str) -> Literal | None:
    """Read a literal; None where the text is none."""
    if text in ("true", "false"):
        return Literal("Boolean", text == "true")
    if text == "null":
        return Literal("Null", None)
    if len(text) >= 2 and text[0] == text[-1] == "'":
        return Literal("String", text[1:-1].replace("''", "'"))
    if _GUID.fullmatch(text):
        return Literal("Guid", text.lower())
    if _MOMENT.fullmatch(text):
        return Literal("DateTimeOffset", text) if _is_moment(text) else None
    if _NUMBER.fullmatch(text):
        return Literal("Number", float(text))
    return None


def _is_moment(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def parse_guid(text: str) -> str:
    """Read a GUID as a key or parameter gives it: bare, and in quotes too; raises BadQuery."""
    bare = text.strip().strip("'").strip("{}")
    if not _GUID.fullmatch(bare):
        raise BadQuery(f"'{text}' is not a GUID.")
    return bare.lower()
