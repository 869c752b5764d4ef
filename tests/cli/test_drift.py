"""Environments against packages: `solsmith drift`, `diff PACKAGE env:ROLE`, `catalogue refresh`."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from builder.dataverse import users
from builder.model import Depth
from tests.cli.connected import administrator, bring, bring_user, conforming, package, solsmith
from tests.cli.test_plan import by_hand, told
from tests.sandbox_process import RunningSandbox, running_sandbox

ROLE = "Net-Results Sync for Dynamics 365"


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunningSandbox, Path]]:
    zip_file = package(tmp_path_factory.mktemp("packages"))
    with running_sandbox(import_seconds=0.1) as sandbox:
        bring(sandbox, zip_file)
        bring_user(sandbox, zip_file)
        yield sandbox, zip_file


def test_drift_over_several_environments_is_one_report(ready: tuple[RunningSandbox, Path], tmp_path: Path) -> None:
    sandbox, zip_file = ready
    same = conforming("drift", solsmith(sandbox, "drift", zip_file, "--format", "json"))
    assert [one["state"] for one in same["environments"]] == ["same"]
    with running_sandbox(import_seconds=0.1) as other:
        bring(other, zip_file)
        bring_user(other, zip_file)
        by_hand(other, {"prvReadAccount": Depth.LOCAL}, ("prvWriteLead",))
        with administrator(other) as connection:
            me, user = connection.get("WhoAmI"), users.of_application(connection, other.app.client_id)
            assert user
            everything = next(one for one in users.roles_of(connection, me["UserId"]) if one.is_system_administrator)
            users.give_role(connection, user.id, everything.id)
        newer = package(tmp_path, version="1.0.2.0")
        page = tmp_path / "drift.html"
        arguments = ("--html", page, "--format", "json", "--app-client-id", other.app.client_id)
        found = conforming("drift", solsmith(other, "drift", newer, *arguments, expect=1))
    (environment,) = found["environments"]
    texts = " | ".join(finding["text"] for finding in environment["findings"])
    assert "version 1.0.1.365 is behind of 1.0.2.0" in texts and "EVERYTHING" in texts
    changes = next(finding["changes"] for finding in environment["findings"] if finding["changes"])
    assert told(changes) == {
        ("narrowed", "prvReadAccount", "Global", "Local"),
        ("removed", "prvWriteLead", "Global", None),
    }
    html = page.read_text(encoding="utf-8")
    assert "EVERYTHING" in html and "<script" not in html

    listed = tmp_path / "customers.txt"
    listed.write_text(f"# ours\n{sandbox.dataverse_url}\nhttps://127.0.0.1:1 {sandbox.tenant_id}\n")
    both = conforming(
        "drift", solsmith(sandbox, "drift", zip_file, "--environments", listed, "--format", "json", expect=3)
    )
    assert [one["state"] for one in both["environments"]] == ["same", "unknown"]


def test_an_environment_is_a_side_of_diff(ready: tuple[RunningSandbox, Path], tmp_path: Path) -> None:
    sandbox, zip_file = ready
    same = conforming("diff", solsmith(sandbox, "diff", zip_file, f"env:{ROLE}", "--exit-code", "--format", "json"))
    assert not same["different"]
    from builder.model import Grant

    wider = package(tmp_path, version="1.0.2.0", more=(Grant("prvDeleteLead", Depth.LOCAL),))
    out = solsmith(sandbox, "diff", "env:", wider, "--fail-on", "widened", expect=1).stdout
    assert "Lead: Delete" in out and "1.0.2.0" in out
    assert "no such role" in solsmith(sandbox, "diff", "env:Nobody", wider, expect=2).stderr
    assert "drift" in solsmith(sandbox, "diff", "env:", "env:", expect=2).stderr


def test_what_can_be_granted_is_read_from_an_environment(ready: tuple[RunningSandbox, Path], tmp_path: Path) -> None:
    sandbox, _ = ready
    file = tmp_path / "catalogue.json"
    out = solsmith(sandbox, "catalogue", "refresh", "-o", file).stdout
    assert "privileges" in out
    document = json.loads(file.read_text(encoding="utf-8"))
    document["privileges"].append(
        {"name": "prvReadnew_Thing", "id": "11111111-1111-4111-8111-111111111111", "access_right": 1,
         "depths": ["Basic", "Global"], "tables": ["new_thing"]}
    )  # fmt: skip
    document["tables"].append(
        {"name": "new_thing", "display_name": "Thing", "schema_name": "new_Thing", "ownership": "user"}
    )
    file.write_text(json.dumps(document), encoding="utf-8")
    shown = solsmith(sandbox, "catalogue", "show", "new_thing", "--from", file).stdout
    assert "prvReadnew_Thing" in shown and "User, Organization" in shown
