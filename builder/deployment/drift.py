"""A package against environments that should have it: what has become different there, without writing anything."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from builder.comparison.changes import GrantChange
from builder.connection.http import Connection
from builder.dataverse import layers, roles, solutions, users
from builder.deployment.candidate import Candidate
from builder.deployment.plan_document import changes_as_data
from builder.deployment.planning import grant_changes
from builder.templating import render


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that differs: what it is about, and how; `changes` where it is grants, from package to environment."""

    about: str
    text: str
    changes: tuple[GrantChange, ...] = ()


@dataclass(frozen=True, slots=True)
class Drift:
    """What was found in one environment; `failure` says why it could not be looked at, "" where it was."""

    environment: str
    findings: tuple[Finding, ...] = ()
    failure: str = ""

    @property
    def state(self) -> str:
        """same, drifted or unknown."""
        return "unknown" if self.failure else "drifted" if self.findings else "same"


def look(connection: Connection, candidate: Candidate, application_id: str = "") -> Drift:
    """Compare one environment with a package, and the application user's roles with the package's.

    Raises Refused and Unreachable where the environment does not answer.
    """
    found = [*_version(connection, candidate), *_roles(connection, candidate)]
    if application_id:
        found += _user(connection, candidate, application_id)
    return Drift(connection.origin, tuple(found))


def as_document(candidate: Candidate, drifts: Sequence[Drift]) -> dict[str, Any]:
    """Give the report of all environments (schemas/drift.schema.json)."""
    return {
        "version": 1,
        "solution": candidate.unique_name,
        "solution_version": str(candidate.version),
        "digest": candidate.digest,
        "environments": [
            {
                "environment": one.environment,
                "state": one.state,
                "failure": one.failure or None,
                "findings": [
                    {"about": finding.about, "text": finding.text, "changes": changes_as_data(finding.changes)}
                    for finding in one.findings
                ],
            }
            for one in drifts
        ],
    }


def as_html(candidate: Candidate, drifts: Sequence[Drift]) -> str:
    """Give the report as a page that needs nothing else."""
    environments = [
        {
            "environment": one.environment,
            "state": one.state,
            "findings": [Finding("sign-in or answer", one.failure)] if one.failure else list(one.findings),
        }
        for one in drifts
    ]
    states = [one.state for one in drifts]
    return render(
        "drift",
        "drift.html.j2",
        {
            "label": candidate.label,
            "digest": candidate.digest,
            "environments": environments,
            "drifted": states.count("drifted"),
            "failed": states.count("unknown"),
        },
    )


def _version(connection: Connection, candidate: Candidate) -> Iterator[Finding]:
    installed = solutions.installed(connection, candidate.unique_name)
    if installed is None:
        yield Finding("solution", f"{candidate.unique_name} is not installed")
    elif installed.version != candidate.version:
        word = "behind" if installed.version < candidate.version else "ahead"
        yield Finding("solution", f"version {installed.version} is {word} of {candidate.version}")


def _roles(connection: Connection, candidate: Candidate) -> Iterator[Finding]:
    for role in candidate.roles:
        live = roles.live(connection, role.id)
        if live is None:
            yield Finding(f"role {role.name}", "is not there")
            continue
        changes = grant_changes(role, live)
        if changes:
            said = ", ".join(f"{change.grant.privilege} {change.kind.value}" for change in changes)
            yield Finding(f"role {role.name}", said, changes)
        if layers.has_unmanaged(connection, role.id):
            yield Finding(f"role {role.name}", "has an unmanaged layer: it was changed by hand")


def _user(connection: Connection, candidate: Candidate, application_id: str) -> Iterator[Finding]:
    user = users.of_application(connection, application_id)
    about = f"application user {application_id}"
    if user is None:
        yield Finding(about, "is not there")
        return
    for word, holds in (("disabled", user.disabled), ("soft-deleted", user.deleted)):
        if holds:
            yield Finding(about, f"is {word}")
    wanted = {role.id: role.name for role in candidate.roles}
    held = {role.root_id for role in user.roles}
    for role_id, name in wanted.items():
        if role_id not in held:
            yield Finding(about, f"does not hold the role {name}")
    for role in user.roles:
        if role.root_id not in wanted:
            loud = ": it may do EVERYTHING" if role.is_system_administrator else ""
            yield Finding(about, f"holds another role, {role.name}{loud}")
