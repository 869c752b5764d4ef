"""The collection-valued navigation properties, and what adds to them and takes from them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from builder.model import AccessRight
from builder.sandbox.environment import Environment
from builder.sandbox.faults import coded, missing_row
from builder.sandbox.records import Row
from builder.sandbox.security import Principal

Related = Callable[[Environment, Principal, str], Iterable[Row]]
Change = Callable[[Environment, Principal, str, str], None]


@dataclass(frozen=True, slots=True)
class Collection:
    """Where the property leads, the rows behind it that the caller may read, and how it is changed (None: not here)."""

    target: str
    rows: Related
    add: Change | None = None
    remove: Change | None = None


def _roles_of_user(environment: Environment, principal: Principal, user_id: str) -> Iterable[Row]:
    held = environment.roles.held_by(user_id)
    return (row for row in environment.readable(principal, environment.schema["role"]) if row["roleid"] in held)


def _users_of_role(environment: Environment, principal: Principal, role_id: str) -> Iterable[Row]:
    holders = environment.roles.holders(role_id)
    users = environment.readable(principal, environment.schema["systemuser"])
    return (row for row in users if row["systemuserid"] in holders)


def _privileges_of_role(environment: Environment, principal: Principal, role_id: str) -> Iterable[Row]:
    grants = environment.roles.grants(role_id)
    rows = environment.readable(principal, environment.schema["privilege"])
    return (row for row in rows if row["privilegeid"] in grants)


def _give_role(environment: Environment, principal: Principal, user_id: str, role_id: str) -> None:
    _check_role_change(environment, principal, user_id, role_id)
    if role_id in environment.roles.held_by(user_id) and environment.switches.repeated_association == "refuse":
        raise coded("0x80040237", status=412)
    environment.roles.give(user_id, role_id)


def _take_role(environment: Environment, principal: Principal, user_id: str, role_id: str) -> None:
    _check_role_change(environment, principal, user_id, role_id)
    if role_id not in environment.roles.held_by(user_id) and environment.switches.missing_association == "refuse":
        raise missing_row("systemuserroles", role_id)
    environment.roles.take(user_id, role_id)


def _check_role_change(environment: Environment, principal: Principal, user_id: str, role_id: str) -> None:
    """Ask for Assign on roles (prvAssignRole) and for Read on the user."""
    roles, users = environment.schema["role"], environment.schema["systemuser"]
    environment.guard.demand(principal, roles, AccessRight.ASSIGN)
    user, role = environment.store.get("systemuser", user_id), environment.store.get("role", role_id)
    environment.demand_row(principal, users, user, AccessRight.READ)
    environment.demand_row(principal, roles, role, AccessRight.ASSIGN)


def _swapped(change: Change) -> Change:
    return lambda environment, principal, first, second: change(environment, principal, second, first)


COLLECTIONS: dict[tuple[str, str], Collection] = {
    ("systemuser", "systemuserroles_association"): Collection("role", _roles_of_user, _give_role, _take_role),
    ("role", "systemuserroles_association"): Collection(
        "systemuser", _users_of_role, _swapped(_give_role), _swapped(_take_role)
    ),
    ("role", "roleprivileges_association"): Collection("privilege", _privileges_of_role),
}
