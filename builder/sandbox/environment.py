"""One Dataverse environment: its rows, roles and people, and who a caller is in it."""

import dataclasses
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from builder.model import ALL_RIGHTS, AccessRight, Depth
from builder.sandbox.assertions import Application
from builder.sandbox.brought import BroughtTable, as_table
from builder.sandbox.entra import Caller, Tenant
from builder.sandbox.faults import WebApiFault, coded, missing_row
from builder.sandbox.odata.filters import equality_in
from builder.sandbox.principals import Principals
from builder.sandbox.privileges import Privileges, privileges
from builder.sandbox.records import Clock, Reference, Row, Store, new_id
from builder.sandbox.relationships import Relationships
from builder.sandbox.roles import NewRole, Roles
from builder.sandbox.schema import Schema, Table, schema, stable_id
from builder.sandbox.security import Guard, Place, Principal, Reach, UnitTree, Warrant
from builder.sandbox.sharing import Shares
from builder.sandbox.switches import Switches
from builder.sandbox.teams import Teams

SYSTEM_ADMINISTRATOR_TEMPLATE = "627090ff-40a3-4053-8790-584edc5be201"
DEFAULT_SOLUTION_ID = "fd140aaf-4df4-11dd-bd17-0019b9312238"
_FIRST_CODE = 20_000
_DERIVED = ("privilege", "roleprivileges", "systemuserroles", "teamroles", "teammembership", "activitypointer")
_OPEN_TO_ALL = ("systemuser", "role", "businessunit", "privilege", "roleprivileges", "systemuserroles")


