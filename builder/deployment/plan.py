"""What importing a package into an environment would come to: looked at whole before anything is written."""

import enum
from dataclasses import dataclass

from builder.comparison.changes import GrantChange, Kind
from builder.dataverse.jobs import Running
from builder.dataverse.solutions import InstalledSolution
from builder.deployment.candidate import Candidate
from builder.model import Grant, Role


class Action(enum.Enum):
    """What importing would come to."""

    INSTALL = "install"
    UPDATE = "update"
    UPGRADE = "upgrade"
    REINSTALL = "reinstall"
    NOTHING = "nothing to do"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked for beside the package."""

    reinstall: bool = False
    overwrite: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """The environment that was looked at, and who looked: GUIDs, but for its address."""

    environment: str
    organization_id: str
    tenant: str
    user_id: str


@dataclass(frozen=True, slots=True)
class RolePlan:
    """One role of the package against the environment's.

    `live` is None where the environment does not have it. `changes` lead from live to the package. `by_hand` are the
    changes from what the installed package brought to what is live: the customer's own; None where nothing tells.
    `platform` is what the platform added by itself; `layered` whether an unmanaged layer lies on it, None for unknown.
    """

    role: Role
    live: Role | None
    changes: tuple[GrantChange, ...]
    by_hand: tuple[GrantChange, ...] | None = None
    platform: tuple[Grant, ...] = ()
    layered: bool | None = None
    holders: int = 0

    @property
    def loses(self) -> bool:
        """Whether the package takes something away from what is live."""
        return any(change.kind in (Kind.REMOVED, Kind.NARROWED) for change in self.changes)

    @property
    def undone(self) -> tuple[GrantChange, ...]:
        """The customer's changes that overwriting could undo; where nobody knows which are theirs, all that differs."""
        return self.changes if self.by_hand is None else self.by_hand


@dataclass(frozen=True, slots=True)
class Plan:
    """What an import comes to. `refusals` say why not, `warnings` what may go wrong; `gone` are roles it removes."""

    action: Action
    candidate: Candidate
    options: Options
    place: Place
    installed: InstalledSolution | None
    roles: tuple[RolePlan, ...] = ()
    gone: tuple[str, ...] = ()
    refusals: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    running: tuple[Running, ...] = ()

    @property
    def writes(self) -> bool:
        """Whether carrying it out writes anything."""
        return self.action not in (Action.NOTHING, Action.REFUSED)
