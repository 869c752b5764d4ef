"""The status page: who and what is in the environment, what was asked, and why it was refused."""

import dataclasses
from typing import Any

from builder.sandbox.disturbances import Disturbances
from builder.sandbox.environment import Environment
from builder.sandbox.records import Row, stamp
from builder.sandbox.requestlog import Asked, RequestLog
from builder.templating import asset, asset_hash, render

_SHOWN = 100
_Entry = dict[str, Any]


def policy() -> str:
    """The page's Content-Security-Policy: its own style, and nothing else."""
    return f"default-src 'none'; style-src '{asset_hash('sandbox', 'status.css')}'; frame-ancestors 'none'"


def status_page(environment: Environment, disturbances: Disturbances, log: RequestLog) -> str:
    """The page's HTML."""
    return render("sandbox", "status.html.j2", _Status(environment, disturbances, log).values())


class _Status:
    def __init__(self, environment: Environment, disturbances: Disturbances, log: RequestLog) -> None:
        self._environment = environment
        self._store = environment.store
        self._disturbances = disturbances
        self._asked: list[Asked] = list(log)[::-1]
        self._names = {
            row[f"{table}id"]: str(row["fullname" if table == "systemuser" else "name"])
            for table in ("systemuser", "team", "businessunit", "role")
            for row in self._store.all(table)
        }

    def values(self) -> _Entry:
        """What the page shows."""
        refused = [asked for asked in self._asked if asked.refusal]
        roles = self._roles()
        tiles = [
            ("requests", len(self._asked)),
            ("refused", len(refused)),
            ("users", sum(1 for _ in self._store.all("systemuser"))),
            ("roles", len(roles)),
            ("solutions", sum(1 for _ in self._store.all("solution"))),
        ]
        return {
            "style": asset("sandbox", "status.css"),
            "url": self._environment.tenant.resource,
            "now": stamp(self._environment.clock()),
            "tiles": tiles,
            "refusals": [self._refusal(asked) for asked in refused[:_SHOWN]],
            "users": [self._user(row) for row in self._store.all("systemuser")],
            "teams": [self._team(row) for row in self._store.all("team") if not row["isdefault"]],
            "units": [self._unit(row) for row in self._store.all("businessunit")],
            "roles": roles,
            "solutions": [self._solution(row) for row in self._store.all("solution")],
            "faults": [{"rule": rule.text, "matched": rule.matched} for rule in self._disturbances.rules],
            "requests": [self._request(asked) for asked in self._asked[:_SHOWN]],
            "switches": self._switches(),
        }

    def _name(self, thing_id: str) -> str:
        return self._names.get(thing_id, thing_id)

    def _refusal(self, asked: Asked) -> _Entry:
        why = asked.refusal
        return {
            "number": asked.number,
            "method": asked.method,
            "target": asked.target,
            "said": f"{why['right']} on {why['table']}" if why.get("table") else asked.code,
            "who": self._name(why.get("principal", asked.user_id)),
            **{name: why.get(name, "") for name in ("privilege", "asked", "held")},
        }

    def _request(self, asked: Asked) -> _Entry:
        named = {"who": self._name(asked.user_id), "met": ", ".join(asked.faults)}
        return {**dataclasses.asdict(asked), **named}

    def _user(self, row: Row) -> _Entry:
        state = "deleted" if row["deletedstate"] else "disabled" if row["isdisabled"] else "enabled"
        return {
            "name": row["fullname"],
            "unit": self._name(row["businessunitid"].id),
            "roles": self._held(row["systemuserid"]),
            "state": state,
            "application": row["applicationid"] or "",
        }

    def _team(self, row: Row) -> _Entry:
        members = [
            member["systemuserid"] for member in self._store.all("teammembership") if member["teamid"] == row["teamid"]
        ]
        return {
            "name": row["name"],
            "unit": self._name(row["businessunitid"].id),
            "kind": {0: "owner", 1: "access"}.get(row["teamtype"], "Entra group"),
            "members": ", ".join(map(self._name, members)),
            "roles": self._held(row["teamid"]),
        }

    def _held(self, principal_id: str) -> str:
        return ", ".join(map(self._name, self._environment.roles.held_by(principal_id)))

    def _unit(self, row: Row) -> _Entry:
        parent = row["parentbusinessunitid"]
        return {"name": row["name"], "parent": self._name(parent.id) if parent else "", "id": row["businessunitid"]}

    def _roles(self) -> list[_Entry]:
        roles = self._environment.roles
        found = []
        for row in self._store.all("role"):
            if row["parentrootroleid"].id != row["roleid"]:
                continue
            holders = [holder for copy_id in roles.copies(row["roleid"]) for holder in roles.holders(copy_id)]
            source = self._store.find("solution", row["solutionid"])
            found.append(
                {
                    "name": row["name"],
                    "unit": self._name(row["businessunitid"].id),
                    "privileges": len(roles.grants(row["roleid"])),
                    "holders": ", ".join(map(self._name, holders)),
                    "source": source["uniquename"] if source else "made here",
                    "id": row["roleid"],
                }
            )
        return found

    def _solution(self, row: Row) -> _Entry:
        publisher = self._store.get("publisher", row["publisherid"].id)
        components = [one for one in self._store.all("solutioncomponent") if one["solutionid"].id == row["solutionid"]]
        kind = "managed" if row["ismanaged"] else "unmanaged"
        return {
            "name": row["uniquename"],
            "version": row["version"],
            "kind": f"{kind}, described only" if row.get("described") else kind,
            "publisher": publisher["friendlyname"],
            "components": len(components),
        }

    def _switches(self) -> list[_Entry]:
        chosen = self._environment.switches
        return [
            {"name": switch.name.replace("_", "-"), "value": getattr(chosen, switch.name)}
            for switch in dataclasses.fields(chosen)
        ]
