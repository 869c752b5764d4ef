"""Changes -> the data of `solsmith diff --format json` (schemas/diff.schema.json)."""

from typing import Any

from builder.catalogue import Catalogue
from builder.comparison.changes import Changes, Concern, FactChange, GrantChange, Kind, RoleChange
from builder.comparison.concerns import WHOLE
from builder.matrix import on_table
from builder.model import Grant


def token(word: Kind | Concern) -> str:
    """Spell a kind or a concern as scripts read it: reason-changed, may-break."""
    return word.value.replace(" ", "-") if isinstance(word, Kind) else word.name.lower().replace("_", "-")


def as_json(changes: Changes, catalogue: Catalogue) -> dict[str, Any]:
    """Give the changes as plain data, without the two sides' own descriptions."""
    kinds, concerns = changes.count_kinds(), changes.count_concerns()
    grants = [kind for kind in Kind if kind is not Kind.CHANGED]
    return {
        "different": bool(changes),
        "grants": {token(kind): kinds[kind] for kind in grants},
        "concerns": {token(concern): concerns[concern] for concern in Concern},
        "roles": [_role(role, catalogue) for role in changes.roles],
        "facts": [{"area": change.area, **_fact(change)} for change in changes.facts],
        "notes": list(changes.notes),
    }


def _role(change: RoleChange, catalogue: Catalogue) -> dict[str, Any]:
    return {
        "id": change.role.id,
        "name": change.role.name,
        "change": token(change.kind),
        "concern": token(change.concern),
        "attributes": [_fact(attribute) for attribute in change.attributes if attribute.subject != WHOLE],
        "grants": [_grant(grant, catalogue) for grant in change.grants],
    }


def _fact(change: FactChange) -> dict[str, Any]:
    return {
        "subject": change.subject,
        "change": token(change.kind),
        "old": change.before,
        "new": change.after,
        "concern": token(change.concern),
        "remark": change.remark,
    }


def _grant(change: GrantChange, catalogue: Catalogue) -> dict[str, Any]:
    table, right = on_table(change.grant.privilege, catalogue)
    return {
        "privilege": change.grant.privilege,
        "table": table or None,
        "right": right.words if right else None,
        "change": token(change.kind),
        "old": _state(change.before),
        "new": _state(change.after),
        "concern": token(change.concern),
    }


def _state(grant: Grant | None) -> dict[str, Any] | None:
    if grant is None:
        return None
    return {"depth": grant.depth.words, "reason": grant.reason, "required": grant.required}
