"""The words everything else is said in: versions, depths, rights, grants, roles and solutions."""

import enum
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import total_ordering


class Depth(enum.IntEnum):
    """How far a privilege reaches. The value is `privilegedepthmask` of the Web API (docs)."""

    BASIC = 1
    LOCAL = 2
    DEEP = 4
    GLOBAL = 8

    @property
    def level(self) -> str:
        """The `level` attribute in customizations.xml, and the Web API's `Depth`: Basic, Local, Deep or Global."""
        return self.name.capitalize()

    @property
    def words(self) -> str:
        """What the admin centre calls it."""
        return _DEPTH_WORDS[self]

    @property
    def letter(self) -> str:
        """B, L, D or G."""
        return self.name[0]

    @classmethod
    def from_level(cls, level: str) -> "Depth":
        """Read an XML level or a Web API depth; raises ValueError for anything else."""
        try:
            return _DEPTH_BY_LEVEL[level]
        except KeyError:
            raise ValueError(f"no such level: {level}") from None

    @classmethod
    def parse(cls, text: str) -> "Depth":
        """Read a depth as people write it: the admin centre's words or the XML's; raises ValueError."""
        try:
            return _DEPTH_BY_WORD[plain_words(text)]
        except KeyError:
            raise ValueError(f"no such depth: {text}") from None


class AccessRight(enum.IntFlag):
    """What may be done to a row, in the admin centre's order. The values are the SDK's AccessRights (docs)."""

    CREATE = 32
    READ = 1
    WRITE = 2
    DELETE = 65536
    APPEND = 4
    APPEND_TO = 16
    ASSIGN = 524288
    SHARE = 262144

    @property
    def token(self) -> str:
        """The right as privilege names spell it: Create, AppendTo."""
        return self.words.replace(" ", "")

    @property
    def words(self) -> str:
        """The right as the admin centre spells it: Create, Append To."""
        return (self.name or "").replace("_", " ").title()

    @classmethod
    def parse(cls, text: str) -> "AccessRight":
        """Read a right as people write it (`append to`, `AppendTo`); raises ValueError."""
        try:
            return _RIGHT_BY_WORD[plain_words(text)]
        except KeyError:
            raise ValueError(f"no such right: {text}") from None


ALL_RIGHTS = (
    AccessRight.CREATE,
    AccessRight.READ,
    AccessRight.WRITE,
    AccessRight.DELETE,
    AccessRight.APPEND,
    AccessRight.APPEND_TO,
    AccessRight.ASSIGN,
    AccessRight.SHARE,
)


def plain_words(text: str) -> str:
    """Fold the ways people write one term: `Parent: Child Business Unit`, `parent-child`, `AppendTo`, `append to`."""
    return re.sub(r"[^a-z0-9]", "", text.casefold())


def split_privilege(name: str) -> tuple[AccessRight, str] | None:
    """Split the name of a privilege on a table's rows into right and schema name; None for any other name."""
    parts = _ON_ROWS.fullmatch(name)
    return (AccessRight.parse(parts[1]), parts[2]) if parts else None


# Append To before Append: prvAppendToAccount is no append to a table "ToAccount".
_BY_LENGTH = sorted((right.token for right in ALL_RIGHTS), key=len, reverse=True)
_ON_ROWS = re.compile(f"prv({'|'.join(_BY_LENGTH)})(.+)", re.IGNORECASE | re.DOTALL)
_DEPTH_WORDS = {
    Depth.BASIC: "User",
    Depth.LOCAL: "Business Unit",
    Depth.DEEP: "Parent: Child Business Unit",
    Depth.GLOBAL: "Organization",
}
_DEPTH_BY_LEVEL = {depth.level: depth for depth in Depth}
_DEPTH_BY_WORD = {
    **{plain_words(depth.level): depth for depth in Depth},
    **{plain_words(words): depth for depth, words in _DEPTH_WORDS.items()},
    "parentchild": Depth.DEEP,
    "parentchildbusinessunits": Depth.DEEP,
    "organisation": Depth.GLOBAL,
}
_RIGHT_BY_WORD = {plain_words(right.token): right for right in ALL_RIGHTS}


@total_ordering
@dataclass(frozen=True, slots=True, eq=False)
class Version:
    """A solution version of two to four numbers; compared number by number, missing ones count as 0 (measured: §2)."""

    parts: tuple[int, ...]

    @classmethod
    def parse(cls, text: str) -> "Version":
        """Read `1.0.1.365`; raises ValueError."""
        if not re.fullmatch(r"[0-9]{1,10}(\.[0-9]{1,10}){1,3}", text):
            raise ValueError(f"not a version of two to four numbers: {text}")
        return cls(tuple(int(part) for part in text.split(".")))

    @property
    def padded(self) -> tuple[int, int, int, int]:
        """Four numbers, for comparison."""
        major, minor, build, revision = (*self.parts, 0, 0, 0)[:4]
        return major, minor, build, revision

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Version) and self.padded == other.padded

    def __lt__(self, other: "Version") -> bool:
        return self.padded < other.padded

    def __hash__(self) -> int:
        return hash(self.padded)

    def __str__(self) -> str:
        return ".".join(map(str, self.parts))


Texts = Mapping[int, str]
"""A text in several languages: language code (LCID, 1033 = English) to text; the first is the base language's."""


@dataclass(frozen=True, slots=True)
class Grant:
    """One privilege at one depth. `privilege` is spelt in its exact case and compared without case.

    `reason` ("" where none is stated) and `required` (whether the application breaks without it) are what a zip
    cannot carry: they travel in the access statement.
    """

    privilege: str
    depth: Depth
    reason: str = field(default="", compare=False)
    required: bool = field(default=True, compare=False)

    @property
    def key(self) -> str:
        """What identifies the privilege, and sorts grants as real exports do (measured: 234 of 234 roles)."""
        return self.privilege.lower()


@dataclass(frozen=True, slots=True)
class Role:
    """A security role. `inherits` is the member's privilege inheritance: True is "Direct User (Basic) access level and
    Team privileges", False "Team privileges only", None not stated. `id` is a lower-case GUID without braces.
    """

    id: str
    name: str
    grants: tuple[Grant, ...]
    inherits: bool | None = True
    customizable: bool = True
    auto_assigned: bool | None = None
    description: str = ""

    def by_privilege(self) -> dict[str, Grant]:
        """The grants by their key."""
        return {grant.key: grant for grant in self.grants}


@dataclass(frozen=True, slots=True)
class Publisher:
    """Who publishes a solution. `addresses` are up to two, each the members of an `<Address>` by their XML names."""

    unique_name: str
    names: Texts
    prefix: str
    option_value_prefix: int
    descriptions: Texts = field(default_factory=dict)
    email: str = ""
    website: str = ""
    addresses: tuple[Mapping[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Application:
    """The Entra application that will hold the role."""

    app_id: str
    name: str
    publisher: str = ""


@dataclass(frozen=True, slots=True)
class Solution:
    """What a person wants built."""

    unique_name: str
    names: Texts
    version: Version
    publisher: Publisher
    roles: tuple[Role, ...]
    managed: bool = True
    descriptions: Texts = field(default_factory=dict)
    application: Application | None = None
    language: int = 1033
