"""Teams, shares, cascades, impersonation and moves: who reaches what, over the real wire."""

import uuid
from collections.abc import Iterator

import pytest

from tests.sandbox.acting import Setup, User, principal, share_account
from tests.sandbox.client import Client, bind, refusal, unique
from tests.sandbox_process import running_sandbox

ALL = {f"prv{right}Account": "Global" for right in ("Create", "Read", "Write", "Append", "AppendTo", "Assign", "Share")}


@pytest.fixture(scope="module")
def setup(admin: Client) -> Setup:
    return Setup(admin)


# -- teams


def test_a_team_role_is_measured_at_the_team(setup: Setup) -> None:
    here, there = setup.unit(), setup.unit()
    below = setup.unit(there)
    owners = {name: setup.user(unit, setup.role(**ALL)) for name, unit in (("h", here), ("t", there), ("b", below))}
    rows = {name: setup.owned("accounts", owner, name=name) for name, owner in owners.items()}
    for depth, seen in (("Local", {"t"}), ("Deep", {"t", "b"})):
        member = setup.user(here)
        setup.team(there, setup.role(prvReadAccount=depth), members=(member,))
        found = member.sees("accounts", "accountid")
        assert {name for name, row in rows.items() if row in found} == seen


@pytest.mark.parametrize("is_inherited", [0, 1])
def test_direct_inheritance_of_a_team_role(setup: Setup, is_inherited: int) -> None:
    member = setup.user()
    rights = {f"prv{right}Account": "Basic" for right in ("Create", "Read", "Write")}
    team = setup.team(None, setup.make_role(setup.root, is_inherited, rights), members=(member,))
    answer = member.call("POST", "accounts", {"name": "mine"})
    assert answer.status_code == (204 if is_inherited else 403)
    assert is_inherited or refusal(answer) == (403, "0x80048306")
    account = setup.owned("accounts", team, name="the team's")
    assert account in member.sees("accounts", "accountid")
    own = setup.owned("accounts", member, name="the member's")
    assert (own in member.sees("accounts", "accountid")) is bool(is_inherited)
    row = setup.admin.read(f"accounts({account})")
    assert (row["_ownerid_value"], row["_owningteam_value"], row["_owninguser_value"]) == (team, team, None)


def test_basic_covers_the_rows_of_owner_teams(setup: Setup) -> None:
    member, outsider = (setup.user(None, setup.role(prvReadAccount="Basic")) for _ in range(2))
    team = setup.team(None, setup.role(prvReadAccount="Basic"), members=(member,))
    account = setup.owned("accounts", team, name="the team's")
    assert account in member.sees("accounts", "accountid")
    assert account not in outsider.sees("accounts", "accountid")
    answer = setup.admin.delete(f"teams({team})/teammembership_association({member.id})/$ref")
    assert answer.status_code == 204
    assert account not in member.sees("accounts", "accountid")


def test_default_teams_keep_themselves(setup: Setup) -> None:
    unit, other = setup.unit(), setup.unit()
    where = f"isdefault eq true and _businessunitid_value eq {unit}"
    (team,) = setup.admin.read(f"teams?$filter={where}&$select=teamid,name,teamtype")
    assert team["name"] == setup.admin.read(f"businessunits({unit})")["name"]
    user = setup.user(unit)
    members = f"teams({team['teamid']})/teammembership_association?$select=systemuserid"
    assert [row["systemuserid"] for row in setup.admin.read(members)] == [user.id]
    setup.associate(
        f"teams({team['teamid']})/teamroles_association",
        f"roles({setup.copy(setup.role(prvReadAccount='Global'), unit)})",
    )
    assert user.may("GET", "accounts")
    move = {"businessunitid@odata.bind": bind("businessunits", other)}
    assert setup.admin.patch(f"systemusers({user.id})", json=move).status_code == 204
    assert setup.admin.read(members) == []
    assert refusal(user.call("GET", "accounts")) == (403, "0x80042f09")
    by_hand = {"@odata.id": setup.admin.address(f"systemusers({user.id})")}
    path = f"teams({team['teamid']})/teammembership_association/$ref"
    assert refusal(setup.admin.post(path, json=by_hand)) == (400, "0x8004830b")
    assert setup.admin.delete(f"teams({team['teamid']})").status_code == 400
    setup.admin.patch(f"businessunits({unit})", json={"name": "renamed"})
    assert setup.admin.read(f"teams({team['teamid']})")["name"] == "renamed"