@dataclass
class Environment:
    """The state of an environment, and the questions about it that need all its parts."""

    tenant: Tenant
    clock: Clock
    switches: Switches = field(default_factory=Switches)
    schema: Schema = field(default_factory=lambda: schema().copied())
    privileges: Privileges = field(default_factory=lambda: privileges().copied())
    brought: dict[str, BroughtTable] = field(default_factory=dict)
    organization_id: str = field(default_factory=new_id)
    root_unit_id: str = field(default_factory=new_id)

    def __post_init__(self) -> None:
        self.store = Store(self.schema, self.clock)
        self.guard = Guard(self.privileges)
        self.roles = Roles(self.store, self.privileges, self.organization_id, DEFAULT_SOLUTION_ID)
        self.teams = Teams(self.store)
        self.relationships = Relationships(self.schema)
        self.shares = Shares(self.store, self.relationships)
        self.principals = Principals(self.store, self.roles, self.teams, self.privileges)
        self._found_organization()

    def _found_organization(self) -> None:
        currency = {"currencyname": "US Dollar", "isocurrencycode": "USD", "currencysymbol": "$"}
        base = self.store.add("transactioncurrency", {**currency, "organizationid": self.organization})
        self.store.add(
            "organization",
            {
                "organizationid": self.organization_id,
                "name": "sandbox",
                "basecurrencyid": Reference("transactioncurrency", base["transactioncurrencyid"]),
            },
        )
        self.store.add(
            "businessunit",
            {"businessunitid": self.root_unit_id, "name": "sandbox", "organizationid": self.organization},
        )
        self.teams.add_default(self.root_unit_id, "sandbox", None)
        new = NewRole(
            "System Administrator", self.root_unit_id, template_id=SYSTEM_ADMINISTRATOR_TEMPLATE, customizable=False
        )
        self.administrator_role_id = self.roles.create(new, None)
        self.roles.install(self.administrator_role_id, self.privileges.widest(), overwrite=True)

    @cached_property
    def organization(self) -> Reference:
        """The organization, as rows refer to it."""
        return Reference("organization", self.organization_id)

    def holders(self) -> dict[str, object]:
        """What holds state beside the rows, by the name it is kept under; of each, all dicts, lists and sets."""
        return {"roles": self.roles}

    def bring_tables(self, tables: Iterable[BroughtTable]) -> None:
        """Add tables, or columns to those that are there; the administrator's role gets their privileges."""
        for table in tables:
            there = self.brought.get(table.name)
            whole = (there is not None and there.whole) or table.whole
            kept = {column.name: column for column in (there.columns if there else ())}
            columns = {**kept, **{column.name: column for column in table.columns}}
            main = there if there is not None and there.whole and not table.whole else table
            self.brought[table.name] = dataclasses.replace(main, columns=tuple(columns.values()), whole=whole)
        self.renew_tables()

    def remove_tables(self, names: Iterable[str]) -> None:
        """Take tables away, with their rows and privileges."""
        for name in names:
            if self.brought.pop(name, None) is not None:
                self.store.clear(name)
        self.renew_tables()

    def renew_tables(self) -> None:
        """Serve the tables that were brought, and no others, beside those of the catalogue."""
        base = schema()
        for name in [name for name in self.schema.tables if name not in base.tables and name not in self.brought]:
            self.schema.drop(name)
        for place, table in enumerate(self.brought.values()):
            if table.name in base.tables:
                self.schema.put(base[table.name])
            self.schema.put(as_table(table, self.schema, _FIRST_CODE + place))
        self.privileges.set_tables(self.brought.values())
        self.__dict__.pop("_privileges_as_rows", None)
        self.roles.forget_unknown()
        self.roles.install(self.administrator_role_id, self.privileges.widest(), overwrite=False)

    def add_application_user(self, application: Application, unit_id: str, by: str | None) -> Row:
        """Add the user of an application, filled from Entra as the platform does (recorded; object id by switch)."""
        set_id = self.switches.application_object_id == "set"
        return self.store.add(
            "systemuser",
            {
                "applicationid": application.client_id,
                "applicationiduri": f"api://{application.client_id}",
                "azureactivedirectoryobjectid": application.object_id if set_id else None,
                "firstname": "#",
                "lastname": application.name,
                "fullname": f"# {application.name}",
                "yomifullname": f"# {application.name}",
                "domainname": f"{application.client_id}@{self.tenant.id}",
                "internalemailaddress": f"{application.client_id}@{self.tenant.id}",
                "accessmode": 4,
                "organizationid": self.organization_id,
                "businessunitid": Reference("businessunit", unit_id),
            },
            by,
        )

    # -- who calls

    def authenticate(self, caller: Caller) -> Principal:
        """Find the user behind a valid token; raises the 403s of who is no user, disabled, or without any role."""
        user = self.application_user(caller.client_id)
        if user is None or user["deletedstate"]:
            raise coded("0x80072560", status=403)
        return self.admitted(user)

    def admitted(self, user: Row) -> Principal:
        """What a user may do; raises the 403s of who is disabled (itself or its unit) or without any role."""
        if user["isdisabled"] or self._unit_disabled(user["businessunitid"]):
            text = f"The specified user(Id = {user['systemuserid']}) is disabled. Consider enabling this user."
            raise WebApiFault(int(self.switches.disabled_user), "0x80040225", text)
        principal = self.principal(user["systemuserid"])
        if not principal.role_count:
            raise self.guard.roleless(principal)
        return principal

    def _unit_disabled(self, unit: Reference | None) -> bool:
        """Whether a unit or one above it is disabled; its users are shut out with it (docs)."""
        while unit:
            row = self.store.get("businessunit", unit.id)
            if row["isdisabled"]:
                return True
            unit = row["parentbusinessunitid"]
        return False

    def application_user(self, client_id: str) -> Row | None:
        """The user of an application, soft-deleted ones too."""
        return next((row for row in self.store.all("systemuser") if row["applicationid"] == client_id), None)

    def principal(self, user_id: str) -> Principal:
        """What a user may do."""
        return self.principals.user(user_id)

    # -- what a caller reaches

    @property
    def tree(self) -> UnitTree:
        """The business units."""
        return self.principals.tree

    def units_above(self, unit_id: str) -> Iterator[str]:
        """The units above one, nearest first."""
        parent = self.store.get("businessunit", unit_id)["parentbusinessunitid"]
        while parent:
            yield parent.id
            parent = self.store.get("businessunit", parent.id)["parentbusinessunitid"]

    def place(self, table: Table, row: Row) -> Place | None:
        """Where a row stands; None where rows of the table stand nowhere, and any depth reaches them."""
        if table.ownership == "user":
            return Place(row["ownerid"].id, row["owningbusinessunit"].id)
        if table.name == "businessunit":
            known = self.store.find("businessunit", row["businessunitid"])
            return Place(None, row["businessunitid"] if known else row["parentbusinessunitid"].id)
        if table.ownership == "business-unit":
            unit = row["businessunitid"]
            return Place(None, unit and unit.id)
        if table.name == "customeraddress" and row["parentid"]:
            parent = self.store.find(row["parentid"].table, row["parentid"].id)
            return self.place(self.schema[row["parentid"].table], parent) if parent else None
        return None

    def demand(self, principal: Principal, table: Table, right: AccessRight) -> Warrant:
        """Ask for a right on a table at any depth; raises 403 where it is missing."""
        if right is AccessRight.READ and self.switches.directory_reads == "open" and table.name in _OPEN_TO_ALL:
            return Warrant(right, ((principal, Reach(Depth.GLOBAL)),))
        return self.guard.demand(principal, table, right)

    def covers(self, warrant: Warrant, table: Table, row: Row) -> bool:
        """Whether what was asked for reaches a row, by depth or by a share; for an impersonator too."""
        return self._barred(warrant, table, row) is None

    def _barred(self, warrant: Warrant, table: Table, row: Row) -> Principal | None:
        """Who does not reach the row, if anybody."""
        if warrant.everywhere:
            return None
        place = self.place(table, row)
        if place is None:
            return None
        for principal, reach in warrant.parts:
            if principal is not warrant.parts[0][0] and self.switches.impersonator_reach == "any":
                continue
            if not reach.covers(place) and not self._shared(principal, table, row, warrant.right):
                return principal
        return None

    def _shared(self, principal: Principal, table: Table, row: Row, right: AccessRight) -> bool:
        if table.ownership != "user" or right is AccessRight.CREATE:
            return False
        kept_in = row["activitytypecode"] if table.name == "activitypointer" else table.name
        return self.shares.allows(kept_in, row, right, principal.identities)

    def demand_row(self, principal: Principal, table: Table, row: Row, right: AccessRight) -> None:
        """Ask for a right on one row; raises the 403s of a missing privilege and of a row out of reach."""
        barred = self._barred(self.demand(principal, table, right), table, row)
        if barred is not None:
            fault = self.guard.out_of_reach(barred, table, right, row[table.primary_id])
            fault.why["asked"] = self._depth_for(barred, table, row)
            raise fault

    def _depth_for(self, principal: Principal, table: Table, row: Row) -> str:
        """The narrowest depth at which a role of the principal's own unit would cover a row."""
        place = self.place(table, row)
        unit = place.unit_id if place else None
        if unit == principal.unit_id:
            return Depth.LOCAL.level
        return (Depth.DEEP if self.tree.within(unit, principal.unit_id) else Depth.GLOBAL).level

    def rights_on(self, principal: Principal, table: Table, row: Row) -> AccessRight:
        """All rights that somebody has on a row."""
        rights = AccessRight(0)
        for right in ALL_RIGHTS:
            if self.privileges.guarding(table, right) is None:
                continue
            try:
                self.demand_row(principal, table, row, right)
            except WebApiFault:
                continue
            rights |= right
        return rights

    def readable(
        self, principal: Principal, table: Table, wanted: Callable[[Row], bool] | None = None
    ) -> Iterator[Row]:
        """The rows of a table that the caller may read, of those that are `wanted`; raises 403 without the Read
        privilege. What is wanted is looked at first: it costs less than who may.
        """
        warrant = self.demand(principal, table, AccessRight.READ)
        return self._reached(warrant, table, wanted)

    def _reached(self, warrant: Warrant, table: Table, wanted: Callable[[Row], bool] | None) -> Iterator[Row]:
        for row in self._candidates(table, wanted):
            seen = (wanted is None or wanted(row)) and self.store.shows(table.name, row[table.primary_id])
            if seen and self.covers(warrant, table, row):
                yield row

    def _candidates(self, table: Table, wanted: object) -> Iterator[Row]:
        """The rows to look at: those that an index gives, where one value is wanted of a column that is kept."""
        equality = equality_in(wanted)
        column = table.properties.get(equality.path) if equality else None
        if equality is None or column is None or table.name in _DERIVED:
            return self.rows(table)
        return iter(self.store.matching(table.name, column.name, equality.value))

    # -- rows, kept and derived

    def rows(self, table: Table) -> Iterator[Row]:
        """All rows of a table, whoever asks."""
        derived = {
            "privilege": self._privilege_rows,
            "roleprivileges": self._role_privilege_rows,
            "systemuserroles": self._user_role_rows,
            "teamroles": self._team_role_rows,
            "teammembership": self.teams.membership_rows,
            "activitypointer": self._activity_rows,
        }.get(table.name)
        return derived() if derived else self.store.all(table.name)

    def row(self, table: Table, row_id: str) -> Row:
        """One row; raises 404."""
        if table.name in _DERIVED:
            for row in self.rows(table):
                if row[table.primary_id] == row_id:
                    return row
        if not self.store.shows(table.name, row_id):
            raise missing_row(table.name, row_id)
        return self.store.get(table.name, row_id)

    def _privilege_rows(self) -> Iterator[Row]:
        return iter(self._privileges_as_rows)

    @cached_property
    def _privileges_as_rows(self) -> tuple[Row, ...]:
        return tuple(
            {
                "privilegeid": self.privileges.id(privilege),
                "name": privilege.name,
                "accessright": int(privilege.right or 0),
                **{f"canbe{depth.level.lower()}": depth in privilege.depths for depth in Depth},
                "versionnumber": 1,
            }
            for privilege in self.privileges
        )

    def _role_privilege_rows(self) -> Iterator[Row]:
        for role in self.store.all("role"):
            for privilege_id, depth in self.roles.grants(role["roleid"]).items():
                yield {
                    "roleprivilegeid": stable_id(role["roleid"], privilege_id),
                    "roleid": role["roleid"],
                    "privilegeid": privilege_id,
                    "privilegedepthmask": int(depth),
                    "versionnumber": role["versionnumber"],
                }

    def _user_role_rows(self) -> Iterator[Row]:
        for user in self.store.all("systemuser"):
            for role_id, association_id in self.roles.held_by(user["systemuserid"]).items():
                yield {
                    "systemuserroleid": association_id,
                    "systemuserid": user["systemuserid"],
                    "roleid": role_id,
                    "versionnumber": user["versionnumber"],
                }

    def _team_role_rows(self) -> Iterator[Row]:
        for team in self.store.all("team"):
            for role_id, association_id in self.roles.held_by(team["teamid"]).items():
                yield {
                    "teamroleid": association_id,
                    "teamid": team["teamid"],
                    "roleid": role_id,
                    "versionnumber": team["versionnumber"],
                }

    def _activity_rows(self) -> Iterator[Row]:
        columns = self.schema["activitypointer"].columns
        for table in self.schema.activities:
            for row in self.store.all(table.name):
                yield {column: row[column] for column in columns}
