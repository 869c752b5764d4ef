"""What a role must grant against what a user may do, as the administrator sees it."""

from collections.abc import Iterable
from dataclasses import dataclass

from builder.catalogue.lookup import added_by_platform
from builder.model import Depth, Grant


@dataclass(frozen=True, slots=True)
class Shortfall:
    """A required grant that is absent (`held` None) or held at a narrower depth only."""

    grant: Grant
    held: Depth | None

    def __str__(self) -> str:
        if self.held is None:
            return f"{self.grant.privilege} ({self.grant.depth.words}) is missing"
        return f"{self.grant.privilege} reaches {self.held.words} only, not {self.grant.depth.words}"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Required against effective: `extra` leaves out what the platform adds to every role by itself."""

    missing: tuple[Shortfall, ...]
    extra: tuple[Grant, ...]


def compare(required: Iterable[Grant], effective: Iterable[Grant]) -> Comparison:
    """Compare privilege by privilege, by depth and without letter case."""
    wanted: dict[str, Grant] = {}
    for grant in required:
        known = wanted.get(grant.key)
        wanted[grant.key] = grant if known is None or known.depth < grant.depth else known
    held: dict[str, Grant] = {}
    for grant in effective:
        held[grant.key] = max(held.get(grant.key, grant), grant, key=lambda one: one.depth)
    added = added_by_platform()
    return Comparison(
        missing=tuple(
            Shortfall(grant, held[key].depth if key in held else None)
            for key, grant in sorted(wanted.items())
            if key not in held or held[key].depth < grant.depth
        ),
        extra=tuple(
            grant
            for key, grant in sorted(held.items())
            if grant.depth > max(wanted[key].depth if key in wanted else 0, added.get(key, 0))
        ),
    )
