"""Create, read, update and delete rows for a caller: every right is asked for before anything happens."""

import json
from typing import Any

from builder.model import AccessRight
from builder.sandbox.environment import Environment
from builder.sandbox.faults import WebApiFault, bad_request, coded, not_here
from builder.sandbox.keys import check_unique
from builder.sandbox.records import Reference, Row, new_id
from builder.sandbox.rules import rules_of
from builder.sandbox.schema import CREATE, UPDATE, Table
from builder.sandbox.security import Principal
from builder.sandbox.teams import ACCESS

_OWNERSHIP_COLUMNS = ("ownerid", "owninguser", "owningteam", "owningbusinessunit", "organizationid")
_AUDIT_NUMBERS = {AccessRight.CREATE: 1, AccessRight.WRITE: 2, AccessRight.DELETE: 3}


class Operations:
    """What a caller does to rows. `values` are by column name, lookups as Reference."""

    def __init__(self, environment: Environment) -> None:
        self.environment = environment
        self.store = environment.store
        self.guard = environment.guard

    def read(self, principal: Principal, table: Table, row_id: str) -> Row:
        """Give one row; the privilege is asked for first, so that its absence tells nothing about the row."""
        self.environment.demand(principal, table, AccessRight.READ)
        row = self.environment.row(table, row_id)
        self.environment.demand_row(principal, table, row, AccessRight.READ)
        return row

    def create(self, principal: Principal, table: Table, values: Row) -> str:
        """Create a row; gives its id."""
        warrant = self.guard.demand(principal, table, AccessRight.CREATE)
        self._check_writable(table, values, CREATE)
        given_id = values.get(table.primary_id)
        if given_id and self.store.find(table.name, given_id):
            raise coded("0x80040237", status=412)
        check_unique(self.store, table, values, None)
        rules = rules_of(self.environment, table)
        rules.prepare(values)
        if table.ownership == "user":
            self._set_owner(principal, table, values)
        candidate = {**dict.fromkeys(table.columns), **values, table.primary_id: given_id or new_id()}
        if not self.environment.covers(warrant, table, candidate):
            raise self.guard.out_of_reach(principal, table, AccessRight.CREATE, candidate[table.primary_id])
        self._check_lookups(principal, table, candidate, values)
        row_id = rules.insert(principal, values)
        self._audit(principal, table, row_id, AccessRight.CREATE, {}, values)
        return row_id

    def update(self, principal: Principal, table: Table, row_id: str, values: Row) -> None:
        """Change a row; giving it another owner is Assign."""
        only_assigns = set(values) == {"ownerid"} and self.environment.switches.assign_needs_write == "no"
        right = AccessRight.ASSIGN if only_assigns else AccessRight.WRITE
        self.guard.demand(principal, table, right)
        row = self.store.get(table.name, row_id)
        self._check_writable(table, values, UPDATE)
        self.environment.demand_row(principal, table, row, right)
        owner: Any = values.get("ownerid") or row.get("ownerid")
        assigns = table.ownership == "user" and owner != row["ownerid"]
        if assigns:
            self.environment.demand_row(principal, table, row, AccessRight.ASSIGN)
        changed = {name: value for name, value in values.items() if value != row[name]}
        self._check_lookups(principal, table, row, changed)
        check_unique(self.store, table, changed, row_id)
        if assigns:
            changed.update(self._owned_by(table, owner))
        below = self._assigned_along(principal, table, row, owner) if assigns else []
        self._carry_out(principal, table, row, changed)
        for child_table, child, owned_by in below:
            self._carry_out(principal, child_table, child, owned_by)

    def associate(self, principal: Principal, table: Table, row_id: str, column: str, value: Reference | None) -> None:
        """Set or clear a lookup by `$ref`; whether that asks for Write too is a switch."""
        if self.environment.switches.associate_needs_write == "yes":
            self.update(principal, table, row_id, {column: value})
            return
        self.guard.demand(principal, table, AccessRight.APPEND)
        row = self.store.get(table.name, row_id)
        self._check_writable(table, {column: value}, UPDATE)
        self._check_lookups(principal, table, row, {column: value})
        self._carry_out(principal, table, row, {column: value})

    def _carry_out(self, principal: Principal, table: Table, row: Row, changed: Row) -> None:
        before = {name: row[name] for name in changed}
        rules_of(self.environment, table).change(principal, row, changed)
        self._audit(principal, table, row[table.primary_id], AccessRight.WRITE, before, changed)

    def _assigned_along(
        self, principal: Principal, table: Table, row: Row, owner: Reference
    ) -> list[tuple[Table, Row, Row]]:
        """The rows below one that is assigned, which go along where the relationship cascades (relationship metadata),
        each with its new owner columns. Whether Assign is asked for on them too is a switch.
        """
        found: dict[tuple[str, str], tuple[Table, Row, Row]] = {}
        waiting = [(table, row)]
        while waiting:
            above_table, above = waiting.pop()
            reference = Reference(above_table.name, above[above_table.primary_id])
            for relationship in self.environment.relationships.cascading_to(above_table.name):
                child_table = self.environment.schema[relationship.table]
                for child in self.store.pointing(child_table.name, relationship.column, reference):
                    key = (child_table.name, child[child_table.primary_id])
                    if key in found or child is row:
                        continue
                    if self.environment.switches.cascade_needs_assign == "yes" and child["ownerid"] != owner:
                        self.environment.demand_row(principal, child_table, child, AccessRight.ASSIGN)
                    found[key] = (child_table, child, self._owned_by(child_table, owner))
                    waiting.append((child_table, child))
        return list(found.values())

    def delete(self, principal: Principal, table: Table, row_id: str) -> None:
        """Delete a row."""
        self.guard.demand(principal, table, AccessRight.DELETE)
        row = self.store.get(table.name, row_id)
        self.environment.demand_row(principal, table, row, AccessRight.DELETE)
        rules_of(self.environment, table).delete(principal, row)
        self._audit(principal, table, row_id, AccessRight.DELETE, {}, {})

    def _check_writable(self, table: Table, values: Row, when: str) -> None:
        if not any(when in column.write for column in table.columns.values()):
            what = "creating" if when == CREATE else "changing"
            raise not_here(f"{what} rows of {table.name}")
        for name in values:
            if when not in table.columns[name].write:
                raise bad_request(f"The property '{table.columns[name].name}' of {table.name} cannot be set here.")

    def _set_owner(self, principal: Principal, table: Table, values: Row) -> None:
        own = Reference("systemuser", principal.user_id)
        owner = values.get("ownerid") or own
        if owner != own and self.environment.switches.create_for_other == "needs-assign":
            self.guard.demand(principal, table, AccessRight.ASSIGN)
        values.update(self._owned_by(table, owner))

    def _owned_by(self, table: Table, owner: Reference) -> Row:
        """The columns that name an owner; the owner must hold Read on the table, whoever assigns (recorded, live)."""
        is_team = owner.table == "team"
        holder = self.store.get(owner.table, owner.id)
        if is_team and holder["teamtype"] == ACCESS:
            raise WebApiFault(400, "0x80048340", f"An access team cannot own rows (id={owner.id}).")
        principals = self.environment.principals
        new_owner = principals.team(owner.id) if is_team else principals.user(owner.id)
        if is_team and not new_owner.role_count:
            raise self.guard.roleless(new_owner)
        privilege = self.environment.privileges.guarding(table, AccessRight.READ)
        if privilege and self.guard.holds(new_owner, privilege) is None:
            missing = self.guard.missing(new_owner, privilege, table)
            fault = WebApiFault(403, "0x80040299", f"Read Privilege Check For Owner failed. {missing.message}")
            fault.why = missing.why
            raise fault
        return {
            "ownerid": owner,
            "owninguser": None if is_team else owner,
            "owningteam": owner if is_team else None,
            "owningbusinessunit": holder["businessunitid"],
        }

    def _check_lookups(self, principal: Principal, table: Table, row: Row, values: Row) -> None:
        """Ask for Append on the row that holds a lookup and for AppendTo on the one it points to (docs)."""
        for name, value in values.items():
            column = table.columns[name]
            if not column.is_lookup or name in _OWNERSHIP_COLUMNS:
                continue
            if value is None and (not row.get(name) or self.environment.switches.clear_lookup == "open"):
                continue
            self.environment.demand_row(principal, table, row, AccessRight.APPEND)
            if value is not None:
                target = self.environment.schema[value.table]
                self.environment.demand_row(principal, target, self.store.get(*_key(value)), AccessRight.APPEND_TO)

    def _audit(
        self, principal: Principal, table: Table, row_id: str, right: AccessRight, before: Row, after: Row
    ) -> None:
        if table.ownership != "user":
            return
        changes = [
            {"logicalName": name, "oldValue": _plain(before.get(name)), "newValue": _plain(value)}
            for name, value in after.items()
        ]
        number = _AUDIT_NUMBERS[right]
        self.store.add(
            "audit",
            {
                "action": number,
                "operation": number,
                "objecttypecode": table.name,
                "objectid": Reference(table.name, row_id),
                "userid": Reference("systemuser", principal.user_id),
                "changedata": json.dumps({"changedAttributes": changes}),
                "transactionid": new_id(),
            },
        )


def _key(reference: Reference) -> tuple[str, str]:
    return reference.table, reference.id


def _plain(value: Any) -> Any:
    return f"{value.table},{value.id}" if isinstance(value, Reference) else value
