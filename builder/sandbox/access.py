"""Sharing rows: granting, changing and taking away access, and saying who has it."""

import dataclasses

from builder.model import ALL_RIGHTS, AccessRight
from builder.sandbox.environment import Environment
from builder.sandbox.faults import WebApiFault, bad_request
from builder.sandbox.records import Reference, Row
from builder.sandbox.schema import Table
from builder.sandbox.security import ACCESS_WORDS, Principal

SHAREABLE = tuple(right for right in ALL_RIGHTS if right is not AccessRight.CREATE)
_ORDER = (
    AccessRight.READ,
    AccessRight.WRITE,
    AccessRight.APPEND,
    AccessRight.APPEND_TO,
    AccessRight.CREATE,
    AccessRight.DELETE,
    AccessRight.SHARE,
    AccessRight.ASSIGN,
)


class Access:
    """What a caller does to the shares of rows."""

    def __init__(self, environment: Environment) -> None:
        self.environment = environment

    def grant(self, principal: Principal, target: Reference, grantee: Reference, mask: int) -> None:
        """Share a row. Granting again replaces what was granted before, or adds to it (a switch)."""
        before = self._checked(principal, target, grantee, mask)
        if self.environment.switches.repeated_share == "add":
            mask |= before
        self.environment.shares.set(target, grantee, mask)

    def modify(self, principal: Principal, target: Reference, grantee: Reference, mask: int) -> None:
        """Replace what was shared."""
        self._checked(principal, target, grantee, mask)
        self.environment.shares.set(target, grantee, mask)

    def revoke(self, principal: Principal, target: Reference, revokee: Reference) -> None:
        """End a share; one that there is not is as good as ended."""
        self._checked(principal, target, revokee, 0)
        self.environment.shares.set(target, revokee, 0)

    def rights(self, caller: Principal, holder: Reference, target: Reference) -> AccessRight:
        """The rights of a user or team on a row; the caller must be able to read both."""
        environment = self.environment
        table, row = self._row(target)
        holders = environment.schema[holder.table]
        environment.demand_row(caller, holders, environment.store.get(holder.table, holder.id), AccessRight.READ)
        environment.demand_row(caller, table, row, AccessRight.READ)
        principals = environment.principals
        found = principals.team(holder.id) if holder.table == "team" else principals.user(holder.id)
        return environment.rights_on(found, table, row)

    def shared_with(self, caller: Principal, target: Reference) -> list[tuple[Reference, int]]:
        """With whom a row itself is shared, and which rights."""
        table, row = self._row(target)
        self.environment.demand_row(caller, table, row, AccessRight.READ)
        find = self.environment.store.find
        return [
            (Reference("team" if find("team", holder_id) else "systemuser", holder_id), mask)
            for holder_id, mask in self.environment.shares.given(target.id).items()
        ]

    def _checked(self, principal: Principal, target: Reference, grantee: Reference, mask: int) -> int:
        """Check that the caller may share the row so; gives what is shared with the grantee now."""
        table, row = self._row(target)
        self.environment.store.get(grantee.table, grantee.id)
        if mask & int(AccessRight.CREATE):
            raise bad_request("CreateAccess cannot be shared.")
        self._demand_share(principal, table, row)
        if self.environment.switches.sharer_rights == "must-hold":
            for right in SHAREABLE:
                if mask & int(right):
                    self.environment.demand_row(principal, table, row, right)
        return self.environment.shares.given(target.id).get(grantee.id, 0)

    def _demand_share(self, principal: Principal, table: Table, row: Row) -> None:
        """Ask for Share on the row; whether its owner needs the privilege is a switch."""
        for party in filter(None, (dataclasses.replace(principal, behind=None), principal.behind)):
            owns = row["ownerid"].id == party.user_id
            if not (owns and self.environment.switches.owner_shares == "open"):
                self.environment.demand_row(party, table, row, AccessRight.SHARE)

    def _row(self, target: Reference) -> tuple[Table, Row]:
        table = self.environment.schema[target.table]
        if table.ownership != "user":
            raise WebApiFault(400, "0x80040203", f"Rows of {table.name} have no owner and cannot be shared.")
        if table.name == "activitypointer":
            pointer = self.environment.row(table, target.id)
            table = self.environment.schema[pointer["activitytypecode"]]
        return table, self.environment.store.get(table.name, target.id)


def rights_text(rights: int) -> str:
    """Rights as the Web API writes AccessRights: names with commas, None for none (docs)."""
    return ", ".join(ACCESS_WORDS[right] for right in _ORDER if rights & int(right)) or "None"


def read_rights(text: str) -> int:
    """Read AccessRights, by names or as a number; raises 400."""
    by_word = {word: right for right, word in ACCESS_WORDS.items()}
    if text.isascii() and text.isdigit():
        return int(text) & sum(map(int, ALL_RIGHTS))
    mask = 0
    for word in filter(None, (part.strip() for part in text.split(","))):
        if word != "None" and word not in by_word:
            raise bad_request(f"'{word}' is not one of AccessRights.")
        mask |= int(by_word[word]) if word != "None" else 0
    return mask
