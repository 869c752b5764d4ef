"""The application user and its role: looked up first, made or adopted, and never made twice."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from builder.connection.http import Connection, unsettled
from builder.dataverse import business_units, roles, users
from builder.dataverse.business_units import BusinessUnit
from builder.dataverse.roles import RoleCopy
from builder.dataverse.users import ApplicationUser
from builder.deployment.reach import narrower_than_organization
from builder.deployment.waiting import until
from builder.errors import OutcomeUnknown, Refused, Unreachable, UsageError
from builder.model import Grant

_LAG = 90.0  # seconds: new rows were seen to show after tens of seconds
_COPIES_LAG = 15.0
_ALREADY_THERE = "0x8004f511"


@dataclass(frozen=True, slots=True)
class RoleWanted:
    """A role by its package's id, or by its name alone where `id` is ""; `grants` are the package's."""

    name: str
    id: str = ""
    grants: tuple[Grant, ...] = ()


@dataclass(frozen=True, slots=True)
class Wish:
    """Where the user is to stand ("" for the root, or where it stands already), and what may be done to one there."""

    unit: str = ""
    move: bool = False
    revive: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done: `user` is None where it is to be made, `missing` are the roles it does not hold yet.

    `moves_from` is the unit that it leaves, None where it stays; then `missing` holds the target unit's copies of all
    that it held as well. `revives` says whether it was disabled or soft-deleted.
    """

    application_id: str
    unit: BusinessUnit
    user: ApplicationUser | None
    roles: tuple[RoleCopy, ...]
    missing: tuple[RoleCopy, ...]
    moves_from: BusinessUnit | None = None
    revives: bool = False

    @property
    def nothing_to_do(self) -> bool:
        """Whether all is as it should be already."""
        return self.user is not None and not (self.missing or self.moves_from or self.revives)

    @property
    def extra(self) -> tuple[RoleCopy, ...]:
        """The roles that the user holds beside those that are wanted."""
        wanted = {role.root_id for role in self.roles}
        return tuple(role for role in (self.user.roles if self.user else ()) if role.root_id not in wanted)

    @property
    def steps(self) -> tuple[str, ...]:
        """What will be done, in words."""
        said = []
        if self.user is None:
            said.append(f"make the application user of {self.application_id} in business unit {self.unit.name}")
        elif self.revives:
            how = "purge the soft-deleted user and make it anew" if self.user.deleted else "switch the user on again"
            said.append(how)
        if self.moves_from:
            said.append(f"move it from {self.moves_from.name} to {self.unit.name}, with its roles")
        said += [f"give it the role {role.name}" for role in self.missing]
        return tuple(said)


def plan(connection: Connection, application_id: str, wanted: Sequence[RoleWanted], wish: Wish | None = None) -> Plan:
    """Look at what there is; nothing is written.

    Raises UsageError where a business unit must be said and is not; Refused for a disabled or soft-deleted user, one of
    another unit, or a role that the unit does not have.
    """
    wish = wish or Wish()
    user = users.of_application(connection, application_id)
    revives = user is not None and (user.disabled or user.deleted)
    if user is not None and revives and not wish.revive:
        raise _not_usable(connection, user)
    old = business_units.named(connection, user.business_unit_id) if user else None
    place = _place(connection, old, wanted, wish)
    moves = old is not None and place.id != old.id
    found = tuple(_role(connection, one, place) for one in wanted)
    made_anew = user is not None and user.deleted
    held = user.roles if user and not made_anew else ()
    kept = _kept(connection, held, place) if moves else ()
    had = set() if moves or made_anew else {role.id for role in held}
    missing = {role.id: role for role in (*found, *kept) if role.id not in had}
    return Plan(
        application_id.lower(), place, user, found, tuple(missing.values()), old if moves else None, bool(revives)
    )


def carry_out(connection: Connection, planned: Plan, report: Callable[[str], None] = lambda _: None) -> ApplicationUser:
    """Make the user where there is none, and give it the roles it lacks; gives the user as it is read back.

    Raises OutcomeUnknown where a request may have been carried out and does not show.
    """
    user = planned.user
    for step in planned.steps:
        report(step)
    if user is not None and user.deleted:
        users.purge(connection, user.id)
        user = None
    if user is None:
        user = _create(connection, planned)
    elif user.disabled:
        users.enable(connection, user.id)
    if planned.moves_from:
        report(f"roles before the move: {', '.join(f'{role.name} ({role.root_id})' for role in user.roles) or 'none'}")
        users.move(connection, user.id, planned.unit.id)
    for role in planned.missing:
        _give(connection, user, role)
    return users.of_application(connection, planned.application_id) or user


