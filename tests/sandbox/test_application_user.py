"""The application user's life, from "not a member" to deleted, and the roles it may hold."""

import uuid
from collections.abc import Iterator

import pytest

from tests.sandbox.client import (
    ADMINISTRATOR_TEMPLATE,
    Client,
    Role,
    bind,
    import_package,
    make_zip,
    refusal,
    root_unit,
    unique,
)
from tests.sandbox_process import RunningSandbox, running_sandbox


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox() as running:
        yield running


@pytest.fixture(scope="module")
def admin(sandbox: RunningSandbox) -> Iterator[Client]:
    with Client(sandbox, sandbox.admin) as client:
        yield client


@pytest.fixture
def app(sandbox: RunningSandbox) -> Iterator[Client]:
    with Client(sandbox, sandbox.app) as client:
        yield client


def make_user(admin: Client, sandbox: RunningSandbox) -> str:
    unit = bind("businessunits", root_unit(admin))
    return admin.make("systemusers", applicationid=sandbox.app.client_id, businessunitid__bind=unit, accessmode=4)


def make_role(admin: Client, unit: str | None = None) -> str:
    return admin.make(
        "roles", name=unique("Role "), businessunitid__bind=bind("businessunits", unit or root_unit(admin))
    )


def give(admin: Client, user: str, role: str) -> tuple[int, str]:
    answer = admin.post(
        f"systemusers({user})/systemuserroles_association/$ref", json={"@odata.id": admin.address(f"roles({role})")}
    )
    return (204, "") if answer.status_code == 204 else refusal(answer)


def test_from_stranger_to_deleted(sandbox: RunningSandbox, admin: Client, app: Client) -> None:
    assert refusal(app.get("WhoAmI")) == (403, "0x80072560")
    assert app.get("WhoAmI").json()["error"]["message"] == "The user is not a member of the organization."

    user = make_user(admin, sandbox)
    filled = admin.read(f"systemusers({user})")
    assert filled["fullname"] == "# Net-Results Sync for Dynamics 365"
    assert (filled["firstname"], filled["lastname"]) == ("#", "Net-Results Sync for Dynamics 365")
    assert (filled["accessmode"], filled["isdisabled"], filled["deletedstate"]) == (4, False, 0)
    assert filled["azureactivedirectoryobjectid"] is None
    found = admin.read(f"systemusers?$filter=applicationid eq {sandbox.app.client_id.upper()}&$select=systemuserid")
    assert [row["systemuserid"] for row in found] == [user]
    again = {
        "applicationid": sandbox.app.client_id,
        "businessunitid@odata.bind": bind("businessunits", root_unit(admin)),
    }
    assert refusal(admin.post("systemusers", json=again)) == (400, "0x8004f511")

    refused = app.get("WhoAmI")
    assert refusal(refused) == (403, "0x80042f09")
    assert "prvReadUser" in refused.json()["error"]["message"]

    role = make_role(admin)
    assert give(admin, user, role) == (204, "")
    assert give(admin, user, role) == (412, "0x80040237")
    assert app.read("WhoAmI") | {"@odata.context": ""} == {
        "@odata.context": "",
        "UserId": user,
        "BusinessUnitId": root_unit(admin),
        "OrganizationId": filled["organizationid"],
    }
    row = admin.read(f"systemusers({user})?$select=fullname&$expand=systemuserroles_association($select=name,roleid)")
    assert [held["roleid"] for held in row["systemuserroles_association"]] == [role]
    assert [held["roleid"] for held in admin.read(f"systemusers({user})/systemuserroles_association")] == [role]
    assert [holder["systemuserid"] for holder in admin.read(f"roles({role})/systemuserroles_association")] == [user]
    rows = admin.read(f"systemuserrolescollection?$filter=systemuserid eq {user}")
    assert [row["roleid"] for row in rows] == [role]

    assert refusal(admin.delete(f"systemusers({user})")) == (400, "0x80048405"), "disable first"
    assert admin.patch(f"systemusers({user})", json={"isdisabled": True}).status_code == 204
    assert refusal(app.get("WhoAmI")) == (403, "0x80040225")
    assert admin.delete(f"systemusers({user})").status_code == 204
    assert admin.read(f"systemusers({user})?$select=deletedstate")["deletedstate"] == 1
    assert refusal(admin.post("systemusers", json=again)) == (400, "0x8004f511"), "soft-deleted rows block"
    assert admin.delete(f"systemusers({user})").status_code == 204
    assert refusal(admin.get(f"systemusers({user})")) == (404, "0x80040217")
    assert refusal(app.get("WhoAmI")) == (403, "0x80072560")
    fresh = make_user(admin, sandbox)
    assert admin.read(f"systemusers({fresh})/systemuserroles_association") == []
    admin.patch(f"systemusers({fresh})", json={"isdisabled": True})
    admin.delete(f"systemusers({fresh})")
    admin.delete(f"systemusers({fresh})")


