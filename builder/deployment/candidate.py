"""A package as an import needs it."""

from collections.abc import Iterator
from dataclasses import dataclass

from builder.catalogue.components import component_type
from builder.model import Role, Version
from builder.package.contents import missing_dependencies
from builder.package.reader import Package
from builder.package.render import CUSTOMIZATIONS

_ENTITY = "1"


@dataclass(frozen=True, slots=True)
class Requirement:
    """A component that the environment must have: `kind` in words, `table` its logical name where it is a table."""

    kind: str
    name: str
    solution: str = ""
    table: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A package to be imported: its bytes, and what is compared with the environment.

    `unbound` names its connection references and environment variables: they need values that nobody can give here.
    """

    content: bytes
    unique_name: str
    version: Version
    managed: bool
    digest: str = ""
    publisher: str = ""
    roles: tuple[Role, ...] = ()
    requirements: tuple[Requirement, ...] = ()
    unbound: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """Name and version, for messages."""
        return f"{self.unique_name} {self.version}"


def candidate_of(package: Package, content: bytes) -> Candidate:
    """Read a package that was opened from `content`; raises InputFaults where it does not say what an import needs."""
    publisher = package.manifest.publisher
    return Candidate(
        content=content,
        unique_name=package.manifest.unique_name,
        version=package.version,
        managed=package.managed,
        digest=package.digest,
        publisher=publisher.unique_name if publisher else "",
        roles=package.roles,
        requirements=tuple(_requirements(package)),
        unbound=tuple(_unbound(package)),
    )


def _requirements(package: Package) -> Iterator[Requirement]:
    for missing in missing_dependencies(package):
        required = missing.required
        name = required.get("schemaName") or required.get("displayName") or required.get("id") or "a component"
        kind = required.get("type", "")
        table = name.lower() if kind == _ENTITY and required.get("schemaName") else ""
        yield Requirement(component_type(kind).name, name, required.get("solution", ""), table)


def _unbound(package: Package) -> Iterator[str]:
    tree = package.trees.get(CUSTOMIZATIONS)
    for element in tree.iterfind("connectionreferences/connectionreference") if tree is not None else ():
        yield f"connection reference {element.get('connectionreferencelogicalname', '')}".strip()
    parts = [name.split("/") for name in package.members]
    given = {part[1] for part in parts if part[0] == "environmentvariabledefinitions" and "values" in part[-1]}
    defined = {part[1] for part in parts if part[0] == "environmentvariabledefinitions" and len(part) > 2}
    for name in sorted(defined - given):
        definition = package.members.get(
            f"environmentvariabledefinitions/{name}/environmentvariabledefinition.xml", b""
        )
        if b"<defaultvalue>" not in definition:
            yield f"environment variable {name}"
