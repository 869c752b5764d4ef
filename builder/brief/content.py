"""A package, and what is stated of it -> the content of its access brief, which every format shows alike."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from builder import __version__
from builder.brief import words
from builder.brief.limits import limits
from builder.brief.lines import Line
from builder.brief.risks import Risk, of_package, risks
from builder.catalogue import Catalogue
from builder.catalogue.lookup import added_by_platform
from builder.comparison.changes import Changes, Concern
from builder.comparison.entries import Entry, entries
from builder.comparison.markdown import summary
from builder.matrix import Matrix, TableRow, matrix, on_table
from builder.model import ALL_RIGHTS, AccessRight, Application, Depth, Grant, Role
from builder.validation.report import Finding

_CHANGING = (AccessRight.CREATE, AccessRight.WRITE)
SIGN_IN = (
    "It signs in as itself, through Microsoft Entra ID (OAuth 2.0 client credentials), with a certificate, a secret or "
    "a federated identity that its publisher holds; which of them is not stated in the package.",
    "In Dataverse it acts as an application user: no person, no password, and no sign-in in a browser. Rows that it "
    "creates or changes name that user.",
)
"""How an application signs in that holds a role through an application user (docs)."""


@dataclass(frozen=True, slots=True)
class Why:
    """A reason (NO_REASON where none is stated); `what` names the rights it is for, "" for all of a row."""

    what: str
    reason: str
    optional: bool


@dataclass(frozen=True, slots=True)
class BriefRow:
    """A table with its depths by right (None: not granted), in words too, and why; `covers` is whether the role's
    `covered` speaks of it."""

    row: TableRow
    cells: tuple[Depth | None, ...]
    depth: str
    why: tuple[Why, ...]
    covers: bool


@dataclass(frozen=True, slots=True)
class Group:
    """Rows under the admin centre's heading, "" where they are few."""

    title: str
    rows: tuple[BriefRow, ...]


@dataclass(frozen=True, slots=True)
class OtherPrivilege:
    """A privilege that is about no table's rows."""

    label: str
    privilege: str
    depth: Depth
    why: tuple[Why, ...]


@dataclass(frozen=True, slots=True)
class RoleBrief:
    """What a role grants. `tiles` are figures with their labels; `others` go by the admin centre's tabs."""

    role: Role
    attributes: str
    tiles: tuple[tuple[str, str], ...]
    groups: tuple[Group, ...]
    others: tuple[tuple[str, tuple[OtherPrivilege, ...]], ...]
    covered: tuple[str, ...]
    limits: tuple[Line, ...]
    risks: tuple[Risk, ...]

    @property
    def count(self) -> str:
        """How many privileges it has, in words."""
        return words.counted(len(self.role.grants), "privilege")


