"""solution.yaml -> Solution: the file in which a release engineer says what a product may do, and why.

Its structure is schemas/solution.schema.json; what a schema cannot say (which tables, rights and depths exist) is
checked here against the catalogue. All faults are told at once, each with its line.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from builder.catalogue import Catalogue, load
from builder.document import Document, Path_, parse_document, read_document
from builder.errors import UsageError
from builder.model import Application, Publisher, Role, Solution, Version
from builder.solution.grants import GrantReader
from builder.solution.origins import Origins
from builder.solution.tables import with_declared_tables
from builder.solution.versions import completed
from builder.text import printable

SCHEMA = "solution.schema.json"
# Role ids that are not given are derived in this namespace, so that the same spec always means the same role.
_ROLE_IDS = uuid.UUID("6d1f5b60-55c6-5b0c-9c3e-6f2f8f2f3a11")
_INHERITANCE = {
    "Direct User (Basic) access level and Team privileges": True,
    "Team privileges only": False,
    "Not stated": None,
}
_NO_VERSION = Version((0, 0))


@dataclass(frozen=True, slots=True)
class Spec:
    """A spec that has no fault: the solution, and what a person should be told about how it was read.

    `fixed_revision` is the fourth number of every version of the solution, None where it is free. `origins` say
    on which line each part of it stands.
    """

    solution: Solution
    notes: tuple[str, ...]
    fixed_revision: int | None = None
    origins: Origins | None = field(default=None, compare=False, repr=False)


VersionSource = Callable[[str], Version]
"""Gives the version to build of the solution with a unique name; raises SolsmithError where there is none."""


def read_spec(
    path: Path,
    *,
    catalogue: Catalogue | None = None,
    guess_case: bool = False,
    version: VersionSource | None = None,
) -> Spec:
    """Read a spec; raises UnreadableInput, and InputFaults with every fault.

    With `guess_case` a privilege whose letter case the catalogue only guesses is taken as guessed, and noted.
    `version` gives the version instead of the spec.
    """
    document = read_document(path, SCHEMA)
    return _Reader(document, catalogue or load(), guess_case).read(version)


def parse_spec(source: str, raw: bytes, *, catalogue: Catalogue | None = None, guess_case: bool = False) -> Spec:
    """Do the same for the bytes of a spec; `source` names it in messages."""
    return _Reader(parse_document(source, raw, SCHEMA), catalogue or load(), guess_case).read(None)


def derive_role_id(solution: str, key: str) -> str:
    """Give the id of a role from the solution's unique name and the role's key."""
    return str(uuid.uuid5(_ROLE_IDS, f"{solution}/{key}"))


class _Reader:
    def __init__(self, document: Document, catalogue: Catalogue, guess_case: bool) -> None:
        self._document = document
        self._get = document.get
        known = with_declared_tables(document, catalogue)
        self._grants = GrantReader(document, known, guess_case=guess_case)

    def read(self, source: VersionSource | None) -> Spec:
        roles = [self._role(path) for path in self._document.each("roles")]
        self._refuse_twins(roles)
        self._refuse_missing_language()
        version = _NO_VERSION if source else self._own_version()
        self._document.raise_faults()
        language = int(self._get("solution", "language", default=1033))
        fixed = self._get("solution", "fixed_revision")
        if source:
            version = _from_outside(source, self._get("solution", "unique_name"), fixed)
        solution = Solution(
            unique_name=self._get("solution", "unique_name"),
            names=self._texts(language, "solution", "display_name"),
            descriptions=self._texts(language, "solution", "description"),
            version=version,
            managed=self._get("solution", "managed", default=True),
            language=language,
            publisher=self._publisher(language),
            application=self._application(),
            roles=tuple(roles),
        )
        places = dict(zip((role.id for role in roles), self._document.each("roles"), strict=True))
        origins = Origins(self._document, places, self._grants.origins)
        return Spec(solution, tuple(self._grants.notes), fixed, origins)

    def _own_version(self) -> Version:
        path = ("solution", "version")
        text = self._get(*path)
        if text is None:
            if path not in self._document.unsound:
                hint = "Say it here, or build with --version, --version-file or --version-from."
                self._document.fault(("solution",), "`version` is missing in solution", hint)
            return _NO_VERSION
        try:
            return completed(Version.parse(text), self._get("solution", "fixed_revision"))
        except ValueError as error:
            self._document.fault(path, str(error))
            return _NO_VERSION

    def _texts(self, language: int, *path: str) -> dict[int, str]:
        """Give a text by language, that of the base language first."""
        value = self._get(*path)
        if isinstance(value, dict):
            return dict(sorted(((int(code), text) for code, text in value.items()), key=lambda t: t[0] != language))
        return {language: value} if value else {}

    def _refuse_missing_language(self) -> None:
        """A text in several languages has to be there in the base language, which is what an import shows."""
        language = str(self._get("solution", "language", default=1033))
        for owner in ("solution", "publisher"):
            for key in ("display_name", "description"):
                value = self._get(owner, key)
                if isinstance(value, dict) and language not in value:
                    message = f"{key} lacks the base language {language}"
                    self._document.fault((owner, key), message, "Add it, or set `language` of the solution.")

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
            auto_assigned=self._get(*path, "auto_assigned"),
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


def _from_outside(source: VersionSource, unique_name: str, fixed_revision: int | None) -> Version:
    try:
        return completed(source(unique_name), fixed_revision)
    except ValueError as error:
        raise UsageError(str(error)) from None
