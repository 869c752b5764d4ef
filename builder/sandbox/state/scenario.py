"""Scenarios: an environment described in YAML (schemas/scenario.schema.json), set up by the requests of the Web API.

Tables and described solutions have no request that makes them; they are put in place directly. Everything else goes the
way a person would go, so that every rule holds for it, and what is refused is told with its line.
"""

from base64 import b64encode
from pathlib import Path
from typing import Any

from builder.document import Document, Path_, read_document
from builder.errors import SolsmithError
from builder.sandbox.brought import BroughtColumn, BroughtTable
from builder.sandbox.certificates import make_application_certificate
from builder.sandbox.environment import Environment
from builder.sandbox.records import Reference
from builder.sandbox.schema import Table, plural
from builder.sandbox.state.session import Session

SCHEMA = "scenario.schema.json"
_TYPES = {
    "text": ("String", 4000),
    "long text": ("Memo", 0),
    "whole number": ("Integer", 0),
    "number": ("Double", 0),
    "money": ("Money", 0),
    "yes/no": ("Boolean", 0),
    "date": ("DateTime", 0),
    "choice": ("Picklist", 0),
    "id": ("Uniqueidentifier", 0),
}
_FRACTIONS = ("Money", "Double", "Decimal")
_PUBLISHER = {"customizationprefix": "none", "customizationoptionvalueprefix": 10000}


def read_scenario(path: Path) -> Document:
    """Read a scenario's file; raises UnreadableInput, and InputFaults with every fault of its structure."""
    document = read_document(path, SCHEMA)
    document.raise_faults()
    return document


def set_up(document: Document, session: Session, home: Path) -> None:
    """Bring a new environment into the state that a scenario describes; raises InputFaults.

    Certificates of applications that it names are written to `home`/ID.pem.
    """
    _SetUp(document, session, home).carry_out()
    document.raise_faults()


