"""Scenarios: an environment described by a file, and what a file says wrong."""

from pathlib import Path

import pytest

from tests.sandbox.client import Client, Role, import_package, make_zip
from tests.sandbox_process import Identity, running_sandbox
from tests.support import REPOSITORY, run_cli

EXAMPLE = REPOSITORY / "examples" / "sandbox" / "two-regions.yaml"
ROBOT = "7d1c2f0e-52a5-4f0d-9a34-0c0b8f1d2e3f"


def test_the_example_is_enforced(tmp_path: Path) -> None:
    state = tmp_path / "state.sqlite"
    with running_sandbox(scenario=str(EXAMPLE), state=str(state), home=str(tmp_path / "home")) as sandbox:
        with Client(sandbox, sandbox.admin) as admin:
            assert {unit["name"] for unit in admin.read("businessunits")} == {"sandbox", "Europe", "Iberia", "America"}
            assert len(admin.read("accounts")) == 22
            (former,) = admin.read("systemusers?$filter=fullname eq 'Former Colleague'")
            assert former["isdisabled"] is True
            needs = (
                '<MissingDependency><Required type="{}" schemaName="X" solution="{} (9.0)" /><Dependent type="60" />'
            )
            for solution, status in (("msdynce_Sales", 30), ("other", 31)):
                missing = f"{needs.format(66, solution)}</MissingDependency>"
                assert import_package(admin, make_zip(name="Needs", missing=missing))["statuscode"] == status
        robot = Identity(ROBOT, sandbox.ca_file.parent / f"{ROBOT}.pem")
        with Client(sandbox, robot) as client:
            (permit,) = client.read("contoso_permits?$expand=contoso_Account($select=name)")
            assert (permit["contoso_name"], permit["contoso_fee"]) == ("Quay repairs", 120.5)
            assert permit["contoso_Account"]["name"] == "Harbour Works"
            assert [row["name"] for row in client.read("accounts")] == ["Harbour Works"]
            assert client.delete(f"contoso_permits({permit['contoso_permitid']})").status_code == 403
    again = run_cli("sandbox", "start", "--scenario", EXAMPLE, "--state", state)
    assert (again.returncode, "holds an environment already" in again.stderr) == (2, True)


def test_packages_beside_the_file(tmp_path: Path) -> None:
    made = Role("Brought", {"prvReadAccount": "Global"})
    (tmp_path / "trial.zip").write_bytes(make_zip(made, name="Trial"))
    scenario = tmp_path / "scenario.yaml"
    scenario.write_text("solutions: [{package: trial.zip}]\nusers: [{name: Ana, roles: [Brought]}]\n", encoding="utf-8")
    with running_sandbox(scenario=str(scenario)) as sandbox, Client(sandbox, sandbox.admin) as admin:
        held = admin.read("systemusers?$filter=fullname eq 'Ana'&$expand=systemuserroles_association")
        assert [role["name"] for role in held[0]["systemuserroles_association"]] == ["Brought"]


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("units:\n- name: A\n  parent: B\n", 2, "there is no unit B above this line"),
        ("users:\n- name: A\n- name: B\n  roles: [Nothing]\n", 3, "there is no role Nothing in this unit"),
        ("records:\n  account:\n  - name: A\n    colour: red\n", 3, "colour"),
        ("records:\n  nothing: [{name: A}]\n", 2, "there is no table nothing"),
        ("roles:\n- name: A\n  privileges: {prvReadUser: Basic}\n", 2, "can't have depth = Basic"),
        ("roles:\n- name: A\n  privileges: {prvReadNothing: Basic}\n", 2, "there is no privilege prvReadNothing"),
        ("solutions:\n- package: nowhere.zip\n", 2, "No such file"),
        ("solutions:\n- {package: a.zip, name: b, version: 1}\n", 2, "expected a mapping with `package`"),
        ("unit: []\n", 1, "unknown key `unit`"),
        ("tables: {a_b: {columns: {c: colour}}}\n", 1, "expected text, long text"),
        ("users: [", 1, "not YAML"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, text: str, line: int, said: str) -> None:
    scenario, state = tmp_path / "scenario.yaml", tmp_path / "state.sqlite"
    scenario.write_text(text, encoding="utf-8")
    result = run_cli("sandbox", "start", "--scenario", scenario, "--state", state)
    assert result.returncode == 2
    assert said in result.stderr, result.stderr
    assert f"{scenario}:{line}" in result.stderr, result.stderr
    assert not state.exists()
