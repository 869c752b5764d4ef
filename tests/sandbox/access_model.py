"""An independent model of the documented access rules, as plainly as they can be said. It shares nothing with the
sandbox: people, roles and rows are plain values, and every question is answered anew from them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

RIGHTS = ("Create", "Read", "Write", "Delete", "Append", "AppendTo", "Assign", "Share")
TABLES = ("Account", "Contact", "Activity")


@dataclass
class Role:
    home: str
    direct: bool  # "Direct User (Basic) access level and Team privileges"
    grants: dict[tuple[str, str], str]  # table and right -> depth


@dataclass
class Holder:
    """A user or a team."""

    unit: str
    roles: set[str] = field(default_factory=set)


@dataclass
class Team(Holder):
    access: bool = False
    default: bool = False
    members: set[str] = field(default_factory=set)


@dataclass
class Record:
    table: str
    owner: str
    parent: str | None = None  # the row above, along a relationship that cascades
    shares: dict[str, set[str]] = field(default_factory=dict)


@dataclass
class World:
    parents: dict[str, str | None] = field(default_factory=dict)
    roles: dict[str, Role] = field(default_factory=dict)
    users: dict[str, Holder] = field(default_factory=dict)
    teams: dict[str, Team] = field(default_factory=dict)
    records: dict[str, Record] = field(default_factory=dict)

    # -- people

    def within(self, unit: str | None, above: str) -> bool:
        while unit is not None:
            if unit == above:
                return True
            unit = self.parents[unit]
        return False

    def holder(self, name: str) -> Holder:
        return self.users[name] if name in self.users else self.teams[name]

    def teams_of(self, user: str) -> set[str]:
        unit = self.users[user].unit
        return {
            name for name, team in self.teams.items() if user in team.members or (team.default and team.unit == unit)
        }

    def may_hold(self, name: str, role: str) -> bool:
        holder = self.holder(name)
        access = isinstance(holder, Team) and holder.access
        return not access and self.within(holder.unit, self.roles[role].home)

    def move(self, name: str, unit: str) -> None:
        """A move to another unit drops all roles; rows follow, since they stand where their owner does."""
        holder = self.holder(name)
        if holder.unit != unit:
            holder.unit, holder.roles = unit, set()

    def move_unit(self, unit: str, parent: str) -> None:
        """Roles from what no longer stands above are lost."""
        self.parents[unit] = parent
        for holder in (*self.users.values(), *self.teams.values()):
            holder.roles = {role for role in holder.roles if self.within(holder.unit, self.roles[role].home)}

    # -- rights

    def grants(self, name: str, table: str, right: str) -> Iterator[tuple[str, str, set[str]]]:
        """Depth, the unit where it is measured, and whose rows Basic covers."""
        if name in self.users:
            teams = self.teams_of(name)
            for role in self.users[name].roles:
                yield from self._grant(role, table, right, self.users[name].unit, {name} | teams)
        else:
            teams = {name}
        for team in teams:
            for role in self.teams[team].roles:
                own = {team, name} if self.roles[role].direct else {team}
                yield from self._grant(role, table, right, self.teams[team].unit, own)

    def _grant(
        self, role: str, table: str, right: str, unit: str, own: set[str]
    ) -> Iterator[tuple[str, str, set[str]]]:
        depth = self.roles[role].grants.get((table, right))
        if depth is not None:
            yield depth, unit, own

    def holds(self, name: str, table: str, right: str) -> bool:
        return any(True for _ in self.grants(name, table, right))

    def covers(self, name: str, right: str, record: Record) -> bool:
        unit = self.holder(record.owner).unit
        for depth, measured_at, own in self.grants(name, record.table, right):
            if depth == "Global" or record.owner in own:
                return True
            if depth == "Local" and unit == measured_at:
                return True
            if depth == "Deep" and self.within(unit, measured_at):
                return True
        return False

    def shared(self, name: str, right: str, record: Record) -> bool:
        """By a share of the row or of one above it; the owner of a row above has all rights."""
        mine = {name} | (self.teams_of(name) if name in self.users else set())
        above: Record | None = record
        seen: list[Record] = []
        while above is not None and above not in seen:
            if any(right in rights for who, rights in above.shares.items() if who in mine):
                return True
            if above is not record and above.owner in mine:
                return True
            seen.append(above)
            above = self.records[above.parent] if above.parent else None
        return False

    def may(self, name: str, right: str, record: Record) -> bool:
        if not self.holds(name, record.table, right):
            return False
        return self.covers(name, right, record) or (right != "Create" and self.shared(name, right, record))

    def may_own(self, name: str, table: str) -> bool:
        holder = self.holder(name)
        return not (isinstance(holder, Team) and holder.access) and self.holds(name, table, "Read")

    # -- what is done to rows

    def may_create(self, user: str, record: Record) -> bool:
        if not self.may(user, "Create", record) or not self.may_own(record.owner, record.table):
            return False
        if record.owner != user and not self.holds(user, record.table, "Assign"):
            return False
        return record.parent is None or self._may_tie(user, record, record.parent)

    def _may_tie(self, user: str, record: Record, parent: str) -> bool:
        return self.may(user, "Append", record) and self.may(user, "AppendTo", self.records[parent])

    def may_tie(self, user: str, record: Record, parent: str | None) -> bool:
        if not self.may(user, "Write", record):
            return False
        if parent == record.parent:
            return True
        return self.may(user, "Append", record) if parent is None else self._may_tie(user, record, parent)

    def below(self, name: str) -> set[str]:
        found: set[str] = set()
        waiting = [name]
        while waiting:
            above = waiting.pop()
            new = {child for child, record in self.records.items() if record.parent == above} - found - {name}
            found |= new
            waiting += new
        return found

    def may_assign(self, user: str, name: str, owner: str) -> bool:
        record = self.records[name]
        if not self.may(user, "Write", record):
            return False
        if owner == record.owner:
            return True
        along = [self.records[child] for child in self.below(name)]
        if not all(self.may_own(owner, one.table) for one in (record, *along)):
            return False
        given = [record, *(one for one in along if one.owner != owner)]
        return all(self.may(user, "Assign", one) for one in given)

    def assign(self, name: str, owner: str) -> None:
        if self.records[name].owner != owner:
            for one in (name, *self.below(name)):
                self.records[one].owner = owner

    def may_share(self, user: str, record: Record, rights: set[str]) -> bool:
        return self.may(user, "Share", record) and all(self.may(user, right, record) for right in rights)

    def delete(self, name: str) -> None:
        del self.records[name]
        for record in self.records.values():
            if record.parent == name:
                record.parent = None