class _SetUp:
    def __init__(self, document: Document, session: Session, home: Path) -> None:
        self._document = document
        self._session = session
        self._environment: Environment = session.environment
        self._home = home
        self._units = {"": self._environment.root_unit_id}
        self._ids: dict[tuple[str, str], str] = {}

    def carry_out(self) -> None:
        """Set everything up, in the order in which one thing needs another."""
        for section in ("units", "tables", "solutions", "roles", "users", "teams", "records"):
            for path in self._entries(section):
                try:
                    getattr(self, f"_{section}_entry")(path)
                except (KeyError, SolsmithError) as error:
                    message = error.message if isinstance(error, SolsmithError) else f"there is no {error.args[0]}"
                    self._document.fault(path, message)
            self._document.raise_faults()

    def _entries(self, section: str) -> list[Path_]:
        if section == "tables":
            return [("tables", name) for name in self._get("tables", default={})]
        if section == "records":
            tables = self._get("records", default={})
            return [("records", table, place) for table in tables for place in range(len(tables[table]))]
        return list(self._document.each(section))

    def _get(self, *path: str | int, default: Any = None) -> Any:
        return self._document.get(*path, default=default)

    # -- one entry each

    def _units_entry(self, path: Path_) -> None:
        name, parent = self._get(*path, "name"), self._unit(path, "parent")
        body = {"name": name, "parentbusinessunitid@odata.bind": f"/businessunits({parent})"}
        self._units[name] = self._session.make("businessunits", body)

    def _tables_entry(self, path: Path_) -> None:
        name = str(path[-1])
        told = self._get(*path)
        schema_name = told.get("schema_name", name)
        columns = [_column(*item) for item in told.get("columns", {}).items()]
        primary = told.get("name_column", "name")
        if primary not in told.get("columns", {}):
            columns.append(BroughtColumn(primary, "String", max_length=4000))
        table = BroughtTable(
            name=name,
            schema_name=schema_name,
            set_name=told.get("set", plural(name)),
            display=told.get("display", schema_name),
            ownership=told.get("ownership", "user"),
            activity=False,
            primary_name=primary,
            columns=tuple(columns),
        )
        self._environment.bring_tables([table])

    def _solutions_entry(self, path: Path_) -> None:
        package = self._get(*path, "package")
        if package is None:
            self._describe_solution(path)
            return
        file = Path(self._document.source).parent / package
        try:
            content = file.read_bytes()
        except OSError as error:
            self._document.fault(
                (*path, "package"), f"{package}: {error.strerror}", "It is looked for beside this file."
            )
            return
        self._session.call("POST", "ImportSolution", self._import_body(content))

    def _import_body(self, content: bytes) -> dict[str, Any]:
        file, job_id = b64encode(content).decode("ascii"), self._session.new_id()
        settings = {"OverwriteUnmanagedCustomizations": False, "PublishWorkflows": False}
        return {**settings, "CustomizationFile": file, "ImportJobId": job_id}

    def _describe_solution(self, path: Path_) -> None:
        """Install a solution of which nothing but its name is known: it counts as having whatever it should have."""
        store, name = self._environment.store, self._get(*path, "name")
        publisher = self._get(*path, "publisher", default="Unknown")
        rows = [row for row in store.all("publisher") if row["uniquename"] == publisher]
        named = {"uniquename": publisher, "friendlyname": publisher, **_PUBLISHER}
        row = rows[0] if rows else store.add("publisher", named)
        store.add(
            "solution",
            {
                "uniquename": name,
                "friendlyname": name,
                "version": str(self._get(*path, "version")),
                "ismanaged": self._get(*path, "managed", default=True),
                "installedon": store.now(),
                "publisherid": Reference("publisher", row["publisherid"]),
                "organizationid": self._environment.organization,
                "described": True,
                "requires": [],
                "content": b"",
            },
        )

    def _roles_entry(self, path: Path_) -> None:
        body = {
            "name": self._get(*path, "name"),
            "businessunitid@odata.bind": f"/businessunits({self._unit(path)})",
            "isinherited": int(self._get(*path, "direct", default=True)),
        }
        role_id = self._session.make("roles", body)
        privileges = [
            {"PrivilegeId": self._privilege(name), "Depth": depth}
            for name, depth in self._get(*path, "privileges", default={}).items()
        ]
        action = f"roles({role_id})/Microsoft.Dynamics.CRM.AddPrivilegesRole"
        self._session.call("POST", action, {"Privileges": privileges})

    def _privilege(self, name: str) -> str:
        privilege = self._environment.privileges.named(name)
        if privilege is None:
            raise KeyError(f"privilege {name}")
        return self._environment.privileges.id(privilege)

    def _users_entry(self, path: Path_) -> None:
        told, unit = self._get(*path), self._unit(path)
        body: dict[str, Any] = {"businessunitid@odata.bind": f"/businessunits({unit})"}
        if "application" in told:
            body |= {"applicationid": self._register(told), "accessmode": 4}
        else:
            first, _, last = str(told["name"]).rpartition(" ")
            mail = told.get("mail", f"{told['name'].replace(' ', '.').lower()}@example.com")
            body |= {"firstname": first or None, "lastname": last, "internalemailaddress": mail, "domainname": mail}
        user_id = self._session.make("systemusers", body)
        self._ids["systemuser", str(told["name"])] = user_id
        self._give_roles(f"systemusers({user_id})/systemuserroles_association", path, unit)
        if told.get("disabled"):
            self._session.call("PATCH", f"systemusers({user_id})", {"isdisabled": True})

    def _register(self, told: dict[str, Any]) -> str:
        client_id, tenant = str(told["application"]).lower(), self._environment.tenant
        if tenant.application(client_id) is None:
            certificate = make_application_certificate(told["name"][:64], self._home / f"{client_id}.pem")
            tenant.register(client_id, told["name"], certificate)
        return client_id

    def _teams_entry(self, path: Path_) -> None:
        told, unit = self._get(*path), self._unit(path)
        session = self._session
        body = {
            "name": told["name"],
            "teamtype": int(told.get("type", "owner") == "access"),
            "businessunitid@odata.bind": f"/businessunits({unit})",
            "administratorid@odata.bind": f"/systemusers({session.user_id})",
        }
        team_id = session.make("teams", body)
        self._ids["team", str(told["name"])] = team_id
        for member in told.get("members", []):
            session.associate(
                f"teams({team_id})/teammembership_association", f"systemusers({self._id('systemuser', member)})"
            )
        self._give_roles(f"teams({team_id})/teamroles_association", path, unit)

    def _give_roles(self, association: str, path: Path_, unit: str) -> None:
        for name in self._get(*path, "roles", default=[]):
            role = self._environment.roles.find_by_name(name, unit)
            if role is None:
                raise KeyError(f"role {name} in this unit")
            self._session.associate(association, f"roles({role['roleid']})")

    def _records_entry(self, path: Path_) -> None:
        name = str(path[1])
        table = self._environment.schema.tables.get(name)
        if table is None:
            raise KeyError(f"table {name}")
        told = dict(self._get(*path))
        key, count = told.pop("key", None), told.pop("repeat", 1)
        for number in range(1, count + 1):
            row_id = self._session.make(table.set_name, self._record(table, told, number))
            if key is not None and number == 1:
                self._ids[name, str(key)] = row_id

    def _record(self, row_table: Table, told: dict[str, Any], number: int) -> dict[str, Any]:
        """The body of one record; {n} in a text is its number, a mapping `{table: key}` a lookup."""
        body: dict[str, Any] = {}
        for name, value in told.items():
            if isinstance(value, dict):
                ((table, key),) = value.items()
                target = self._environment.schema.tables.get(table)
                if target is None:
                    raise KeyError(f"table {table}")
                body[f"{name}@odata.bind"] = f"/{target.set_name}({self._id(table, key)})"
            else:
                column = row_table.columns.get(name)
                is_number = isinstance(value, str) and column is not None and column.type in _FRACTIONS
                body[name] = _number(value) if is_number else _numbered(value, number)
        return body

    # -- what entries name

    def _unit(self, path: Path_, member: str = "unit") -> str:
        name = self._get(*path, member, default="")
        if name not in self._units:
            raise KeyError(f"unit {name} above this line")
        return self._units[name]

    def _id(self, table: str, key: object) -> str:
        if (table, str(key)) not in self._ids:
            raise KeyError(f"{table} {key} above this line")
        return self._ids[table, str(key)]


def _number(text: str) -> object:
    """A number with a fraction, which YAML gives as text here; left to the Web API to refuse where it is none."""
    try:
        return float(text)
    except ValueError:
        return text


def _numbered(value: Any, number: int) -> Any:
    return value.replace("{n}", str(number)) if isinstance(value, str) else value


def _column(name: str, told: Any) -> BroughtColumn:
    if isinstance(told, dict):
        return BroughtColumn(name, "Lookup", ((told["lookup"], told.get("property", name)),))
    kind, length = _TYPES[told]
    return BroughtColumn(name, kind, max_length=length)