def test_what_teams_may_not(setup: Setup) -> None:
    unit = setup.unit()
    access, owner = setup.team(kind=1), setup.team()
    role = setup.role(prvReadAccount="Global")
    answers = [
        (f"teams({access})/teamroles_association/$ref", role),
        (f"teams({owner})/teamroles_association/$ref", setup.copy(role, unit)),
    ]
    codes = [
        refusal(setup.admin.post(path, json={"@odata.id": setup.admin.address(f"roles({copy})")}))
        for path, copy in answers
    ]
    assert codes == [(400, "0x80048331"), (400, "0x8004140d")]
    own = {"name": "x", "ownerid@odata.bind": bind("teams", access)}
    assert refusal(setup.admin.post("accounts", json=own)) == (400, "0x80048340")
    own = {"name": "x", "ownerid@odata.bind": bind("teams", owner)}
    assert refusal(setup.admin.post("accounts", json=own)) == (403, "0x80042f0a")
    reads_contacts = setup.team(None, setup.role(prvReadContact="Global"))
    own = {"name": "x", "ownerid@odata.bind": bind("teams", reads_contacts)}
    answer = setup.admin.post("accounts", json=own)
    assert refusal(answer) == (403, "0x80040299")
    assert f"Principal team (Id={reads_contacts}, type=9" in answer.json()["error"]["message"]


def test_a_moved_team_loses_roles_and_takes_rows_along(setup: Setup) -> None:
    here, there = setup.unit(), setup.unit()
    member = setup.user()
    team = setup.team(here, setup.role(prvReadAccount="Local"), members=(member,))
    account = setup.owned("accounts", team, name="goes along")
    move = {"businessunitid@odata.bind": bind("businessunits", there)}
    assert setup.admin.patch(f"teams({team})", json=move).status_code == 204
    assert setup.admin.read(f"accounts({account})")["_owningbusinessunit_value"] == there
    assert setup.admin.read(f"teams({team})/teamroles_association") == []
    assert refusal(setup.admin.delete(f"teams({team})"))[0] == 400, "it owns rows"


def test_members_by_action_and_from_both_sides(setup: Setup) -> None:
    user, team = setup.user(), setup.team()
    body = {"Members": [principal(user)]}
    assert setup.admin.post(f"teams({team})/Microsoft.Dynamics.CRM.AddMembersTeam", json=body).status_code == 204
    teams = f"systemusers({user.id})/teammembership_association?$select=teamid&$filter=isdefault eq false"
    assert [row["teamid"] for row in setup.admin.read(teams)] == [team]
    assert setup.admin.read(f"teammemberships?$filter=teamid eq {team} and systemuserid eq {user.id}")
    assert setup.admin.post(f"teams({team})/Microsoft.Dynamics.CRM.RemoveMembersTeam", json=body).status_code == 204
    assert setup.admin.read(teams) == []


def test_privileges_of_teams(setup: Setup) -> None:
    user = setup.user()
    team = setup.team(None, setup.role(prvReadAccount="Deep"), members=(user,))
    names = {
        "team": f"teams({team})/Microsoft.Dynamics.CRM.RetrieveTeamPrivileges()",
        "user": f"systemusers({user.id})/Microsoft.Dynamics.CRM.RetrieveUserPrivileges()",
        "both": f"systemusers({user.id})/Microsoft.Dynamics.CRM.RetrieveUsersPrivilegesThroughTeams("
        "ExcludeOrgDisabledPrivileges=false,IncludeSetupUserFiltering=false)",
    }
    found = {
        what: {row["PrivilegeName"]: row["Depth"] for row in setup.admin.read(path)["RolePrivileges"]}
        for what, path in names.items()
    }
    assert found["team"]["prvReadAccount"] == found["both"]["prvReadAccount"] == "Deep"
    assert found["user"] == {}


