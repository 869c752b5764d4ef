"""The Web API's manners: versions, envelopes, queries, writes, metadata."""

import httpx
import pytest

from tests.sandbox.client import Client, bind, refusal, root_unit, unique
from tests.sandbox_process import RunningSandbox


def test_who_am_i(admin: Client) -> None:
    said = admin.read("WhoAmI")
    assert said == admin.read("WhoAmI()")
    assert said["@odata.context"].endswith("/$metadata#Microsoft.Dynamics.CRM.WhoAmIResponse")
    assert said["BusinessUnitId"] == root_unit(admin)
    assert admin.read(f"systemusers({said['UserId']})?$select=fullname")["fullname"] == "# Sandbox Administrator"


@pytest.mark.parametrize("version", ["v9.0", "v9.1", "v9.2"])
def test_versions_route_alike(sandbox: RunningSandbox, admin: Client, version: str) -> None:
    answer = admin.get(f"{sandbox.dataverse_url}/api/data/{version}/WhoAmI")
    assert answer.status_code == 200
    assert answer.headers["OData-Version"] == "4.0"
    assert f"/{version}/$metadata" in answer.json()["@odata.context"]


def test_other_versions_do_not(sandbox: RunningSandbox, admin: Client) -> None:
    assert refusal(admin.get(f"{sandbox.dataverse_url}/api/data/v9.3/WhoAmI")) == (501, "0x8006088a")
    unversioned = admin.get(f"{sandbox.dataverse_url}/api/data/WhoAmI")
    assert (unversioned.status_code, list(unversioned.json())) == (400, ["Message"])
    assert admin.get(f"{sandbox.dataverse_url}/elsewhere").status_code == 404


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("nothings", 404, "0x80060888"),
        ("accounts(11111111-1111-1111-1111-111111111111)", 404, "0x80040217"),
        ("accounts(zero)", 400, "0x80060888"),
        ("accounts(name='a')", 400, "0x80060888"),
        ("accounts?$select=colour", 400, "0x80060888"),
        ("accounts?$expand=colour", 400, "0x80060888"),
        ("accounts?$filter=colour eq 1", 400, "0x80060888"),
        ("accounts?$orderby=colour", 400, "0x80060888"),
        ("accounts?$filter=name eq 1", 400, "0x80060888"),
        ("accounts?$skip=1", 400, "0x80060888"),
        ("accounts?$apply=aggregate($count as n)", 501, "0x80060888"),
        ("accounts?colour=red", 400, "0x80060888"),
        ("systemusers?$filter=systemuserroles_association/any(r:r/name eq 'a')", 501, "0x80060888"),
        ("", 501, "0x80060888"),
        ("RetrieveMissingComponents()", 501, "0x80060888"),
        ("accounts(11111111-1111-1111-1111-111111111111)/RetrieveAadUserRoles()", 501, "0x80060888"),
        ("accounts/name", 404, "0x80060888"),
        ("RetrieveRolePrivilegesRole()", 400, "0x80048d19"),
        ("RetrieveRolePrivilegesRole(RoleId=x)", 400, "0x80048d19"),
    ],
)
def test_what_is_not_understood_is_said(admin: Client, path: str, status: int, code: str) -> None:
    answer = admin.get(path)
    assert refusal(answer) == (status, code), answer.text
    assert answer.json()["error"]["message"]


def test_headers_that_change_the_meaning_are_refused(admin: Client) -> None:
    assert refusal(admin.get("WhoAmI", headers={"MSCRM.SolutionUniqueName": "x"})) == (501, "0x80060888")


def test_methods_that_make_no_sense(admin: Client) -> None:
    for answer in (admin.patch("accounts", json={}), admin.delete("accounts"), admin.post("audits", json={})):
        assert refusal(answer) == (405, "")
    assert refusal(admin.post("solutions", json={})) == (501, "0x80060888")
    assert refusal(admin.post("incidents", json={})) == (501, "0x80060888")


def test_life_of_a_row(admin: Client) -> None:
    name = unique("O'Hara ")
    row_id = admin.make("accounts", name=name, numberofemployees=61, donotemail=True)
    quoted = name.replace("'", "''")
    (row,) = admin.read(f"accounts?$filter=name eq '{quoted}'")
    assert row["accountid"] == row_id
    assert row["@odata.etag"] == f'W/"{row["versionnumber"]}"'
    assert (row["numberofemployees"], row["donotemail"], row["statecode"], row["telephone1"]) == (61, True, 0, None)
    caller = admin.read("WhoAmI")
    assert (row["_ownerid_value"], row["_owningbusinessunit_value"]) == (caller["UserId"], caller["BusinessUnitId"])
    assert admin.patch(f"accounts({row_id})", json={"telephone1": "1"}).status_code == 204
    changed = admin.read(f"accounts({row_id})?$select=telephone1")
    assert set(changed) == {"@odata.context", "@odata.etag", "telephone1", "accountid"}
    assert changed["telephone1"] == "1"
    assert changed["@odata.etag"] != row["@odata.etag"]
    assert admin.delete(f"accounts({row_id})").status_code == 204
    assert refusal(admin.get(f"accounts({row_id})")) == (404, "0x80040217")
    assert refusal(admin.delete(f"accounts({row_id})")) == (404, "0x80040217")


