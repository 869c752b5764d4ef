"""Who has to care about a change, and why: the rules, in one place."""

from builder.comparison.changes import Concern, Kind
from builder.model import Role, Version

WHOLE = "role"
INHERITS = "member's privilege inheritance"
ASSIGNED = "assigned to every user by itself"
CUSTOMIZABLE = "customizable"


def of_grant(kind: Kind, stated: bool, required: bool) -> Concern:
    """Judge the change of a grant: `stated` is whether anybody said what the application requires, `required` what."""
    if kind in (Kind.ADDED, Kind.WIDENED):
        return Concern.APPROVAL
    if kind is Kind.REASON:
        return Concern.HARMLESS
    if stated and not required:
        return Concern.HARMLESS
    # A narrowed grant still works, within its reach: vendors let customers narrow a role to a business unit.
    return Concern.BREAKS if stated and kind is Kind.REMOVED else Concern.MAY_BREAK


def role_attributes(role: Role) -> dict[str, str]:
    """Give what a role states beside its grants, in the admin centre's words.

    What is not stated is what a new role gets: the inheritance "Direct User" (docs: DefaultFormValue 1), no automatic
    assignment (measured: 84 of 84 roles that state it). So a package that leaves it out is no different.
    """
    return {
        "id": role.id,
        "name": role.name,
        "description": role.description,
        INHERITS: "Team privileges only"
        if role.inherits is False
        else "Direct User (Basic) access level and Team privileges",
        CUSTOMIZABLE: "yes" if role.customizable else "no",
        ASSIGNED: "yes" if role.auto_assigned else "no",
    }


def of_whole_role(
    before: Role | None, after: Role | None, *, stated: bool
) -> tuple[Kind, str | None, str | None, Concern]:
    """Judge the coming or going of a role: its kind, its name before and after, and who has to care."""
    if before is None:
        return Kind.ADDED, None, after.name if after else None, Concern.APPROVAL
    required = any(grant.required for grant in before.grants)
    return Kind.REMOVED, before.name, None, of_grant(Kind.REMOVED, stated, required)


def of_attribute(attribute: str, before: Role, after: Role) -> tuple[Kind, Concern, str]:
    """Judge the change of a role's attribute: its kind, who has to care, and what it means."""
    if attribute == "id":
        return Kind.CHANGED, Concern.MAY_BREAK, "an import takes it for another role: who holds the old one keeps that"
    if attribute == INHERITS:
        if before.inherits is False:
            return Kind.WIDENED, Concern.APPROVAL, "members of a team that holds the role act with it as their own"
        return Kind.NARROWED, Concern.MAY_BREAK, "members of a team that holds the role no longer act with it alone"
    if attribute == ASSIGNED:
        if after.auto_assigned:
            return Kind.WIDENED, Concern.APPROVAL, "every user of the environment gets the role"
        return Kind.NARROWED, Concern.MAY_BREAK, "new users no longer get the role"
    if attribute == CUSTOMIZABLE and not after.customizable:
        return Kind.CHANGED, Concern.APPROVAL, "the customer can no longer edit the role"
    return Kind.CHANGED, Concern.HARMLESS, ""


_IDENTITY = {
    ("solution", "unique name"): (Concern.MAY_BREAK, "an import installs it beside the old solution"),
    ("package type", ""): (Concern.MAY_BREAK, "an environment that has the one refuses the other"),
    ("publisher", "unique name"): (Concern.APPROVAL, "another publisher; an upgrade must keep it"),
    ("publisher", "prefix"): (Concern.APPROVAL, "an upgrade must keep it"),
    ("publisher", "option value prefix"): (Concern.APPROVAL, "an upgrade must keep it"),
}


def of_fact(area: str, subject: str, before: str | None, after: str | None) -> tuple[Concern, str]:
    """Judge the change of any other fact of a package: who has to care, and what it means."""
    if (area, subject) in _IDENTITY:
        return _IDENTITY[area, subject]
    if (area, subject) == ("solution", "version"):
        lower = _is_lower(after or "", before or "")
        return (Concern.MAY_BREAK, "lower: an import refuses it") if lower else (Concern.HARMLESS, "")
    if area in ("root component", "component", "member"):
        if after is None:
            return Concern.MAY_BREAK, "an upgrade deletes it" if area == "root component" else ""
        return Concern.APPROVAL, ""
    if area == "missing dependency" and after is not None:
        return Concern.MAY_BREAK, "the environment must have it before the import"
    return Concern.HARMLESS, ""


def _is_lower(text: str, than: str) -> bool:
    try:
        return Version.parse(text) < Version.parse(than)
    except ValueError:
        return False
