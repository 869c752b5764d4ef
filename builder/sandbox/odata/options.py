"""The query options of a request: read once, refused where not understood."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from builder.sandbox.odata.literals import BadQuery

_KNOWN = ("$select", "$filter", "$expand", "$orderby", "$top", "$count", "$skiptoken")
_INNER = ("$select", "$filter", "$orderby", "$top")


@dataclass(frozen=True, slots=True)
class Expand:
    """One navigation property to expand, with the options in its parentheses."""

    name: str
    options: "Options"


@dataclass(frozen=True, slots=True)
class Options:
    """Query options; `select` is None where all properties are wanted, `top` and `skip` count rows."""

    select: tuple[str, ...] | None = None
    filter: str = ""
    expand: tuple[Expand, ...] = ()
    order: tuple[tuple[str, bool], ...] = ()
    top: int | None = None
    count: bool = False
    skip: int = 0
    aliases: Mapping[str, str] = field(default_factory=dict)


def parse_options(query: Mapping[str, str]) -> Options:
    """Read the query of a request; parameter aliases (`@p`) are kept; raises BadQuery for any other name."""
    options: dict[str, str] = {}
    aliases: dict[str, str] = {}
    for name, value in query.items():
        if name.startswith("@"):
            aliases[name] = value
        elif name in _KNOWN:
            options[name] = value
        else:
            text = (
                "Skip Clause is not supported in CRM" if name == "$skip" else f"The query option '{name}' is unknown."
            )
            raise BadQuery(text, supported=name == "$skip" or not name.startswith("$"))
    return _options(options, aliases)


def _options(given: Mapping[str, str], aliases: Mapping[str, str]) -> Options:
    select = _names(given["$select"]) if "$select" in given else None
    if given.get("$count", "false") not in ("true", "false"):
        raise BadQuery(f"'{given['$count']}' is not a value of $count.")
    return Options(
        select=None if select == ("*",) else select,
        filter=given.get("$filter", ""),
        expand=tuple(_expand(part) for part in split(given.get("$expand", ""), ",")),
        order=tuple(_order(part) for part in split(given.get("$orderby", ""), ",")),
        top=_number("$top", given["$top"]) if "$top" in given else None,
        count=given.get("$count") == "true",
        skip=_number("$skiptoken", given.get("$skiptoken", "0")),
        aliases=aliases,
    )


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _expand(text: str) -> Expand:
    match = re.fullmatch(r"\s*([A-Za-z_]\w*)\s*(?:\((.*)\))?\s*", text, re.DOTALL)
    if match is None:
        raise BadQuery(f"Syntax error in $expand near '{text}'.", supported=False)
    inner: dict[str, str] = {}
    for part in split(match[2] or "", ";"):
        name, _, value = part.strip().partition("=")
        if name not in _INNER:
            raise BadQuery(f"'{name}' is not understood within $expand.", supported=False)
        inner[name] = value
    return Expand(match[1], _options(inner, {}))


def _order(text: str) -> tuple[str, bool]:
    name, _, direction = text.strip().partition(" ")
    if direction.strip() not in ("", "asc", "desc"):
        raise BadQuery(f"Syntax error in $orderby near '{text}'.")
    return name, direction.strip() == "desc"


def _number(name: str, text: str) -> int:
    if not re.fullmatch(r"\d{1,9}", text):
        raise BadQuery(f"Invalid value '{text}' for {name}: a number of 0 or more is wanted.")
    return int(text)


def split(text: str, separator: str) -> list[str]:
    """Split at a separator that stands outside parentheses and quotes; raises BadQuery where they are not closed."""
    parts: list[str] = [""]
    depth, quoted = 0, False
    for letter in text:
        if letter == "'":
            quoted = not quoted
        depth += 0 if quoted else (letter == "(") - (letter == ")")
        if letter == separator and not quoted and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    if depth or quoted:
        raise BadQuery(f"Syntax error: parentheses or quotes are not closed in '{text}'.")
    return [part for part in parts if part.strip()]