def test_representation_upsert_and_versions(admin: Client) -> None:
    made = admin.post("contacts?$select=fullname", json={"firstname": "A", "lastname": "B"}, headers=PREFER)
    assert (made.status_code, made.json()["fullname"]) == (201, "A B")
    assert made.headers["Preference-Applied"] == "return=representation"
    path = f"contacts({made.json()['contactid']})"
    stale = made.json()["@odata.etag"]
    changed = admin.patch(path, json={"lastname": "C"}, headers={**PREFER, "If-Match": stale})
    assert (changed.status_code, changed.json()["fullname"]) == (200, "A C")
    assert refusal(admin.patch(path, json={}, headers={"If-Match": stale})) == (412, "0x80060882")
    assert refusal(admin.delete(path, headers={"If-Match": stale})) == (412, "0x80060882")
    assert refusal(admin.patch(path, json={}, headers={"If-None-Match": "*"})) == (412, "0x80040237")
    current = admin.get(path).headers["ETag"]
    assert admin.get(path, headers={"If-None-Match": current}).status_code == 304
    fresh = "contacts(11111111-0000-4000-8000-000000000001)"
    assert refusal(admin.patch(fresh, json={}, headers={"If-Match": "*"})) == (404, "0x80040217")
    assert admin.patch(fresh, json={"lastname": "D"}).status_code == 204
    assert admin.read(fresh)["lastname"] == "D"
    twice = admin.post("contacts", json={"contactid": "11111111-0000-4000-8000-000000000001"})
    assert refusal(twice) == (412, "0x80040237")


PREFER = {"Prefer": "return=representation"}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"colour": "red"}, "0x80048d19"),
        ({"name": 5}, "0x80048d19"),
        ({"numberofemployees": "5"}, "0x80048d19"),
        ({"numberofemployees": True}, "0x80048d19"),
        ({"donotemail": 1}, "0x80048d19"),
        ({"accountid": "x"}, "0x80048d19"),
        ({"createdon": "2024-01-01T00:00:00Z"}, "0x80048d19"),
        ({"_ownerid_value": "x"}, "0x80048d19"),
        ({"colour@odata.bind": "/accounts(x)"}, "0x80048d19"),
        ({"parentaccountid@odata.bind": "accounts"}, "0x80048d19"),
        ({"parentaccountid@odata.bind": "/contacts(11111111-1111-1111-1111-111111111111)"}, "0x80048d19"),
        (
            {"parentaccountid@odata.bind": "https://elsewhere/accounts(11111111-1111-1111-1111-111111111111)"},
            "0x80048d19",
        ),
        ({"name": "x" * 161}, "0x80044331"),
    ],
)
def test_bodies_that_do_not_fit(admin: Client, body: dict[str, object], code: str) -> None:
    assert refusal(admin.post("accounts", json=body)) == (400, code)


def test_bodies_that_are_no_object(admin: Client) -> None:
    for content in (b"{", b"[]", b"\xff", b"[" * 100_000):
        assert refusal(admin.post("accounts", content=content)) == (400, "0x80048d19")


def test_deep_inserts_are_not_carried_out(admin: Client) -> None:
    assert refusal(admin.post("accounts", json={"primarycontactid": {"lastname": "x"}})) == (501, "0x80060888")


def test_lookups(admin: Client) -> None:
    account, other = admin.make("accounts", name="first"), admin.make("accounts", name="second")
    contact = admin.make("contacts", lastname="x", parentcustomerid_account__bind=bind("accounts", account))
    row = admin.read(f"contacts({contact})?$select=lastname&$expand=parentcustomerid_account($select=name)")
    assert row["parentcustomerid_account"]["name"] == "first"
    assert admin.read(f"contacts({contact})")["_parentcustomerid_value"] == account
    (found,) = admin.read("contacts?$filter=parentcustomerid_account/name eq 'FIRST'&$select=contactid")
    assert found["contactid"] == contact
    assert admin.read(f"contacts({contact})/parentcustomerid_account?$select=name")["name"] == "first"
    assert admin.get(f"contacts({contact})/parentcustomerid_contact").status_code == 204
    reference = f"contacts({contact})/parentcustomerid_account/$ref"
    assert admin.put(reference, json={"@odata.id": admin.address(f"accounts({other})")}).status_code == 204
    assert admin.read(f"contacts({contact})")["_parentcustomerid_value"] == other
    assert admin.delete(reference).status_code == 204
    assert admin.read(f"contacts({contact})")["_parentcustomerid_value"] is None
    admin.patch(f"contacts({contact})", json={"parentcustomerid_account@odata.bind": bind("accounts", other)})
    admin.delete(f"accounts({other})")
    assert admin.read(f"contacts({contact})")["_parentcustomerid_value"] is None
    missing = {"parentaccountid@odata.bind": bind("accounts", other)}
    assert refusal(admin.post("accounts", json=missing)) == (404, "0x80040217")


