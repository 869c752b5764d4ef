"""The resource path of a request: segments, each a name with optional parentheses."""

import re
from dataclasses import dataclass
from urllib.parse import unquote

from builder.sandbox.odata.literals import BadQuery
from builder.sandbox.odata.options import split

NAMESPACE = "Microsoft.Dynamics.CRM."


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment: `key` is what stands in the parentheses, None without parentheses."""

    name: str
    key: str | None = None

    def arguments(self, aliases: dict[str, str]) -> dict[str, str]:
        """The named arguments in the parentheses, aliases (`@p`) put in their place; raises BadQuery."""
        arguments: dict[str, str] = {}
        for part in split(self.key or "", ","):
            name, equals, value = part.partition("=")
            if not equals:
                raise BadQuery(f"'{part}' is not a named argument.")
            value = value.strip()
            if value.startswith("@"):
                if value not in aliases:
                    raise BadQuery(f"The parameter alias '{value}' has no value.")
                value = aliases[value]
            arguments[name.strip()] = value
        return arguments


def parse_path(path: str) -> list[Segment]:
    """Read a percent-encoded path below the version; raises BadQuery."""
    return [_segment(unquote(part)) for part in split(path, "/")]


def _segment(text: str) -> Segment:
    match = re.fullmatch(r"([$\w.]+)(?:\((.*)\))?", text, re.DOTALL)
    if match is None:
        raise BadQuery(f"Bad Request - Error in query syntax near '{text}'.")
    return Segment(match[1].removeprefix(NAMESPACE), match[2])
