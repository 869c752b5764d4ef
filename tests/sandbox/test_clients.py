"""Clients that we did not write work unchanged: Microsoft's Python SDK for Dataverse, azure-identity, MSAL."""

from collections.abc import Iterator

import pytest
from azure.identity import CertificateCredential
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from PowerPlatform.Dataverse.client import DataverseClient
from PowerPlatform.Dataverse.core.errors import HttpError
from PowerPlatform.Dataverse.models.filters import col
from PowerPlatform.Dataverse.models.query_builder import QueryBuilder
from PowerPlatform.Dataverse.models.record import QueryResult, Record

from tests.sandbox.client import Client, acquire, bind, unique
from tests.sandbox_process import Identity, RunningSandbox, running_sandbox


def credential(sandbox: RunningSandbox, identity: Identity) -> CertificateCredential:
    return CertificateCredential(
        sandbox.tenant_id,
        identity.client_id,
        certificate_path=str(identity.certificate_path),
        authority=sandbox.authority_host,
        disable_instance_discovery=True,
    )


@pytest.fixture
def sdk(sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[DataverseClient]:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(sandbox.ca_file))
    with credential(sandbox, sandbox.admin) as signed_in, DataverseClient(sandbox.dataverse_url, signed_in) as client:
        yield client


def test_azure_identity_signs_in(sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(sandbox.ca_file))
    with credential(sandbox, sandbox.admin) as signed_in:
        token = signed_in.get_token(f"{sandbox.dataverse_url}/.default")
    with Client(sandbox, sandbox.admin, token.token) as client:
        assert client.get("WhoAmI").status_code == 200


@pytest.mark.parametrize("kind", ["certificate", "thumbprint"])
def test_msal_signs_in(sandbox: RunningSandbox, kind: str) -> None:
    pem = sandbox.admin.certificate_path.read_text(encoding="ascii")
    thumbprint = x509.load_pem_x509_certificate(pem.encode()).fingerprint(hashes.SHA1()).hex()
    more = {"thumbprint": thumbprint} if kind == "thumbprint" else {"public_certificate": pem}
    assert acquire(sandbox, sandbox.admin, credential={"private_key": pem, **more})["access_token"]


def read(sdk: DataverseClient, table: str, row_id: str) -> Record:
    found = sdk.records.retrieve(table, row_id)
    assert found is not None
    return found


def rows_of(query: QueryBuilder) -> list[Record]:
    result = query.execute()
    assert isinstance(result, QueryResult)
    return list(result)


def test_the_sdk_creates_reads_changes_and_deletes(sdk: DataverseClient) -> None:
    account = sdk.records.create("account", {"name": "Fabrikam", "telephone1": "555-0100"})
    assert read(sdk, "account", account)["name"] == "Fabrikam"
    sdk.records.update("account", account, {"telephone1": "555-0199"})
    assert read(sdk, "account", account)["telephone1"] == "555-0199"
    contact = sdk.records.create(
        "contact", {"lastname": "N", "parentcustomerid_account@odata.bind": bind("accounts", account)}
    )
    assert read(sdk, "contact", contact)["_parentcustomerid_value"] == account
    sdk.records.delete("contact", contact)
    assert sdk.records.retrieve("contact", contact) is None
    sdk.records.delete("account", account)


def test_the_sdk_writes_many(sdk: DataverseClient) -> None:
    word = unique("many")
    ids = sdk.records.create("account", [{"name": f"{word} {number}"} for number in range(5)])
    assert len(ids) == 5
    sdk.records.update("account", ids, {"description": word})
    sdk.records.update("account", ids[:2], [{"fax": "1"}, {"fax": "2"}])
    found = {row["accountid"]: row["fax"] for row in sdk.records.list("account", filter=f"description eq '{word}'")}
    assert found == {ids[0]: "1", ids[1]: "2", ids[2]: None, ids[3]: None, ids[4]: None}
    assert sdk.records.delete("account", ids[:3])
    sdk.records.delete("account", ids[3:], use_bulk_delete=False)
    assert not list(sdk.records.list("account", filter=f"description eq '{word}'"))


