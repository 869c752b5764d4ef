"""Changes as sentences for people, by who has to care: rights of one table that change alike stand together."""

from collections.abc import Iterator
from dataclasses import dataclass

from builder.catalogue import Catalogue
from builder.comparison.changes import Changes, Concern, FactChange, GrantChange, Kind, RoleChange
from builder.comparison.concerns import WHOLE
from builder.matrix import label_of, on_table
from builder.model import ALL_RIGHTS, AccessRight, Grant

HEADINGS = {
    "solution": "Solution",
    "package type": "Solution",
    "publisher": "Publisher",
    "root component": "Root components",
    "missing dependency": "Missing dependencies",
    "component": "Components in customizations.xml",
    "member": "Other members",
}
ROLE = "Role "


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: what happens (`kind`) to what, from what to what ("" where there is nothing to say), and a remark.

    `group` is what it belongs to: a role, the publisher, the root components ...; all of it may be foreign text.
    """

    group: str
    kind: Kind
    what: str
    before: str
    after: str
    remark: str


def entries(changes: Changes, catalogue: Catalogue) -> dict[Concern, list[Entry]]:
    """Give the entries by concern, the most urgent first; concerns without any are left out."""
    found: dict[Concern, list[Entry]] = {concern: [] for concern in Concern}
    for role in changes.roles:
        for change in role.attributes:
            found[change.concern].append(_fact(_heading(role), change))
        for concern, entry in _grants(role, catalogue):
            found[concern].append(entry)
    for change in changes.facts:
        found[change.concern].append(_fact(HEADINGS.get(change.area, change.area), change))
    return {concern: lines for concern, lines in found.items() if lines}


def _heading(role: RoleChange) -> str:
    return ROLE + role.role.name


def _fact(group: str, change: FactChange) -> Entry:
    what = change.subject or change.area
    if change.area == "role" and change.subject == WHOLE:
        return Entry(group, change.kind, "the whole role", "", "", change.remark)
    # A digest says that something differs, and nothing more to a person.
    before, after = (
        "" if value is None or value.startswith("sha256:") else value for value in (change.before, change.after)
    )
    return Entry(group, change.kind, what, before, after, change.remark)


_Alike = tuple[Concern, Kind, str, str, str]
"""What lines must share to stand in one: concern, kind, before, after, remark."""


def _grants(role: RoleChange, catalogue: Catalogue) -> Iterator[tuple[Concern, Entry]]:
    rights: dict[tuple[_Alike, str], list[AccessRight]] = {}
    for change in sorted(role.grants, key=lambda change: label_of(change.grant.privilege, catalogue).lower()):
        _, right = on_table(change.grant.privilege, catalogue)
        alike = (change.concern, change.kind, *_terms(change))
        rights.setdefault((alike, label_of(change.grant.privilege, catalogue)), []).extend([right] if right else [])
    labels: dict[tuple[_Alike, str], list[str]] = {}
    for (alike, label), found in rights.items():
        words = ", ".join(right.words for right in ALL_RIGHTS if right in found)
        labels.setdefault((alike, words), []).append(label)
    for ((concern, kind, before, after, remark), words), tables in labels.items():
        what = ", ".join(tables) + (f": {words}" if words else "")
        yield concern, Entry(_heading(role), kind, what, before, after, remark)


def _terms(change: GrantChange) -> tuple[str, str, str]:
    """Give what a grant was and is, and its reason; of a changed reason, the reasons are what it was and is."""
    before, after = change.before, change.after
    if change.kind is Kind.REASON and before and after:
        return _stated(before), _stated(after), ""
    return before.depth.words if before else "", after.depth.words if after else "", change.grant.reason


def _stated(grant: Grant) -> str:
    return (grant.reason or "no reason") + ("" if grant.required else " (optional)")
