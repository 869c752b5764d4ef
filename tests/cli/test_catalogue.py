"""`solsmith catalogue show`."""

import json

import jsonschema
import pytest

from builder.resources import resource
from tests.support import run_cli


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("account", ["ownership: user", "prvAppendToAccount", "depths certain", "cover: customeraddress", "Sources:"]),
        ("User", ["systemuser", "ownership: business-unit", "prvReadUser"]),
        ("email", ["prvReadActivity", "activitypointer"]),
        ("aaduser", ["letter case guessed", "(inferred)"]),
        ("usersettings", ["in some environments also"]),
        ("View Audit Summary", ["prvReadAuditSummary", "Organization"]),
        ("PRVREADACCOUNT", ["covers: account, customeraddress"]),
    ],
)
def test_one(name: str, says: list[str]) -> None:
    shown = run_cli("catalogue", "show", name)
    assert shown.returncode == 0
    for words in says:
        assert words in shown.stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["acount"], "Did you mean account?"),
        (["queueitem"], "no privileges of its own"),
        (["\x1b[31m"], "\\x1b"),
        (["account", "--search", "x"], "not both"),
        (["--search", "no such words"], "nothing in the catalogue"),
    ],
)
def test_what_is_not_there(arguments: list[str], says: str) -> None:
    shown = run_cli("catalogue", "show", *arguments)
    assert (shown.returncode, shown.stdout) == (2, "")
    assert says in shown.stderr


def test_search_and_list() -> None:
    found = run_cli("catalogue", "show", "--search", "audit").stdout
    assert "prvReadAuditSummary" in found
    assert len(run_cli("catalogue", "show").stdout.splitlines()) > 1000


@pytest.mark.parametrize("arguments", [["account"], ["View Audit Summary"], ["--search", "case"], []])
def test_json(arguments: list[str]) -> None:
    content = json.loads(run_cli("catalogue", "show", *arguments, "--format", "json").stdout)
    jsonschema.validate(content, json.loads(resource("schemas", "catalogue.schema.json").read_text("utf-8")))