def test_users_that_cannot_be_made(admin: Client) -> None:
    unit = {"businessunitid@odata.bind": bind("businessunits", root_unit(admin))}
    stranger = str(uuid.uuid4())
    answer = admin.post("systemusers", json={"applicationid": stranger, **unit})
    assert refusal(answer) == (400, "0x8004f510")
    assert stranger in answer.json()["error"]["message"]
    no_unit = admin.post("systemusers", json={"applicationid": stranger})
    assert refusal(no_unit) == (400, "0x80040530")
    elsewhere = {"businessunitid@odata.bind": bind("businessunits", stranger)}
    assert refusal(admin.post("systemusers", json={"lastname": "x", **elsewhere})) == (404, "0x80040217")


def test_an_application_users_name_comes_from_entra(admin: Client) -> None:
    me = admin.read("WhoAmI")["UserId"]
    assert refusal(admin.patch(f"systemusers({me})", json={"lastname": "x"})) == (400, "0x80041d48")


def test_roles_have_a_copy_in_every_unit(sandbox: RunningSandbox, admin: Client) -> None:
    before, imported = make_role(admin), Role(unique("Imported "), {"prvReadAccount": "Global"})
    import_package(admin, make_zip(imported, name=unique("Trial")))
    root = root_unit(admin)
    child = admin.make("businessunits", name=unique("unit"), parentbusinessunitid__bind=bind("businessunits", root))
    grandchild = admin.make(
        "businessunits", name=unique("unit"), parentbusinessunitid__bind=bind("businessunits", child)
    )
    after = make_role(admin)
    for role in (before, after, imported.id):
        copies = {
            row["_businessunitid_value"]: row for row in admin.read(f"roles?$filter=_parentrootroleid_value eq {role}")
        }
        assert {root, child, grandchild} <= set(copies)
        assert copies[root]["roleid"] == role
        assert copies[root]["_parentroleid_value"] is None
        assert copies[grandchild]["_parentroleid_value"] == copies[child]["roleid"]
        inherited = copies[child]["roleid"]
        of_copy = admin.read(f"RetrieveRolePrivilegesRole(RoleId={inherited})")["RolePrivileges"]
        of_root = admin.read(f"RetrieveRolePrivilegesRole(RoleId={role})")["RolePrivileges"]
        assert [row["PrivilegeId"] for row in of_copy] == [row["PrivilegeId"] for row in of_root]
        assert refusal(admin.patch(f"roles({inherited})", json={"name": "x"})) == (400, "0x80044152")
    assert refusal(admin.delete(f"roles({inherited})")) in ((400, "0x80048405"), (400, "0x8004140c"))

    lower = make_role(admin, child)
    units = {row["_businessunitid_value"] for row in admin.read(f"roles?$filter=_parentrootroleid_value eq {lower}")}
    assert units == {child, grandchild}

    user = admin.make("systemusers", firstname="A", lastname="B", businessunitid__bind=bind("businessunits", child))
    assert give(admin, user, before) == (400, "0x80041409")
    in_child = f"roles?$filter=_parentrootroleid_value eq {before} and _businessunitid_value eq {child}"
    (copy,) = admin.read(in_child)
    assert give(admin, user, copy["roleid"]) == (204, "")
    moved = admin.patch(f"systemusers({user})", json={"businessunitid@odata.bind": bind("businessunits", grandchild)})
    assert moved.status_code == 204
    assert admin.read(f"systemusers({user})/systemuserroles_association") == [], "a move drops all roles"


