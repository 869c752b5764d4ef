"""What `show` and the access brief say of a package and its roles, word for word the same."""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Protocol

from builder.catalogue import Catalogue
from builder.catalogue.components import component_type
from builder.catalogue.parents import PARENTS
from builder.matrix import TableRow, title_of
from builder.model import AccessRight, Application, Depth, Role
from builder.package.contents import missing_dependencies
from builder.package.reader import CORE_MEMBERS, ROLE_TYPE, Package

NOT_STATED = "not stated in the package"
NO_REASON = "no reason stated"
NOT_GRANTED = "not granted"
MANAGED = {"0": "unmanaged", "1": "managed", "2": "managed and unmanaged"}
# From this many tables on, they stand in the groups of the admin centre's role editor.
MANY = 20
_FEW = 3
_ACTIVITY = "activitypointer"

DEPTHS = {
    Depth.BASIC: "rows that the user owns, and rows shared with it or with its teams",
    Depth.LOCAL: "rows of the business unit that the user belongs to",
    Depth.DEEP: "rows of that business unit and of all business units below it",
    Depth.GLOBAL: "every row of the environment, whoever owns it",
}
"""What the depths mean (docs)."""

RIGHTS = {
    AccessRight.CREATE: "make a row",
    AccessRight.READ: "see a row",
    AccessRight.WRITE: "change a row",
    AccessRight.DELETE: "delete a row",
    AccessRight.APPEND: "link the row to another one",
    AccessRight.APPEND_TO: "let other rows be linked to the row",
    AccessRight.ASSIGN: "give a row to another owner",
    AccessRight.SHARE: "share a row with others",
}
"""What the rights mean (docs)."""


class Subject(Protocol):
    """What is shown: a package with its roles, and who states what it grants and why ("" where nobody does)."""

    @property
    def package(self) -> Package: ...  # noqa: D102

    @property
    def roles(self) -> tuple[Role, ...]: ...  # noqa: D102

    @property
    def stated_by(self) -> str: ...  # noqa: D102

    @property
    def application(self) -> Application | None: ...  # noqa: D102

    @property
    def title(self) -> str: ...  # noqa: D102


def facts(subject: Subject, stated_by: str) -> Iterator[tuple[str, str]]:
    """Give what a package says of itself, each with its label; `stated_by` is how the statement is called here."""
    manifest, application = subject.package.manifest, subject.application
    for name in dict.fromkeys(manifest.names.values()):
        yield "Name", name
    for text in dict.fromkeys(filter(None, manifest.descriptions.values())):
        yield "Description", text.strip()
    yield "Kind", f"{MANAGED.get(manifest.managed, 'neither managed nor unmanaged')} solution"
    if publisher := manifest.publisher:
        title = next(iter(publisher.names.values()), publisher.unique_name)
        values = f"prefix {publisher.prefix}, option values from {publisher.option_value_prefix}"
        yield "Publisher", f"{title} ({publisher.unique_name}, {values})"
        if contact := ", ".join(filter(None, (publisher.email, publisher.website))):
            yield "Contact", contact
    yield "Content", subject.package.digest
    yield "Application", f"{application.name} ({application.app_id})" if application else NOT_STATED
    yield "Reasons", f"stated in {stated_by}" if stated_by else NOT_STATED
    if not subject.roles:
        yield "Roles", "none"


def contents(package: Package) -> dict[str, int]:
    """Count what a package holds beside its roles, by its name in words."""
    counted = Counter(item.type for item in package.manifest.root_components if item.type != ROLE_TYPE)
    found: dict[str, int] = {}
    for number, count in counted.items():
        kind = component_type(number)
        name = (kind.name if count == 1 else kind.plural).lower()
        found[name] = found.get(name, 0) + count
    members = len([name for name in package.members if name not in CORE_MEMBERS])
    found["file beside the core" if members == 1 else "files beside the core"] = members
    missing = len(missing_dependencies(package))
    found["missing dependency" if missing == 1 else "missing dependencies"] = missing
    return {name: count for name, count in found.items() if count}


def counted(count: int, noun: str) -> str:
    """Count something: 1 privilege, 24 privileges."""
    return f"{count:,} {noun}{'s' * (count != 1)}"


def attributes(role: Role) -> str:
    """Say what a role states beside its name, description and grants."""
    inherits = {True: "Direct User (Basic) access level and Team privileges", False: "Team privileges only"}
    said = [
        f"id {role.id}",
        f"inheritance: {inherits[role.inherits]}" if role.inherits is not None else "inheritance not stated",
        "customizable" if role.customizable else "not customizable",
    ]
    return ", ".join([*said, "assigned to every user by itself"] if role.auto_assigned else said)


def covered(row: TableRow, catalogue: Catalogue, *, whole: bool = False) -> Iterator[str]:
    """Say what the same privileges grant beside the table that a row names; `whole` leaves no table out."""
    also = sorted(row.also, key=lambda name: "_" in name)  # Dataverse's own before those of its apps
    names = [title_of(name, catalogue) for name in also]
    listed = ", ".join(names if whole else names[:_FEW]) + (" ..." if len(names) > _FEW and not whole else "")
    if row.table == _ACTIVITY:
        yield f"{row.label} covers every kind of activity, custom ones too: {listed}"
    elif len(names) > _FEW:
        yield f"{row.label} covers {len(names)} more tables: {listed}"
    elif names:
        yield f"{row.label} covers {' and '.join(names)}, too"
    if children := [title_of(child, catalogue) for child, parent in PARENTS.items() if row.table == parent]:
        yield f"{row.label} decides on the rows of {' and '.join(children)}, which have no privileges of their own"


def grouped(rows: tuple[TableRow, ...]) -> Iterator[tuple[str, Iterable[TableRow]]]:
    """Give rows by the admin centre's groups; few rows are one group without a name."""
    if len(rows) < MANY:
        yield "", rows
        return

    def group(row: TableRow) -> str:
        return row.group or ("Other tables" if row.table else "Tables that the catalogue does not know")

    named = sorted(rows, key=lambda row: (not row.table, not row.group, group(row)))
    yield from groupby(named, key=group)


def by_depth(row: TableRow) -> dict[Depth, list[AccessRight]]:
    """Give a row's rights by depth, the widest first."""
    found: dict[Depth, list[AccessRight]] = {}
    for right, depth in row.depths.items():
        found.setdefault(depth, []).append(right)
    return dict(sorted(found.items(), reverse=True))


def joined(rights: Iterable[AccessRight]) -> str:
    """Name rights: Create, Read."""
    return ", ".join(right.words for right in rights)


def depth_words(row: TableRow, marks: dict[Depth, str] | None = None) -> str:
    """Say how far a row's rights reach: `Organization`, or `Organization: Read; User: Create, Write`."""
    said = {(f"{marks[depth]} " if marks else "") + depth.words: rights for depth, rights in by_depth(row).items()}
    if len(said) == 1:
        return next(iter(said))
    return "; ".join(f"{words}: {joined(rights)}" for words, rights in said.items())
