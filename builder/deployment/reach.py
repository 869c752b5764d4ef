"""Which business units' rows a user reaches: the depth of a grant, measured at the unit of the user or its team."""

from collections.abc import Iterable, Sequence

from builder.dataverse.business_units import BusinessUnit
from builder.model import Depth, Grant


def units_in_reach(grant: Grant, own_unit: str, units: Sequence[BusinessUnit]) -> tuple[str, ...] | None:
    """Name the units whose rows a grant reaches, whoever owns them; None where it reaches one's own rows only."""
    if grant.depth is Depth.BASIC:
        return None
    if grant.depth is Depth.GLOBAL:
        return tuple(sorted(unit.name for unit in units))
    ids = {own_unit} if grant.depth is Depth.LOCAL else {own_unit, *_below(own_unit, units)}
    return tuple(sorted(unit.name for unit in units if unit.id in ids))


def narrower_than_organization(grants: Iterable[Grant]) -> tuple[Grant, ...]:
    """Give the grants whose reach depends on the business unit of who holds them."""
    return tuple(grant for grant in grants if grant.depth is not Depth.GLOBAL)


def _below(unit: str, units: Sequence[BusinessUnit]) -> set[str]:
    found: set[str] = set()
    waiting = [unit]
    while waiting:
        parent = waiting.pop()
        children = {one.id for one in units if one.parent_id == parent} - found
        found |= children
        waiting.extend(children)
    return found
