"""Where in a spec each grant stands: the word that names its table or privilege, its right, and its depth."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from builder.document import Document, Path_
from builder.model import AccessRight
from builder.validation.report import Aspect


@dataclass(frozen=True, slots=True)
class Origin:
    """The paths of a grant's role, entry and word (that names the table or the privilege), the word, and its right."""

    role: Path_
    entry: Path_
    path: Path_
    word: str
    right: AccessRight | None


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a spec, counted from 1, and the text on it (or on the next ones) that is meant; "" for the whole."""

    line: int
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Origins:
    """The places of a spec without fault: `roles` are the paths of its roles by id, `grants` the grants' origins."""

    document: Document
    roles: Mapping[str, Path_]
    grants: Mapping[tuple[Path_, str], Origin]

    def of_role(self, role_id: str) -> Place:
        """Give the place of a role's name."""
        path = self.roles.get(role_id, ("roles",))
        return self.at((*path, "name"))

    def of_grant(self, role_id: str, privilege: str, aspect: Aspect = "") -> Place:
        """Give the place of what a grant names, of its right, or of its depth, which the whole role may share."""
        origin = self.grants.get((self.roles.get(role_id, ()), privilege.lower()))
        if origin is None:
            return self.of_role(role_id)
        if aspect == "right":
            return self._right(origin)
        return self._depth(origin) if aspect == "depth" else self._place(origin.path, origin.word)

    def at(self, path: Path_) -> Place:
        """Give the place of the value at a path, or of the nearest one around it."""
        value = self.document.get(*path)
        return self._place(path, "" if value is None or isinstance(value, list | dict) else str(value))

    def _place(self, path: Path_, mark: str) -> Place:
        return Place(self.document.line(path), mark)

    def _right(self, origin: Origin) -> Place:
        allow = (*origin.entry, "allow")
        for path, word in self._allowed(allow):
            if _is(word, origin.right):
                return self._place(path, word)
        return self.at(allow) if self.document.get(*allow) is not None else self._place(origin.path, origin.word)

    def _allowed(self, allow: Path_) -> Iterator[tuple[Path_, str]]:
        value = self.document.get(*allow)
        if isinstance(value, dict):
            yield from (((*allow, word), word) for word in value)
        elif value is not None:
            yield from ((path, word) for word, path in self.document.names(*allow))

    def _depth(self, origin: Origin) -> Place:
        if isinstance(self.document.get(*origin.entry, "allow"), dict):
            return self._right(origin)
        for path in ((*origin.entry, "depth"), (*origin.role, "depth")):
            if self.document.get(*path) is not None:
                return self.at(path)
        return self._right(origin)  # a permission set, which brings its depths


def _is(word: str, right: AccessRight | None) -> bool:
    try:
        return AccessRight.parse(word) == right
    except ValueError:
        return False
