"""Teams: who belongs to which. A unit's default team has the unit's users as members, by itself (docs)."""

from collections.abc import Iterator

from builder.sandbox.faults import WebApiFault
from builder.sandbox.records import Reference, Row, Store

OWNER, ACCESS = 0, 1


class Teams:
    """The teams of an environment, and the rows that say who belongs to them."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: tuple[object, dict[str, set[str]], dict[str, str]] = (None, {}, {})

    def of_user(self, user_id: str) -> frozenset[str]:
        """The teams that a user belongs to, the default team of its unit among them."""
        memberships, defaults = self._indexed()
        default = defaults.get(self._store.get("systemuser", user_id)["businessunitid"].id)
        return frozenset(memberships.get(user_id, ())) | ({default} if default else frozenset())

    def members(self, team_id: str) -> frozenset[str]:
        """The users of a team."""
        team = self._store.get("team", team_id)
        if team["isdefault"]:
            users = self._store.all("systemuser")
            return frozenset(user["systemuserid"] for user in users if user["businessunitid"] == team["businessunitid"])
        return frozenset(row["systemuserid"] for row in self._store.all("teammembership") if row["teamid"] == team_id)

    def default_of(self, unit_id: str) -> str | None:
        """The default team of a unit."""
        return self._indexed()[1].get(unit_id)

    def add_default(self, unit_id: str, name: str, by: str | None) -> None:
        """Make the default team of a new unit, named like it."""
        values = {
            "name": name,
            "description": "Default team for the parent business unit.",
            "teamtype": OWNER,
            "isdefault": True,
            "systemmanaged": True,
            "administratorid": by and Reference("systemuser", by),
            "businessunitid": Reference("businessunit", unit_id),
        }
        self._store.add("team", values, by)

    def join(self, team_id: str, user_id: str) -> None:
        """Add a member; who is one already stays one."""
        self._check_changeable(team_id)
        self._store.get("systemuser", user_id)
        if user_id not in self.members(team_id):
            self._store.add("teammembership", {"teamid": team_id, "systemuserid": user_id})

    def leave(self, team_id: str, user_id: str) -> None:
        """Take a member away."""
        self._check_changeable(team_id)
        for row in self._store.all("teammembership"):
            if (row["teamid"], row["systemuserid"]) == (team_id, user_id):
                self._store.remove("teammembership", row["teammembershipid"])

    def forget(self, row_id: str) -> None:
        """Drop all memberships of a team or user that goes."""
        for row in self._store.all("teammembership"):
            if row_id in (row["teamid"], row["systemuserid"]):
                self._store.remove("teammembership", row["teammembershipid"])

    def membership_rows(self) -> Iterator[Row]:
        """All memberships, those of default teams too."""
        yield from self._store.all("teammembership")
        for team in self._store.all("team"):
            if team["isdefault"]:
                for user_id in sorted(self.members(team["teamid"])):
                    yield {
                        "teammembershipid": f"{team['teamid'][:18]}{user_id[18:]}",
                        "teamid": team["teamid"],
                        "systemuserid": user_id,
                        "versionnumber": team["versionnumber"],
                    }

    def _check_changeable(self, team_id: str) -> None:
        if self._store.get("team", team_id)["isdefault"]:
            text = "The members of a business unit's default team are its users; they cannot be changed by hand."
            raise WebApiFault(400, "0x8004830b", text)

    def _indexed(self) -> tuple[dict[str, set[str]], dict[str, str]]:
        """User to teams without default teams, and unit to default team; made anew when the rows have changed."""
        stamp = self._store.revision("team", "teammembership")
        if self._known[0] != stamp:
            memberships: dict[str, set[str]] = {}
            for row in self._store.all("teammembership"):
                memberships.setdefault(row["systemuserid"], set()).add(row["teamid"])
            defaults = {row["businessunitid"].id: row["teamid"] for row in self._store.all("team") if row["isdefault"]}
            self._known = (stamp, memberships, defaults)
        return self._known[1], self._known[2]