def _not_usable(connection: Connection, user: ApplicationUser) -> Refused:
    if user.deleted:
        return Refused(
            f"the application user {user.name or user.id} ({user.id}) is soft-deleted in {connection.origin}",
            "restore it in the Power Platform admin centre (Users, Deleted); --revive removes it for good and makes a "
            "new one, with another id",
        )
    return Refused(
        f"the application user {user.name or user.id} ({user.id}) is disabled in {connection.origin}",
        "somebody switched it off: ask why; --revive switches it on again",
    )


def _place(connection: Connection, old: BusinessUnit | None, wanted: Sequence[RoleWanted], wish: Wish) -> BusinessUnit:
    if not wish.unit:
        if old is None:
            _demand_unit(connection, wanted)
        return old or business_units.root(connection)
    place = business_units.named(connection, wish.unit)
    if old is not None and place.id != old.id and not wish.move:
        raise Refused(
            f"the application user stands in business unit {old.name}, not in {place.name}",
            "say --move to move it, with its roles, or leave --business-unit out",
        )
    return place


def _demand_unit(connection: Connection, wanted: Sequence[RoleWanted]) -> None:
    """Demand that a unit is said where a role reaches less than the organization: then it decides what is seen."""
    for role in wanted:
        grants = role.grants or _live_grants(connection, role)
        narrow = narrower_than_organization(grants)
        if narrow:
            raise UsageError(
                f"the role {role.name} grants {len(narrow)} privileges below Organization ({narrow[0].privilege}: "
                f"{narrow[0].depth.words}): which rows the user reaches depends on its business unit",
                "say which by --business-unit NAME",
            )


def _live_grants(connection: Connection, wanted: RoleWanted) -> tuple[Grant, ...]:
    if wanted.id:
        return roles.grants(connection, wanted.id) if roles.exists(connection, wanted.id) else ()
    named = roles.called(connection, wanted.name)
    return roles.grants(connection, named[0].root_id) if named else ()


def _kept(connection: Connection, held: Sequence[RoleCopy], unit: BusinessUnit) -> tuple[RoleCopy, ...]:
    """Give the target unit's copies of the roles that a user holds; raises Refused where it has none of one."""
    kept = []
    for role in held:
        copy = roles.copy_in_unit(connection, role.root_id, unit.id)
        if copy is None:
            raise Refused(
                f"business unit {unit.name} has no copy of the role {role.name}, which the user would lose by the move",
                "take that role from the user first, or leave it where it stands",
            )
        kept.append(copy)
    return tuple(kept)


def _role(connection: Connection, wanted: RoleWanted, unit: BusinessUnit) -> RoleCopy:
    if not wanted.id:
        named = roles.named(connection, wanted.name, unit.id)
        if len(named) > 1:
            ids = ", ".join(role.root_id for role in named)
            raise UsageError(
                f"{len(named)} roles are called {wanted.name} in {unit.name}: {ids}", "say which by --package"
            )
        found = named[0] if named else None
    else:
        found = roles.copy_in_unit(connection, wanted.id, unit.id)
        if found is None and roles.exists(connection, wanted.id):  # copies spread from the root unit after an import
            found = until(connection, lambda: roles.copy_in_unit(connection, wanted.id, unit.id), limit=_COPIES_LAG)
    if found is None:
        raise Refused(
            f"business unit {unit.name} of {connection.origin} has no role {wanted.name}",
            "import the solution that brings it first: solsmith import PACKAGE",
        )
    return found


def _create(connection: Connection, planned: Plan) -> ApplicationUser:
    """Make the user once; where the answer is lost, or another one made it at the same time, it is looked up."""
    lost: Exception | None = None
    try:
        users.create(connection, planned.application_id, planned.unit.id)
    except (Refused, Unreachable) as error:
        if not unsettled(error) and getattr(error, "code", "") != _ALREADY_THERE:
            raise
        lost = error
    user = until(connection, lambda: users.of_application(connection, planned.application_id), limit=_LAG)
    if user is None:
        raise OutcomeUnknown(
            f"the application user was asked for and does not show in {connection.origin} after {_LAG:.0f} s"
            + (f" ({lost})" if lost else ""),
            "run the command again in some minutes: it looks first, and makes no second one",
        ) from lost
    return user


def _give(connection: Connection, user: ApplicationUser, role: RoleCopy) -> None:
    lost: Exception | None = None
    try:
        users.give_role(connection, user.id, role.id)
    except (Refused, Unreachable) as error:
        if not unsettled(error) and not _holds(connection, user, role):  # giving one that is held may be refused
            raise
        lost = error
    held = until(connection, lambda: _holds(connection, user, role), limit=_LAG)
    if not held:
        raise OutcomeUnknown(
            f"the role {role.name} was given to {user.name} and does not show after {_LAG:.0f} s"
            + (f" ({lost})" if lost else ""),
            "run the command again in some minutes: it looks first",
        ) from lost


def _holds(connection: Connection, user: ApplicationUser, role: RoleCopy) -> bool | None:
    return True if any(held.id == role.id for held in users.roles_of(connection, user.id)) else None
