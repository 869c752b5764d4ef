"""`solsmith plan`, and importing by a plan, against a sandbox whose people change roles by hand."""

import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from builder.dataverse import privileges, roles
from builder.model import Depth, Grant
from tests.cli.connected import administrator, bring, bring_user, conforming, document, package, solsmith
from tests.sandbox_process import RunningSandbox, running_sandbox

NAME = "NetResultsSyncforDynamics365"
ROLE = "ec973e6d-db68-5dcd-adf6-d6876880b797"


@pytest.fixture
def sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox(import_seconds=0.1) as running:
        yield running


def plan(sandbox: RunningSandbox, *arguments: str | Path, expect: int = 0) -> Any:
    return conforming("plan", solsmith(sandbox, "plan", *arguments, "--format", "json", expect=expect))


def by_hand(sandbox: RunningSandbox, granted: dict[str, Depth], removed: tuple[str, ...] = ()) -> None:
    with administrator(sandbox) as connection:
        known = privileges.named(connection, [*granted, *removed])
        if granted:
            roles.set_privileges(connection, ROLE, {known[name.lower()].id: depth for name, depth in granted.items()})
        for name in removed:
            roles.remove_privilege(connection, ROLE, known[name.lower()].id)


def told(changes: list[dict[str, Any]]) -> set[tuple[str, str, str | None, str | None]]:
    return {(one["change"], one["privilege"], one["old"], one["new"]) for one in changes}


def test_what_would_be_done_is_decided_by_version_and_grants(sandbox: RunningSandbox, tmp_path: Path) -> None:
    first = package(tmp_path)
    new = plan(sandbox, first, "--exit-code", expect=1)
    assert (new["action"], new["installed"], new["solution"]) == ("install", None, NAME)
    assert len(new["roles"][0]["changes"]) == 24 and not new["refusals"] and not new["warnings"]
    bring(sandbox, first)
    bring_user(sandbox, first)
    same = plan(sandbox, first, "--exit-code")
    assert same["action"] == "nothing to do" and same["holders"] == {ROLE: 1}
    assert {one["privilege"] for one in same["roles"][0]["added_by_platform"]} >= {"prvReadSharePointData"}

    wider = package(tmp_path, version="1.0.2.0", more=(Grant("prvDeleteLead", Depth.LOCAL),))
    update = plan(sandbox, wider)
    assert update["action"] == "update"
    assert told(update["roles"][0]["changes"]) == {("added", "prvDeleteLead", None, "Local")}
    other = package(tmp_path, more=(Grant("prvDeleteLead", Depth.LOCAL),))
    refused = plan(sandbox, other, expect=3)
    assert refused["action"] == "refused" and "--reinstall" in refused["refusals"][0]
    assert plan(sandbox, other, "--reinstall")["action"] == "reinstall"
    older = plan(sandbox, package(tmp_path, version="1.0.0.9"), expect=3)
    assert "newer than 1.0.0.9" in older["refusals"][0]


def test_what_the_customer_changed_by_hand_is_told_apart(sandbox: RunningSandbox, tmp_path: Path) -> None:
    first = package(tmp_path)
    bring(sandbox, first)
    by_hand(sandbox, {"prvReadAccount": Depth.LOCAL, "prvDeleteLead": Depth.BASIC}, ("prvWriteLead",))
    newer = package(tmp_path, version="1.0.2.0", more=(Grant("prvReadQuote", Depth.GLOBAL),))
    found = plan(sandbox, newer, "--previous", first, "--overwrite-customizations")
    hand = {
        ("narrowed", "prvReadAccount", "Global", "Local"),
        ("added", "prvDeleteLead", None, "Basic"),
        ("removed", "prvWriteLead", "Global", None),
    }
    role = found["roles"][0]
    assert told(role["changed_by_hand"]) == hand == told(role["could_be_undone"])
    assert found["action"] == "upgrade"  # the package takes prvDeleteLead away
    blind = plan(sandbox, newer, "--overwrite-customizations")["roles"][0]
    assert blind["changed_by_hand"] is None and told(blind["could_be_undone"]) == told(blind["changes"])


def test_every_privilege_and_depth_is_checked_against_the_environments_own(
    sandbox: RunningSandbox, tmp_path: Path
) -> None:
    more = (Grant("prvReadNowhere", Depth.GLOBAL), Grant("prvDeleteUserSettings", Depth.BASIC))
    found = solsmith(sandbox, "plan", package(tmp_path, more=more), expect=3).stdout
    assert "has no privilege prvReadNowhere" in found
    assert "prvDeleteUserSettings cannot be granted at " in found and "it can at: " in found


