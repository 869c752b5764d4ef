"""What files are called: SolutionPackager's names, and names that every platform accepts."""

import re
from collections.abc import Callable

from builder.errors import Fault, InputFaults
from builder.package.packager.nodes import Element
from builder.text import is_reserved_name, printable

_FORBIDDEN = frozenset('/\\:*?"<>|')
_FIELD = re.compile(r"\{([^}]*)\}")
_LONGEST = 255


def portable(text: str) -> str:
    """Replace what Windows refuses in file names; on Unix Microsoft's tool replaces `/` alone (measured), on Windows
    others too (inferred: the exact set is unconfirmed)."""
    return "".join("_" if character in _FORBIDDEN or character < " " else character for character in text)


def role_file_name(name: str) -> str:
    """Name a role's file as SolutionPackager does: `.xml` is added unless the name has an extension already, which is
    a dot that is not its last character (measured). Names of devices get `_` in front."""
    replaced = portable(name)
    has_extension = "." in replaced[:-1] and not replaced.endswith(".")
    file = replaced if has_extension and not replaced.endswith(" ") else f"{replaced}.xml"
    return f"_{file}" if is_reserved_name(file) else file


def is_passed_over(name: str) -> bool:
    """Say whether SolutionPackager would leave a role file out, for every package type: `X_managed.xml` (measured)."""
    stem, dot, _ = name.rpartition(".")
    return (stem if dot else name).lower().endswith("_managed")


def kept_role_file_name(role: Element, is_taken: Callable[[str], bool]) -> str:
    """Name a role's file so that no tool loses the role: not ending in `_managed`, short enough, and no other's.

    Where SolutionPackager's own name for it is all that, it is that; else the id's first part tells roles apart.
    """
    identity = portable(role.attributes.get("id", "").strip("{} ").lower())
    name = role.attributes.get("name", "")
    stem, _, extension = (role_file_name(name) if name.strip() else f"{identity or 'role'}.xml").rpartition(".")
    if is_passed_over(f"{stem}.{extension}"):
        stem += "_"
    if len(extension.encode()) > _LONGEST // 4:
        stem, extension = f"{stem}.{extension}", "xml"
    file, number = _fitting(stem, "", extension), 1
    while is_passed_over(file) or is_taken(file):
        file = _fitting(stem, f"~{identity[:8]}" if identity and number == 1 else f"~{number}", extension)
        number += 1
    return file


def _fitting(stem: str, suffix: str, extension: str) -> str:
    """Shorten a name until a file system takes it."""
    while len(f"{stem}{suffix}.{extension}".encode()) > _LONGEST:
        stem = stem[:-1]
    return f"{stem}{suffix}.{extension}"


def place_of(place: str, element: Element, *, managed: str = "", group: Element | None = None) -> str:
    """Fill the fields of a place; raises InputFaults where a field is absent or empty."""

    def field(match: re.Match[str]) -> str:
        if match[1] == "managed":
            return managed
        if match[1].startswith("group@"):
            return portable(group.attributes.get(match[1][6:], "") if group else "")
        for name in match[1].split("|"):
            is_path = name.startswith("/")
            if value := _value(element, name.lstrip("/")):
                return value.replace("\\", "/").lstrip("/") if is_path else portable(value)
        raise InputFaults(element.name, [Fault(f"<{printable(element.name)}> has no {match[1]}", "", element.line)])

    return _FIELD.sub(field, place)


def _value(element: Element, name: str) -> str:
    if name == ".":
        return element.name
    return element.attributes.get(name[1:], "") if name.startswith("@") else element.text(name)
