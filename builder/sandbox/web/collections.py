"""The collection-valued navigation properties, and what adds to them and takes from them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from builder.model import AccessRight
from builder.sandbox.environment import Environment
from builder.sandbox.faults import coded, missing_row
from builder.sandbox.operations import Operations
from builder.sandbox.records import Reference, Row
from builder.sandbox.relationships import MANY_TO_MANY, ManyToMany, OneToMany
from builder.sandbox.schema import Table
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


def collection_of(environment: Environment, table: Table, name: str) -> Collection | None:
    """The collection of that name on a table's rows."""
    special = _SPECIAL.get((table.name, name))
    if special is not None:
        return special
    one_to_many = environment.relationships.collection(table.name, name)
    if one_to_many is not None:
        return _behind_lookup(one_to_many)
    for relationship in MANY_TO_MANY:
        if relationship.name == name and table.name in (relationship.left, relationship.right):
            return _across(relationship, table.name)
    return None


# -- one to many: the rows that look this one up


def _behind_lookup(relationship: OneToMany) -> Collection:
    def rows(environment: Environment, principal: Principal, row_id: str) -> Iterable[Row]:
        reference = Reference(relationship.target, row_id)
        found = environment.readable(principal, environment.schema[relationship.table])
        return (row for row in found if row[relationship.column] == reference)

    def add(environment: Environment, principal: Principal, row_id: str, child_id: str) -> None:
        environment.store.get(relationship.target, row_id)
        table, value = environment.schema[relationship.table], Reference(relationship.target, row_id)
        Operations(environment).associate(principal, table, child_id, relationship.column, value)

    def remove(environment: Environment, principal: Principal, row_id: str, child_id: str) -> None:
        table = environment.schema[relationship.table]
        child = environment.store.get(table.name, child_id)
        if child[relationship.column] != Reference(relationship.target, row_id):
            raise missing_row(table.name, child_id)
        Operations(environment).associate(principal, table, child_id, relationship.column, None)

    return Collection(relationship.table, rows, add, remove)


# -- many to many: rows of an intersect table


def _across(relationship: ManyToMany, table: str) -> Collection:
    left = table == relationship.left
    target = relationship.right if left else relationship.left
    own = relationship.left_column if left else relationship.right_column
    other = relationship.right_column if left else relationship.left_column

    def ties(environment: Environment, row_id: str) -> list[Row]:
        return [row for row in environment.store.all(relationship.intersect) if row[own] == row_id]

    def rows(environment: Environment, principal: Principal, row_id: str) -> Iterable[Row]:
        tied = {row[other] for row in ties(environment, row_id)}
        described = environment.schema[target]
        return (row for row in environment.readable(principal, described) if row[described.primary_id] in tied)

    def add(environment: Environment, principal: Principal, row_id: str, other_id: str) -> None:
        _demand_both_sides(environment, principal, Reference(table, row_id), Reference(target, other_id))
        if any(row[other] == other_id for row in ties(environment, row_id)):
            if environment.switches.repeated_association == "refuse":
                raise coded("0x80040237", status=412)
            return
        environment.store.add(relationship.intersect, {own: row_id, other: other_id}, principal.user_id)

    def remove(environment: Environment, principal: Principal, row_id: str, other_id: str) -> None:
        _demand_both_sides(environment, principal, Reference(table, row_id), Reference(target, other_id))
        tied = [row for row in ties(environment, row_id) if row[other] == other_id]
        if not tied and environment.switches.missing_association == "refuse":
            raise missing_row(relationship.intersect, other_id)
        primary_id = environment.schema[relationship.intersect].primary_id
        for row in tied:
            environment.store.remove(relationship.intersect, row[primary_id])

    return Collection(target, rows, add, remove)


def _demand_both_sides(environment: Environment, principal: Principal, one: Reference, other: Reference) -> None:
    """Ask for Append on the row named first and AppendTo on the other; by default for both on both, since which side
    needs which is not settled.
    """
    both = environment.switches.many_to_many == "both-sides"
    for reference, first in ((one, True), (other, False)):
        table = environment.schema[reference.table]
        row = environment.store.get(reference.table, reference.id)
        if both or first:
            environment.demand_row(principal, table, row, AccessRight.APPEND)
        if both or not first:
            environment.demand_row(principal, table, row, AccessRight.APPEND_TO)


# -- roles and teams: their own rules


def _roles_of(environment: Environment, principal: Principal, holder_id: str) -> Iterable[Row]:
    held = environment.roles.held_by(holder_id)
    return (row for row in environment.readable(principal, environment.schema["role"]) if row["roleid"] in held)


