"""The application user and its role: looked up first, made or adopted, never deleted and never made twice."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from builder.connection.http import Connection, unsettled
from builder.dataverse import business_units, roles, users
from builder.dataverse.business_units import BusinessUnit
from builder.dataverse.roles import RoleCopy
from builder.dataverse.users import ApplicationUser
from builder.deployment.waiting import until
from builder.errors import OutcomeUnknown, Refused, Unreachable, UsageError

_LAG = 90.0  # seconds: new rows were seen to show after tens of seconds
_COPIES_LAG = 15.0


@dataclass(frozen=True, slots=True)
class RoleWanted:
    """A role by its package's id, or by its name alone where `id` is ""."""

    name: str
    id: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done: `user` is None where it is to be made, `missing` are the roles it does not hold yet."""

    application_id: str
    unit: BusinessUnit
    user: ApplicationUser | None
    roles: tuple[RoleCopy, ...]
    missing: tuple[RoleCopy, ...]

    @property
    def nothing_to_do(self) -> bool:
        """Whether all is as it should be already."""
        return self.user is not None and not self.missing

    @property
    def extra(self) -> tuple[RoleCopy, ...]:
        """The roles that the user holds beside those that are wanted."""
        wanted = {role.id for role in self.roles}
        return tuple(role for role in (self.user.roles if self.user else ()) if role.id not in wanted)


def plan(connection: Connection, application_id: str, wanted: Sequence[RoleWanted], unit: str = "") -> Plan:
    """Look at what there is; nothing is written.

    `unit` is a business unit's name or GUID; "" means the root for a new user, and its own for one that is there.
    Raises Refused for a disabled or soft-deleted user, one of another unit, or a role that the unit does not have.
    """
    user = users.of_application(connection, application_id)
    if user is not None:
        _usable(connection, user)
    place = _place(connection, user, unit)
    found = tuple(_role(connection, one, place) for one in wanted)
    held = {role.id for role in user.roles} if user else set()
    return Plan(application_id.lower(), place, user, found, tuple(role for role in found if role.id not in held))


def carry_out(connection: Connection, planned: Plan, report: Callable[[str], None] = lambda _: None) -> ApplicationUser:
    """Make the user where there is none, and give it the roles it lacks; gives the user as it is read back.

    Raises OutcomeUnknown where a request may have been carried out and does not show.
    """
    user = planned.user
    if user is None:
        report(f"making the application user in business unit {planned.unit.name}")
        user = _create(connection, planned)
    for role in planned.missing:
        report(f"giving it the role {role.name}")
        _give(connection, user, role)
    return users.of_application(connection, planned.application_id) or user


def _usable(connection: Connection, user: ApplicationUser) -> None:
    if user.deleted:
        raise Refused(
            f"the application user {user.name or user.id} ({user.id}) is soft-deleted in {connection.origin}",
            "restore it in the Power Platform admin centre (Users, Deleted), or have it removed for good there",
        )
    if user.disabled:
        raise Refused(
            f"the application user {user.name or user.id} ({user.id}) is disabled in {connection.origin}",
            "somebody switched it off: ask why, and have it activated in the Power Platform admin centre "
            "(Application users)",
        )


def _place(connection: Connection, user: ApplicationUser | None, unit: str) -> BusinessUnit:
    if user is None:
        return business_units.named(connection, unit) if unit else business_units.root(connection)
    if not unit:
        return business_units.named(connection, user.business_unit_id)
    place = business_units.named(connection, unit)
    if place.id != user.business_unit_id:
        theirs = business_units.named(connection, user.business_unit_id)
        raise Refused(
            f"the application user {user.name} stands in business unit {theirs.name}, not in {place.name}",
            "moving a user takes its roles away: move it in the admin centre first, or leave --business-unit out",
        )
    return place


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
        if not unsettled(error):
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
        if not unsettled(error):
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
