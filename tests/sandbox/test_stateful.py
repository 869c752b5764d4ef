"""Random units, roles, people, shares and operations: the sandbox and an independent model never differ."""

import dataclasses
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)

from builder.model import ALL_RIGHTS, Depth
from builder.sandbox.access import Access
from builder.sandbox.entra import Tenant
from builder.sandbox.environment import Environment
from builder.sandbox.faults import WebApiFault
from builder.sandbox.operations import Operations
from builder.sandbox.records import Clock, Reference
from tests.sandbox.access_model import RIGHTS, TABLES, Record, Role, Team, World

CLOCK = Clock()
TENANT = Tenant(str(uuid.uuid4()), "https://127.0.0.1:1", "https://127.0.0.1:1", CLOCK, timedelta(hours=1))
KEPT_AS = {"Account": "account", "Contact": "contact", "Activity": "task"}
# Table and table above -> the lookup between them, along relationships that cascade.
TIES = {
    ("Account", "Account"): "parentaccountid",
    ("Contact", "Account"): "parentcustomerid",
    ("Activity", "Account"): "regardingobjectid",
    ("Activity", "Contact"): "regardingobjectid",
}
NAMES = {"Account": "name", "Contact": "lastname", "Activity": "subject"}
BY_TOKEN = {right.token: right for right in ALL_RIGHTS}

depths = st.sampled_from([None, "Basic", "Local", "Deep", "Global"])
grants = st.dictionaries(
    st.tuples(st.sampled_from(TABLES), st.sampled_from(RIGHTS)), st.sampled_from(["Basic", "Local", "Deep", "Global"])
)
broad = st.sampled_from(["Basic", "Local", "Deep", "Global"]).map(
    lambda depth: {(table, right): depth for table in TABLES for right in RIGHTS}
)
rights = st.sets(st.sampled_from([right for right in RIGHTS if right != "Create"]), min_size=1)