def test_the_sdk_queries(sdk: DataverseClient) -> None:
    word = unique("query")
    sdk.records.create("account", [{"name": f"{word} {n}", "numberofemployees": n} for n in range(7)])
    mine = col("name").startswith(word)
    rows = rows_of(sdk.query.builder("account").select("name").where(mine & (col("numberofemployees") >= 3)))
    assert [row["name"] for row in rows] == [f"{word} {n}" for n in range(3, 7)]
    listed = col("numberofemployees").in_([1, 5])
    assert len(rows_of(sdk.query.builder("account").select("name").where(mine & listed))) == 2
    other = mine & col("numberofemployees").not_in([1, 5])
    assert len(rows_of(sdk.query.builder("account").select("name").where(other))) == 5
    query = sdk.query.builder("account").select("name").where(mine).order_by("numberofemployees", descending=True)
    pages = list(query.page_size(3).execute_pages())
    assert [len(page) for page in pages] == [3, 3, 1]
    assert next(iter(pages[0]))["name"] == f"{word} 6"
    shown = rows_of(sdk.query.builder("account").select("name", "statecode").where(mine).include_formatted_values())
    assert {row["statecode@OData.Community.Display.V1.FormattedValue"] for row in shown} == {"Active"}
    top = rows_of(sdk.query.builder("account").select("name").where(mine).expand("owninguser").top(1))
    assert [row["owninguser"]["fullname"] for row in top] == ["# Sandbox Administrator"]


def test_the_sdk_reads_metadata(sdk: DataverseClient) -> None:
    table = sdk.tables.get("account")
    assert table is not None
    assert (table["table_logical_name"], table["entity_set_name"]) == ("account", "accounts")
    assert sdk.tables.get("nothing") is None
    assert "contact" in {row["LogicalName"] for row in sdk.tables.list(select=["LogicalName"])}
    columns = {column["LogicalName"] for column in sdk.tables.list_columns("account")}
    assert {"accountid", "name", "ownerid"} <= columns
    names = {row["SchemaName"] for row in sdk.tables.list_table_relationships("account")}
    assert {"contact_customer_accounts", "account_parent_account", "accountleads_association"} <= names
    found = sdk.tables.get_relationship("contact_customer_accounts")
    assert found is not None


def test_the_sdk_upserts_by_an_alternate_key(sdk: DataverseClient) -> None:
    name = unique("new_")
    sdk.tables.create_alternate_key("lead", name, ["emailaddress1"])
    key = next(key for key in sdk.tables.get_alternate_keys("lead") if key.schema_name == name)
    address = f"{unique('l')}@example.com"
    item = {"alternate_key": {"emailaddress1": address}, "record": {"lastname": "first"}}
    sdk.records.upsert("lead", [item])
    sdk.records.upsert("lead", [{**item, "record": {"lastname": "second"}}])
    (row,) = sdk.records.list("lead", filter=f"emailaddress1 eq '{address}'")
    assert row["lastname"] == "second"
    sdk.tables.delete_alternate_key("lead", key.metadata_id)


def test_the_sdk_sends_batches(sdk: DataverseClient) -> None:
    word = unique("batch")
    batch = sdk.batch.new()
    batch.records.create("account", {"name": f"{word} 1"})
    batch.records.create("account", {"name": f"{word} 2"})
    batch.tables.get("account")
    result = batch.execute()
    assert not result.has_errors
    assert len(result.entity_ids) == 2
    batch = sdk.batch.new()
    with batch.changeset() as changes:
        reference = changes.records.create("contact", {"lastname": word})
        changes.records.create("account", {"name": f"{word} 3", "primarycontactid@odata.bind": reference})
    assert not batch.execute().has_errors
    (row,) = sdk.records.list("account", filter=f"name eq '{word} 3'")
    (contact,) = sdk.records.list("contact", filter=f"lastname eq '{word}'")
    assert row["_primarycontactid_value"] == contact["contactid"]
    batch = sdk.batch.new()
    with batch.changeset() as changes:
        changes.records.create("account", {"name": f"{word} 4"})
        changes.records.create("account", {"nothing": 1})
    assert batch.execute().has_errors
    assert not list(sdk.records.list("account", filter=f"name eq '{word} 4'")), "a change set is all or nothing"


def test_the_sdk_is_refused_in_its_own_words(monkeypatch: pytest.MonkeyPatch) -> None:
    with running_sandbox() as sandbox:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(sandbox.ca_file))
        with (
            credential(sandbox, sandbox.app) as signed_in,
            DataverseClient(sandbox.dataverse_url, signed_in) as client,
            pytest.raises(HttpError, match="not a member of the organization") as refused,
        ):
            client.records.create("account", {"name": "x"})
    assert refused.value.status_code == 403
