"""An overlay applied to roles: never wider than the base, save what is asked for by name and told as such.

The depth rule: of the depths at which a privilege exists, the largest that is not above the asked one; where there is
none (organization-owned tables, miscellaneous privileges, tables owned by business units at User) the smallest that
exists, which is told. Neither is ever above what the base grants.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from builder.catalogue import Catalogue, Privilege
from builder.errors import Fault, InputFaults
from builder.model import Depth, Grant, Role
from builder.solution.base_tables import UNKNOWN
from builder.solution.overlay import Overlay
from builder.solution.targets import Targets, targets
from builder.text import printable


@dataclass(frozen=True, slots=True)
class Narrowed:
    """Roles before and after, in the same order, and what a person should know about how the overlay was applied."""

    before: tuple[Role, ...]
    after: tuple[Role, ...]
    notes: tuple[str, ...] = ()


def narrow(roles: Sequence[Role], overlay: Overlay, catalogue: Catalogue, source: str) -> Narrowed:
    """Apply an overlay to the roles of a base; `catalogue` knows the base's tables too (with_base_tables).

    Raises InputFaults with everything that the overlay asks and that cannot be.
    """
    narrowing = _Narrowing(overlay, catalogue, targets(roles, overlay, catalogue, source))
    after = tuple(narrowing.applied(role) for role in roles)
    faults = [
        Fault(f'nothing would be left of the role "{printable(role.name)}"', source)
        for role, was in zip(after, roles, strict=True)
        if was.grants and not role.grants
    ]
    if faults:
        raise InputFaults(source, faults)
    return Narrowed(tuple(roles), after, narrowing.notes())


class _Narrowing:
    """Changes roles, keeping note of the privileges that the depth rule did not bring where they were asked to."""

    def __init__(self, overlay: Overlay, catalogue: Catalogue, asked: Targets) -> None:
        self._overlay = overlay
        self._catalogue = catalogue
        self._asked = asked
        self._notes = list(asked.notes)
        self._smallest: dict[Depth, dict[str, None]] = {}
        self._unsure: dict[Depth, dict[str, None]] = {}

    def applied(self, role: Role) -> Role:
        """Give a role with what was asked; the role itself where nothing changes."""
        if role.id not in self._asked.roles:
            return role
        grants = [self._kept(grant) for grant in role.grants if grant.key not in self._asked.removed]
        held = role.by_privilege()
        for key, (addition, privilege) in self._asked.added.items():
            if key not in held:
                asked = addition.depth or self._asked.depths.get(key) or Depth.GLOBAL
                reached = self._reach(privilege, asked)
                # The customer wants it; the application did without it.
                grants.append(Grant(privilege.name, reached, addition.reason, required=False))
                self._tell(privilege, asked, reached)
        if grants == list(role.grants):
            return role
        return replace(role, grants=tuple(sorted(grants, key=lambda grant: grant.key)))

    def notes(self) -> tuple[str, ...]:
        """Give what a person should know."""
        smallest = [
            f"at {depth.words}, the smallest depth at which they exist: {_listed(names)}"
            for depth, names in sorted(self._smallest.items())
        ]
        unsure = [
            f"at {depth.words}, which exists only where users own the table's rows, and that is not known: "
            f"{_listed(names)}; if an import refuses one, build with --depth TABLE=organization"
            for depth, names in sorted(self._unsure.items())
        ]
        return (*dict.fromkeys(self._notes), *smallest, *unsure)

    def _kept(self, grant: Grant) -> Grant:
        asked: Depth | None = self._asked.depths.get(grant.key)
        if grant.key in self._asked.added:
            # Read was asked for by name: the depth of all grants is not meant for it.
            asked = self._asked.added[grant.key][0].depth or asked
        else:
            asked = asked or self._overlay.depth
        return self._moved(grant, asked) if asked else grant

    def _moved(self, grant: Grant, asked: Depth) -> Grant:
        widening = self._overlay.allow_widening
        if asked > grant.depth and not widening:
            if grant.key in self._asked.added:
                self._notes.append(f"{grant.privilege} stays at {grant.depth.words}: --allow-widening would widen it")
            return grant
        if asked == grant.depth:
            return grant
        privilege = self._catalogue.privilege(grant.privilege)
        if privilege is None:
            self._smallest.setdefault(grant.depth, {})[grant.privilege] = None
            return grant
        reached = self._reach(privilege, asked)
        reached = reached if widening else min(reached, grant.depth)
        self._tell(privilege, asked, reached)
        return replace(grant, depth=reached) if reached != grant.depth else grant

    @staticmethod
    def _reach(privilege: Privilege, asked: Depth) -> Depth:
        within = [depth for depth in privilege.depths if depth <= asked]
        return max(within) if within else min(privilege.depths)

    def _tell(self, privilege: Privilege, asked: Depth, reached: Depth) -> None:
        if reached > asked:
            self._smallest.setdefault(reached, {})[privilege.name] = None
        elif privilege.depths_sure == UNKNOWN and reached is not Depth.GLOBAL:
            self._unsure.setdefault(reached, {})[privilege.name] = None


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names, key=str.lower))
