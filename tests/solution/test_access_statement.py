"""The access statement: what it says, that it is bound to its package, and what stands in for it."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from builder.build import build_solution
from builder.errors import InputFaults, UnreadableInput, UsageError
from builder.package.reader import read_package
from builder.resources import resource
from builder.solution.access_statement import (
    NOT_STATED,
    SCHEMA,
    find_statement,
    read_access_statement,
    statement_by_spec,
    statement_of,
    statement_path,
)
from tests.solution.specs import READS, read, role, write_spec

APPLICATION = {"app_id": "F41ADF61-824b-41ba-8c81-0f17fe22b244", "name": "Sync", "publisher": "Contoso"}
GRANTS = (
    {**READS, "reason": "Zürich — it matches rows."},
    {"tables": "contoso_permit", "allow": "append to", "depth": "User", "required": False},
    {"privileges": "View Audit Summary"},
)
OWN = {"contoso_permit": {"schema_name": "contoso_Permit", "ownership": "user"}}
ROLE = "c8a7e9e8-0000-4000-8000-000000000001"


def built(folder: Path) -> Path:
    spec = write_spec(folder, role(*GRANTS, id=ROLE), application=APPLICATION, tables=OWN)
    return build_solution(read(spec).solution, folder).path


def test_says_what_the_zip_cannot(tmp_path: Path) -> None:
    package = built(tmp_path)
    content = json.loads(statement_path(package).read_text("utf-8"))
    jsonschema.validate(content, json.loads(resource("schemas", SCHEMA).read_text("utf-8")))
    assert content["digest"] == read_package(package).digest
    assert content["application"] == {**APPLICATION, "app_id": "f41adf61-824b-41ba-8c81-0f17fe22b244"}
    (stated,) = content["roles"]
    assert [tuple(grant.values()) for grant in stated["grants"]] == [
        ("prvAppendTocontoso_Permit", "Basic", "contoso_permit", "AppendTo", False, None),
        ("prvReadAccount", "Global", "account", "Read", True, "Zürich — it matches rows."),
        ("prvReadAuditSummary", "Global", None, None, True, None),
    ]


def test_reads_back_as_it_was_written(tmp_path: Path) -> None:
    path = built(tmp_path)
    package = read_package(path)
    statement = find_statement(package)
    assert statement is not None
    assert statement == read_access_statement(statement_path(path), package.digest)
    assert statement.to_bytes() == statement_path(path).read_bytes()
    assert statement.reason(ROLE, "PRVREADACCOUNT") == "Zürich — it matches rows."
    assert statement.reason(ROLE, "prvReadAuditSummary") == NOT_STATED
    assert statement.reason(ROLE, "prvNothing") == NOT_STATED
    optional = statement.grant(ROLE, "prvAppendTocontoso_Permit")
    assert optional is not None
    assert not optional.required


def test_without_one_nothing_is_stated(tmp_path: Path) -> None:
    path = built(tmp_path)
    statement_path(path).unlink()
    assert find_statement(read_package(path)) is None


def test_another_packages_statement_is_refused(tmp_path: Path) -> None:
    path = built(tmp_path)
    package = read_package(path)
    text = statement_path(path).read_text("utf-8").replace(package.digest, "sha256:" + "0" * 64)
    statement_path(path).write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match="is about another package"):
        find_statement(package)


def test_a_spec_serves_in_its_place_where_it_builds_the_package(tmp_path: Path) -> None:
    path = built(tmp_path)
    package = read_package(path)
    spec = tmp_path / "solution.yaml"
    assert statement_by_spec(spec, package) == find_statement(package)
    assert find_statement(package, spec=spec) == find_statement(package)
    spec.write_text(spec.read_text("utf-8").replace("depth: User", "depth: Business Unit"), encoding="utf-8")
    with pytest.raises(UsageError, match="does not build"):
        statement_by_spec(spec, package)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"version": 2}, "newer solsmith"),
        ({"digest": "md5:0"}, "content digest"),
        ({"roles": [{"id": "x", "name": "y", "grants": []}]}, "roles.0.id: expected a GUID"),
        ({"application": {"app_id": "x"}}, "an application with"),
        ({"more": 1}, "unknown key `more`"),
    ],
)
def test_a_malformed_one_is_told(tmp_path: Path, change: dict[str, Any], says: str) -> None:
    path = tmp_path / "a.access.json"
    content = json.loads(statement_of(read(write_spec(tmp_path)).solution, "sha256:" + "0" * 64).to_bytes())
    path.write_text(json.dumps({**content, **change}), encoding="utf-8")
    with pytest.raises(InputFaults) as caught:
        read_access_statement(path, "sha256:" + "0" * 64)
    assert any(says in fault.message for fault in caught.value.faults), caught.value.faults


@pytest.mark.parametrize("raw", [b"", b"{", b"[" * 100_000, b"\xff", b"[1]", b"null", b"1" * 5000])
def test_garbage_is_told(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "a.access.json"
    path.write_bytes(raw)
    with pytest.raises((InputFaults, UnreadableInput)):
        read_access_statement(path, "sha256:" + "0" * 64)
