"""OData as clients use it over the wire: batches, alternate keys, annotations, pages, metadata."""

import json
import uuid

import pytest
from lxml import etree

from tests.sandbox.acting import Setup
from tests.sandbox.client import Client, bind, refusal, unique

FORMATTED = "OData.Community.Display.V1.FormattedValue"


# -- batches


def batch(client: Client, *parts: str, prefer: str = "", boundary: str = "b_1") -> list[tuple[int, str]]:
    """Send a batch; gives status and body of each answered operation."""
    body = "".join(f"--{boundary}\r\n{part}\r\n" for part in parts) + f"--{boundary}--\r\n"
    headers = {"Content-Type": f"multipart/mixed; boundary={boundary}"}
    answer = client.post("$batch", content=body.encode(), headers={**headers, **({"Prefer": prefer} if prefer else {})})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("multipart/mixed; boundary=")
    found = []
    for piece in answer.text.split("HTTP/1.1 ")[1:]:
        head, _, text = piece.partition("\r\n\r\n")
        found.append((int(head[:3]), text.partition("\r\n--")[0]))
    return found


def operation(method: str, target: str, body: object = None, content_id: str = "") -> str:
    head = "Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n"
    head += f"Content-ID: {content_id}\r\n" if content_id else ""
    text = f"{method} {target} HTTP/1.1\r\nContent-Type: application/json\r\n\r\n"
    return f"{head}\r\n{text}{json.dumps(body) if body is not None else ''}"


def change_set(*operations: str) -> str:
    inner = "".join(f"--c_1\r\n{one}\r\n" for one in operations)
    return f"Content-Type: multipart/mixed; boundary=c_1\r\n\r\n{inner}--c_1--\r\n"


def test_a_batch_answers_each_operation(admin: Client) -> None:
    word = unique("b")
    root = str(admin.base_url)
    answers = batch(
        admin,
        operation("POST", f"{root}accounts", {"name": word}),
        operation("GET", f"/api/data/v9.2/accounts?$select=name&$filter=name eq '{word}'"),
        operation("GET", f"accounts?$filter=name%20eq%20'{word}'&$count=true"),
        operation("DELETE", f"accounts({uuid.uuid4()})"),
        operation("GET", "accounts"),
    )
    assert [status for status, _ in answers] == [204, 200, 200, 404], "it ends at the first error"
    assert json.loads(answers[1][1])["value"][0]["name"] == word
    assert json.loads(answers[2][1])["@odata.count"] == 1
    assert json.loads(answers[3][1])["error"]["code"] == "0x80040217"
    missing = operation("DELETE", f"accounts({uuid.uuid4()})")
    goes_on = batch(admin, missing, operation("GET", "WhoAmI"), prefer="odata.continue-on-error")
    assert [status for status, _ in goes_on] == [404, 200]


def test_a_change_set_is_all_or_nothing(admin: Client) -> None:
    word = unique("c")
    made = change_set(
        operation("POST", "contacts", {"lastname": word}, "1"),
        operation("POST", "accounts", {"name": word, "primarycontactid@odata.bind": "$1"}, "2"),
        operation("PATCH", "$2", {"description": "changed"}, "3"),
    )
    assert [status for status, _ in batch(admin, made)] == [204, 204, 204]
    (row,) = admin.read(f"accounts?$filter=name eq '{word}'&$expand=primarycontactid($select=lastname)")
    assert (row["description"], row["primarycontactid"]["lastname"]) == ("changed", word)
    unit = bind("businessunits", Setup(admin).root)
    broken = change_set(
        operation("PATCH", f"accounts({row['accountid']})", {"name": "half"}, "1"),
        operation("DELETE", f"contacts({row['_primarycontactid_value']})", content_id="2"),
        operation("POST", "roles", {"name": word, "businessunitid@odata.bind": unit}, "3"),
        operation("POST", "accounts", {"name": "x", "colour": "red"}, "4"),
    )
    ((status, _),) = batch(admin, broken)
    assert status == 400
    after = admin.read(f"accounts({row['accountid']})")
    assert {**after, "@odata.context": ""} | {"primarycontactid": 0} == {
        **row,
        "@odata.context": "",
        "primarycontactid": 0,
    }
    assert admin.read(f"roles?$filter=name eq '{word}'") == []


