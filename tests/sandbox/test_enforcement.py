"""What a role grants works, what it does not is refused: tables, depths, lookups, owners, metadata."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.sandbox.client import Client, bind, refusal, root_unit, unique
from tests.sandbox_process import RunningSandbox, running_sandbox

ACCOUNT_READ = "886b280c-6396-4d56-a0a3-2c1b0a50ceb0"
REFERENCE = {
    **{
        f"prv{right}{table}": "Global"
        for table in ("Account", "Activity", "Contact", "Lead")
        for right in ("Create", "Read", "Write", "Append", "AppendTo")
    },
    "prvReadUser": "Global",
    "prvReadOpportunity": "Global",
    "prvReadTransactionCurrency": "Global",
    "prvReadAuditSummary": "Global",
}


@dataclass
class World:
    """The administrator, the application with its user, and the role whose grants the tests set."""

    admin: Client
    app: Client
    user: str
    role: str
    root: str

    def grant(self, **privileges: str) -> None:
        """Let the application's role grant just this."""
        entries = []
        for name, depth in privileges.items():
            (found,) = self.admin.read(f"privileges?$filter=name eq '{name}'&$select=privilegeid")
            entries.append({"PrivilegeId": found["privilegeid"], "Depth": depth})
        path = f"roles({self.role})/Microsoft.Dynamics.CRM.ReplacePrivilegesRole"
        assert self.admin.post(path, json={"Privileges": entries}).status_code == 204

    def unit(self, parent: str) -> str:
        return self.admin.make(
            "businessunits", name=unique("unit"), parentbusinessunitid__bind=bind("businessunits", parent)
        )

    def owner(self, unit: str) -> str:
        """A user of a unit who may own rows: one that holds the administrator's role of that unit."""
        user = self.admin.make("systemusers", lastname=unique("U"), businessunitid__bind=bind("businessunits", unit))
        where = f"name eq 'System Administrator' and _businessunitid_value eq {unit}"
        (copy,) = self.admin.read(f"roles?$filter={where}&$select=roleid")
        self.give(user, copy["roleid"])
        return user

    def give(self, user: str, role: str) -> None:
        reference = {"@odata.id": self.admin.address(f"roles({role})")}
        answer = self.admin.post(f"systemusers({user})/systemuserroles_association/$ref", json=reference)
        assert answer.status_code == 204, answer.text

    def place(self, unit: str) -> None:
        """Move the application to a unit, and give it the role's copy there."""
        where = f"_parentrootroleid_value eq {self.role} and _businessunitid_value eq {unit}"
        self.admin.patch(f"systemusers({self.user})", json={"businessunitid@odata.bind": bind("businessunits", unit)})
        for held in self.admin.read(f"systemusers({self.user})/systemuserroles_association?$select=roleid"):
            self.admin.delete(f"systemusers({self.user})/systemuserroles_association({held['roleid']})/$ref")
        (copy,) = self.admin.read(f"roles?$filter={where}&$select=roleid")
        self.give(self.user, copy["roleid"])

    def account(self, owner: str, name: str = "account") -> str:
        return self.admin.make("accounts", name=name, ownerid__bind=bind("systemusers", owner))


def build_world(sandbox: RunningSandbox, admin: Client, app: Client) -> World:
    root = root_unit(admin)
    unit = bind("businessunits", root)
    user = admin.make("systemusers", applicationid=sandbox.app.client_id, businessunitid__bind=unit)
    role = admin.make("roles", name="Trial", businessunitid__bind=unit)
    world = World(admin, app, user, role, root)
    world.give(user, role)
    return world


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox() as running:
        yield running


@pytest.fixture(scope="module")
def admin(sandbox: RunningSandbox) -> Iterator[Client]:
    with Client(sandbox, sandbox.admin) as client:
        yield client


@pytest.fixture(scope="module")
def world(sandbox: RunningSandbox, admin: Client) -> Iterator[World]:
    with Client(sandbox, sandbox.app) as app:
        yield build_world(sandbox, admin, app)


