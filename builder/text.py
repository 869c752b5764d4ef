"""Foreign text made safe: to print on a terminal, and to name a file."""

import re
import unicodedata

_RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{digit}" for port in ("com", "lpt") for digit in "123456789¹²³")}
_FORBIDDEN_IN_NAMES = frozenset('/\\:*?"<>|')
_NAME_BYTES = 200
_NUMBER = re.compile("[0-9]{1,9}")
# What XML 1.0 cannot hold, not even as a character reference.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# What build pipelines take for a command: Azure's `##vso[` and `##[` anywhere in a line, GitHub's `::` at its start
# (here: after a blank, too, since a line may be broken there).
_PIPELINE_COMMAND = re.compile(r"#(?=#(?:vso)?\[)|(?<![^ ]):(?=:)", re.IGNORECASE)


def printable(text: str) -> str:
    """Show control, bidirectional and other invisible characters as escapes, so that no text can steer a terminal.

    What a build pipeline would take for a command is broken by an escape too.
    """
    if text.isascii() and text.isprintable():
        shown = text  # nearly all there is
    else:
        shown = "".join(
            character if unicodedata.category(character)[0] not in "CZ" or character == " " else _escape(character)
            for character in text
        )
    return _PIPELINE_COMMAND.sub(lambda match: _escape(match[0]), shown)


def has_pipeline_command(text: str) -> bool:
    """Say whether a build pipeline that printed a text as it is would take a part of it for a command."""
    return bool(_PIPELINE_COMMAND.search(text.replace("\n", " ")))


def markdown_code(text: str) -> str:
    """Show a text as a Markdown code span: no link, image, mention, issue number or markup can be in it, in a table
    neither. What would end the span or the table's cell is shown as an escape.
    """
    inside = "".join(_escape(character) if character in "`|" else character for character in printable(text))
    return f"`{inside}`" if inside.strip() else "` `"


def json_text(value: object) -> str:
    """Write plain data as JSON, in ASCII; what a build pipeline would take for a command is broken by an escape."""
    import json

    written = json.dumps(value, indent=2)
    return _PIPELINE_COMMAND.sub(lambda match: f"\\u{ord(match[0]):04x}", written)


def _escape(character: str) -> str:
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def fits_xml(text: str) -> bool:
    """Say whether XML 1.0 can hold every character of a text."""
    return not _NOT_XML.search(text)


def number_in(text: str) -> int | None:
    """Read a number of one to nine ASCII digits, with blanks around it; None for anything else.

    Foreign text is not given to int(): that takes the digits of all scripts, and fails on more than 4,300 of them.
    """
    digits = text.strip()
    return int(digits) if _NUMBER.fullmatch(digits) else None


def file_name(text: str) -> str:
    """Turn a text into the name of one file that every platform accepts, inside whatever folder it is put.

    Separators, characters that Windows refuses and control characters become `_`; trailing dots and blanks go;
    `..`, empty and reserved names get a `_` in front. Two texts may give one name: the caller checks, ignoring case.
    """
    name = "".join(
        "_" if character in _FORBIDDEN_IN_NAMES or unicodedata.category(character)[0] == "C" else character
        for character in text
    ).rstrip(". ")
    while len(name.encode()) > _NAME_BYTES:
        name = name[:-1]
    return f"_{name}" if not name or is_reserved_name(name) else name


def is_reserved_name(name: str) -> bool:
    """Say whether a file name means a device on Windows, with whatever extension."""
    return name.split(".", 1)[0].strip().lower() in _RESERVED
