"""Setting up people over the Web API, and calling as one of them: the requests are those that tools send."""

import uuid
from dataclasses import dataclass
from typing import Any

import httpx

from tests.sandbox.client import Client, bind, root_unit, unique


@dataclass(frozen=True)
class User:
    """A user, who calls by impersonation: the administrator's rights and the user's together are the user's."""

    admin: Client
    id: str
    object_id: str

    def call(self, method: str, path: str, body: Any = None) -> httpx.Response:
        return self.admin.request(method, path, json=body, headers={"CallerObjectId": self.object_id})

    def may(self, method: str, path: str, body: Any = None) -> bool:
        answer = self.call(method, path, body)
        assert answer.status_code in (200, 204, 403), answer.text
        return answer.status_code != 403

    def sees(self, entity_set: str, key: str) -> set[str]:
        answer = self.call("GET", f"{entity_set}?$select={key}")
        assert answer.status_code == 200, answer.text
        return {row[key] for row in answer.json()["value"]}

    def make(self, path: str, **columns: Any) -> str:
        answer = self.call("POST", path, {name.replace("__", "@odata."): value for name, value in columns.items()})
        assert answer.status_code == 204, answer.text
        return str(answer.headers["OData-EntityId"].split("(")[1].rstrip(")"))


class Setup:
    """What an administrator makes."""

    def __init__(self, admin: Client) -> None:
        self.admin = admin
        self.root = root_unit(admin)
        self._privileges: dict[str, str] = {}

    def unit(self, parent: str | None = None) -> str:
        above = bind("businessunits", parent or self.root)
        return self.admin.make("businessunits", name=unique("unit"), parentbusinessunitid__bind=above)

    def role(self, unit: str | None = None, /, **privileges: str) -> str:
        """A role whose root copy stands in a unit, the root by default."""
        return self.make_role(unit or self.root, 1, privileges)

    def make_role(self, unit: str, is_inherited: int, privileges: dict[str, str]) -> str:
        """A role that grants just this."""
        columns: dict[str, Any] = {"name": unique("role"), "isinherited": is_inherited}
        role = self.admin.make("roles", **columns, businessunitid__bind=bind("businessunits", unit))
        entries = [{"PrivilegeId": self.privilege(name), "Depth": depth} for name, depth in privileges.items()]
        path = f"roles({role})/Microsoft.Dynamics.CRM.ReplacePrivilegesRole"
        assert self.admin.post(path, json={"Privileges": entries}).status_code == 204
        return role

    def privilege(self, name: str) -> str:
        if name not in self._privileges:
            (found,) = self.admin.read(f"privileges?$filter=name eq '{name}'&$select=privilegeid")
            self._privileges[name] = found["privilegeid"]
        return self._privileges[name]

    def copy(self, role: str, unit: str) -> str:
        where = f"_parentrootroleid_value eq {role} and _businessunitid_value eq {unit}"
        (found,) = self.admin.read(f"roles?$filter={where}&$select=roleid")
        return str(found["roleid"])

    def user(self, unit: str | None = None, *roles: str) -> User:
        unit, object_id = unit or self.root, str(uuid.uuid4())
        user = self.admin.make(
            "systemusers",
            firstname="A",
            lastname=unique("user"),
            azureactivedirectoryobjectid=object_id,
            businessunitid__bind=bind("businessunits", unit),
        )
        for role in roles:
            self.associate(f"systemusers({user})/systemuserroles_association", f"roles({self.copy(role, unit)})")
        return User(self.admin, user, object_id)

    def team(self, unit: str | None = None, *roles: str, members: tuple[User, ...] = (), kind: int = 0) -> str:
        unit = unit or self.root
        team = self.admin.make(
            "teams", name=unique("team"), teamtype=kind, businessunitid__bind=bind("businessunits", unit)
        )
        for role in roles:
            self.associate(f"teams({team})/teamroles_association", f"roles({self.copy(role, unit)})")
        for member in members:
            self.associate(f"teams({team})/teammembership_association", f"systemusers({member.id})")
        return team

    def associate(self, path: str, other: str) -> None:
        answer = self.admin.post(f"{path}/$ref", json={"@odata.id": self.admin.address(other)})
        assert answer.status_code == 204, answer.text

    def owned(self, entity_set: str, owner: User | str, **columns: Any) -> str:
        """A row of a user or team."""
        to = bind("systemusers", owner.id) if isinstance(owner, User) else bind("teams", owner)
        return self.admin.make(entity_set, ownerid__bind=to, **columns)


def principal(who: User | str) -> dict[str, str]:
    """A user or team, as bodies name it."""
    if isinstance(who, User):
        return {"systemuserid": who.id, "@odata.type": "Microsoft.Dynamics.CRM.systemuser"}
    return {"teamid": who, "@odata.type": "Microsoft.Dynamics.CRM.team"}


def share(target: str, key: str, table: str, who: User | str, mask: str) -> dict[str, Any]:
    """The body of GrantAccess and ModifyAccess."""
    return {
        "Target": {key: target, "@odata.type": f"Microsoft.Dynamics.CRM.{table}"},
        "PrincipalAccess": {"AccessMask": mask, "Principal": principal(who)},
    }


def share_account(account: str, who: User | str, mask: str) -> dict[str, Any]:
    """The body of GrantAccess and ModifyAccess on an account."""
    return share(account, "accountid", "account", who, mask)