def test_a_new_role_holds_the_platforms_nine(admin: Client) -> None:
    role = make_role(admin)
    names = [row["PrivilegeName"] for row in admin.read(f"RetrieveRolePrivilegesRole(RoleId={role})")["RolePrivileges"]]
    assert len(names) == 9
    assert {"prvReadSdkMessage", "prvReadPluginType", "prvReadSharePointDocument"} < set(names)


def test_privileges_of_a_role_are_added_replaced_and_removed(admin: Client) -> None:
    role = make_role(admin)
    names = {}
    for name in ("prvReadAccount", "prvReadLead", "prvReadSharePointData", "prvReadSdkMessage"):
        (privilege,) = admin.read(f"privileges?$filter=name eq '{name}'")
        names[privilege["privilegeid"]] = name

    def held() -> dict[str, int]:
        rows = admin.read(f"roleprivilegescollection?$filter=roleid eq {role}")
        return {names[row["privilegeid"]]: row["privilegedepthmask"] for row in rows if row["privilegeid"] in names}

    def change(action: str, **body: object) -> tuple[int, str]:
        answer = admin.post(f"roles({role})/Microsoft.Dynamics.CRM.{action}", json=body)
        return (204, "") if answer.status_code == 204 else refusal(answer)

    ids = {name: privilege_id for privilege_id, name in names.items()}
    account = {"PrivilegeId": ids["prvReadAccount"], "Depth": "Deep"}
    assert change("AddPrivilegesRole", Privileges=[account]) == (204, "")
    assert held() == {"prvReadAccount": 4, "prvReadSharePointData": 8, "prvReadSdkMessage": 8}
    assert change("ReplacePrivilegesRole", Privileges=[{"PrivilegeId": ids["prvReadLead"], "Depth": "0"}]) == (204, "")
    assert held() == {"prvReadLead": 1, "prvReadSharePointData": 8}, "the SharePoint ones survive"
    assert change("RemovePrivilegeRole", PrivilegeId=ids["prvReadSharePointData"]) == (204, "")
    assert held() == {"prvReadLead": 1}
    names_of_role = admin.read(
        f"roles({role})/roleprivileges_association?$select=name&$filter=startswith(name,'prvReadL')"
    )
    assert [row["name"] for row in names_of_role] == ["prvReadLead"]
    assert change("AddPrivilegesRole", Privileges=[account, account]) == (400, "0x8004140f")
    assert change("AddPrivilegesRole", Privileges=[{**account, "Depth": "Wide"}]) == (400, "0x80048d19")
    user_read = {"PrivilegeId": "76faad15-bc44-4f4d-84dc-dd1e1dda74d9", "Depth": "Basic"}
    assert change("AddPrivilegesRole", Privileges=[user_read]) == (400, "0x8004140b")
    unknown = {"PrivilegeId": str(uuid.uuid4()), "Depth": "Basic"}
    assert change("AddPrivilegesRole", Privileges=[unknown]) == (404, "0x80040217")