# -- shares


def rights_of(setup: Setup, user: User, account: str) -> set[str]:
    path = f"systemusers({user.id})/Microsoft.Dynamics.CRM.RetrievePrincipalAccess(Target=@tid)"
    text = setup.admin.read(f"{path}?@tid={{'@odata.id':'accounts({account})'}}")["AccessRights"]
    return set(text.split(", ")) - {"None"}


def test_shares_open_single_rows(setup: Setup) -> None:
    owner = setup.user(None, setup.role(**ALL))
    guest = setup.user(None, setup.role(prvReadAccount="Basic", prvWriteAccount="Basic"))
    account = setup.owned("accounts", owner, name="shared")
    assert account not in guest.sees("accounts", "accountid")
    assert rights_of(setup, guest, account) == set()
    body = share_account(account, guest, "ReadAccess, WriteAccess, DeleteAccess")
    assert setup.admin.post("GrantAccess", json=body).status_code == 204
    assert account in guest.sees("accounts", "accountid")
    assert guest.may("PATCH", f"accounts({account})", {"name": "by the guest"})
    assert rights_of(setup, guest, account) == {"ReadAccess", "WriteAccess"}, "a share adds nothing without a privilege"
    assert setup.admin.post("ModifyAccess", json=share_account(account, guest, "ReadAccess")).status_code == 204
    assert not guest.may("PATCH", f"accounts({account})", {"name": "again"})
    listed = setup.admin.read(f"RetrieveSharedPrincipalsAndAccess(Target=@t)?@t={{'@odata.id':'accounts({account})'}}")
    (entry,) = listed["PrincipalAccesses"]
    assert (entry["AccessMask"], entry["Principal"]["systemuserid"]) == ("ReadAccess", guest.id)
    body = {"Target": body["Target"], "Revokee": principal(guest)}
    assert setup.admin.post("RevokeAccess", json=body).status_code == 204
    assert account not in guest.sees("accounts", "accountid")


@pytest.mark.parametrize("kind", [0, 1])
def test_a_share_with_a_team_is_its_members(setup: Setup, kind: int) -> None:
    guest = setup.user(None, setup.role(prvReadAccount="Basic"))
    account = setup.admin.make("accounts", name="shared with a team")
    team = setup.team(members=(guest,), kind=kind)
    assert setup.admin.post("GrantAccess", json=share_account(account, team, "ReadAccess")).status_code == 204
    assert account in guest.sees("accounts", "accountid")


def test_sharing_asks_for_share_and_for_the_rights_shared(setup: Setup) -> None:
    guest = setup.user(None, setup.role(prvReadAccount="Basic"))
    reader = setup.user(None, setup.role(prvReadAccount="Basic", prvWriteAccount="Basic"))
    account = setup.owned("accounts", reader, name="mine")
    body = share_account(account, guest, "ReadAccess")
    answer = reader.call("POST", "GrantAccess", body)
    assert refusal(answer) == (403, "0x80040220")
    assert "prvShareAccount" in answer.json()["error"]["message"], "an owner too"
    sharer = setup.user(None, setup.role(prvReadAccount="Basic", prvShareAccount="Basic"))
    account = setup.owned("accounts", sharer, name="mine")
    assert sharer.may("POST", "GrantAccess", share_account(account, guest, "ReadAccess"))
    assert not sharer.may("POST", "GrantAccess", share_account(account, guest, "ReadAccess, WriteAccess"))
    foreign = setup.admin.make("accounts", name="another's")
    assert refusal(sharer.call("POST", "GrantAccess", share_account(foreign, guest, "ReadAccess"))) == (
        403,
        "0x80048306",
    )


