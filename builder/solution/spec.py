"""solution.yaml -> Solution: the file in which a release engineer says what a product may do, and why.

Its structure is schemas/solution.schema.json; what a schema cannot say (which tables, rights and depths exist) is
checked here against the catalogue. All faults are told at once, each with its line.
"""

import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from builder.catalogue import Catalogue, load
from builder.model import Application, Publisher, Role, Solution, Version
from builder.solution.document import Document, Path_, read_document
from builder.solution.grants import GrantReader
from builder.text import printable

SCHEMA = "solution.schema.json"
# Role ids that are not given are derived in this namespace, so that the same spec always means the same role.
_ROLE_IDS = uuid.UUID("6d1f5b60-55c6-5b0c-9c3e-6f2f8f2f3a11")
_INHERITANCE = {"Direct User (Basic) access level and Team privileges": True, "Team privileges only": False}


@dataclass(frozen=True, slots=True)
class Spec:
    """A spec that has no fault: the solution, and what a person should be told about how it was read."""

    solution: Solution
    notes: tuple[str, ...]


def read_spec(path: Path, *, catalogue: Catalogue | None = None, guess_case: bool = False) -> Spec:
    """Read a spec; raises UnreadableInput, and InputFaults with every fault.

    With `guess_case` a privilege whose letter case the catalogue only guesses is taken as guessed, and noted.
    """
    document = read_document(path, SCHEMA)
    return _Reader(document, catalogue or load(), guess_case).read()


def derive_role_id(solution: str, key: str) -> str:
    """Give the id of a role from the solution's unique name and the role's key."""
    return str(uuid.uuid5(_ROLE_IDS, f"{solution}/{key}"))


class _Reader:
    def __init__(self, document: Document, catalogue: Catalogue, guess_case: bool) -> None:
        self._document = document
        self._get = document.get
        self._grants = GrantReader(document, catalogue, guess_case=guess_case)

    def read(self) -> Spec:
        roles = [self._role(path) for path in self._document.each("roles")]
        self._refuse_twins(roles)
        self._document.raise_faults()
        language = int(self._get("solution", "language", default=1033))
        solution = Solution(
            unique_name=self._get("solution", "unique_name"),
            names=self._texts(language, "solution", "display_name"),
            descriptions=self._texts(language, "solution", "description"),
            version=_four_parts(self._get("solution", "version")),
            managed=self._get("solution", "managed", default=True),
            language=language,
            publisher=self._publisher(language),
            application=self._application(),
            roles=tuple(roles),
        )
        return Spec(solution, tuple(self._grants.notes))

    def _texts(self, language: int, *path: str) -> dict[int, str]:
        value = self._get(*path)
        if isinstance(value, dict):
            return {int(code): text for code, text in value.items()}
        return {language: value} if value else {}

    def _publisher(self, language: int) -> Publisher:
        own = self._get("publisher")
        return Publisher(
            unique_name=own["unique_name"],
            names=self._texts(language, "publisher", "display_name"),
            descriptions=self._texts(language, "publisher", "description"),
            prefix=own["prefix"],
            option_value_prefix=own["option_value_prefix"],
            email=own.get("email") or "",
            website=own.get("website") or "",
            addresses=tuple(
                {name: str(value) for name, value in address.items()} for address in own.get("addresses") or ()
            ),
        )

    def _application(self) -> Application | None:
        own: dict[str, Any] | None = self._get("application")
        if own is None:
            return None
        return Application(own["app_id"].lower(), own["name"], own.get("publisher") or "")

    def _role(self, path: Path_) -> Role:
        inheritance = self._get(*path, "member_inheritance")
        return Role(
            id=self._role_id(path),
            name=self._get(*path, "name", default=""),
            description=self._get(*path, "description", default=""),
            customizable=self._get(*path, "customizable", default=True),
            inherits=_INHERITANCE.get(inheritance, True),
            grants=self._grants.read(path),
        )

    def _role_id(self, path: Path_) -> str:
        given, key = self._get(*path, "id"), self._get(*path, "key")
        if given:
            return str(given).lower()
        if not key and not {(*path, "key"), (*path, "id")} & self._document.unsound:
            self._document.fault(
                path,
                "the role has neither `id` nor `key`",
                "Give a `key`, a word that stays when the name changes, or the `id` of the role already installed.",
            )
        return derive_role_id(self._get("solution", "unique_name", default=""), key or "")

    def _refuse_twins(self, roles: list[Role]) -> None:
        """Roles are told apart by id, and by name ignoring case: an import refuses two of either."""
        for what in ("id", "name"):
            seen: set[str] = set()
            for path, role in zip(self._document.each("roles"), roles, strict=True):
                value = str(getattr(role, what)).casefold()
                if value and value in seen:
                    hint = "Give each role a key (or id) and a name of its own."
                    self._document.fault(path, f"a second role with the {what} {printable(value)}", hint)
                seen.add(value)


def _four_parts(text: str) -> Version:
    return Version(Version.parse(text).padded)
