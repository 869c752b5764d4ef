"""What single tables ask for beside the general rules: people, units, roles, names made of two parts."""

from builder.model import AccessRight
from builder.sandbox.environment import Environment
from builder.sandbox.faults import WebApiFault, bad_request, coded, not_here
from builder.sandbox.records import Reference, Row
from builder.sandbox.roles import NewRole
from builder.sandbox.schema import Table
from builder.sandbox.security import Principal


class TableRules:
    """The rules of a table that has none of its own."""

    def __init__(self, environment: Environment, table: Table) -> None:
        self.environment = environment
        self.store = environment.store
        self.table = table

    def prepare(self, values: Row) -> None:
        """Check and complete the values of a row to be created; raises WebApiFault."""

    def insert(self, principal: Principal, values: Row) -> str:
        """Add the row; gives its id."""
        row: Row = self.store.add(self.table.name, values, principal.user_id)
        row_id: str = row[self.table.primary_id]
        return row_id

    def change(self, principal: Principal, row: Row, values: Row) -> None:
        """Check, complete and carry out a change."""
        self.store.change(self.table.name, row[self.table.primary_id], values, principal.user_id)

    def delete(self, principal: Principal, row: Row) -> None:  # noqa: ARG002  (for those that override it)
        """Remove the row."""
        self.store.remove(self.table.name, row[self.table.primary_id])


class PersonRules(TableRules):
    """Contacts and leads: `fullname` is made of first and last name."""

    def prepare(self, values: Row) -> None:
        """Make the full name."""
        values["fullname"] = full_name(values)

    def change(self, principal: Principal, row: Row, values: Row) -> None:
        """Make the full name anew."""
        super().change(principal, row, {**values, "fullname": full_name({**row, **values})})


class CurrencyRules(TableRules):
    """Currencies: the organization's; the base currency stays."""

    def prepare(self, values: Row) -> None:
        """Set the organization."""
        values["organizationid"] = self.environment.organization

    def delete(self, principal: Principal, row: Row) -> None:
        """Refuse to delete the base currency."""
        organization = self.store.get("organization", self.environment.organization_id)
        if organization["basecurrencyid"].id == row["transactioncurrencyid"]:
            raise WebApiFault(400, "0x80048405", "The base currency of the organization cannot be deleted.")
        super().delete(principal, row)


class UserRules(TableRules):
    """Users: application users come from Entra, moves drop roles, deletion takes steps."""

    def prepare(self, values: Row) -> None:
        """Ask for a business unit; look an application up in the tenant (0x8004f510), refuse a second user
        (0x8004f511). The HTTP status of the two is unconfirmed.
        """
        if values.get("businessunitid") is None:
            text = "Unable to retrieve attribute=businessunitid for entityLogicalName=systemuser with id="
            raise WebApiFault(400, "0x80040530", f"{text}{values.get('systemuserid')}. Attribute is not set.")
        client_id = values.get("applicationid")
        if client_id is None:
            values["fullname"] = values["yomifullname"] = full_name(values)
            values["organizationid"] = self.environment.organization_id
            return
        if self.environment.tenant.application(client_id) is None:
            raise coded("0x8004f510", client_id, self.environment.tenant.id)
        if self.environment.application_user(client_id):
            raise coded("0x8004f511", client_id)

    def insert(self, principal: Principal, values: Row) -> str:
        """Add the user; an application user is filled from Entra."""
        application = self.environment.tenant.application(values.get("applicationid") or "")
        if application is None:
            return super().insert(principal, values)
        unit_id = values["businessunitid"].id
        row = self.environment.add_application_user(application, unit_id, principal.user_id)
        own = ("isdisabled", "accessmode")
        chosen = {name: values[name] for name in own if values.get(name) is not None}
        user_id: str = row["systemuserid"]
        self.store.change("systemuser", user_id, chosen, principal.user_id)
        return user_id

    def change(self, principal: Principal, row: Row, values: Row) -> None:
        """Carry out a change: disabling and moving ask for privileges of their own; a move drops all roles (docs)."""
        if row["applicationid"] and {"firstname", "lastname"} & set(values):
            raise coded("0x80041d48")
        if values.get("isdisabled", row["isdisabled"]) != row["isdisabled"]:
            self.environment.guard.demand_named(principal, "prvDisableUser")
        if not row["applicationid"]:
            values = {**values, "fullname": full_name({**row, **values})}
        moved = "businessunitid" in values and values["businessunitid"] != row["businessunitid"]
        if moved:
            self._move(principal, row["systemuserid"], values["businessunitid"])
        super().change(principal, row, values)

    def delete(self, principal: Principal, row: Row) -> None:
        """Delete a disabled user; the first time it is only marked, by `deletedstate` (source: a public client)."""
        if not row["isdisabled"]:
            raise WebApiFault(400, "0x80048405", "A user must be disabled before it can be deleted.")
        user_id = row["systemuserid"]
        if self.environment.switches.user_delete == "twice" and not row["deletedstate"]:
            self.store.change("systemuser", user_id, {"deletedstate": 1}, principal.user_id)
            return
        self.environment.roles.take_all(user_id)
        super().delete(principal, row)

    def _move(self, principal: Principal, user_id: str, unit: Reference | None) -> None:
        if unit is None:
            raise coded("0x80040200")
        self.environment.guard.demand_named(principal, "prvReparentUser")
        self.environment.roles.take_all(user_id)
        owner = Reference("systemuser", user_id)
        for table in self.environment.schema.tables.values():
            if table.stored and table.ownership == "user":
                for row in self.store.all(table.name):
                    if row["ownerid"] == owner:
                        self.store.change(table.name, row[table.primary_id], {"owningbusinessunit": unit})


