"""What differs between two sides, as data: by role and grant, and by every other fact that a package states."""

import enum
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from builder.model import Grant, Role

AREAS = ("solution", "package type", "publisher", "root component", "missing dependency", "component", "member")
Fact = tuple[str, str]
"""What a fact beyond the roles is about: its area (one of AREAS), and what within the area."""


class Kind(enum.Enum):
    """How something differs. A grant is widened or narrowed in its depth; REASON is a change of nothing but its reason,
    or of whether the application requires it."""

    ADDED = "added"
    REMOVED = "removed"
    WIDENED = "widened"
    NARROWED = "narrowed"
    REASON = "reason changed"
    CHANGED = "changed"


class Concern(enum.Enum):
    """Who has to care, the most urgent first. MAY_BREAK: a required grant is narrower, or nobody stated which are."""

    BREAKS = "breaks the application"
    MAY_BREAK = "may break the application"
    APPROVAL = "needs the customer's approval"
    HARMLESS = "harmless"


@dataclass(frozen=True, slots=True)
class GrantChange:
    """One privilege that one role grants otherwise; None on the side that does not grant it."""

    kind: Kind
    before: Grant | None
    after: Grant | None
    concern: Concern

    @property
    def grant(self) -> Grant:
        """The grant as it is now; where it is gone, as it was."""
        return self.after or self.before  # type: ignore[return-value]  # one of them is there


@dataclass(frozen=True, slots=True)
class FactChange:
    """A fact that is stated otherwise, None where it is not stated; `remark` says what that means, in a few words."""

    area: str
    subject: str
    kind: Kind
    before: str | None
    after: str | None
    concern: Concern
    remark: str = ""


@dataclass(frozen=True, slots=True)
class RoleChange:
    """A role that is added, removed or changed. `before` and `after` are the role without its grants."""

    before: Role | None
    after: Role | None
    attributes: tuple[FactChange, ...]
    grants: tuple[GrantChange, ...]

    @property
    def kind(self) -> Kind:
        """ADDED, REMOVED or CHANGED."""
        if self.before is None:
            return Kind.ADDED
        return Kind.REMOVED if self.after is None else Kind.CHANGED

    @property
    def role(self) -> Role:
        """The role as it is now; where it is gone, as it was."""
        return self.after or self.before  # type: ignore[return-value]  # one of them is there

    def each(self) -> Iterator["GrantChange | FactChange"]:
        """Give every single change."""
        yield from self.attributes
        yield from self.grants

    @property
    def concern(self) -> Concern:
        """The most urgent concern of all that the role's change consists of."""
        found = {change.concern for change in self.each()}
        return next((concern for concern in Concern if concern in found), Concern.HARMLESS)


@dataclass(frozen=True, slots=True)
class Changes:
    """All differences between two sides; false where there is none. `notes` say what was not compared, and why."""

    roles: tuple[RoleChange, ...] = ()
    facts: tuple[FactChange, ...] = ()
    notes: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.roles or self.facts)

    def each(self) -> Iterator[GrantChange | FactChange]:
        """Give every single change."""
        for role in self.roles:
            yield from role.each()
        yield from self.facts

    @property
    def widens(self) -> bool:
        """Whether any role grants more than before: a grant added or widened, or an attribute that lets it reach
        further."""
        return self._in_roles({Kind.ADDED, Kind.WIDENED})

    @property
    def narrows(self) -> bool:
        """Whether any role grants less than before."""
        return self._in_roles({Kind.REMOVED, Kind.NARROWED})

    def count_kinds(self) -> Counter[Kind]:
        """Count the grants' changes by kind."""
        return Counter(change.kind for role in self.roles for change in role.grants)

    def count_concerns(self) -> Counter[Concern]:
        """Count all changes by concern."""
        return Counter(change.concern for change in self.each())

    def _in_roles(self, kinds: set[Kind]) -> bool:
        return any(change.kind in kinds for role in self.roles for change in role.each())


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two things that are compared.

    `stated` says whether an access statement (or a spec) tells the grants' reasons and which of them are required.
    `unsaid` are areas of which this side cannot say anything, so that neither side's facts of that area are compared.
    """

    roles: tuple[Role, ...]
    facts: Mapping[Fact, str] = field(default_factory=dict)
    stated: bool = False
    unsaid: frozenset[str] = frozenset()