def test_batches_that_make_no_sense(admin: Client) -> None:
    assert refusal(admin.post("$batch", json={})) == (400, "0x80048d19")
    assert admin.get("$batch").status_code == 405
    (answer,) = batch(admin, operation("READ", "accounts"))
    assert answer[0] == 400
    (answer,) = batch(admin, operation("GET", "https://elsewhere.example.com/accounts"))
    assert answer[0] == 400
    (answer,) = batch(admin, change_set(operation("GET", "accounts")))
    assert answer[0] == 400


# -- alternate keys


def test_alternate_keys(admin: Client) -> None:
    key, number = unique("new_Key"), unique("")
    declared = {"SchemaName": key, "KeyAttributes": ["accountnumber"]}
    keys = "EntityDefinitions(LogicalName='account')/Keys"
    assert refusal(admin.get(f"accounts(accountnumber='{number}')")) == (400, "0x80060888"), "no key yet"
    assert admin.post(keys, json=declared).status_code == 204
    assert refusal(admin.post(keys, json=declared)) == (412, "0x80040237")
    (found,) = [row for row in admin.read(keys) if row["SchemaName"] == key]
    assert (found["KeyAttributes"], found["EntityKeyIndexStatus"]) == (["accountnumber"], "Active")
    address = f"accounts(accountnumber='{number}')"
    assert refusal(admin.get(address)) == (404, "0x80060891")
    assert refusal(admin.patch(address, json={"name": "n"}, headers={"If-Match": "*"})) == (404, "0x80060891")
    assert admin.patch(address, json={"name": "made"}).status_code == 204
    row = admin.read(f"{address}?$select=name,accountnumber")
    assert (row["name"], row["accountnumber"]) == ("made", number)
    assert admin.patch(address, json={"name": "changed"}).status_code == 204
    assert admin.read(f"{address}/name") == "changed"
    contact = admin.make("contacts", lastname="c", parentcustomerid_account__bind=f"/{address}")
    assert admin.read(f"contacts({contact})")["_parentcustomerid_value"] == row["accountid"]
    twin = admin.post("accounts", json={"name": "twin", "accountnumber": number.upper()})
    assert refusal(twin) == (412, "0x80060892")
    assert admin.delete(address).status_code == 204
    assert admin.delete(f"{keys}({found['MetadataId']})").status_code == 204
    assert all(row["SchemaName"] != key for row in admin.read(keys))


def test_users_by_their_id_in_entra(admin: Client) -> None:
    user = Setup(admin).user()
    assert admin.read(f"systemusers(azureactivedirectoryobjectid={user.object_id})")["systemuserid"] == user.id


def test_single_properties(admin: Client) -> None:
    account = admin.make("accounts", name="one", revenue=5)
    assert admin.get(f"accounts({account})/name/$value").text == "one"
    assert admin.put(f"accounts({account})/name", json={"value": "two"}).status_code == 204
    assert admin.read(f"accounts({account})/name") == "two"
    assert admin.delete(f"accounts({account})/revenue").status_code == 204
    assert admin.get(f"accounts({account})/revenue").status_code == 204


# -- annotations


