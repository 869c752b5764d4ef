"""Removing a solution: what depends on it is looked at first, and whether it went is looked up, not believed."""

from dataclasses import dataclass

from builder.connection.http import Connection, Row, unsettled
from builder.dataverse import jobs, roles, solutions
from builder.dataverse.jobs import Running
from builder.dataverse.solutions import InstalledSolution
from builder.deployment.waiting import pauses
from builder.errors import OutcomeUnknown, Refused, Unreachable
from builder.model import Role

_LIMIT = 900.0  # seconds: a removal may outlive its request by minutes


@dataclass(frozen=True, slots=True)
class RoleLost:
    """A role that goes with its solution, and how many users hold it."""

    role: Role
    holders: int


@dataclass(frozen=True, slots=True)
class Removal:
    """What removing a solution comes to. `dependents` is None where the environment does not tell."""

    solution: InstalledSolution
    roles: tuple[RoleLost, ...]
    dependents: tuple[Row, ...] | None
    running: tuple[Running, ...]


def plan_removal(connection: Connection, unique_name: str) -> Removal | None:
    """Look at what goes with a solution and what stands in the way; None where it is not installed."""
    solution = solutions.installed(connection, unique_name)
    if solution is None:
        return None
    lost = []
    for role_id in solutions.roles_of(connection, solution.id) if solution.managed else ():
        role = roles.live(connection, role_id)
        if role is not None:
            lost.append(RoleLost(role, roles.holders(connection, roles.copies(connection, role_id))))
    return Removal(solution, tuple(lost), solutions.dependents(connection, unique_name), jobs.running(connection))


def carry_out(connection: Connection, removal: Removal) -> None:
    """Remove a solution and see that it is gone; raises Refused, Unreachable, and OutcomeUnknown."""
    solution, lost = removal.solution, ""
    try:
        solutions.uninstall(connection, solution.id)
    except (Refused, Unreachable) as error:
        if not unsettled(error):
            raise
        lost = f" ({error.message})"
    for pause in pauses(_LIMIT, first=1.0, longest=30.0):
        there = solutions.installed(connection, solution.unique_name)
        if there is None or there.id != solution.id:
            return
        connection.sleep(pause)
    raise OutcomeUnknown(
        f"{solution.unique_name} was asked to be removed and is still there after {_LIMIT / 60:.0f} minutes{lost}",
        "look at the solution's history in the maker portal; the command may be run again",
    )