class Sandbox(RuleBasedStateMachine):
    units, roles, users, teams, records = (Bundle(name) for name in ("units", "roles", "users", "teams", "records"))
    holders = st.one_of(users, teams)
    steps = 0

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.environment = Environment(TENANT, CLOCK)
        self.operations = Operations(self.environment)
        root = self.environment.root_unit_id
        user = self.environment.store.add("systemuser", {"businessunitid": Reference("businessunit", root)})
        self.admin = user["systemuserid"]
        self.environment.roles.give(self.admin, self.environment.administrator_role_id)
        self.world.parents[root] = None
        self._note_default_team(root)
        self._begin_with_people(root)

    def _begin_with_people(self, root: str) -> None:
        """A small tree, a role for each depth and somebody who holds it, so that there is something to differ in."""
        middle = self.add_unit(root)
        self.add_unit(middle)
        self.add_unit(root)
        for unit, depth in zip(self.world.parents, ("Deep", "Local", "Basic", "Global"), strict=True):
            everything = {(table, right): depth for table in TABLES for right in RIGHTS}
            role = self.make_role(root, depth != "Basic", everything)
            self.give_role(self.add_user(unit), role)
        boss, *others = self.world.users
        account = self._made("Account", boss, None)
        contact = self._made("Contact", others[0], account)
        for owner in others:
            self._made("Activity", owner, contact)
            self._made("Account", owner, None)
        self._add_team_member()

    def _add_team_member(self) -> None:
        """Somebody with roles of a team only, and a role that stands below the root."""
        _, middle, leaf, side = list(self.world.parents)
        member, team = str(self.add_user(side)), str(self.add_team(side, access=False))
        self.join_or_leave(team, member, joins=True)
        basic = {(table, right): "Basic" for table in TABLES for right in RIGHTS}
        self.give_role(team, self.make_role(side, False, basic))
        self._made("Account", member, None)
        self._made("Contact", team, None)
        self.give_role(self.add_user(leaf), self.make_role(middle, True, basic))

    @initialize(target=teams)
    def first_teams(self) -> Any:
        return multiple(*(name for name, team in self.world.teams.items() if not team.default))

    def _made(self, table: str, owner: str, parent: str | None) -> str:
        """A row that the administrator makes; the owner must be one that may own it."""
        values: dict[str, Any] = {NAMES[table]: "r", "ownerid": self._owner(owner)}
        if parent:
            values[TIES[table, self.world.records[parent].table]] = self._reference(parent)
        row_id = self._make(KEPT_AS[table], **values)
        self.world.records[row_id] = Record(table, owner, parent)
        return row_id

    @initialize(target=units)
    def first_units(self) -> Any:
        return multiple(*self.world.parents)

    @initialize(target=roles)
    def first_roles(self) -> Any:
        return multiple(*self.world.roles)

    @initialize(target=users)
    def first_users(self) -> Any:
        return multiple(*self.world.users)

    @initialize(target=records)
    def first_records(self) -> Any:
        return multiple(*self.world.records)

    def _note_default_team(self, unit: str) -> None:
        team = self.environment.teams.default_of(unit)
        assert team
        self.world.teams[team] = Team(unit, default=True)

    def _make(self, table: str, **values: Any) -> str:
        return self.operations.create(self._principal(self.admin), self.environment.schema[table], values)

    def _change(self, table: str, row_id: str, **values: Any) -> None:
        self.operations.update(self._principal(self.admin), self.environment.schema[table], row_id, values)

    def _principal(self, user: str) -> Any:
        return self.environment.principal(user)

    # -- setting up

    @rule(target=units, parent=units)
    def add_unit(self, parent: str) -> str:
        unit = self._make("businessunit", name="u", parentbusinessunitid=Reference("businessunit", parent))
        self.world.parents[unit] = parent
        self._note_default_team(unit)
        return unit

    @rule(unit=units, parent=units)
    def move_unit(self, unit: str, parent: str) -> None:
        if self.world.parents[unit] is not None and not self.world.within(parent, unit):
            self._change("businessunit", unit, parentbusinessunitid=Reference("businessunit", parent))
            self.world.move_unit(unit, parent)

    @rule(target=roles, unit=units, direct=st.booleans(), given=st.one_of(grants, broad))
    def make_role(self, unit: str, direct: bool, given: dict[tuple[str, str], str]) -> str:
        home = Reference("businessunit", unit)
        role = self._make("role", name=str(uuid.uuid4()), businessunitid=home, isinherited=int(direct))
        self.world.roles[role] = Role(unit, direct, {})
        self.change_role(role, given)
        return role

    @rule(role=roles, given=grants)
    def change_role(self, role: str, given: dict[tuple[str, str], str]) -> None:
        privileges = self.environment.privileges
        by_id: dict[str, Depth | None] = {
            privileges.id(privileges.known(f"prv{right}{table}")): Depth.from_level(depth)
            for (table, right), depth in given.items()
        }
        self.environment.roles.change(role, by_id, replace=True)
        self.world.roles[role].grants = given

    @rule(target=users, unit=units)
    def add_user(self, unit: str) -> Any:
        user = self._make("systemuser", lastname="u", businessunitid=Reference("businessunit", unit))
        self.world.users[user] = Team(unit)
        return user

    @rule(target=teams, unit=units, access=st.booleans())
    def add_team(self, unit: str, access: bool) -> Any:
        team = self._make("team", name="t", teamtype=int(access), businessunitid=Reference("businessunit", unit))
        self.world.teams[team] = Team(unit, access=access)
        return team

    @rule(target=teams, unit=units)
    def take_default_team(self, unit: str) -> str:
        return str(self.environment.teams.default_of(unit))

    @rule(holder=holders, unit=units)
    def move(self, holder: str, unit: str) -> None:
        if holder in self.world.teams and self.world.teams[holder].default:
            return
        table = "systemuser" if holder in self.world.users else "team"
        self._change(table, holder, businessunitid=Reference("businessunit", unit))
        self.world.move(holder, unit)

    @rule(team=teams, user=users, joins=st.booleans())
    def join_or_leave(self, team: str, user: str, joins: bool) -> None:
        known = self.world.teams[team]
        if known.default or (not joins and user not in known.members):
            return
        (self.environment.teams.join if joins else self.environment.teams.leave)(team, user)
        (known.members.add if joins else known.members.discard)(user)

    @rule(holder=holders, role=roles)
    def give_role(self, holder: str, role: str) -> None:
        unit = self.world.holder(holder).unit
        copy = self.environment.roles.copy_in(role, unit)
        assert (copy is not None) is self.world.within(unit, self.world.roles[role].home)
        if copy is None:
            return
        allowed = self._tried(lambda: self.environment.roles.give(holder, copy))
        assert allowed is self.world.may_hold(holder, role)
        if allowed:
            self.world.holder(holder).roles.add(role)

    @rule(holder=holders, role=roles)
    def take_role(self, holder: str, role: str) -> None:
        if role in self.world.holder(holder).roles:
            copy = self.environment.roles.copy_in(role, self.world.holder(holder).unit)
            assert copy
            self.environment.roles.take(holder, copy)
            self.world.holder(holder).roles.discard(role)

    # -- what callers do

    @rule(target=records, user=users, table=st.sampled_from(TABLES), owner=holders, own=st.booleans(), above=st.data())
    def create(self, user: str, table: str, owner: str, own: bool, above: Any) -> Any:
        owner = user if own else owner
        parent = above.draw(st.sampled_from([None, *self._possible_parents(table)]))
        record = Record(table, owner, parent)
        values: dict[str, Any] = {NAMES[table]: "r", "ownerid": self._owner(owner)}
        if parent:
            values[TIES[table, self.world.records[parent].table]] = self._reference(parent)
        made: list[str] = []
        described = self.environment.schema[KEPT_AS[table]]
        allowed = self._tried(
            lambda: made.append(self.operations.create(self._principal(user), described, dict(values)))
        )
        assert allowed is self.world.may_create(user, record), (user, record)
        if allowed:
            self.world.records[made[0]] = record
            return made[0]
        if self.world.may_own(owner, table):
            return self._made(table, owner, parent)
        return multiple()

    def _possible_parents(self, table: str) -> list[str]:
        return [name for name, record in self.world.records.items() if (table, record.table) in TIES]

    def _owner(self, name: str) -> Reference:
        return Reference("systemuser" if name in self.world.users else "team", name)

    def _reference(self, record: str) -> Reference:
        return Reference(KEPT_AS[self.world.records[record].table], record)

    def _described(self, record: str) -> Any:
        return self.environment.schema[KEPT_AS[self.world.records[record].table]]

    @rule(user=users, record=records, owner=holders)
    def assign(self, user: str, record: str, owner: str) -> None:
        if record not in self.world.records:
            return
        values = {"ownerid": self._owner(owner)}
        expected = self.world.may_assign(user, record, owner)
        assert self._tried(lambda: self._update(user, record, values)) is expected
        if expected:
            self.world.assign(record, owner)

    @rule(user=users, record=records, above=st.data())
    def tie(self, user: str, record: str, above: Any) -> None:
        if record not in self.world.records:
            return
        known = self.world.records[record]
        not_below = {record} | self.world.below(record)
        possible = [name for name in self._possible_parents(known.table) if name not in not_below]
        parent = above.draw(st.sampled_from([None, *possible]))
        column = TIES[known.table, self.world.records[parent].table if parent else "Account"]
        expected = self.world.may_tie(user, known, parent)
        values = {column: self._reference(parent) if parent else None}
        assert self._tried(lambda: self._update(user, record, values)) is expected
        if expected:
            known.parent = parent

    def _update(self, user: str, record: str, values: dict[str, Any]) -> None:
        self.operations.update(self._principal(user), self._described(record), record, values)

    @rule(user=users, record=records, guest=holders, given=rights, how=st.sampled_from(["grant", "modify", "revoke"]))
    def share(self, user: str, record: str, guest: str, given: set[str], how: str) -> None:
        if record not in self.world.records:
            return
        known, access = self.world.records[record], Access(self.environment)
        given = set() if how == "revoke" else given
        mask = sum(int(BY_TOKEN[right]) for right in given)
        caller, target, to = self._principal(user), self._reference(record), self._owner(guest)
        actions: dict[str, Callable[[], None]] = {
            "grant": lambda: access.grant(caller, target, to, mask),
            "modify": lambda: access.modify(caller, target, to, mask),
            "revoke": lambda: access.revoke(caller, target, to),
        }
        expected = self.world.may_share(user, known, given)
        assert self._tried(actions[how]) is expected
        if expected:
            known.shares[guest] = given

    @precondition(lambda self: len(self.world.records) > 8)
    @rule(user=users, record=consumes(records))
    def delete(self, user: str, record: str) -> None:
        if record not in self.world.records:
            return
        expected = self.world.may(user, "Delete", self.world.records[record])
        table = self._described(record)
        assert self._tried(lambda: self.operations.delete(self._principal(user), table, record)) is expected
        if not expected:
            self.operations.delete(self._principal(self.admin), table, record)
        self.world.delete(record)

    # -- looking

    @rule(user=users)
    def read(self, user: str) -> None:
        for table in TABLES:
            assert self._seen(self._principal(user), table) == self._expected(user, table)

    @rule(user=users, behind=users, table=st.sampled_from(TABLES))
    def read_on_behalf(self, user: str, behind: str, table: str) -> None:
        """What both may see; the right to impersonate is another matter."""
        both = dataclasses.replace(self._principal(user), behind=self._principal(behind), _reaches={})
        one, other = self._expected(user, table), self._expected(behind, table)
        assert self._seen(both, table) == (None if one is None or other is None else one & other)

    def _seen(self, principal: Any, table: str) -> set[str] | None:
        described = self.environment.schema[KEPT_AS[table]]
        try:
            return {row[described.primary_id] for row in self.environment.readable(principal, described)}
        except WebApiFault as refused:
            assert refused.code == "0x80040220"
            return None

    def _expected(self, user: str, table: str) -> set[str] | None:
        if not self.world.holds(user, table, "Read"):
            return None
        rows = self.world.records.items()
        return {name for name, one in rows if one.table == table and self.world.may(user, "Read", one)}

    @rule(holder=holders)
    def rights(self, holder: str) -> None:
        access, admin = Access(self.environment), self._principal(self.admin)
        for name, record in self.world.records.items():
            found = access.rights(admin, self._owner(holder), self._reference(name))
            expected = {right for right in RIGHTS if self.world.may(holder, right, record)}
            assert {right.token for right in ALL_RIGHTS if right in found} == expected

    @invariant()
    def count(self) -> None:
        Sandbox.steps += 1

    @invariant()
    def members_and_owners_agree(self) -> None:
        for user, known in self.world.users.items():
            assert self.environment.teams.of_user(user) == self.world.teams_of(user)
            held = {self.environment.roles.root_of(role) for role in self.environment.roles.held_by(user)}
            assert held == known.roles
        for name, record in self.world.records.items():
            row = self.environment.store.get(KEPT_AS[record.table], name)
            assert row["ownerid"].id == record.owner
            assert row["owningbusinessunit"].id == self.world.holder(record.owner).unit

    def _tried(self, action: Callable[[], object]) -> bool:
        """Whether an action is carried out; a refusal is one of rights."""
        try:
            action()
        except WebApiFault as refused:
            assert refused.status == 403 or refused.code in ("0x80048340", "0x80048331"), refused.message
            return False
        return True


def run(examples: int, steps: int) -> None:
    chosen = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Sandbox, settings=chosen)


def test_the_sandbox_and_the_model_agree() -> None:
    run(examples=30, steps=40)


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_they_agree_for_ten_thousand_steps() -> None:
    Sandbox.steps = 0
    while Sandbox.steps < 10_000:
        run(examples=100, steps=100)
