"""What a customer changes in a vendor's package, or in a spec: less reach, fewer rights, some more tables to read.

An overlay is said in options or in a YAML file (schemas/overlay.schema.json), or in both: options count first. What it
names is looked up when it is applied (narrowing.py), since the base knows tables too.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from builder.document import Document
from builder.errors import Fault, UsageError
from builder.model import AccessRight, Depth, Version
from builder.text import printable

ALL = "all"


@dataclass(frozen=True, slots=True)
class Place:
    """Where something was asked for: an option, or a file and line."""

    where: str
    line: int = 0

    def fault(self, message: str, hint: str = "") -> Fault:
        """Give a fault of what was asked here."""
        return Fault(message, self.where, self.line, hint)


@dataclass(frozen=True, slots=True)
class DepthOf:
    """How far the privileges of a table (or one privilege) may reach."""

    target: str
    depth: Depth
    place: Place


@dataclass(frozen=True, slots=True)
class Removal:
    """A right on a table to take away; without a right, all of them, or the privilege named."""

    target: str
    right: AccessRight | None
    place: Place


@dataclass(frozen=True, slots=True)
class Addition:
    """A right on a table to add; without a depth at Organization."""

    table: str
    right: AccessRight
    depth: Depth | None
    place: Place
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Overlay:
    """What is asked of the base. `roles` are names or ids, all roles where there is none; `schema_names` tables in
    their exact letter case; `document` holds what a file says of tables.
    """

    depth: Depth | None = None
    depths: tuple[DepthOf, ...] = ()
    without: tuple[Removal, ...] = ()
    additions: tuple[Addition, ...] = ()
    roles: tuple[str, ...] = ()
    allow_widening: bool = False
    as_variant: str = ""
    version: Version | None = None
    schema_names: tuple[str, ...] = ()
    guess_case: bool = False
    document: Document | None = None

    @property
    def asks_for_grants(self) -> bool:
        """Whether it changes what a role grants."""
        return bool(self.depth or self.depths or self.without or self.additions)

    def over(self, other: "Overlay") -> "Overlay":
        """Lay this overlay (from options) over another one (from a file)."""
        return replace(
            other,
            depth=self.depth or other.depth,
            depths=self.depths + other.depths,
            without=self.without + other.without,
            additions=self.additions + other.additions,
            roles=self.roles or other.roles,
            allow_widening=self.allow_widening or other.allow_widening,
            as_variant=self.as_variant or other.as_variant,
            version=self.version or other.version,
            schema_names=self.schema_names + other.schema_names,
            guess_case=self.guess_case or other.guess_case,
        )


def overlay_from_options(
    depth: Sequence[str] = (), read: Sequence[str] = (), without: Sequence[str] = (), grant: Sequence[str] = ()
) -> Overlay:
    """Read what the options of those names say: `DEPTH` or `TABLE=DEPTH`; `TABLE[:DEPTH]`; `TABLE:RIGHT`;
    `TABLE:RIGHT[:DEPTH]`; each may hold several with commas between them. Raises UsageError.
    """
    of_all = [word for word in items(depth) if "=" not in word]
    if len(of_all) > 1:
        raise UsageError(f"--depth is given twice for all grants: {', '.join(map(printable, of_all))}")
    return Overlay(
        depth=_depth(of_all[0], "--depth") if of_all else None,
        depths=tuple(_depth_of(word) for word in items(depth) if "=" in word),
        without=tuple(_removals(items(without))),
        additions=(*map(_read, items(read)), *map(_grant, items(grant))),
    )


def items(values: Iterable[str]) -> list[str]:
    """Split values that may hold several items with commas between them."""
    return [item.strip() for value in values for item in value.split(",") if item.strip()]


def _depth(text: str, option: str) -> Depth:
    try:
        return Depth.parse(text)
    except ValueError:
        raise UsageError(f"{option}: there is no depth `{printable(text)}`", known_depths()) from None


def _right(text: str, option: str) -> AccessRight:
    try:
        return AccessRight.parse(text)
    except ValueError:
        raise UsageError(f"{option}: there is no right `{printable(text)}`", "Such as read, write, delete.") from None


def known_depths() -> str:
    """Name the depths, for a hint."""
    return f"Known: {', '.join(depth.words for depth in Depth)}."


def _depth_of(word: str) -> DepthOf:
    target, _, depth = word.partition("=")
    return DepthOf(target.strip(), _depth(depth, "--depth"), Place("--depth"))


def _read(word: str) -> Addition:
    table, colon, depth = word.partition(":")
    return Addition(table.strip(), AccessRight.READ, _depth(depth, "--read") if colon else None, Place("--read"))


def _grant(word: str) -> Addition:
    table, _, rest = word.partition(":")
    right, colon, depth = rest.partition(":")
    depth_asked = _depth(depth, "--grant") if colon else None
    return Addition(table.strip(), _right(right, "--grant"), depth_asked, Place("--grant"))


def _removals(words: Iterable[str]) -> Iterator[Removal]:
    table = ""
    for word in words:
        target, colon, right = word.partition(":")
        if not colon and table and _is_right(word):  # account:delete,share
            target, right = table, word
        table = target.strip()
        whole = not right or right.strip().lower() == ALL
        yield Removal(table, None if whole else _right(right, "--without"), Place("--without"))


def _is_right(word: str) -> bool:
    try:
        AccessRight.parse(word)
    except ValueError:
        return False
    return True
