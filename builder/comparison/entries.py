"""Changes as sentences for people, by who has to care: rights of one table that change alike stand together."""

from collections.abc import Iterator
from dataclasses import dataclass

from builder.catalogue import Catalogue
from builder.comparison.changes import Changes, Concern, FactChange, GrantChange, Kind, RoleChange
from builder.comparison.concerns import WHOLE
from builder.matrix import label_of, on_table
from builder.model import ALL_RIGHTS, AccessRight, Grant

_HEADINGS = {
    "solution": "Solution",
    "package type": "Solution",
    "publisher": "Publisher",
    "root component": "Root components",
    "missing dependency": "Missing dependencies",
    "component": "Components in customizations.xml",
    "member": "Other members",
}


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
        found[change.concern].append(_fact(_HEADINGS.get(change.area, change.area), change))
    return {concern: lines for concern, lines in found.items() if lines}


def _heading(role: RoleChange) -> str:
    return f"Role {role.role.name}"


def _fact(group: str, change: FactChange) -> Entry:
    what = change.subject or change.area
    if change.area == "role" and change.subject == WHOLE:
        return Entry(group, change.kind, "the whole role", "", "", change.remark)
    # A digest says that something differs, and nothing more to a person.
    before, after = (
        "" if value is None or value.startswith("sha256:") else value for value in (change.before, change.after)
    )
    return Entry(group, change.kind, what, before, after, change.remark)


def _grants(role: RoleChange, catalogue: Catalogue) -> Iterator[tuple[Concern, Entry]]:
    alike: dict[tuple[Concern, Kind, str, str, str, str], list[AccessRight]] = {}
    for change in role.grants:
        _, right = on_table(change.grant.privilege, catalogue)
        label = label_of(change.grant.privilege, catalogue)
        before, after, remark = _terms(change)
        rights = alike.setdefault((change.concern, change.kind, label, before, after, remark), [])
        rights.extend([right] if right else [])
    for (concern, kind, label, before, after, remark), rights in sorted(
        alike.items(), key=lambda item: item[0][2].lower()
    ):
        ordered = ", ".join(right.words for right in ALL_RIGHTS if right in rights)
        yield concern, Entry(_heading(role), kind, f"{label}: {ordered}" if ordered else label, before, after, remark)


def _terms(change: GrantChange) -> tuple[str, str, str]:
    """Give what a grant was and is, and its reason; of a changed reason, the reasons are what it was and is."""
    before, after = change.before, change.after
    if change.kind is Kind.REASON and before and after:
        return _stated(before), _stated(after), ""
    return before.depth.words if before else "", after.depth.words if after else "", change.grant.reason


def _stated(grant: Grant) -> str:
    return (grant.reason or "no reason") + ("" if grant.required else " (optional)")