def test_a_plan_that_is_handed_in_holds_or_nothing_is_written(sandbox: RunningSandbox, tmp_path: Path) -> None:
    first, file = package(tmp_path), tmp_path / "plan.json"
    solsmith(sandbox, "plan", first, "--out", file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    other = package(tmp_path, version="1.0.1.366")
    moved = solsmith(sandbox, "import", other, "--plan", file, "--yes", expect=2)
    assert "digest" in moved.stderr and "solution_version: 1.0.1.365 then, 1.0.1.366 now" in moved.stderr
    made = json.loads(file.read_text())
    file.write_text(json.dumps({**made, "tenant": "11111111-1111-4111-8111-111111111111"}))
    assert "tenant" in solsmith(sandbox, "import", first, "--plan", file, "--yes", expect=2).stderr
    file.write_text("{}")
    solsmith(sandbox, "import", first, "--plan", file, "--yes", expect=2)
    file.write_text(json.dumps(made))
    done = solsmith(sandbox, "import", first, "--plan", file, "--yes", "--format", "json")
    assert conforming("import", done)["action"] == "install"
    solsmith(sandbox, "import", first, "--plan", file, "--yes", expect=2)

    digest = made["digest"]
    assert solsmith(sandbox, "import", first, "--expect-digest", digest).stdout.endswith("nothing to do\n")
    assert digest in solsmith(sandbox, "import", other, "--expect-digest", digest, "--yes", expect=2).stderr


def test_leftovers_are_named_and_enforced_only_where_that_is_asked_for(sandbox: RunningSandbox, tmp_path: Path) -> None:
    first = package(tmp_path)
    bring(sandbox, first)
    by_hand(sandbox, {"prvReadAccount": Depth.LOCAL, "prvDeleteLead": Depth.BASIC}, ("prvWriteLead",))
    again = ("import", first, "--reinstall", "--yes")
    left = solsmith(sandbox, *again, "--format", "json", expect=1)
    (difference,) = conforming("import", left)["differences"]
    assert told(difference["changes"]) == {
        ("narrowed", "prvReadAccount", "Global", "Local"),
        ("added", "prvDeleteLead", None, "Basic"),
        ("removed", "prvWriteLead", "Global", None),
    }
    right = conforming("import", solsmith(sandbox, *again, "--enforce", "--format", "json"))
    assert right["differences"] == [] and len(right["enforced"][0]["changes"]) == 3
    assert plan(sandbox, first)["action"] == "nothing to do"


def test_overwriting_undoes_what_was_changed_by_hand_and_lists_it_before(
    sandbox: RunningSandbox, tmp_path: Path
) -> None:
    first = package(tmp_path)
    bring(sandbox, first)
    by_hand(sandbox, {"prvDeleteLead": Depth.BASIC})
    done = solsmith(sandbox, "import", first, "--reinstall", "--overwrite-customizations", "--yes")
    assert "overwriting could undo" in done.stdout and "prvDeleteLead" in done.stdout
    assert plan(sandbox, first)["action"] == "nothing to do"


def test_a_role_of_the_same_name_is_found_before_the_import_fails_on_it(
    sandbox: RunningSandbox, tmp_path: Path
) -> None:
    with administrator(sandbox) as connection:
        root = connection.get("WhoAmI")["BusinessUnitId"]
        twin = {"name": "Net-Results Sync for Dynamics 365", "businessunitid@odata.bind": f"/businessunits({root})"}
        connection.send("POST", "roles", body=twin)
    found = plan(sandbox, package(tmp_path), expect=3)
    assert "another role" in found["refusals"][0] and "0x80048017" in found["refusals"][0]


def test_uninstalling_shows_what_goes_and_asks(sandbox: RunningSandbox, tmp_path: Path) -> None:
    first = package(tmp_path)
    bring(sandbox, first)
    asked = solsmith(sandbox, "uninstall", NAME, expect=2)
    assert "goes with it: role Net-Results Sync" in asked.stderr and "nothing was written" in asked.stderr
    done = conforming("uninstall", solsmith(sandbox, "uninstall", first, "--yes", "--format", "json"))
    assert done["removed"] and done["roles"][0]["id"] == ROLE
    assert not document(solsmith(sandbox, "uninstall", NAME, "--format", "json"))["removed"]
    bring(sandbox, first)
    bring_user(sandbox, first)
    held = solsmith(sandbox, "uninstall", NAME, "--yes", expect=3)
    assert "held by 1 user" in held.stderr and "0x8004f01d" in held.stderr


def test_an_upgrade_takes_away_what_the_new_version_lacks(sandbox: RunningSandbox, tmp_path: Path) -> None:
    wide = package(tmp_path, more=(Grant("prvDeleteLead", Depth.GLOBAL),))
    bring(sandbox, wide)
    narrow = package(tmp_path, version="1.0.2.0")
    assert plan(sandbox, narrow)["action"] == "upgrade"
    done = conforming("import", solsmith(sandbox, "import", narrow, "--yes", "--format", "json"))
    assert (done["action"], done["installed_before"], done["differences"]) == ("upgrade", "1.0.1.365", [])
    assert plan(sandbox, narrow)["action"] == "nothing to do"
    starts = [one["target"].rsplit("/", 1)[-1] for one in sandbox.requests() if one["method"] == "POST"]
    assert starts.count("StageAndUpgradeAsync") == 1