def _holders_of(table: str) -> Related:
    def rows(environment: Environment, principal: Principal, role_id: str) -> Iterable[Row]:
        holders, described = environment.roles.holders(role_id), environment.schema[table]
        return (row for row in environment.readable(principal, described) if row[described.primary_id] in holders)

    return rows


def _privileges_of_role(environment: Environment, principal: Principal, role_id: str) -> Iterable[Row]:
    grants = environment.roles.grants(role_id)
    rows = environment.readable(principal, environment.schema["privilege"])
    return (row for row in rows if row["privilegeid"] in grants)


def _give_role(table: str) -> Change:
    def change(environment: Environment, principal: Principal, holder_id: str, role_id: str) -> None:
        _check_role_change(environment, principal, Reference(table, holder_id), role_id)
        if role_id in environment.roles.held_by(holder_id) and environment.switches.repeated_association == "refuse":
            raise coded("0x80040237", status=412)
        environment.roles.give(holder_id, role_id)

    return change


def _take_role(table: str) -> Change:
    def change(environment: Environment, principal: Principal, holder_id: str, role_id: str) -> None:
        _check_role_change(environment, principal, Reference(table, holder_id), role_id)
        held = environment.roles.held_by(holder_id)
        if role_id not in held and environment.switches.missing_association == "refuse":
            raise missing_row(f"{table}roles", role_id)
        environment.roles.take(holder_id, role_id)

    return change


def _check_role_change(environment: Environment, principal: Principal, holder: Reference, role_id: str) -> None:
    """Ask for Assign on roles (prvAssignRole) and for Read on who holds it."""
    roles, holders = environment.schema["role"], environment.schema[holder.table]
    environment.guard.demand(principal, roles, AccessRight.ASSIGN)
    row, role = environment.store.get(holder.table, holder.id), environment.store.get("role", role_id)
    environment.demand_row(principal, holders, row, AccessRight.READ)
    environment.demand_row(principal, roles, role, AccessRight.ASSIGN)


def _members(environment: Environment, principal: Principal, team_id: str) -> Iterable[Row]:
    members = environment.teams.members(team_id)
    users = environment.readable(principal, environment.schema["systemuser"])
    return (row for row in users if row["systemuserid"] in members)


def _teams_of_user(environment: Environment, principal: Principal, user_id: str) -> Iterable[Row]:
    teams = environment.teams.of_user(user_id)
    return (row for row in environment.readable(principal, environment.schema["team"]) if row["teamid"] in teams)


def join_team(environment: Environment, principal: Principal, team_id: str, user_id: str) -> None:
    """Add a member to a team."""
    _check_membership_change(environment, principal, team_id, user_id)
    environment.teams.join(team_id, user_id)


def leave_team(environment: Environment, principal: Principal, team_id: str, user_id: str) -> None:
    """Take a member from a team."""
    _check_membership_change(environment, principal, team_id, user_id)
    if user_id not in environment.teams.members(team_id) and environment.switches.missing_association == "refuse":
        raise missing_row("teammembership", user_id)
    environment.teams.leave(team_id, user_id)


def _check_membership_change(environment: Environment, principal: Principal, team_id: str, user_id: str) -> None:
    """Ask for Write on the team and for Read on the user (documented for AddMembersTeam)."""
    teams, users = environment.schema["team"], environment.schema["systemuser"]
    environment.guard.demand(principal, teams, AccessRight.WRITE)
    environment.demand_row(principal, teams, environment.store.get("team", team_id), AccessRight.WRITE)
    environment.demand_row(principal, users, environment.store.get("systemuser", user_id), AccessRight.READ)


def _swapped(change: Change) -> Change:
    return lambda environment, principal, first, second: change(environment, principal, second, first)


def _of_holder(table: str, name: str) -> dict[tuple[str, str], Collection]:
    give, take = _give_role(table), _take_role(table)
    return {
        (table, name): Collection("role", _roles_of, give, take),
        ("role", name): Collection(table, _holders_of(table), _swapped(give), _swapped(take)),
    }


_SPECIAL: dict[tuple[str, str], Collection] = {
    **_of_holder("systemuser", "systemuserroles_association"),
    **_of_holder("team", "teamroles_association"),
    ("team", "teammembership_association"): Collection("systemuser", _members, join_team, leave_team),
    ("systemuser", "teammembership_association"): Collection(
        "team", _teams_of_user, _swapped(join_team), _swapped(leave_team)
    ),
    ("role", "roleprivileges_association"): Collection("privilege", _privileges_of_role),
}
