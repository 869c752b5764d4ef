"""What single tables ask for beside the general rules: people, units, roles, names made of two parts."""

from collections.abc import Iterator

from builder.model import AccessRight
from builder.sandbox.environment import Environment
from builder.sandbox.faults import WebApiFault, bad_request, coded
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
        """Remove the row, and its shares."""
        row_id = row[self.table.primary_id]
        self.environment.shares.forget(row_id)
        self.store.remove(self.table.name, row_id)


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
        refuse_if_owning(self.environment, Reference("systemuser", user_id))
        self.environment.roles.take_all(user_id)
        self.environment.teams.forget(user_id)
        super().delete(principal, row)

    def _move(self, principal: Principal, user_id: str, unit: Reference | None) -> None:
        if unit is None:
            raise coded("0x80040200")
        self.environment.guard.demand_named(principal, "prvReparentUser")
        self.environment.roles.take_all(user_id)
        take_rows_along(self.environment, Reference("systemuser", user_id), unit)


class TeamRules(TableRules):
    """Teams: owner teams and access teams; those that a unit has by itself are not changed by hand."""

    def prepare(self, values: Row) -> None:
        """Ask for a name and a unit."""
        if not values.get("name") or values.get("businessunitid") is None:
            raise coded("0x80040200")
        values["organizationid"] = self.environment.organization_id

    def insert(self, principal: Principal, values: Row) -> str:
        """Add the team, with its administrator."""
        administrator = values.get("administratorid") or Reference("systemuser", principal.user_id)
        return super().insert(principal, {**values, "administratorid": administrator})

    def change(self, principal: Principal, row: Row, values: Row) -> None:
        """Carry out a change; a move to another unit drops all roles and takes the rows along, as a user's does."""
        moved = "businessunitid" in values and values["businessunitid"] != row["businessunitid"]
        if row["isdefault"] and (moved or "name" in values):
            raise WebApiFault(400, "0x80048405", "The default team of a business unit cannot be renamed or moved.")
        if moved:
            if values["businessunitid"] is None:
                raise coded("0x80040200")
            self.environment.guard.demand_named(principal, "prvReparentTeam")
            self.environment.roles.take_all(row["teamid"])
            take_rows_along(self.environment, Reference("team", row["teamid"]), values["businessunitid"])
        super().change(principal, row, values)

    def delete(self, principal: Principal, row: Row) -> None:
        """Delete a team that is no default team and owns nothing."""
        if row["isdefault"]:
            raise WebApiFault(400, "0x80048405", "The default team of a business unit cannot be deleted.")
        team_id = row["teamid"]
        refuse_if_owning(self.environment, Reference("team", team_id))
        self.environment.roles.take_all(team_id)
        self.environment.teams.forget(team_id)
        super().delete(principal, row)


