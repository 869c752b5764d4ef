"""What solutions consist of: which components are here, which solution brought them, and which need each other.

A component is a type (the number of the RootComponent element, or a word) and a key: its schema name in lower case, or
its id. It is kept as a row of solutioncomponents, with the key beside the columns that the Web API shows.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from lxml import etree

from builder.sandbox.environment import Environment
from builder.sandbox.records import Reference, Row
from builder.sandbox.schema import stable_id

ENTITY, ATTRIBUTE, ROLE = "1", "2", "20"
_GUID = re.compile(r"\{?([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})\}?")
# Where customizations.xml holds components that are no root components by themselves: path, key, type.
_INSIDE = (
    ("Entities/Entity//systemform/formid", "", "60"),
    ("Entities/Entity//savedquery/savedqueryid", "", "26"),
    ("EntityRelationships/EntityRelationship", "Name", "10"),
    ("optionsets/optionset", "Name", "9"),
    ("WebResources/WebResource/Name", "", "61"),
    ("Workflows/Workflow", "WorkflowId", "29"),
    ("CanvasApps/CanvasApp/Name", "", "300"),
    ("connectionreferences/connectionreference", "connectionreferencelogicalname", "connectionreference"),
)
Key = tuple[str, str]
"""Type and key."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """A component that something needs: its attributes as a package writes them."""

    required: dict[str, str]
    dependent: dict[str, str]

    @property
    def type(self) -> str:
        """The type of the component that is needed."""
        return self.required.get("type", "")

    @property
    def keys(self) -> set[str]:
        """Every name under which it may be known."""
        named = {value for name, value in self.required.items() if name == "schemaName" or name.split(".")[0] == "id"}
        return {normal(value) for value in named if value}

    @property
    def solution(self) -> str:
        """The solution that has it, where the package names one: `Name (1.0)`."""
        return re.sub(r"\s*\([^()]*\)$", "", self.required.get("solution", ""))


def normal(key: str) -> str:
    """A key in the form it is compared in."""
    match = _GUID.fullmatch(key.strip())
    return match[1].lower() if match else key.strip().lower()


def keys_inside(customizations: etree._Element) -> Iterator[Key]:
    """The components that a package brings inside others."""
    for path, attribute, kind in _INSIDE:
        for element in customizations.iterfind(path):
            key = element.get(attribute, "") if attribute else (element.text or "")
            if key:
                yield kind, normal(key)


class Components:
    """The components of an environment."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._store = environment.store

    def of(self, solution_id: str) -> list[Row]:
        """The rows of a solution's components."""
        return [row for row in self._store.all("solutioncomponent") if row["solutionid"].id == solution_id]

    def keys_of(self, solution_id: str) -> set[Key]:
        """The same as types and keys."""
        return {key_of(row) for row in self.of(solution_id)}

    def add(self, solution_id: str, key: Key, behavior: int = 0) -> Row:
        """Note that a solution has a component; gives the row."""
        for row in self.of(solution_id):
            if key_of(row) == key:
                return row
        kind, name = key
        return self._store.add(
            "solutioncomponent",
            {
                "componenttype": int(kind) if kind.isdigit() else 0,
                "objectid": name if _GUID.fullmatch(name) else self._object_id(key),
                "rootcomponentbehavior": behavior,
                "solutionid": Reference("solution", solution_id),
                "key": list(key),
            },
        )

    @staticmethod
    def _object_id(key: Key) -> str:
        kind, name = key
        return stable_id("table", name) if kind == ENTITY else stable_id("component", kind, name)

    def here(self, requirement: Requirement, besides: str = "") -> bool:
        """Whether a required component is here; `besides` leaves what one solution has out of account."""
        kind, keys = requirement.type, requirement.keys
        if self._is_described(requirement, besides):
            return True
        if kind == ENTITY and not besides:
            return any(key in self._environment.schema.tables for key in keys)
        if kind == ATTRIBUTE and not besides:
            return self._has_column(requirement.required)
        if kind == ROLE and not besides:
            return any(self._store.find("role", key) for key in keys)
        return any(
            key_of(row)[1] in keys and (key_of(row)[0] == kind or not kind.isdigit())
            for row in self._store.all("solutioncomponent")
            if row["solutionid"].id != besides
        )

    def _is_described(self, requirement: Requirement, besides: str) -> bool:
        """Whether a solution has it of which only a description is installed: it counts as having all it should."""
        return any(
            row["uniquename"].lower() == requirement.solution.lower() and row["solutionid"] != besides
            for row in self._store.all("solution")
            if row.get("described")
        )

    def _has_column(self, required: Mapping[str, str]) -> bool:
        """Columns of the sandbox's own tables that are no custom ones are taken to be there."""
        table = self._environment.schema.tables.get(required.get("parentSchemaName", "").lower())
        column = required.get("schemaName", "").lower()
        if table is None:
            return False
        return column in table.columns or (table.name not in self._environment.brought and "_" not in column)

    def dependents(self, solution_id: str) -> list[tuple[Row, Requirement]]:
        """What keeps a solution from being removed: the other solutions' requirements that only it meets."""
        keys = self.keys_of(solution_id)
        found = []
        for row in self._store.all("solution"):
            if row["solutionid"] == solution_id:
                continue
            for required, dependent in row.get("requires") or ():
                requirement = Requirement(required, dependent)
                brought = any(kind == requirement.type and key in requirement.keys for kind, key in keys)
                if brought and not self.here(requirement, besides=solution_id):
                    found.append((row, requirement))
        return found

    def remove(self, rows: Iterable[Row]) -> None:
        """Forget components, and take away what no other solution has: roles, and tables with their rows."""
        tables = []
        for row in list(rows):
            kind, key = key_of(row)
            self._store.remove("solutioncomponent", row["solutioncomponentid"])
            if any(key_of(other) == (kind, key) for other in self._store.all("solutioncomponent")):
                continue
            if kind == ROLE and self._store.find("role", key):
                self._environment.roles.delete(key)
            elif kind == ENTITY:
                tables.append(key)
        if tables:
            self._environment.remove_tables(tables)


def key_of(row: Row) -> Key:
    """Type and key of a component's row."""
    kind, key = row["key"]
    return kind, key