def test_formatted_values(admin: Client) -> None:
    (currency,) = admin.read("transactioncurrencies?$top=1")
    account = admin.make(
        "accounts",
        name="a",
        revenue=1234.5,
        numberofemployees=12345,
        transactioncurrencyid__bind=bind("transactioncurrencies", currency["transactioncurrencyid"]),
    )
    plain = admin.read(f"accounts({account})")
    assert not [name for name in plain if "@" in name and not name.startswith("@odata")]
    prefer = {"Prefer": 'odata.include-annotations="*"'}
    row = admin.get(f"accounts({account})", headers=prefer).json()
    assert row[f"statecode@{FORMATTED}"] == "Active"
    assert row[f"revenue@{FORMATTED}"] == "$1,234.50"
    assert row[f"numberofemployees@{FORMATTED}"] == "12,345"
    assert row[f"donotemail@{FORMATTED}"] == "No"
    assert row[f"_transactioncurrencyid_value@{FORMATTED}"] == "US Dollar"
    assert row["_ownerid_value@Microsoft.Dynamics.CRM.lookuplogicalname"] == "systemuser"
    assert row["_ownerid_value@Microsoft.Dynamics.CRM.associatednavigationproperty"] == "ownerid"
    assert row[f"createdon@{FORMATTED}"].endswith(("AM", "PM"))
    only = admin.get(f"accounts({account})", headers={"Prefer": f'odata.include-annotations="{FORMATTED}"'}).json()
    assert f"statecode@{FORMATTED}" in only
    assert "_ownerid_value@Microsoft.Dynamics.CRM.lookuplogicalname" not in only
    both = f'return=representation,odata.include-annotations="{FORMATTED},Microsoft.Dynamics.CRM.*"'
    made = admin.post("accounts", json={"name": "b"}, headers={"Prefer": both}).json()
    assert {f"statecode@{FORMATTED}", "_ownerid_value@Microsoft.Dynamics.CRM.lookuplogicalname"} <= set(made)
    error = admin.get(f"accounts({uuid.uuid4()})", headers=prefer).json()["error"]
    assert "@Microsoft.PowerApps.CDS.HelpLink" in error


def test_an_owner_is_a_user_or_a_team(admin: Client) -> None:
    setup = Setup(admin)
    team = setup.team(None, setup.role(prvReadAccount="Global"))
    account = setup.owned("accounts", team, name="a")
    row = admin.read(f"accounts({account})?$expand=ownerid,owningteam($select=name)")
    assert (row["ownerid"]["teamid"], row["owningteam"]["teamid"]) == (team, team)
    found = admin.read(f"accounts?$filter=_ownerid_value eq {team}&$select=accountid")
    assert [one["accountid"] for one in found] == [account]


def test_pages_follow_the_link(admin: Client) -> None:
    word = unique("p")
    for number in range(5):
        admin.make("accounts", name=f"{word} {number}")
    path = f"accounts?$select=name&$filter=startswith(name,'{word}')&$orderby=name desc&$count=true"
    names, link = [], path
    while link:
        page = admin.get(link, headers={"Prefer": "odata.maxpagesize=2"}).json()
        assert page["@odata.count"] == 5
        names += [row["name"] for row in page["value"]]
        link = page.get("@odata.nextLink", "")
    assert names == [f"{word} {number}" for number in reversed(range(5))]
    assert admin.get(f"accounts/$count?$filter=startswith(name,'{word}')").text == "5"


# -- many rows


def test_multiple_rows_are_written_together_or_not_at_all(admin: Client) -> None:
    word = unique("m")
    typed = {"@odata.type": "Microsoft.Dynamics.CRM.account"}
    path = "accounts/Microsoft.Dynamics.CRM.CreateMultiple"
    good = [{**typed, "name": f"{word} {number}"} for number in range(3)]
    assert refusal(admin.post(path, json={"Targets": [*good, {"colour": "red"}]})) == (400, "0x80048d19")
    assert admin.read(f"accounts?$filter=startswith(name,'{word}')") == []
    ids = admin.post(path, json={"Targets": good}).json()["Ids"]
    update = {"Targets": [{**typed, "accountid": row_id, "fax": "1"} for row_id in ids]}
    assert admin.post("accounts/Microsoft.Dynamics.CRM.UpdateMultiple", json=update).status_code == 204
    assert len(admin.read(f"accounts?$filter=startswith(name,'{word}') and fax eq '1'")) == 3
    upsert = {"Targets": [{"accountid": ids[0], "name": "n"}, {"accountid": str(uuid.uuid4()), "name": word}]}
    results = admin.post("accounts/Microsoft.Dynamics.CRM.UpsertMultiple", json=upsert).json()["Results"]
    assert [result["RecordCreated"] for result in results] == [False, True]


# -- metadata