def test_the_reference_role(world: World) -> None:
    world.grant(**REFERENCE)
    app, nowhere = world.app, str(uuid.uuid4())
    for entity_set in ("accounts", "contacts", "leads", "opportunities", "activitypointers", "tasks", "emails"):
        assert isinstance(app.read(f"{entity_set}?$top=1"), list)
    assert app.read("transactioncurrencies?$select=isocurrencycode")[0]["isocurrencycode"] == "USD"
    assert app.read("systemusers?$select=fullname")
    assert isinstance(app.read("audits?$top=1"), list)
    assert app.read("EntityDefinitions(LogicalName='lead')?$select=LogicalName&$expand=Attributes($select=LogicalName)")
    account = app.make("accounts", name="by the application")
    lead = app.make("leads", lastname="L", parentaccountid__bind=bind("accounts", account))
    task = app.make("tasks", subject="T", regardingobjectid_lead_task__bind=bind("leads", lead))
    for path, body in ((f"accounts({account})", {"name": "n"}), (f"tasks({task})", {"subject": "s"})):
        assert app.patch(path, json=body).status_code == 204
    refused = {
        "delete account": app.delete(f"accounts({account})"),
        "delete nothing": app.delete(f"accounts({nowhere})"),
        "create opportunity": app.post("opportunities", json={"name": "x"}),
        "update opportunity": app.patch(f"opportunities({nowhere})", json={}, headers={"If-Match": "*"}),
        "create currency": app.post("transactioncurrencies", json={"currencyname": "x"}),
        "create user": app.post("systemusers", json={"lastname": "x"}),
        "read units": app.get("businessunits"),
        "read roles": app.get("roles"),
        "read privileges": app.get("privileges"),
        "read solutions": app.get("solutions"),
        "read incidents": app.get("incidents"),
        "expand what may not be read": app.get("systemusers?$expand=businessunitid($select=name)"),
        "filter by it": app.get("systemusers?$filter=businessunitid/name eq 'sandbox'"),
        "stage": app.post("StageSolution", json={"CustomizationFile": ""}),
        "publish": app.post("PublishAllXml", json={}),
    }
    assert {what: refusal(answer) for what, answer in refused.items()} == dict.fromkeys(refused, (403, "0x80040220"))


def test_the_texts_name_the_privilege(world: World) -> None:
    world.grant(prvReadLead="Global")
    message = world.app.get("accounts").json()["error"]["message"]
    assert f"(Id={world.user}, type=8, roleCount=1, privilegeCount=5, accessMode=4)" in message
    assert f"is missing prvReadAccount privilege (Id={ACCOUNT_READ}) on OTC=1 for entity 'account'" in message
    message = world.app.post("PublishAllXml", json={}).json()["error"]["message"]
    assert message.startswith(
        f"SecLib::CheckPrivilege failed. User: {world.user}, PrivilegeName: prvPublishCustomization"
    )


def test_effective_privileges(world: World) -> None:
    world.grant(prvReadUser="Local", prvReadAccount="Deep")
    for client in (world.admin, world.app):
        rows = client.read(f"systemusers({world.user})/Microsoft.Dynamics.CRM.RetrieveUserPrivileges()")[
            "RolePrivileges"
        ]
        held = {row["PrivilegeName"]: (row["Depth"], row["BusinessUnitId"]) for row in rows}
        assert held["prvReadAccount"] == ("Deep", world.root)
        assert len(rows) == 6
    second = world.admin.make("roles", name=unique("R"), businessunitid__bind=bind("businessunits", world.root))
    path = f"roles({second})/Microsoft.Dynamics.CRM.AddPrivilegesRole"
    world.admin.post(path, json={"Privileges": [{"PrivilegeId": ACCOUNT_READ, "Depth": "Global"}]})
    world.give(world.user, second)
    rows = world.admin.read(f"systemusers({world.user})/Microsoft.Dynamics.CRM.RetrieveUserPrivileges()")[
        "RolePrivileges"
    ]
    assert {row["PrivilegeName"]: row["Depth"] for row in rows}["prvReadAccount"] == "Global", "roles unite"
    world.admin.delete(f"roles({second})")


@pytest.mark.parametrize(
    ("depth", "seen"),
    [
        ("Basic", {"own"}),
        ("Local", {"own", "unit"}),
        ("Deep", {"own", "unit", "below"}),
        ("Global", {"own", "unit", "below", "above", "beside"}),
    ],
)
def test_depths_on_rows_with_owners(world: World, depth: str, seen: set[str]) -> None:
    middle, beside = world.unit(world.root), world.unit(world.root)
    below = world.unit(middle)
    world.grant(prvReadAccount="Global", prvWriteAccount="Global", prvCreateAccount="Global")
    world.place(middle)
    rows = {
        "own": world.app.make("accounts", name="own"),
        "unit": world.account(world.owner(middle)),
        "below": world.account(world.owner(below)),
        "above": world.account(world.owner(world.root)),
        "beside": world.account(world.owner(beside)),
    }
    world.grant(prvReadAccount=depth, prvWriteAccount=depth, prvDeleteAccount=depth)
    found = {row["accountid"] for row in world.app.read("accounts?$select=accountid")}
    assert {where for where, row in rows.items() if row in found} == seen
    for where, row in rows.items():
        answers = [
            world.app.get(f"accounts({row})"),
            world.app.patch(f"accounts({row})", json={"telephone1": "1"}),
            world.app.delete(f"accounts({row})"),
        ]
        if where in seen:
            assert [answer.status_code for answer in answers] == [200, 204, 204]
        else:
            assert {refusal(answer) for answer in answers} == {(403, "0x80048306")}
            assert "does not have ReadAccess right(s) for record with id" in answers[0].json()["error"]["message"]
            assert "WriteAccess" in answers[1].text
            assert "DeleteAccess" in answers[2].text
    world.place(world.root)


