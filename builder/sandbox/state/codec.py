"""What an environment holds, as JSON and back: plain values, and the sandbox's own dataclasses by their names.

Nothing but dataclasses of this package, depths, moments and faults is ever made from a file.
"""

import base64
import dataclasses
import importlib
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from builder.model import Depth
from builder.sandbox.faults import WebApiFault

_MARK = "!"
_OURS = "builder.sandbox."


def dumps(value: object) -> str:
    """A value as JSON; raises TypeError for what cannot be kept."""
    return json.dumps(_encode(value), ensure_ascii=False, separators=(",", ":"))


def loads(text: str) -> Any:
    """The value again; raises ValueError for a text that dumps never wrote."""
    try:
        return _decode(json.loads(text))
    except (KeyError, TypeError, AttributeError, ImportError, RecursionError) as error:
        raise ValueError(f"not a kept value: {error}") from None


def _encode(value: Any) -> Any:
    if value is None or isinstance(value, str | bool | float) or type(value) is int:
        return value
    if isinstance(value, list):
        return [_encode(item) for item in value]
    if isinstance(value, dict):
        if all(isinstance(key, str) and key != _MARK for key in value):
            return {key: _encode(item) for key, item in value.items()}
        return {_MARK: "dict", "v": [[_encode(key), _encode(item)] for key, item in value.items()]}
    name, content = _marked(value)
    return {_MARK: name, "v": content}


def _marked(value: Any) -> tuple[str, Any]:
    """A value that JSON has no form for, with the name of what it is."""
    kind = type(value)
    if isinstance(value, Depth):
        return "depth", int(value)
    if isinstance(value, tuple | set | frozenset):
        return kind.__name__, [_encode(item) for item in value]
    if isinstance(value, bytes):
        return "bytes", base64.b64encode(value).decode("ascii")
    if isinstance(value, datetime):
        return "datetime", value.isoformat()
    if isinstance(value, WebApiFault):
        return "fault", [value.status, value.code, value.message, value.role_id]
    if dataclasses.is_dataclass(kind) and kind.__module__.startswith(_OURS):
        fields = {field.name: _encode(getattr(value, field.name)) for field in dataclasses.fields(value)}
        return f"{kind.__module__}:{kind.__name__}", fields
    raise TypeError(f"a {kind.__name__} cannot be kept")


def _decode(value: Any) -> Any:
    if isinstance(value, list):
        return [_decode(item) for item in value]
    if not isinstance(value, dict):
        return value
    if _MARK not in value:
        return {key: _decode(item) for key, item in value.items()}
    name, content = value[_MARK], value["v"]
    if ":" in name:
        return _dataclass(name, content)
    return _MADE[name](content)


def _fault(content: list[Any]) -> WebApiFault:
    fault = WebApiFault(*content[:3])
    fault.role_id = content[3]
    return fault


_MADE: dict[str, Callable[[Any], Any]] = {
    "depth": Depth,
    "dict": lambda pairs: {_decode(key): _decode(item) for key, item in pairs},
    "tuple": lambda items: tuple(map(_decode, items)),
    "set": lambda items: set(map(_decode, items)),
    "frozenset": lambda items: frozenset(map(_decode, items)),
    "bytes": base64.b64decode,
    "datetime": datetime.fromisoformat,
    "fault": _fault,
}


def _dataclass(name: str, content: dict[str, Any]) -> Any:
    module, _, kind = name.partition(":")
    found = getattr(importlib.import_module(module), kind) if module.startswith(_OURS) else None
    if not (isinstance(found, type) and dataclasses.is_dataclass(found)):
        raise ValueError(f"{name} is nothing that is kept")
    fields = {field.name: field for field in dataclasses.fields(found)}
    decoded = {key: _decode(item) for key, item in content.items() if key in fields}
    made = found(**{key: item for key, item in decoded.items() if fields[key].init})
    for key, item in decoded.items():
        if not fields[key].init:
            object.__setattr__(made, key, item)
    return made