class UnitRules(TableRules):
    """Business units: each stands below another, and gets its copies of the roles above."""

    def prepare(self, values: Row) -> None:
        """Ask for name and parent."""
        if not values.get("name") or values.get("parentbusinessunitid") is None:
            raise coded("0x80040200")
        values["organizationid"] = self.environment.organization

    def insert(self, principal: Principal, values: Row) -> str:
        """Add the unit and its role copies."""
        unit_id = super().insert(principal, values)
        self.environment.roles.copy_into_unit(unit_id, values["parentbusinessunitid"].id, principal.user_id)
        return unit_id

    def delete(self, principal: Principal, row: Row) -> None:  # noqa: ARG002  (it refuses whoever asks)
        """Deleting a unit is left to the real thing."""
        raise not_here("deleting a business unit")


class RoleRules(TableRules):
    """Roles: made with copies and the platform's nine privileges, changed at the root copy only."""

    def prepare(self, values: Row) -> None:
        """Ask for name and unit."""
        if not values.get("name"):
            raise coded("0x80040200")
        if values.get("businessunitid") is None:
            raise bad_request("A role needs a businessunitid.")

    def insert(self, principal: Principal, values: Row) -> str:
        """Make the role."""
        roles = self.environment.roles
        is_inherited = values.get("isinherited")
        role_id = roles.create(
            NewRole(
                values["name"],
                values["businessunitid"].id,
                is_inherited=1 if is_inherited is None else is_inherited,
                role_id=values.get("roleid"),
            ),
            principal.user_id,
        )
        roles.change(role_id, roles.platform_additions(at_import=False))
        return role_id

    def change(self, principal: Principal, row: Row, values: Row) -> None:
        """Change name or inheritance on every copy."""
        roles = self.environment.roles
        if roles.root_of(row["roleid"]) != row["roleid"] or not row["iscustomizable"]["Value"]:
            raise coded("0x80044152")
        if "name" in values and not values["name"]:
            raise coded("0x80040200")
        for role_id in roles.copies(row["roleid"]):
            self.store.change("role", role_id, values, principal.user_id)

    def delete(self, principal: Principal, row: Row) -> None:
        """Delete the role with its copies; what a managed solution brought goes with the solution."""
        if row["ismanaged"] or row["roletemplateid"]:
            raise WebApiFault(
                400, "0x80048405", f"The role '{row['name']}' is managed or built in; it cannot be deleted."
            )
        self.environment.guard.demand(principal, self.table, AccessRight.DELETE)
        self.environment.roles.delete(row["roleid"])


def full_name(values: Row) -> str | None:
    """First and last name, None without both."""
    return " ".join(part for part in (values.get("firstname"), values.get("lastname")) if part) or None


def rules_of(environment: Environment, table: Table) -> TableRules:
    """The rules of a table."""
    special = {
        "contact": PersonRules,
        "lead": PersonRules,
        "transactioncurrency": CurrencyRules,
        "systemuser": UserRules,
        "businessunit": UnitRules,
        "role": RoleRules,
    }
    return special.get(table.name, TableRules)(environment, table)
