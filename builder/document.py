"""YAML that people write -> plain data, with the line of every value and every fault of its structure at once.

YAML's surprises are left out: only `true`, `false`, `null` and whole numbers are more than text, so that a version
1.10, the country NO or the key `on` stay what they look like. No tags; aliases are resolved, within a bound.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from builder.errors import Fault, InputFaults, UnreadableInput
from builder.resources import resource
from builder.text import printable

Path_ = tuple[str | int, ...]
"""Where a value stands in a document: keys and positions from the top."""

_LARGEST = 4 << 20
_MOST_VALUES = 200_000
_DEEPEST = 32
_PLAIN_TAGS = {"str", "int", "bool", "null", "float", "timestamp", "map", "seq", "merge", "value"}


class _Loader(yaml.SafeLoader):
    """A safe loader that takes few words for more than text."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - PyYAML's own way to say it
        **{letter: [("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"))] for letter in "tf"},
        **{letter: [("tag:yaml.org,2002:int", re.compile(r"^(?:0|[1-9][0-9]{0,9})$"))] for letter in "0123456789"},
        **{letter: [("tag:yaml.org,2002:null", re.compile(r"^(?:null|)$"))] for letter in ("n", "")},
    }


@dataclass(frozen=True)
class Document:
    """A document's data, the line of every value by where it stands, and the faults of its structure."""

    source: str
    data: Any
    lines: dict[Path_, int]
    faults: list[Fault]
    unsound: set[Path_]

    def line(self, path: Path_) -> int:
        """Give the line of the value at a path, or of the nearest one around it; 0 where lines are not known."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1 if self.lines else 0)

    def fault(self, path: Path_, message: str, hint: str = "") -> None:
        """Note what is wrong with the value at a path."""
        self.faults.append(Fault(message, self.source, self.line(path), hint))

    def get(self, *path: str | int, default: Any = None) -> Any:
        """Give the value at a path; the default where there is none, or its structure is at fault."""
        value = self.data
        for length, step in enumerate(path, start=1):
            if path[:length] in self.unsound:
                return default
            try:
                value = value[step]
            except (KeyError, IndexError, TypeError):
                return default
        return default if value is None else value

    def each(self, *path: str | int) -> Iterator[Path_]:
        """Give the path of every sound item of a list."""
        items = self.get(*path, default=[])
        for index in range(len(items) if isinstance(items, list) else 0):
            if (*path, index) not in self.unsound:
                yield (*path, index)

    def names(self, *path: str | int) -> Iterator[tuple[str, Path_]]:
        """Give the names at a path, written as a list or with commas, and where each stands."""
        value = self.get(*path)
        found = False
        for index, item in enumerate(value if isinstance(value, list) else str(value or "").split(",")):
            where = (*path, index) if isinstance(value, list) else path
            if str(item).strip() and where not in self.unsound:
                found = True
                yield str(item).strip(), where
        if value is not None and not found:
            self.fault(path, f"`{path[-1]}` names nothing")

    def raise_faults(self) -> None:
        """Raise InputFaults where anything is wrong."""
        if self.faults:
            raise InputFaults(self.source, self.faults)


def read_document(path: Path, schema: str) -> Document:
    """Read a YAML file and check it against schemas/`schema`; raises UnreadableInput where it is no YAML at all."""
    return parse_document(str(path), read_bounded(path), schema)


def read_json_document(path: Path, schema: str) -> Document:
    """Read a JSON file likewise; its faults name the value in place of the line."""
    import json

    try:
        data = json.loads(read_bounded(path).decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise UnreadableInput(f"{path}: not UTF-8 at byte {error.start}") from None
    except json.JSONDecodeError as error:
        raise InputFaults(path, [Fault(f"not JSON: {error.msg}", str(path), error.lineno)]) from None
    except (ValueError, RecursionError) as error:
        raise UnreadableInput(f"{path}: not JSON: {printable(str(error))}") from None
    document = Document(str(path), data, {}, [], set())
    _check(document, schema)
    return document


def read_bounded(path: Path) -> bytes:
    """Read a file that a person writes; raises UnreadableInput, also where it is larger than such a file can be."""
    try:
        with path.open("rb") as file:
            raw = file.read(_LARGEST + 1)
    except OSError as error:
        raise UnreadableInput(f"{path}: {error.strerror}", "Name a file that exists and can be read.") from error
    if len(raw) > _LARGEST:
        raise UnreadableInput(f"{path}: larger than {_LARGEST >> 20} MiB, which no such file needs")
    return raw


def parse_document(source: str, raw: bytes, schema: str) -> Document:
    """Do the same for the bytes of a file."""
    try:
        node = yaml.compose(raw.decode("utf-8-sig"), Loader=_Loader)
    except UnicodeDecodeError as error:
        raise UnreadableInput(f"{source}: not UTF-8 at byte {error.start}", "Save the file as UTF-8.") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        problem = " ".join(filter(None, (error.context, error.problem)))
        raise InputFaults(source, [Fault(f"not YAML: {printable(problem)}", source, line)]) from None
    except yaml.reader.ReaderError as error:
        line = raw.decode("utf-8-sig").count("\n", 0, error.position) + 1
        shown = printable(chr(error.character))
        raise InputFaults(source, [Fault(f"not YAML: the character {shown}", source, line, "Remove it.")]) from None
    except (yaml.YAMLError, RecursionError) as error:
        raise UnreadableInput(f"{source}: not YAML: {printable(str(error).splitlines()[0])}") from None
    if node is None:
        raise UnreadableInput(f"{source}: empty", "See examples/ for one that works.")
    document = Document(source, None, {}, [], set())
    data = _Walk(document).value(node, ())
    document = Document(source, data, document.lines, document.faults, document.unsound)
    _check(document, schema)
    return document


class _Walk:
    """Turns YAML's nodes into data, noting lines, and refuses what is more than data."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._values = 0

    def value(self, node: yaml.Node, path: Path_) -> Any:
        """Give a node's data."""
        self._values += 1
        line = node.start_mark.line + 1
        if self._values > _MOST_VALUES or len(path) > _DEEPEST:
            raise InputFaults(
                self._document.source, [Fault("too many or too deep values", self._document.source, line)]
            )
        self._document.lines.setdefault(path, line)
        if str(node.tag).removeprefix("tag:yaml.org,2002:") not in _PLAIN_TAGS:
            self._document.fault(path, f"tag {printable(str(node.tag))}", "Tags mean nothing here; remove it.")
            return None
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*path, index)) for index, item in enumerate(node.value)]
        return self._scalar(node)

    def _mapping(self, node: yaml.MappingNode, path: Path_) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = key_node.value if isinstance(key_node, yaml.ScalarNode) else "?"
            where = (*path, key)
            if key in found:
                line = key_node.start_mark.line + 1
                self._document.faults.append(
                    Fault(f"`{printable(key)}` stands here twice", self._document.source, line, "Keep one of them.")
                )
                continue
            self._document.lines[where] = key_node.start_mark.line + 1
            found[key] = self.value(value_node, where)
        return found

    @staticmethod
    def _scalar(node: yaml.Node) -> str | int | bool | None:
        tag = str(node.tag).rsplit(":", 1)[-1]
        if tag == "bool":
            return bool(node.value == "true")
        if tag == "int":
            return int(node.value)
        return None if tag == "null" else str(node.value)