def test_bodies_of_shares_that_make_no_sense(setup: Setup) -> None:
    guest = setup.user()
    account = setup.admin.make("accounts", name="x")
    good = share_account(account, guest, "ReadAccess")
    (currency,) = setup.admin.read("transactioncurrencies?$top=1&$select=transactioncurrencyid")
    unowned = {"@odata.type": "Microsoft.Dynamics.CRM.transactioncurrency", **currency}
    bad = [
        {},
        {**good, "Target": {"accountid": account}},
        {**good, "Target": {"@odata.type": "Microsoft.Dynamics.CRM.account"}},
        {**good, "Target": {"@odata.type": "Microsoft.Dynamics.CRM.nothing", "nothingid": account}},
        {**good, "Target": unowned},
        share_account(account, guest, "SeeAccess"),
        share_account(account, guest, "CreateAccess"),
        {**good, "PrincipalAccess": {"AccessMask": "ReadAccess", "Principal": good["Target"]}},
    ]
    assert {setup.admin.post("GrantAccess", json=body).status_code for body in bad} == {400}
    nobody = share_account(account, str(uuid.uuid4()), "ReadAccess")
    assert refusal(setup.admin.post("GrantAccess", json=nobody)) == (404, "0x80040217")


# -- along relationships


def test_owners_and_shares_reach_the_rows_below(setup: Setup) -> None:
    rights = {"prvReadAccount": "Basic", "prvReadContact": "Basic", "prvReadActivity": "Basic"}
    owner, guest = (setup.user(None, setup.role(**rights)) for _ in range(2))
    account = setup.owned("accounts", owner, name="above")
    contact = setup.admin.make("contacts", lastname="below", parentcustomerid_account__bind=bind("accounts", account))
    task = setup.admin.make("tasks", subject="t", regardingobjectid_contact_task__bind=bind("contacts", contact))
    loose = setup.admin.make("contacts", lastname="loose")
    assert contact in owner.sees("contacts", "contactid")
    assert task in owner.sees("tasks", "activityid")
    assert task in owner.sees("activitypointers", "activityid")
    assert loose not in owner.sees("contacts", "contactid")
    assert contact not in guest.sees("contacts", "contactid")
    setup.admin.post("GrantAccess", json=share_account(account, guest, "ReadAccess"))
    assert contact in guest.sees("contacts", "contactid")
    primary = {"primarycontactid@odata.bind": bind("contacts", loose)}
    setup.admin.patch(f"accounts({account})", json=primary)
    assert loose not in owner.sees("contacts", "contactid"), "account_primary_contact does not cascade"


def test_assign_takes_the_rows_below_along(setup: Setup) -> None:
    first, second = (
        setup.user(None, setup.role(prvReadAccount="Basic", prvReadContact="Basic", prvReadActivity="Basic"))
        for _ in range(2)
    )
    account = setup.owned("accounts", first, name="above")
    contact = setup.owned("contacts", first, lastname="c", parentcustomerid_account__bind=bind("accounts", account))
    task = setup.owned("tasks", first, subject="t", regardingobjectid_contact_task__bind=bind("contacts", contact))
    give = {"ownerid@odata.bind": bind("systemusers", second.id)}
    assert setup.admin.patch(f"accounts({account})", json=give).status_code == 204
    for path in (f"accounts({account})", f"contacts({contact})", f"tasks({task})"):
        assert setup.admin.read(path)["_ownerid_value"] == second.id
    clerk = setup.user(None, setup.role(prvReadAccount="Global", prvWriteAccount="Global", prvAssignAccount="Global"))
    refused = clerk.call("PATCH", f"accounts({account})", {"ownerid@odata.bind": bind("systemusers", first.id)})
    assert refusal(refused) == (403, "0x80040220")
    assert "prvAssignContact" in refused.json()["error"]["message"]
    assert setup.admin.read(f"accounts({account})")["_ownerid_value"] == second.id, "nothing happened by halves"