def test_order_top_count_and_pages(admin: Client) -> None:
    city = unique("city")
    for name in ("b", "C", "a"):
        admin.make("accounts", name=name, address1_city=city)
    where = f"$filter=address1_city eq '{city}'"
    names = [row["name"] for row in admin.read(f"accounts?{where}&$orderby=name desc&$select=name")]
    assert names == ["C", "b", "a"]
    assert len(admin.read(f"accounts?{where}&$top=2")) == 2
    assert admin.get(f"accounts?{where}&$count=true&$top=3").json()["@odata.count"] == 3
    assert admin.get("accounts/$count").text.isdigit()
    seen, link = [], f"accounts?{where}&$orderby=name&$select=name"
    while link:
        page = admin.get(link, headers={"Prefer": "odata.maxpagesize=2"}).json()
        seen.append([row["name"] for row in page["value"]])
        link = page.get("@odata.nextLink", "")
        assert not link or link.startswith(str(admin.base_url))
    assert seen == [["a", "b"], ["C"]]
    assert refusal(admin.get("accounts", headers={"Prefer": "odata.maxpagesize=0"}))[0] == 400


def test_activities_are_read_as_one_table(admin: Client) -> None:
    account = admin.make("accounts", name="regarded")
    subject = unique("call")
    admin.make("tasks", subject=subject, regardingobjectid_account_task__bind=bind("accounts", account))
    admin.make("emails", subject=subject, regardingobjectid_account_email__bind=bind("accounts", account))
    admin.make("phonecalls", subject=subject)
    found = admin.read(f"activitypointers?$filter=subject eq '{subject}'&$select=activitytypecode")
    assert sorted(row["activitytypecode"] for row in found) == ["email", "phonecall", "task"]
    assert refusal(admin.post("activitypointers", json={"subject": "x"})) == (501, "0x80060888")


def test_audits_tell_what_was_deleted(admin: Client) -> None:
    account = admin.make("accounts", name="to be deleted")
    admin.delete(f"accounts({account})")
    rows = admin.read(f"audits?$filter=_objectid_value eq {account}&$orderby=createdon")
    assert [(row["operation"], row["objecttypecode"]) for row in rows] == [(1, "account"), (3, "account")]


def test_definitions(admin: Client) -> None:
    path = "EntityDefinitions(LogicalName='account')"
    account = admin.read(f"{path}?$select=LogicalName,EntitySetName,Privileges&$expand=Attributes($select=LogicalName)")
    assert (account["LogicalName"], account["EntitySetName"]) == ("account", "accounts")
    privileges = {privilege["Name"]: privilege for privilege in account["Privileges"]}
    assert privileges["prvReadAccount"]["PrivilegeId"] == "886b280c-6396-4d56-a0a3-2c1b0a50ceb0"
    assert (privileges["prvReadAccount"]["PrivilegeType"], privileges["prvReadAccount"]["CanBeBasic"]) == ("Read", True)
    assert {"accountid", "name", "ownerid"} <= {attribute["LogicalName"] for attribute in account["Attributes"]}
    assert admin.read(f"EntityDefinitions({account['MetadataId']})")["LogicalName"] == "account"
    name = admin.read(f"{path}/Attributes(LogicalName='name')")
    assert (name["AttributeType"], name["MaxLength"], name["IsPrimaryName"]) == ("String", 160, True)
    assert len(admin.read(f"{path}/Attributes?$select=LogicalName")) == len(account["Attributes"])
    some = admin.read("EntityDefinitions?$select=LogicalName&$filter=LogicalName eq 'lead' or LogicalName eq 'quote'")
    assert sorted(row["LogicalName"] for row in some) == ["lead", "quote"]
    everything = admin.read("EntityDefinitions?$select=LogicalName&$top=3")
    assert len(everything) > 1000, "metadata ignores $top"
    assert refusal(admin.get("EntityDefinitions(LogicalName='nothing')")) == (404, "0x80040217")
    assert refusal(admin.get(f"{path}?$select=Colour")) == (400, "0x80060888")
    assert refusal(admin.get(f"{path}/Relationships")) == (404, "0x80060888")


def test_every_entity_set_of_the_definitions_answers(admin: Client) -> None:
    wanted = ("account", "incident", "quote", "salesorder", "product", "annotation", "organization", "team")
    for table in admin.read("EntityDefinitions?$select=LogicalName,EntitySetName,PrimaryIdAttribute"):
        if table["LogicalName"] in wanted:
            rows = admin.read(f"{table['EntitySetName']}?$select={table['PrimaryIdAttribute']}&$top=1")
            assert isinstance(rows, list)


def test_a_plain_http_client_gets_nowhere(sandbox: RunningSandbox) -> None:
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{sandbox.dataverse_url}/api/data/v9.2/WhoAmI", trust_env=False)
