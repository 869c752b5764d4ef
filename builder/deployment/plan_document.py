"""A plan as data: for programs, for the file that `import --plan` holds against the world, and back."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from builder.comparison.as_json import token
from builder.comparison.changes import GrantChange
from builder.deployment.plan import Options, Plan, RolePlan
from builder.document import read_json_document
from builder.errors import UsageError
from builder.files import write_whole
from builder.model import Grant

# What a plan binds: where one of these is another one when it is carried out, the world has moved.
_BOUND = (
    "digest", "environment", "organization_id", "tenant", "client_id", "user_id", "solution", "solution_version",
    "action", "installed", "options", "roles", "roles_removed",
)  # fmt: skip
SCHEMA = "plan.schema.json"


def as_document(plan: Plan, client_id: str) -> dict[str, Any]:
    """Give a plan's document (schemas/plan.schema.json); `client_id` is who signed in."""
    installed, place, candidate = plan.installed, plan.place, plan.candidate
    return {
        "version": 1,
        "action": plan.action.value,
        "environment": place.environment,
        "organization_id": place.organization_id,
        "tenant": place.tenant,
        "client_id": client_id.lower(),
        "user_id": place.user_id,
        "solution": candidate.unique_name,
        "solution_version": str(candidate.version),
        "digest": candidate.digest,
        "installed": {
            "id": installed.id,
            "version": str(installed.version),
            "managed": installed.managed,
            "publisher": installed.publisher,
        }
        if installed
        else None,
        "options": {"reinstall": plan.options.reinstall, "overwrite_customizations": plan.options.overwrite},
        "roles": [_role(role, overwrite=plan.options.overwrite) for role in plan.roles],
        "roles_removed": list(plan.gone),
        "holders": {role.role.id: role.holders for role in plan.roles},
        "refusals": list(plan.refusals),
        "warnings": list(plan.warnings),
        "running": [{"id": one.id, "name": one.name, "started": one.started} for one in plan.running],
    }


def changes_as_data(changes: Iterable[GrantChange]) -> list[dict[str, Any]]:
    """Give grants that differ: privilege, how, and the depth on both sides (null: not granted)."""
    return [
        {
            "privilege": change.grant.privilege,
            "change": token(change.kind),
            "old": _level(change.before),
            "new": _level(change.after),
        }
        for change in changes
    ]


def write(document: dict[str, Any], path: Path) -> None:
    """Write a plan's file, for its owner's eyes only."""
    write_whole(path, (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode("utf-8"), mode=0o600)


def read(path: Path) -> dict[str, Any]:
    """Read a plan's file; raises UnreadableInput and InputFaults."""
    document: dict[str, Any] = read_json_document(path, SCHEMA).data
    return document


def options_of(document: dict[str, Any]) -> Options:
    """Give what was asked for when the plan was made."""
    options = document["options"]
    return Options(options["reinstall"], options["overwrite_customizations"])


def check_unmoved(planned: dict[str, Any], now: dict[str, Any]) -> None:
    """Raise UsageError that names what has changed since a plan was made."""
    moved = [name for name in _BOUND if planned.get(name) != now.get(name)]
    if not moved:
        return
    told = [
        f"{name}: {_short(planned.get(name))} then, {_short(now.get(name))} now" if _is_plain(now.get(name)) else name
        for name in moved
    ]
    raise UsageError(
        f"the plan does not hold any more: {'; '.join(told)}", "nothing was written; make a new plan: solsmith plan"
    )


def _role(role: RolePlan, *, overwrite: bool) -> dict[str, Any]:
    return {
        "id": role.role.id,
        "name": role.role.name,
        "exists": role.live is not None,
        "changes": changes_as_data(role.changes),
        "changed_by_hand": None if role.by_hand is None else changes_as_data(role.by_hand),
        "unmanaged_layer": role.layered,
        "could_be_undone": changes_as_data(role.undone) if overwrite and role.live else [],
        "added_by_platform": [{"privilege": grant.privilege, "depth": grant.depth.level} for grant in role.platform],
    }


def _level(grant: Grant | None) -> str | None:
    return grant.depth.level if grant else None


def _is_plain(value: object) -> bool:
    return value is None or isinstance(value, str)


def _short(value: object) -> str:
    return "none" if value is None else str(value) if isinstance(value, str) else "something"