class UnitRules(TableRules):
    """Business units: each stands below another, gets its copies of the roles above and a default team."""

    def prepare(self, values: Row) -> None:
        """Ask for name and parent."""
        if not values.get("name") or values.get("parentbusinessunitid") is None:
            raise coded("0x80040200")
        values["organizationid"] = self.environment.organization

    def insert(self, principal: Principal, values: Row) -> str:
        """Add the unit, its role copies and its default team."""
        unit_id = super().insert(principal, values)
        self.environment.roles.copy_into_unit(unit_id, values["parentbusinessunitid"].id, principal.user_id)
        self.environment.teams.add_default(unit_id, values["name"], principal.user_id)
        return unit_id

    def change(self, principal: Principal, row: Row, values: Row) -> None:
        """Carry out a change: moving and disabling ask for privileges of their own and spare the root unit."""
        unit_id = row["businessunitid"]
        moved = "parentbusinessunitid" in values and values["parentbusinessunitid"] != row["parentbusinessunitid"]
        disabled = values.get("isdisabled", row["isdisabled"]) != row["isdisabled"]
        if row["parentbusinessunitid"] is None and (moved or disabled):
            raise WebApiFault(400, "0x80048405", "The root business unit can be neither moved nor disabled.")
        if "name" in values and not values["name"]:
            raise coded("0x80040200")
        if disabled:
            self.environment.guard.demand_named(principal, "prvDisableBusinessUnit")
        above = set(self.environment.units_above(unit_id))
        if moved:
            self._check_move(principal, unit_id, values["parentbusinessunitid"])
        super().change(principal, row, values)
        if moved:
            self.environment.roles.move_unit(unit_id, above, principal.user_id)
        team_id = self.environment.teams.default_of(unit_id)
        if "name" in values and team_id:
            self.store.change("team", team_id, {"name": values["name"]}, principal.user_id)

    def _check_move(self, principal: Principal, unit_id: str, parent: Reference | None) -> None:
        if parent is None:
            raise coded("0x80040200")
        self.environment.guard.demand_named(principal, "prvReparentBusinessUnit")
        if self.environment.tree.within(parent.id, unit_id):
            raise WebApiFault(400, "0x80048405", "A business unit cannot stand below itself.")

    def delete(self, principal: Principal, row: Row) -> None:
        """Delete a disabled unit that nobody and nothing stands in; its roles and its default team go with it."""
        unit = Reference("businessunit", row["businessunitid"])
        if not row["isdisabled"]:
            raise WebApiFault(400, "0x80048405", "A business unit must be disabled before it can be deleted.")
        default = self.environment.teams.default_of(unit.id)
        inside = [
            *self.store.pointing("businessunit", "parentbusinessunitid", unit),
            *self.store.pointing("systemuser", "businessunitid", unit),
            *(team for team in self.store.pointing("team", "businessunitid", unit) if team["teamid"] != default),
        ]
        if inside:
            text = "A business unit with users, teams or business units in it cannot be deleted."
            raise WebApiFault(400, "0x80048405", text)
        if default:
            refuse_if_owning(self.environment, Reference("team", default))
            self.environment.roles.take_all(default)
            self.store.remove("team", default)
        self.environment.roles.drop_unit(unit.id)
        super().delete(principal, row)


class NoteRules(TableRules):
    """Notes know the table of the row that they are about."""

    def prepare(self, values: Row) -> None:
        """Set `objecttypecode`."""
        values["objecttypecode"] = values["objectid"].table if values.get("objectid") else None


class AddressRules(TableRules):
    """Addresses stand below an account or a contact, and where it stands."""

    def prepare(self, values: Row) -> None:
        """Ask for the parent."""
        if values.get("parentid") is None:
            raise coded("0x80040200")
        values["objecttypecode"] = values["parentid"].table


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


def rows_owned_by(environment: Environment, owner: Reference) -> Iterator[tuple[Table, Row]]:
    """All rows of a user or team."""
    for table in environment.schema.tables.values():
        if table.stored and table.ownership == "user" and table.name != "activitypointer":
            for row in environment.store.pointing(table.name, "ownerid", owner):
                yield table, row


def take_rows_along(environment: Environment, owner: Reference, unit: Reference) -> None:
    """Let the rows of a user or team stand in the unit that it moves to (docs: AlwaysMoveRecordToOwnerBusinessUnit)."""
    for table, row in rows_owned_by(environment, owner):
        environment.store.change(table.name, row[table.primary_id], {"owningbusinessunit": unit})


def refuse_if_owning(environment: Environment, owner: Reference) -> None:
    """Refuse to delete an owner of rows (documented for teams; the code is unconfirmed)."""
    if next(rows_owned_by(environment, owner), None):
        kind = environment.schema[owner.table].display.lower()
        text = f"The {kind} with id {owner.id} owns rows; assign them to somebody else before it is deleted."
        raise WebApiFault(400, "0x80048405", text)


def rules_of(environment: Environment, table: Table) -> TableRules:
    """The rules of a table."""
    special: dict[str, type[TableRules]] = {
        "contact": PersonRules,
        "lead": PersonRules,
        "transactioncurrency": CurrencyRules,
        "systemuser": UserRules,
        "businessunit": UnitRules,
        "team": TeamRules,
        "annotation": NoteRules,
        "customeraddress": AddressRules,
        "role": RoleRules,
    }
    return special.get(table.name, TableRules)(environment, table)