@dataclass(frozen=True, slots=True)
class Difference:
    """What changed from one package to another: by who has to care, what belongs together under one heading."""

    old: str
    new: str
    summary: str
    concerns: tuple[tuple[Concern, tuple[tuple[str, tuple[Entry, ...]], ...]], ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Brief:
    """The whole. `stated` is whether anybody states the reasons; `risks` are those of the
    package as a whole, `platform` is what Dataverse adds to each role."""

    title: str
    name: str
    facts: tuple[tuple[str, str], ...]
    application: Application | None
    sign_in: tuple[str, ...]
    stated: bool
    roles: tuple[RoleBrief, ...]
    contents: tuple[str, ...]
    risks: tuple[Risk, ...]
    since: Difference | None
    source: str
    digest: str
    platform: tuple[str, ...]
    made_by: str

    @property
    def is_long(self) -> bool:
        """Whether there is enough to search in."""
        return sum(len(group.rows) for role in self.roles for group in role.groups) >= words.MANY


def brief_of(
    subject: words.Subject, catalogue: Catalogue, findings: Iterable[Finding] = (), since: Difference | None = None
) -> Brief:
    """Put together what a brief says; `findings` are the validation's on the package."""
    package, stated_by = subject.package, PurePath(subject.stated_by).name
    found = tuple(findings)
    stated = bool(stated_by)
    return Brief(
        title=subject.title,
        name=next(iter(package.manifest.names.values()), package.manifest.unique_name),
        facts=tuple(words.facts(subject, stated_by)),
        application=subject.application,
        sign_in=SIGN_IN if subject.application else (),
        stated=stated,
        roles=tuple(role_brief(role, catalogue, found, stated=stated) for role in subject.roles),
        contents=tuple(f"{count} {kind}" for kind, count in words.contents(package).items()),
        risks=of_package(found),
        since=since,
        source=PurePath(package.source).name,
        digest=package.digest,
        platform=tuple(sorted(_spelt(name, catalogue) for name in added_by_platform())),
        made_by=f"solsmith {__version__}",
    )


def difference(changes: Changes, old: str, new: str, catalogue: Catalogue) -> Difference:
    """Put changes into words; `old` and `new` name what was compared."""
    return Difference(
        old,
        new,
        summary(changes),
        tuple((concern, tuple(_by_heading(found))) for concern, found in entries(changes, catalogue).items()),
        changes.notes,
    )


def role_brief(role: Role, catalogue: Catalogue, findings: Sequence[Finding], *, stated: bool) -> RoleBrief:
    """Put together what a brief says of a role; without a statement, no row says why."""
    drawn = matrix(role.grants, catalogue)
    why = _Reasons(role.grants, catalogue, stated=stated)
    groups = tuple(
        Group(title, tuple(_row(row, why, catalogue) for row in rows)) for title, rows in words.grouped(drawn.tables)
    )
    return RoleBrief(
        role=role,
        attributes=words.attributes(role),
        tiles=tuple(_tiles(role, drawn)),
        groups=groups,
        others=tuple(_others(drawn, why, catalogue)),
        covered=tuple(said for row in drawn.tables for said in words.covered(row, catalogue, whole=True)),
        limits=tuple(limits(drawn, catalogue)),
        risks=risks(role, drawn, findings),
    )


class _Reasons:
    """The reasons of a role's grants, by table and by privilege."""

    def __init__(self, grants: Iterable[Grant], catalogue: Catalogue, *, stated: bool) -> None:
        self._of_tables: dict[str, list[tuple[AccessRight, Grant]]] = {}
        self._of_others: dict[str, Grant] = {}
        for grant in grants if stated else ():
            table, right = on_table(grant.privilege, catalogue)
            if right is None:
                self._of_others[grant.key] = grant
            else:
                self._of_tables.setdefault(table.lower(), []).append((right, grant))

    def of_row(self, row: TableRow) -> tuple[Why, ...]:
        """Say why a row's rights are granted, those together that share the reason."""
        alike: dict[tuple[str, bool], set[AccessRight]] = {}
        for right, grant in self._of_tables.get((row.table or row.label).lower(), ()):
            alike.setdefault((grant.reason, grant.required), set()).add(right)
        return tuple(
            Why(
                words.joined(right for right in ALL_RIGHTS if right in rights) if len(alike) > 1 else "",
                reason or words.NO_REASON,
                not required,
            )
            for (reason, required), rights in alike.items()
        )

    def of_other(self, privilege: str) -> tuple[Why, ...]:
        """Say why a privilege is granted that is about no table."""
        grant = self._of_others.get(privilege.lower())
        return (Why("", grant.reason or words.NO_REASON, not grant.required),) if grant else ()


def _row(row: TableRow, why: _Reasons, catalogue: Catalogue) -> BriefRow:
    cells = tuple(row.depths.get(right) for right in ALL_RIGHTS)
    return BriefRow(row, cells, words.depth_words(row), why.of_row(row), any(words.covered(row, catalogue)))


def _others(drawn: Matrix, why: _Reasons, catalogue: Catalogue) -> Iterator[tuple[str, tuple[OtherPrivilege, ...]]]:
    """Give the privileges about no table, under the tabs of the admin centre's role editor."""
    tabs: dict[str, list[OtherPrivilege]] = {"Miscellaneous privileges": [], "Privacy-related privileges": []}
    for other in drawn.others:
        known = catalogue.privilege(other.privilege)
        tab = "Privacy-related privileges" if known and known.kind == "privacy" else "Miscellaneous privileges"
        shown = OtherPrivilege(other.label, other.privilege, other.depth, why.of_other(other.privilege))
        tabs[tab].append(shown)
    return ((tab, tuple(found)) for tab, found in tabs.items() if found)


def _tiles(role: Role, drawn: Matrix) -> Iterator[tuple[str, str]]:
    changed = sum(any(right in row.depths for right in _CHANGING) for row in drawn.tables)
    deleted = sum(AccessRight.DELETE in row.depths for row in drawn.tables)
    yield f"{len(role.grants):,}", "privilege" if len(role.grants) == 1 else "privileges"
    yield f"{len(drawn.tables):,}", "table" if len(drawn.tables) == 1 else "tables"
    yield f"{changed:,}", "of them changed"
    yield f"{deleted:,}", "of them deleted from"
    if role.grants:
        yield max(grant.depth for grant in role.grants).words, "the furthest reach"


def _by_heading(found: Iterable[Entry]) -> Iterator[tuple[str, tuple[Entry, ...]]]:
    headings: dict[str, list[Entry]] = {}
    for entry in found:
        headings.setdefault(entry.group, []).append(entry)
    return ((heading, tuple(lines)) for heading, lines in headings.items())


def _spelt(name: str, catalogue: Catalogue) -> str:
    known = catalogue.privilege(name)
    return known.name if known else name