@pytest.mark.parametrize(("depth", "seen"), [("Local", {"unit"}), ("Deep", {"unit", "below"})])
def test_depths_on_users_are_measured_by_unit(world: World, depth: str, seen: set[str]) -> None:
    middle = world.unit(world.root)
    below = world.unit(middle)
    users = {"unit": world.owner(middle), "below": world.owner(below), "above": world.owner(world.root)}
    world.grant(prvReadUser=depth)
    world.place(middle)
    found = {row["systemuserid"] for row in world.app.read("systemusers?$select=systemuserid")}
    assert {where for where, user in users.items() if user in found} == seen
    assert world.user in found
    assert refusal(world.app.get(f"systemusers({users['above']})")) == (403, "0x80048306")
    world.place(world.root)


def test_rows_follow_their_owner_to_another_unit(world: World) -> None:
    here, there = world.unit(world.root), world.unit(world.root)
    owner = world.owner(here)
    account = world.account(owner)
    assert world.admin.read(f"accounts({account})")["_owningbusinessunit_value"] == here
    world.admin.patch(f"systemusers({owner})", json={"businessunitid@odata.bind": bind("businessunits", there)})
    assert world.admin.read(f"accounts({account})")["_owningbusinessunit_value"] == there


ALL = {
    "prvCreateContact": "Global",
    "prvReadContact": "Global",
    "prvWriteContact": "Global",
    "prvReadAccount": "Global",
}


@pytest.mark.parametrize(
    ("more", "missing"),
    [
        ({}, "prvAppendContact"),
        ({"prvAppendContact": "Global"}, "prvAppendToAccount"),
        ({"prvAppendToAccount": "Global"}, "prvAppendContact"),
        ({"prvAppendContact": "Global", "prvAppendToAccount": "Global"}, ""),
    ],
)
def test_lookups_need_append_and_append_to(world: World, more: dict[str, str], missing: str) -> None:
    account = world.admin.make("accounts", name="looked up")
    world.grant(**ALL, **more)
    contact = world.app.make("contacts", lastname="x")
    lookup = {"parentcustomerid_account@odata.bind": bind("accounts", account)}
    answers = [
        world.app.post("contacts", json={"lastname": "y", **lookup}),
        world.app.patch(f"contacts({contact})", json=lookup),
    ]
    for answer in answers:
        if missing:
            assert refusal(answer) == (403, "0x80040220")
            assert f"is missing {missing} privilege" in answer.json()["error"]["message"]
        else:
            assert answer.status_code == 204
    world.grant(**ALL)
    cleared = world.app.patch(f"contacts({contact})", json={"parentcustomerid_account@odata.bind": None})
    if missing:
        assert cleared.status_code == 204, "nothing to clear"
    else:
        assert refusal(cleared) == (403, "0x80040220")


def test_append_to_is_measured_on_the_target(world: World) -> None:
    account = world.account(world.owner(world.root))
    world.grant(**ALL, prvAppendContact="Global", prvAppendToAccount="Basic")
    lookup = {"parentcustomerid_account@odata.bind": bind("accounts", account)}
    answer = world.app.post("contacts", json={"lastname": "y", **lookup})
    assert refusal(answer) == (403, "0x80048306")
    assert "AppendToAccess" in answer.json()["error"]["message"]


def test_a_currency_is_a_lookup_as_any_other(world: World) -> None:
    (currency,) = world.admin.read("transactioncurrencies?$top=1")
    world.grant(**REFERENCE)
    lookup = {"transactioncurrencyid@odata.bind": bind("transactioncurrencies", currency["transactioncurrencyid"])}
    answer = world.app.post("accounts", json={"name": "x", **lookup})
    assert refusal(answer) == (403, "0x80040220")
    assert "prvAppendToTransactionCurrency" in answer.json()["error"]["message"]


