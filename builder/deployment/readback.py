"""What a role grants after an import, against its package: read again, and set right where that is asked for.

Whether an import takes away what the new package lacks is unconfirmed: so it is looked at, not believed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from builder.comparison.changes import GrantChange, Kind
from builder.connection.http import Connection, unsettled
from builder.dataverse import privileges, roles
from builder.deployment.planning import grant_changes
from builder.deployment.waiting import until
from builder.errors import Refused, Unreachable
from builder.model import Depth, Role

_SPREADING = 15.0  # seconds in which a role that was just brought may not show yet


@dataclass(frozen=True, slots=True)
class Difference:
    """A role whose grants are not its package's: `changes` lead from the package to the environment."""

    role: Role
    changes: tuple[GrantChange, ...]

    @property
    def leftovers(self) -> tuple[GrantChange, ...]:
        """What the environment grants beyond the package."""
        return tuple(change for change in self.changes if change.kind in (Kind.ADDED, Kind.WIDENED))


def read_back(connection: Connection, packaged: Sequence[Role]) -> tuple[Difference, ...]:
    """Compare the environment's roles with their packages'; gives those that differ.

    Raises Refused where the environment does not have one of them.
    """
    found: list[Difference] = []
    for role in packaged:
        live = roles.live(connection, role.id)
        if live is None:
            live = until(connection, partial(roles.live, connection, role.id), limit=_SPREADING)
        if live is None:
            raise Refused(f"{connection.origin} does not have the role {role.name} ({role.id}) after its import")
        changes = grant_changes(role, live)
        if changes:
            found.append(Difference(role, changes))
    return tuple(found)


def enforce(connection: Connection, differences: Sequence[Difference]) -> tuple[Difference, ...]:
    """Make roles grant what their packages say, by hand: each then has an unmanaged layer. Gives what still differs.

    A lost answer is not repeated: what came of it is read.
    """
    names = {change.grant.privilege for one in differences for change in one.changes}
    known = privileges.named(connection, names)
    for one in differences:
        wanted: dict[str, Depth] = {}
        for change in one.changes:
            if change.before is None:
                _settle(partial(roles.remove_privilege, connection, one.role.id, known[change.grant.key].id))
            else:
                wanted[known[change.grant.key].id] = change.before.depth
        if wanted:
            _settle(partial(roles.set_privileges, connection, one.role.id, wanted))
    return read_back(connection, [one.role for one in differences])


def _settle(request: Callable[[], None]) -> None:
    try:
        request()
    except (Refused, Unreachable) as error:
        if not unsettled(error):
            raise