def test_collections_by_ref(setup: Setup) -> None:
    account, contact = setup.admin.make("accounts", name="a"), setup.admin.make("contacts", lastname="c")
    setup.associate(f"accounts({account})/contact_customer_accounts", f"contacts({contact})")
    path = f"accounts({account})/contact_customer_accounts"
    assert [row["contactid"] for row in setup.admin.read(f"{path}?$select=contactid")] == [contact]
    expanded = setup.admin.read(f"accounts({account})?$select=name&$expand=contact_customer_accounts($select=lastname)")
    assert [row["lastname"] for row in expanded["contact_customer_accounts"]] == ["c"]
    assert setup.admin.delete(f"{path}({contact})/$ref").status_code == 204
    assert setup.admin.read(path) == []
    put = {"@odata.id": setup.admin.address(f"accounts({account})")}
    assert setup.admin.put(f"contacts({contact})/parentcustomerid_account/$ref", json=put).status_code == 204
    reader = {"prvReadAccount": "Global", "prvReadContact": "Global", "prvWriteContact": "Global"}
    for more, missing in (
        ({}, "prvAppendContact"),
        ({"prvAppendContact": "Global"}, "prvAppendToAccount"),
        ({"prvAppendContact": "Global", "prvAppendToAccount": "Global"}, ""),
    ):
        user = setup.user(None, setup.role(**reader, **more))
        contact = setup.admin.make("contacts", lastname="c")
        body = {"@odata.id": setup.admin.address(f"contacts({contact})")}
        answer = user.call("POST", f"{path}/$ref", body)
        assert answer.status_code == (403 if missing else 204)
        assert missing in answer.text


def test_many_to_many(setup: Setup) -> None:
    account, lead = setup.admin.make("accounts", name="a"), setup.admin.make("leads", lastname="l")
    setup.associate(f"accounts({account})/accountleads_association", f"leads({lead})")
    back = setup.admin.read(f"leads({lead})/accountleads_association?$select=accountid")
    assert [row["accountid"] for row in back] == [account]
    body = {"@odata.id": setup.admin.address(f"leads({lead})")}
    path = f"accounts({account})/accountleads_association/$ref"
    assert refusal(setup.admin.post(path, json=body)) == (412, "0x80040237")
    one_side = {"prvReadAccount": "Global", "prvReadLead": "Global", "prvAppendAccount": "Global"}
    user = setup.user(None, setup.role(**one_side, prvAppendToLead="Global"))
    other = setup.admin.make("leads", lastname="l")
    answer = user.call("POST", path, {"@odata.id": setup.admin.address(f"leads({other})")})
    assert refusal(answer) == (403, "0x80040220"), "both sides need both, unless switched"
    assert setup.admin.delete(f"accounts({account})/accountleads_association({lead})/$ref").status_code == 204
    assert setup.admin.read(f"leads({lead})/accountleads_association") == []


# -- notes and addresses


def test_notes_and_addresses_go_by_their_privileges(setup: Setup) -> None:
    account = setup.admin.make("accounts", name="a")
    note = setup.admin.make("annotations", subject="n", notetext="t", objectid_account__bind=bind("accounts", account))
    address = setup.admin.make("customeraddresses", line1="1", parentid_account__bind=bind("accounts", account))
    reader = setup.user(None, setup.role(prvReadNote="Global"))
    assert note in reader.sees("annotations", "annotationid")
    refused = reader.call("GET", "customeraddresses")
    assert refusal(refused) == (403, "0x80040220")
    assert "prvReadAccount" in refused.json()["error"]["message"]
    own = setup.user(None, setup.role(prvReadAccount="Basic"))
    assert address not in own.sees("customeraddresses", "customeraddressid"), "an address stands where its parent does"
    mine = setup.owned("accounts", own, name="mine")
    address = setup.admin.make("customeraddresses", line1="2", parentid_account__bind=bind("accounts", mine))
    assert own.sees("customeraddresses", "customeraddressid") == {address}
    assert refusal(setup.admin.post("customeraddresses", json={"line1": "nowhere"}))[0] == 400


# -- impersonation and access modes


