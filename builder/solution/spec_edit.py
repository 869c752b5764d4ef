"""Set the version in a spec, and leave every other byte of it as it is."""

from pathlib import Path

import yaml

from builder.document import parse_document, read_bounded
from builder.errors import UsageError
from builder.files import write_whole
from builder.model import Version

_BOM = b"\xef\xbb\xbf"
_HINT = "Write `version: 1.0.0.0` below `solution:`, on a line of its own."


def set_version(path: Path, version: Version, schema: str) -> None:
    """Write a version into the spec at a path, in place of the one that stands there.

    Raises what reading specs raises, and UsageError where the version does not stand there as a plain text.
    """
    raw = read_bounded(path)
    parse_document(str(path), raw, schema)  # says what is wrong, and where, if it is no YAML
    text = raw.decode("utf-8-sig")
    start, end = _place(path, text)
    edited = (text[:start] + str(version) + text[end:]).encode()
    data = _BOM + edited if raw.startswith(_BOM) else edited
    if parse_document(str(path), data, schema).get("solution", "version") != str(version):
        raise UsageError(f"{path}: the version cannot be changed where it stands", _HINT)
    real = path.resolve()  # a link stays a link
    write_whole(real, data, mode=real.stat().st_mode & 0o777)


def _place(path: Path, text: str) -> tuple[int, int]:
    """Say where the version's characters start and end, without quotes around them."""
    key, node = _below(_below((None, yaml.compose(text, Loader=yaml.SafeLoader)), "solution"), "version")
    if key is None or not isinstance(node, yaml.ScalarNode):
        raise UsageError(f"{path}: the spec has no version that could be changed", _HINT)
    # An alias has the place of what it stands for, which is before its key.
    if node.style not in (None, "'", '"') or node.start_mark.index < key.end_mark.index:
        raise UsageError(f"{path}:{key.start_mark.line + 1}: the version is no plain text here", _HINT)
    quotes = 1 if node.style else 0
    return node.start_mark.index + quotes, node.end_mark.index - quotes


_Entry = tuple[yaml.Node | None, yaml.Node | None]


def _below(entry: _Entry, name: str) -> _Entry:
    """Give the key and the value of a name in a mapping."""
    node = entry[1]
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == name:
                return key, value
    return None, None
