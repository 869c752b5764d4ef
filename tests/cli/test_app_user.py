"""`solsmith app-user` as people run it, against a sandbox."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from builder.dataverse import users
from builder.model import Depth, Grant
from tests.cli.connected import administrator, bring, bring_user, conforming, document, package, solsmith
from tests.sandbox_process import RunningSandbox, running_sandbox

ROLE = "Net-Results Sync for Dynamics 365"


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunningSandbox, Path]]:
    """A sandbox with the reference package and its application user; tests leave it as it is."""
    zip_file = package(tmp_path_factory.mktemp("packages"))
    with running_sandbox(import_seconds=0.1) as sandbox:
        bring(sandbox, zip_file)
        bring_user(sandbox, zip_file)
        yield sandbox, zip_file


@pytest.fixture
def installed(tmp_path: Path) -> Iterator[tuple[RunningSandbox, Path]]:
    """A sandbox of its own, with the package and without an application user."""
    zip_file = package(tmp_path)
    with running_sandbox(import_seconds=0.1) as sandbox:
        bring(sandbox, zip_file)
        yield sandbox, zip_file


def test_a_user_is_made_once(installed: tuple[RunningSandbox, Path]) -> None:
    sandbox, zip_file = installed
    assert document(solsmith(sandbox, "app-user", "show", "--format", "json", expect=1))["user"] is None
    refused = solsmith(sandbox, "app-user", "create", "--package", zip_file, expect=2)
    assert "--yes" in refused.stderr and sandbox.tenant_id in refused.stderr

    create = ("app-user", "create", "--package", zip_file, "--format", "json")
    first = document(solsmith(sandbox, *create, "--yes"))
    assert first["created"] is True and first["roles_given"] == [ROLE]
    again = document(solsmith(sandbox, *create))
    assert (again["created"], again["roles_given"], again["user"]) == (False, [], first["user"])
    assert "nothing to do" in solsmith(sandbox, "app-user", "create", "--role", ROLE).stdout
    shown = solsmith(sandbox, "app-user", "show").stdout
    assert f"# {ROLE}" in shown and "active" in shown


def test_verify_tries_every_grant_and_leaves_nothing(ready: tuple[RunningSandbox, Path]) -> None:
    sandbox, zip_file = ready
    done = solsmith(sandbox, "app-user", "verify", "--package", zip_file, "--write-probe", "--format", "json")
    told = conforming("verify", done)
    assert told["reach"] == [{"privileges": told["reach"][0]["privileges"], "business_units": ["sandbox"]}]
    assert told["verified"] and not told["missing"] and not told["extra"] and not told["left"]
    tried = [check for check in told["checks"] if check["name"].startswith("prv")]
    granted = {check["name"]: check["outcome"] for check in tried if check["expected"] == "granted"}
    assert len(granted) == 24
    assert set(granted.values()) == {"works"}
    refused = {check["name"] for check in told["checks"] if check["outcome"] == "refused"}
    assert {"prvDeleteAccount", "prvDeleteActivity", "prvReadIncident", "prvWriteOpportunity"} <= refused
    with administrator(sandbox) as connection:
        for table in ("accounts", "contacts", "leads", "emails"):
            assert connection.get(table)["value"] == []


def test_verify_without_writing_sends_no_row(ready: tuple[RunningSandbox, Path]) -> None:
    sandbox, zip_file = ready
    done = solsmith(sandbox, "app-user", "verify", "--package", zip_file)
    lines = {line.split("  ")[0]: line for line in done.stdout.splitlines()}
    assert "works" in lines["prvReadAccount"] and "not tried" in lines["prvCreateAccount"]
    assert "refused" in lines["prvDeleteAccount"] and lines["verified"]


def test_verify_without_the_applications_certificate_compares_only(ready: tuple[RunningSandbox, Path]) -> None:
    sandbox, zip_file = ready
    without = {"SOLSMITH_APP_CERTIFICATE_PATH": ""}
    done = solsmith(sandbox, "app-user", "verify", "--package", zip_file, expect=0, **without)
    assert done.stdout.strip().endswith("\nverified") and "did not sign in" in done.stderr
    solsmith(sandbox, "app-user", "verify", "--package", zip_file, "--write-probe", expect=2, **without)


def test_verify_names_what_is_missing(ready: tuple[RunningSandbox, Path], tmp_path: Path) -> None:
    sandbox, _ = ready
    wider = package(tmp_path, more=(Grant("prvDeleteLead", Depth.GLOBAL), Grant("prvReadQuote", Depth.LOCAL)))
    done = solsmith(sandbox, "app-user", "verify", "--package", wider, "--write-probe", "--format", "json", expect=1)
    told = document(done)
    assert [(one["privilege"], one["required"], one["held"]) for one in told["missing"]] == [
        ("prvDeleteLead", "Global", None),
        ("prvReadQuote", "Local", None),
    ]
    failed = {check["name"]: check["detail"] for check in told["checks"] if not check["ok"]}
    assert failed.keys() == {"prvDeleteLead", "prvReadQuote"} and "prvReadQuote" in failed["prvReadQuote"]
    (remedy,) = told["remedies"]
    assert "prvDeleteLead, prvReadQuote: by the role Net-Results" in remedy and "--enforce" in remedy
    text = solsmith(sandbox, "app-user", "verify", "--package", wider, expect=1).stdout
    assert "required: prvReadQuote (Business Unit) is missing" in text and "not verified" in text


def test_a_user_of_an_application_that_is_not_in_the_tenant_is_told(ready: tuple[RunningSandbox, Path]) -> None:
    sandbox, zip_file = ready
    stranger = "99999999-9999-4999-8999-999999999999"
    done = solsmith(
        sandbox, "app-user", "create", "--package", zip_file, "--yes", "--app-client-id", stranger, expect=3
    )
    assert "0x8004f510" in done.stderr and "service principal" in done.stderr
    gone = solsmith(sandbox, "app-user", "verify", "--package", zip_file, "--app-client-id", stranger, expect=1)
    assert "no application user" in gone.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("create",), 2, "--package"),
        (("create", "--role", "No such role"), 3, "has no role No such role"),
        (("create", "--role", ROLE, "--business-unit", "Nowhere"), 2, "Nowhere"),
        (("verify", "--package", "nowhere.zip"), 2, "nowhere.zip"),
        (("show", "--app-client-id", ""), 2, "SOLSMITH_APP_CLIENT_ID"),
    ],
)
def test_what_cannot_be_done_is_told(
    ready: tuple[RunningSandbox, Path], arguments: tuple[str, ...], code: int, told: str
) -> None:
    changed = {"SOLSMITH_APP_CLIENT_ID": ""} if "--app-client-id" in arguments else {}
    assert told in solsmith(ready[0], "app-user", *arguments, expect=code, **changed).stderr


def test_the_two_identities_are_not_mixed_up(ready: tuple[RunningSandbox, Path]) -> None:
    sandbox, zip_file = ready
    same = sandbox.admin.client_id
    done = solsmith(sandbox, "app-user", "verify", "--package", zip_file, "--app-client-id", same.upper(), expect=2)
    assert "the same" in done.stderr


def test_a_user_that_is_there_is_adopted_and_what_is_too_much_is_told_loudly(
    installed: tuple[RunningSandbox, Path],
) -> None:
    sandbox, zip_file = installed
    with administrator(sandbox) as connection:
        me = connection.get("WhoAmI")
        user = users.create(connection, sandbox.app.client_id.upper(), me["BusinessUnitId"])
        everything = next(role for role in users.roles_of(connection, me["UserId"]) if role.is_system_administrator)
        users.give_role(connection, user, everything.id)
    done = solsmith(sandbox, "app-user", "create", "--package", zip_file, "--yes", "--format", "json")
    told = document(done)
    assert told["user"]["id"] == user and told["created"] is False and told["roles_given"] == [ROLE]
    assert "WARNING" in done.stderr and "EVERYTHING" in done.stderr
    verified = solsmith(sandbox, "app-user", "verify", "--package", zip_file)
    assert "more than the package grants" in verified.stdout and "WARNING" in verified.stderr


def test_a_disabled_user_stays_disabled(installed: tuple[RunningSandbox, Path]) -> None:
    sandbox, zip_file = installed
    bring_user(sandbox, zip_file)
    with administrator(sandbox) as connection:
        user = users.of_application(connection, sandbox.app.client_id)
        assert user
        connection.send("PATCH", f"systemusers({user.id})", body={"isdisabled": True})
    assert "is disabled" in solsmith(sandbox, "app-user", "create", "--package", zip_file, "--yes", expect=3).stderr
    assert "disabled" in solsmith(sandbox, "app-user", "show").stdout
    verified = solsmith(sandbox, "app-user", "verify", "--package", zip_file, expect=1)
    assert "problem: " in verified.stdout and "is disabled" in verified.stdout


def test_a_user_of_a_child_unit_gets_that_units_copy_and_moves_with_its_roles(
    installed: tuple[RunningSandbox, Path],
) -> None:
    sandbox, zip_file = installed
    with administrator(sandbox) as connection:
        root = connection.get("WhoAmI")["BusinessUnitId"]
        parent = {"name": "Sales", "parentbusinessunitid@odata.bind": f"/businessunits({root})"}
        connection.send("POST", "businessunits", body=parent)
    create = ("app-user", "create", "--package", zip_file, "--format", "json", "--business-unit")
    told = conforming("app-user", solsmith(sandbox, *create, "Sales", "--yes"))
    assert told["user"]["business_unit_id"] != root
    assert told["roles"][0]["id"] != told["roles"][0]["root_id"]
    assert "stands in business unit Sales" in solsmith(sandbox, *create, root, "--yes", expect=3).stderr
    shown = conforming("app-user", solsmith(sandbox, "app-user", "show", "--format", "json"))
    assert shown["roles"] == told["roles"]
    moved = conforming("app-user", solsmith(sandbox, *create, root, "--move", "--yes"))
    assert (moved["moved_from"], moved["roles_given"]) == ("Sales", [ROLE])
    assert moved["user"]["id"] == told["user"]["id"] and moved["roles"][0]["id"] == moved["roles"][0]["root_id"]


def test_a_disabled_or_deleted_user_comes_back_only_where_that_is_said(
    installed: tuple[RunningSandbox, Path],
) -> None:
    sandbox, zip_file = installed
    bring_user(sandbox, zip_file)
    create = ("app-user", "create", "--package", zip_file, "--yes", "--format", "json")
    with administrator(sandbox) as connection:
        user = users.of_application(connection, sandbox.app.client_id)
        assert user
        connection.send("PATCH", f"systemusers({user.id})", body={"isdisabled": True})
        assert "is disabled" in solsmith(sandbox, *create, expect=3).stderr
        revived = conforming("app-user", solsmith(sandbox, *create, "--revive"))
        assert (revived["revived"], revived["user"]["id"], revived["roles_given"]) == (True, user.id, [])
        connection.send("PATCH", f"systemusers({user.id})", body={"isdisabled": True})
        connection.send("DELETE", f"systemusers({user.id})")
    assert "is soft-deleted" in solsmith(sandbox, *create, expect=3).stderr
    anew = conforming("app-user", solsmith(sandbox, *create, "--revive"))
    assert anew["created"] and anew["user"]["id"] != user.id and anew["roles_given"] == [ROLE]


def test_a_name_that_entra_has_changed_is_told_with_the_step_of_a_person(ready: tuple[RunningSandbox, Path]) -> None:
    sandbox, _ = ready
    assert solsmith(sandbox, "app-user", "show", "--app-name", ROLE).returncode == 0
    stale = solsmith(sandbox, "app-user", "show", "--app-name", "New name", "--format", "json", expect=1)
    assert conforming("app-user", stale)["name_is_stale"]
    assert "still called # " in stale.stderr and "Refresh" in stale.stderr


def test_a_user_without_a_role_fails_at_once(installed: tuple[RunningSandbox, Path]) -> None:
    sandbox, zip_file = installed
    with administrator(sandbox) as connection:
        users.create(connection, sandbox.app.client_id, connection.get("WhoAmI")["BusinessUnitId"])
    told = document(solsmith(sandbox, "app-user", "verify", "--package", zip_file, "--format", "json", expect=1))
    assert len(told["missing"]) == 24 and told["checks"][0]["outcome"] == "refused"