def test_impersonation_is_the_intersection(setup: Setup, admin: Client) -> None:
    powers = {"prvReadAccount": "Global", "prvReadContact": "Global"}
    other = setup.user(None, setup.role(prvReadAccount="Global", prvReadLead="Global"))
    middle = setup.user(None, setup.role(**powers, prvActOnBehalfOfAnotherUser="Global"))
    who = other.call("GET", "WhoAmI").json()
    assert who["UserId"] == other.id
    by_id = admin.get("WhoAmI", headers={"MSCRMCallerID": other.id})
    assert by_id.json()["UserId"] == other.id
    first = admin.get("WhoAmI", headers={"MSCRMCallerID": other.id, "CallerObjectId": middle.object_id})
    assert first.json()["UserId"] == middle.id, "CallerObjectId wins"
    assert refusal(admin.get("WhoAmI", headers={"MSCRMCallerID": str(uuid.uuid4())})) == (403, "0x80072560")
    assert refusal(admin.get("WhoAmI", headers={"CallerObjectId": "me"})) == (400, "0x80040203")
    assert other.may("GET", "leads")
    assert not other.may("GET", "contacts")
    assert not other.may("POST", "accounts", {"name": "x"})
    assert refusal(admin.get("accounts", headers={"CallerObjectId": setup.user().object_id})) == (403, "0x80042f09")


def test_access_modes_and_disabled_units(setup: Setup) -> None:
    role = setup.role(prvReadAccount="Global", prvWriteAccount="Global", prvReadUser="Global")
    unit = setup.unit()
    user, account = setup.user(unit, role), setup.admin.make("accounts", name="x")
    for mode, reads, writes in ((0, True, True), (2, True, False), (1, False, False)):
        assert setup.admin.patch(f"systemusers({user.id})", json={"accessmode": mode}).status_code == 204
        assert user.may("GET", "accounts") is reads
        assert user.may("PATCH", f"accounts({account})", {"name": "y"}) is writes
        assert user.may("GET", "systemusers?$top=1")
    assert setup.admin.patch(f"businessunits({unit})", json={"isdisabled": True}).status_code == 204
    assert refusal(user.call("GET", "WhoAmI")) == (403, "0x80040225")


# -- units


def test_a_moved_unit_changes_what_deep_reaches_and_which_roles_are_there(setup: Setup) -> None:
    left, right = setup.unit(), setup.unit()
    unit = setup.unit(left)
    boss = setup.user(left, setup.role(prvReadAccount="Deep"))
    worker = setup.user(unit, setup.role(left, **dict.fromkeys(ALL, "Basic")), setup.role(**ALL))
    account = setup.owned("accounts", worker, name="x")
    of_right = setup.role(right, prvReadAccount="Basic")
    assert account in boss.sees("accounts", "accountid")
    move = {"parentbusinessunitid@odata.bind": bind("businessunits", right)}
    assert setup.admin.patch(f"businessunits({unit})", json=move).status_code == 204
    assert account not in boss.sees("accounts", "accountid")
    held = setup.admin.read(f"systemusers({worker.id})/systemuserroles_association")
    assert len(held) == 1, "the copy of a role that stands no longer above is gone"
    assert setup.copy(of_right, unit)
    circle = {"parentbusinessunitid@odata.bind": bind("businessunits", unit)}
    assert setup.admin.patch(f"businessunits({right})", json=circle).status_code == 400


def test_a_unit_is_deleted_when_it_is_disabled_and_empty(setup: Setup) -> None:
    unit = setup.unit()
    user = setup.user(unit)
    role = setup.role(unit)
    assert setup.admin.delete(f"businessunits({unit})").status_code == 400
    setup.admin.patch(f"businessunits({unit})", json={"isdisabled": True})
    assert setup.admin.delete(f"businessunits({unit})").status_code == 400
    back = {"businessunitid@odata.bind": bind("businessunits", setup.root)}
    setup.admin.patch(f"systemusers({user.id})", json=back)
    assert setup.admin.delete(f"businessunits({unit})").status_code == 204
    assert setup.admin.get(f"roles({role})").status_code == 404
    assert setup.admin.read(f"teams?$filter=_businessunitid_value eq {unit}") == []


# -- the other side of the switches

LENIENT = (
    "associate-needs-write=no",
    "many-to-many=one-side",
    "cascade-needs-assign=no",
    "sharer-rights=any",
    "owner-shares=open",
    "repeated-share=add",
    "impersonator-reach=any",
    "user-privileges=with-teams",
)


@pytest.fixture(scope="module")
def lenient() -> Iterator[Setup]:
    with running_sandbox(switches=LENIENT) as sandbox, Client(sandbox, sandbox.admin) as admin:
        yield Setup(admin)