def test_built_in_and_twin_roles(admin: Client) -> None:
    (built_in,) = admin.read(
        f"roles?$filter=_roletemplateid_value eq {ADMINISTRATOR_TEMPLATE} and _parentroleid_value eq null"
    )
    assert built_in["name"] == "System Administrator"
    action = f"roles({built_in['roleid']})/Microsoft.Dynamics.CRM.RemovePrivilegeRole"
    assert refusal(admin.post(action, json={"PrivilegeId": str(uuid.uuid4())})) == (400, "0x80048405")
    assert refusal(admin.delete(f"roles({built_in['roleid']})")) == (400, "0x80048405")
    twin = {"name": "system administrator", "businessunitid@odata.bind": bind("businessunits", root_unit(admin))}
    assert refusal(admin.post("roles", json=twin)) == (400, "0x80041403")
    role = make_role(admin)
    assert admin.patch(f"roles({role})", json={"isinherited": 0}).status_code == 204
    assert admin.read(f"roles({role})")["isinherited"] == 0
    assert admin.delete(f"roles({role})").status_code == 204
    assert refusal(admin.get(f"roles({role})")) == (404, "0x80040217")


def test_associations_that_make_no_sense(admin: Client) -> None:
    me, role, nobody = admin.read("WhoAmI")["UserId"], make_role(admin), str(uuid.uuid4())
    association = f"systemusers({me})/systemuserroles_association"
    for address in (f"/roles({role})", f"https://elsewhere.example/api/data/v9.2/roles({role})", None, 5):
        assert refusal(admin.post(f"{association}/$ref", json={"@odata.id": address})) == (400, "0x80048d19")
    wrong = {"@odata.id": admin.address(f"systemusers({me})")}
    assert refusal(admin.post(f"{association}/$ref", json=wrong)) == (400, "0x80048d19")
    assert give(admin, me, nobody) == (404, "0x80040217")
    assert give(admin, nobody, role) == (404, "0x80040217")
    assert refusal(admin.delete(f"{association}({role})/$ref")) == (404, "0x80040217"), "not held"
    assert refusal(admin.put(f"{association}/$ref", json={})) == (501, "0x80060888")
    assert give(admin, me, role) == (204, "")
    taken = admin.delete(f"{association}/$ref", params={"$id": admin.address(f"roles({role})")})
    assert taken.status_code == 204
    reverse = {"@odata.id": admin.address(f"systemusers({me})")}
    assert admin.post(f"roles({role})/systemuserroles_association/$ref", json=reverse).status_code == 204
    assert admin.delete(f"roles({role})/systemuserroles_association({me})/$ref").status_code == 204


LENIENT = (
    "repeated-association=accept",
    "missing-association=accept",
    "user-delete=once",
    "disabled-user=400",
    "application-object-id=set",
    "directory-reads=open",
    "metadata-privileges=required",
)


def test_the_other_side_of_the_switches() -> None:
    with (
        running_sandbox(switches=LENIENT) as sandbox,
        Client(sandbox, sandbox.admin) as admin,
        Client(sandbox, sandbox.app) as app,
    ):
        user, role = make_user(admin, sandbox), make_role(admin)
        assert admin.read(f"systemusers({user})")["azureactivedirectoryobjectid"]
        assert give(admin, user, role) == (204, "")
        assert give(admin, user, role) == (204, "")
        assert [row["roleid"] for row in app.read("roles?$select=name") if row["roleid"] == role] == [role]
        assert app.read("businessunits?$select=name")
        assert app.read(f"systemusers({user})?$select=fullname")
        assert refusal(app.get("EntityDefinitions?$select=LogicalName")) == (403, "0x80040220")
        assert admin.get("EntityDefinitions?$select=LogicalName").status_code == 200
        path = f"systemusers({user})/systemuserroles_association({role})/$ref"
        assert [admin.delete(path).status_code for _ in range(2)] == [204, 204]
        admin.patch(f"systemusers({user})", json={"isdisabled": True})
        assert refusal(app.get("WhoAmI")) == (400, "0x80040225")
        assert admin.delete(f"systemusers({user})").status_code == 204
        assert refusal(admin.get(f"systemusers({user})")) == (404, "0x80040217")
