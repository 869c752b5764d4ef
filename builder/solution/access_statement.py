"""The access statement, `NAME.access.json`: what a package's zip cannot carry, bound to it by its content digest.

Why each privilege is granted, which of them the application cannot do without, and which application it is. Its form
is schemas/access-statement.schema.json.
"""

import json
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from builder.catalogue import Catalogue, load
from builder.document import read_json_document
from builder.errors import UsageError
from builder.matrix import on_table
from builder.model import Application, Depth, Grant, Role, Solution, Version
from builder.package.archive import content_digest
from builder.package.reader import Package
from builder.package.render import PROFILES, in_export_order, render
from builder.solution.spec import read_spec

SCHEMA = "access-statement.schema.json"
SUFFIX = ".access.json"
NOT_STATED = "not stated in the package"


@dataclass(frozen=True)
class AccessStatement:
    """What is stated of the package with a content digest. Of a role only its id, name and grants are stated."""

    digest: str
    unique_name: str
    version: Version
    managed: bool
    application: Application | None
    roles: tuple[Role, ...]

    def grant(self, role_id: str, privilege: str) -> Grant | None:
        """Find what is stated of a privilege of a role; None where nothing is."""
        return self._grants.get((role_id, privilege.lower()))

    @cached_property
    def _grants(self) -> dict[tuple[str, str], Grant]:
        return {(role.id, grant.key): grant for role in self.roles for grant in role.grants}

    def reason(self, role_id: str, privilege: str) -> str:
        """Give the reason for a grant, or say that it is not stated."""
        grant = self.grant(role_id, privilege)
        return grant.reason if grant and grant.reason else NOT_STATED

    def to_bytes(self, catalogue: Catalogue | None = None) -> bytes:
        """Give the file's content: the same statement is always the same bytes."""
        known = catalogue or load()
        application = self.application
        content = {
            "version": 1,
            "digest": self.digest,
            "solution": {
                "unique_name": self.unique_name,
                "version": str(self.version),
                "managed": self.managed,
            },
            "application": application
            and {
                "app_id": application.app_id,
                "name": application.name,
                "publisher": application.publisher or None,
            },
            "roles": [
                {
                    "id": role.id,
                    "name": role.name,
                    "grants": [_as_json(grant, known) for grant in in_export_order(role.grants)],
                }
                for role in sorted(self.roles, key=lambda role: role.name.lower())
            ],
        }
        return (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode()


def statement_of(solution: Solution, digest: str) -> AccessStatement:
    """State what a spec says of the package that was built from it."""
    roles = (Role(role.id, role.name, in_export_order(role.grants)) for role in solution.roles)
    return AccessStatement(
        digest,
        solution.unique_name,
        solution.version,
        solution.managed,
        solution.application,
        tuple(sorted(roles, key=lambda role: role.name.lower())),
    )


def statement_path(package: Path) -> Path:
    """Say where the access statement of a package lies: beside it, under the same name."""
    return package.with_suffix(SUFFIX)


def read_access_statement(path: Path, digest: str) -> AccessStatement:
    """Read the statement on the package with a digest.

    Raises UnreadableInput, InputFaults with every fault, and UsageError where it is about another package.
    """
    document = read_json_document(path, SCHEMA)
    document.raise_faults()
    content = document.data
    if content["digest"] != digest:
        raise UsageError(
            f"{path} is about another package: it states {content['digest']}, and this one is {digest}",
            "Take the statement that was built with the package, or build both again.",
        )
    return _statement(content)


def statement_by_spec(path: Path, package: Package) -> AccessStatement:
    """Take the spec that a package was built from for its statement.

    Raises what reading specs and packages raises, and UsageError where the spec does not build this package.
    """
    version, managed = package.version, package.managed
    spec = read_spec(path, guess_case=True, version=lambda _: version)
    solution = replace(spec.solution, managed=managed)
    if not any(content_digest(render(solution, profile)) == package.digest for profile in PROFILES.values()):
        raise UsageError(
            f"{path} does not build {package.source}",
            "`solsmith build --check` says what differs. Take the spec of this release, or its access statement.",
        )
    return statement_of(solution, package.digest)


def find_statement(package: Package, access: Path | None = None, spec: Path | None = None) -> AccessStatement | None:
    """Give the statement on a package: from the file or the spec that is named, else from the file beside it.

    None where there is none: its reasons are then "not stated in the package". Raises as the functions above.
    """
    if spec:
        return statement_by_spec(spec, package)
    path = access or statement_path(Path(package.source))
    return read_access_statement(path, package.digest) if access or path.is_file() else None


def _statement(content: dict[str, Any]) -> AccessStatement:
    solution, application = content["solution"], content["application"]
    return AccessStatement(
        digest=content["digest"],
        unique_name=solution["unique_name"],
        version=Version.parse(solution["version"]),
        managed=solution["managed"],
        application=application
        and Application(application["app_id"], application["name"], application["publisher"] or ""),
        roles=tuple(
            Role(
                role["id"],
                role["name"],
                tuple(
                    Grant(
                        grant["privilege"],
                        Depth.from_level(grant["depth"]),
                        grant["reason"] or "",
                        grant["required"],
                    )
                    for grant in role["grants"]
                ),
            )
            for role in content["roles"]
        ),
    )


def _as_json(grant: Grant, catalogue: Catalogue) -> dict[str, object]:
    table, right = on_table(grant.privilege, catalogue)
    return {
        "privilege": grant.privilege,
        "depth": grant.depth.level,
        "table": table.lower() if right else None,
        "right": right.token if right else None,
        "required": grant.required,
        "reason": grant.reason or None,
    }
