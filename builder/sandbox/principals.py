"""Who somebody is and what it holds: users and teams with their roles, read from the rows."""

from collections.abc import Iterator, Mapping

from builder.model import Depth
from builder.sandbox.privileges import Privileges
from builder.sandbox.records import Row, Store
from builder.sandbox.roles import Roles
from builder.sandbox.security import Holding, Principal, UnitTree
from builder.sandbox.teams import Teams

_READ_WRITE, _ADMINISTRATIVE, _READ = 0, 1, 2
_STAMPED = ("systemuser", "team", "teammembership", "role", "businessunit")


class Principals:
    """The users and teams of an environment as principals; kept until a row or role that matters changes."""

    def __init__(self, store: Store, roles: Roles, teams: Teams, privileges: Privileges) -> None:
        self._store = store
        self._roles = roles
        self._teams = teams
        self._privileges = privileges
        self._stamp: object = None
        self._known: dict[str, Principal] = {}
        self._tree = UnitTree({})

    def user(self, user_id: str) -> Principal:
        """A user with its own roles and those of its teams; raises 404."""
        known = self._current().get(user_id)
        if known is None:
            known = self._known[user_id] = self._make_user(self._store.get("systemuser", user_id))
        return known

    def team(self, team_id: str) -> Principal:
        """A team with its roles; raises 404."""
        known = self._current().get(team_id)
        if known is None:
            known = self._known[team_id] = self._make_team(self._store.get("team", team_id))
        return known

    @property
    def tree(self) -> UnitTree:
        """The business units."""
        self._current()
        return self._tree

    def _current(self) -> dict[str, Principal]:
        stamp = (self._roles.revision, self._store.revision(*_STAMPED))
        if self._stamp != stamp:
            self._stamp, self._known = stamp, {}
            self._tree = UnitTree(
                {
                    unit["businessunitid"]: unit["parentbusinessunitid"] and unit["parentbusinessunitid"].id
                    for unit in self._store.all("businessunit")
                }
            )
        return self._known

    def _make_user(self, user: Row) -> Principal:
        user_id: str = user["systemuserid"]
        teams = self._teams.of_user(user_id)
        owners = frozenset({user_id, *teams})
        unit_id = user["businessunitid"].id
        holdings = [
            Holding(self._allowed(self._roles.grants(role_id), user["accessmode"]), unit_id, owners)
            for role_id in self._roles.held_by(user_id)
        ]
        for team_id in sorted(teams):
            holdings += self._through(team_id, user)
        return Principal(
            user_id, unit_id, tuple(holdings), self._tree, owners, len(holdings), access_mode=user["accessmode"]
        )

    def _through(self, team_id: str, user: Row) -> Iterator[Holding]:
        """What a team's roles give a member. Basic covers the team's rows, and the member's own where the role says
        "Direct User (Basic) access level and Team privileges" (`isinherited` 1, docs).
        """
        team = self._store.get("team", team_id)
        for role_id in self._roles.held_by(team_id):
            direct = self._store.get("role", role_id)["isinherited"]
            owners = frozenset({team_id, user["systemuserid"]} if direct else {team_id})
            grants = self._allowed(self._roles.grants(role_id), user["accessmode"])
            yield Holding(grants, team["businessunitid"].id, owners)

    def _make_team(self, team: Row) -> Principal:
        team_id, unit_id = team["teamid"], team["businessunitid"].id
        own = frozenset({team_id})
        holdings = [Holding(self._roles.grants(role_id), unit_id, own) for role_id in self._roles.held_by(team_id)]
        return Principal(team_id, unit_id, tuple(holdings), self._tree, own, len(holdings), access_mode=0, kind="team")

    def _allowed(self, grants: Mapping[str, Depth], access_mode: int) -> Mapping[str, Depth]:
        """What the access mode leaves: Read leaves reading, Administrative everything but people's rows (docs; the
        tables of the latter are unconfirmed).
        """
        if access_mode == _READ:
            return {key: depth for key, depth in grants.items() if self._privileges.only_reads(key)}
        if access_mode == _ADMINISTRATIVE:
            return {key: depth for key, depth in grants.items() if not self._privileges.of_owned_rows(key)}
        return grants