def test_relationships_and_keys_of_a_table(admin: Client) -> None:
    base = "EntityDefinitions(LogicalName='task')"
    rows = admin.read(f"{base}/ManyToOneRelationships?$select=SchemaName,ReferencedEntity,ReferencingAttribute")
    by_name = {row["SchemaName"]: row for row in rows}
    assert by_name["Account_Tasks"]["ReferencedEntity"] == "account"
    assert by_name["Account_Tasks"]["ReferencingAttribute"] == "regardingobjectid"
    (one,) = admin.read(f"{base}/ManyToOneRelationships?$filter=SchemaName eq 'Account_Tasks'")
    assert one["CascadeConfiguration"]["Assign"] == "Cascade"
    assert one["ReferencingEntityNavigationPropertyName"] == "regardingobjectid_account_task"
    expand = "$expand=Attributes($select=LogicalName),ManyToOneRelationships($select=SchemaName),Keys"
    whole = admin.read(f"{base}?$select=LogicalName,Privileges&{expand}")
    assert {"LogicalName", "Privileges", "Attributes", "ManyToOneRelationships", "Keys"} <= set(whole)
    found = admin.read("RelationshipDefinitions?$filter=SchemaName eq 'account_primary_contact'")
    assert [row["ReferencedEntity"] for row in found] == ["contact"]
    across = admin.read("EntityDefinitions(LogicalName='team')/ManyToManyRelationships?$select=SchemaName")
    assert {row["SchemaName"] for row in across} == {"teamroles_association", "teammembership_association"}


def test_choices_by_a_cast(admin: Client) -> None:
    cast = "Attributes/Microsoft.Dynamics.CRM.PicklistAttributeMetadata?$select=LogicalName&$expand=OptionSet"
    rows = admin.read(f"EntityDefinitions(LogicalName='account')/{cast}($select=Options)")
    assert [row["LogicalName"] for row in rows] == ["industrycode"]
    options = {one["Value"]: one["Label"]["UserLocalizedLabel"]["Label"] for one in rows[0]["OptionSet"]["Options"]}
    assert options[7] == "Consulting"
    one = "Attributes(LogicalName='statecode')/Microsoft.Dynamics.CRM.StateAttributeMetadata"
    assert admin.read(f"EntityDefinitions(LogicalName='account')/{one}")["LogicalName"] == "statecode"
    wrong = "Attributes(LogicalName='name')/Microsoft.Dynamics.CRM.StateAttributeMetadata"
    assert admin.get(f"EntityDefinitions(LogicalName='account')/{wrong}").status_code == 404


def test_the_model_as_csdl(admin: Client) -> None:
    answer = admin.get("$metadata")
    assert answer.headers["content-type"] == "application/xml"
    names = {"edm": "http://docs.oasis-open.org/odata/ns/edm"}
    document = etree.fromstring(answer.content)
    (account,) = document.iterfind(".//edm:EntityType[@Name='account']", names)
    assert account.find("edm:Property[@Name='_ownerid_value']", names) is not None
    assert account.find("edm:NavigationProperty[@Name='contact_customer_accounts']", names) is not None
    assert document.find(".//edm:EntitySet[@Name='accounts']", names) is not None
    for kind in document.iterfind(".//edm:EntityType", names):
        members = [one.get("Name") for one in kind.iterfind("*[@Name]")]
        assert len(members) == len(set(members)), kind.get("Name")


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Microsoft.Dynamics.CRM.In(PropertyName='fax',PropertyValues=['1','3'])", 2),
        ("Microsoft.Dynamics.CRM.NotIn(PropertyName='numberofemployees',PropertyValues=[\"1\"])", 2),
        ("not Microsoft.Dynamics.CRM.In(PropertyName='fax',PropertyValues=['1']) and fax ne '2'", 1),
    ],
)
def test_lists_in_filters(admin: Client, text: str, count: int) -> None:
    word = unique("l")
    for number in range(1, 4):
        admin.make("accounts", name=word, fax=str(number), numberofemployees=number)
    assert len(admin.read(f"accounts?$filter=name eq '{word}' and {text}")) == count