def test_owners(world: World) -> None:
    owner = world.owner(world.root)
    roleless = world.admin.make("systemusers", lastname="N", businessunitid__bind=bind("businessunits", world.root))
    world.grant(prvCreateAccount="Global", prvReadAccount="Global", prvWriteAccount="Global")
    to_owner = {"ownerid@odata.bind": bind("systemusers", owner)}
    refused = world.app.post("accounts", json={"name": "x", **to_owner})
    assert refusal(refused) == (403, "0x80040220")
    assert "prvAssignAccount" in refused.json()["error"]["message"]
    account = world.app.make("accounts", name="x")
    assert refusal(world.app.patch(f"accounts({account})", json=to_owner)) == (403, "0x80040220")
    to_roleless = {"ownerid@odata.bind": bind("systemusers", roleless)}
    refused = world.admin.post("accounts", json={"name": "x", **to_roleless})
    assert refusal(refused) == (403, "0x80040299"), "administrators too"
    assert "prvReadAccount" in refused.json()["error"]["message"]
    world.grant(prvCreateAccount="Global", prvReadAccount="Global", prvAssignAccount="Basic")
    assert refusal(world.app.patch(f"accounts({account})", json=to_owner)) == (403, "0x80040220"), "assign needs write"
    world.grant(prvReadAccount="Global", prvWriteAccount="Basic", prvAssignAccount="Basic")
    assert world.app.patch(f"accounts({account})", json=to_owner).status_code == 204
    assert world.admin.read(f"accounts({account})")["_ownerid_value"] == owner
    to_me = {"ownerid@odata.bind": bind("systemusers", world.user)}
    assert refusal(world.app.patch(f"accounts({account})", json=to_me)) == (403, "0x80048306")


def test_create_depth_covers_the_owner(world: World) -> None:
    owner = world.owner(world.root)
    world.grant(prvCreateAccount="Basic", prvReadAccount="Basic", prvAssignAccount="Basic")
    assert world.app.make("accounts", name="mine")
    answer = world.app.post("accounts", json={"name": "x", "ownerid@odata.bind": bind("systemusers", owner)})
    assert refusal(answer) == (403, "0x80048306")
    assert "CreateAccess" in answer.json()["error"]["message"]


def test_writing_without_reading(world: World) -> None:
    world.grant(prvCreateAccount="Global")
    refused = world.app.post("accounts", json={"name": "x"})
    assert refusal(refused) == (403, "0x80040299"), "an owner must be able to read its rows"


def test_administering_needs_its_privileges(world: World) -> None:
    world.grant(prvReadUser="Global", prvWriteUser="Global", prvReadRole="Global")
    someone = world.owner(world.root)
    disable = world.app.patch(f"systemusers({someone})", json={"isdisabled": True})
    assert refusal(disable) == (403, "0x80040220")
    assert "prvDisableUser" in disable.json()["error"]["message"]
    give = {"@odata.id": world.app.address(f"roles({world.role})")}
    answer = world.app.post(f"systemusers({someone})/systemuserroles_association/$ref", json=give)
    assert refusal(answer) == (403, "0x80040220")
    assert "prvAssignRole" in answer.json()["error"]["message"]
    action = f"roles({world.role})/Microsoft.Dynamics.CRM.AddPrivilegesRole"
    assert refusal(world.app.post(action, json={"Privileges": []})) == (403, "0x80040220")


LENIENT = ("create-for-other=open", "assign-needs-write=no", "clear-lookup=open")


def test_the_lenient_side_of_the_switches() -> None:
    with (
        running_sandbox(switches=LENIENT) as sandbox,
        Client(sandbox, sandbox.admin) as admin,
        Client(sandbox, sandbox.app) as app,
    ):
        world = build_world(sandbox, admin, app)
        owner = world.owner(world.root)
        to_owner = {"ownerid@odata.bind": bind("systemusers", owner)}
        world.grant(prvCreateAccount="Global", prvReadAccount="Global")
        assert app.post("accounts", json={"name": "x", **to_owner}).status_code == 204
        account = app.make("accounts", name="mine")
        world.grant(prvReadAccount="Global", prvAssignAccount="Global")
        assert refusal(app.patch(f"accounts({account})", json={"name": "x", **to_owner})) == (403, "0x80040220")
        assert app.patch(f"accounts({account})", json=to_owner).status_code == 204
        world.grant(prvReadAccount="Global", prvWriteAccount="Global")
        parent = admin.make("accounts", name="parent")
        admin.patch(f"accounts({account})", json={"parentaccountid@odata.bind": bind("accounts", parent)})
        assert app.patch(f"accounts({account})", json={"parentaccountid@odata.bind": None}).status_code == 204