def test_the_lenient_side_of_the_switches(lenient: Setup) -> None:
    owner = lenient.user(None, lenient.role(prvReadAccount="Basic"))
    guest = lenient.user(None, lenient.role(prvReadAccount="Basic", prvWriteAccount="Basic"))
    account = lenient.owned("accounts", owner, name=unique("a"))
    assert owner.may("POST", "GrantAccess", share_account(account, guest, "WriteAccess")), "any right, no privilege"
    assert owner.may("POST", "GrantAccess", share_account(account, guest, "ReadAccess"))
    assert rights_of(lenient, guest, account) == {"ReadAccess", "WriteAccess"}
    rights = {"prvReadAccount": "Global", "prvReadContact": "Global", "prvAppendContact": "Global"}
    clerk = lenient.user(None, lenient.role(**rights, prvAppendToAccount="Global"))
    contact = lenient.admin.make("contacts", lastname="c")
    body = {"@odata.id": lenient.admin.address(f"contacts({contact})")}
    assert clerk.may("POST", f"accounts({account})/contact_customer_accounts/$ref", body), "without Write"
    lead = lenient.admin.make("leads", lastname="l")
    clerk = lenient.user(
        None, lenient.role(prvReadAccount="Global", prvAppendAccount="Global", prvAppendToLead="Global")
    )
    body = {"@odata.id": lenient.admin.address(f"leads({lead})")}
    assert clerk.may("POST", f"accounts({account})/accountleads_association/$ref", body)
    clerk = lenient.user(
        None, lenient.role(prvReadAccount="Global", prvWriteAccount="Global", prvAssignAccount="Global")
    )
    reads_both = lenient.user(None, lenient.role(prvReadAccount="Basic", prvReadContact="Basic"))
    give = {"ownerid@odata.bind": bind("systemusers", reads_both.id)}
    assert clerk.may("PATCH", f"accounts({account})", give), "the contact goes along without prvAssignContact"
    assert lenient.admin.read(f"contacts({contact})")["_ownerid_value"] == reads_both.id
    lenient.team(None, lenient.role(prvReadLead="Basic"), members=(guest,))
    path = f"systemusers({guest.id})/Microsoft.Dynamics.CRM.RetrieveUserPrivileges()"
    assert "prvReadLead" in {row["PrivilegeName"] for row in lenient.admin.read(path)["RolePrivileges"]}


def test_impersonation_must_be_held_directly() -> None:
    with (
        running_sandbox() as sandbox,
        Client(sandbox, sandbox.admin) as admin,
        Client(sandbox, sandbox.app) as app,
    ):
        setup = Setup(admin)
        other = setup.user(None, setup.role(prvReadAccount="Global", prvReadLead="Global", prvCreateAccount="Basic"))
        unit = bind("businessunits", setup.root)
        own = admin.make("systemusers", applicationid=sandbox.app.client_id, businessunitid__bind=unit)
        powers = {"prvActOnBehalfOfAnotherUser": "Global"}
        rights = {"prvReadAccount": "Basic", "prvReadContact": "Global", "prvCreateAccount": "Global"}
        setup.associate(f"systemusers({own})/systemuserroles_association", f"roles({setup.role(**rights)})")
        team = setup.team(None, setup.role(**powers))
        setup.associate(f"teams({team})/teammembership_association", f"systemusers({own})")
        headers = {"CallerObjectId": other.object_id}
        refused = app.get("WhoAmI", headers=headers)
        assert refusal(refused) == (403, "0x8004a110"), "a team's role does not do"
        assert other.id in refused.json()["error"]["message"]
        setup.associate(f"systemusers({own})/systemuserroles_association", f"roles({setup.role(**powers)})")
        assert app.get("WhoAmI", headers=headers).json()["UserId"] == other.id
        assert app.get("leads", headers=headers).status_code == 403, "the caller lacks it"
        assert app.get("contacts", headers=headers).status_code == 403, "the other lacks it"
        theirs = setup.owned("accounts", other, name="out of the caller's reach")
        assert app.get("accounts", headers=headers).json()["value"] == []
        assert refusal(app.get(f"accounts({theirs})", headers=headers)) == (403, "0x80048306")