def _check(document: Document, schema_name: str) -> None:
    import json

    import jsonschema

    schema = json.loads(resource("schemas", schema_name).read_text(encoding="utf-8"))
    for error in jsonschema.Draft202012Validator(schema).iter_errors(document.data):
        _note(document, error)


def _note(document: Document, error: Any) -> None:
    """Turn an error of the schema into a sentence; the schema's `x-expects` says what would be right."""
    path = tuple(error.absolute_path)
    if "propertyNames" in error.schema_path:
        path = (*path, error.instance)  # the key is at fault, not what holds it
    steps = path if not document.lines else [step for step in path if isinstance(step, str)]
    name = printable(".".join(map(str, steps))) or "the file"
    if error.validator == "additionalProperties":
        known = list(error.schema.get("properties", {}))
        for key in sorted(set(error.instance) - set(known)):
            document.fault((*path, key), f"unknown key `{printable(key)}`", _nearest(key, known))
            document.unsound.add((*path, key))
        return
    if error.validator == "required":
        key = next(key for key in error.validator_value if f"'{key}'" in error.message)
        if key not in error.instance:
            document.fault(path, f"`{key}` is missing" + (f" in {name}" if path else ""), _about(error.schema, key))
        return
    document.unsound.add(path)
    expected = error.schema.get("x-expects") or error.message
    document.fault(path, f"{name}: expected {expected}, found {_shown(error.instance)}")


def _about(schema: dict[str, Any], key: str) -> str:
    return str(schema.get("properties", {}).get(key, {}).get("description", ""))


def _nearest(key: str, known: list[str]) -> str:
    import difflib

    near = difflib.get_close_matches(key, known, n=1, cutoff=0.6)
    return f"Did you mean `{near[0]}`?" if near else f"Known here: {', '.join(known)}."


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return "a mapping"
    if value == "":
        return "an empty text"
    if isinstance(value, list):
        return "an empty list" if not value else "a list"
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    text = printable(str(value))
    return f"`{text[:57]}...`" if len(text) > 60 else f"`{text}`"
