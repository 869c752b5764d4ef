"""What a spec can say, and what becomes of it; what it must not say, told at once with lines and hints."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from builder.errors import InputFaults, UnreadableInput
from builder.model import Version
from builder.resources import resource
from builder.solution.spec import derive_role_id, read_spec
from tests.solution.specs import READS, faults_of, grants_of, read, role, write_spec

OWN = {"contoso_permit": {"schema_name": "contoso_Permit", "ownership": "user"}}


def test_rights_with_one_depth_or_each_its_own(tmp_path: Path) -> None:
    assert grants_of(
        tmp_path,
        {"tables": ["account"], "allow": "read, append to", "depth": "Parent: Child Business Unit"},
        {"tables": "lead", "allow": {"read": "Organization", "AppendTo": "Basic", "write": "business unit"}},
    ) == {
        "prvReadAccount": "Deep",
        "prvAppendToAccount": "Deep",
        "prvReadLead": "Global",
        "prvAppendToLead": "Basic",
        "prvWriteLead": "Local",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("allow", "read_depth", "write_depth"),
    [("Full access", "Global", "Global"), ("collaborate", "Global", "Basic"), ("PRIVATE", "Basic", "Basic")],
)
def test_permission_sets_expand_and_say_that_they_are_inferred(
    tmp_path: Path, allow: str, read_depth: str, write_depth: str
) -> None:
    spec = read(write_spec(tmp_path, role({"tables": "account", "allow": allow})))
    levels = {grant.privilege: grant.depth.level for grant in spec.solution.roles[0].grants}
    assert len(levels) == 8
    assert (levels["prvReadAccount"], levels["prvWriteAccount"]) == (read_depth, write_depth)
    assert any("inferred" in note and "account" in note for note in spec.notes)


def test_permission_sets_on_tables_of_organizations_and_business_units(tmp_path: Path) -> None:
    assert grants_of(tmp_path, {"tables": "transactioncurrency", "allow": "Collaborate"}) == {
        "prvReadTransactionCurrency": "Global"
    }
    assert grants_of(tmp_path, {"tables": "account", "allow": "Reference"}) == {"prvReadAccount": "Global"}
    full = grants_of(tmp_path, {"tables": "transactioncurrency", "allow": "Full access"})
    assert set(full.values()) == {"Global"}
    assert grants_of(tmp_path, {"tables": "systemuser", "allow": "Collaborate"}) == {"prvReadUser": "Global"}
    assert set(grants_of(tmp_path, {"tables": "userquery", "allow": "Full access"}).values()) == {"Basic"}
    (fault,) = faults_of(write_spec(tmp_path, role({"tables": "transactioncurrency", "allow": "Private"})))
    assert "Private means nothing on transactioncurrency" in fault.message


def test_miscellaneous_privileges_by_name_and_by_words(tmp_path: Path) -> None:
    names = {"privileges": ["View Audit Summary", "prvexporttoexcel", "Dynamics 365 for mobile"]}
    assert grants_of(tmp_path, names) == {
        "prvReadAuditSummary": "Global",
        "prvExportToExcel": "Global",
        "prvUseTabletApp": "Global",
    }


def test_tables_that_the_catalogue_does_not_know(tmp_path: Path) -> None:
    grant = {"tables": "contoso_permit", "allow": "read, assign", "depth": "User"}
    assert grants_of(tmp_path, grant, tables=OWN) == {
        "prvReadcontoso_Permit": "Basic",
        "prvAssigncontoso_Permit": "Basic",
    }
    inline = {**grant, "schema_name": "contoso_Permit", "ownership": "user"}
    assert grants_of(tmp_path, inline) == grants_of(tmp_path, grant, tables=OWN)
    assert len(grants_of(tmp_path, {"tables": "contoso_permit", "allow": "Full access"}, tables=OWN)) == 8


@pytest.mark.parametrize(
    ("ownership", "depth", "allow", "says"),
    [
        ("organization", "User", "read", "prvReadcontoso_Permit cannot be granted at User"),
        ("organization", "Organization", "share", "contoso_permit has no right Share"),
        ("business-unit", "User", "read", "prvReadcontoso_Permit cannot be granted at User"),
        ("business-unit", "Business Unit", "assign", "contoso_permit has no right Assign"),
    ],
)
def test_rights_and_depths_follow_from_ownership(
    tmp_path: Path, ownership: str, depth: str, allow: str, says: str
) -> None:
    tables = {"contoso_permit": {"schema_name": "contoso_Permit", "ownership": ownership}}
    path = write_spec(tmp_path, role({"tables": "contoso_permit", "allow": allow, "depth": depth}), tables=tables)
    assert says in faults_of(path)[0].message


@pytest.mark.parametrize(
    ("tables", "says"),
    [
        ({"contoso_permit": {"ownership": "user"}}, "its `schema_name` is missing"),
        ({"contoso_permit": {"schema_name": "contoso_Permit"}}, "its `ownership` is missing"),
        ({"contoso_permit": {"schema_name": "contoso_Other", "ownership": "user"}}, "is not the schema name of"),
        ({"contoso_permit": {"schema_name": "contoso_Permit", "ownership": "me"}}, "expected `user`"),
        ({"Contoso_Permit": {"schema_name": "Contoso_Permit", "ownership": "user"}}, "expected a logical name"),
        ({"account": {"schema_name": "ACCOUNT"}}, "is not how account is spelt"),
        ({"account": {"ownership": "organization"}}, "the ownership of account is user"),
        ({"contoso_permit": {"schema_name": "contoso_Permit", "ownership": "user", "x": 1}}, "unknown key `x`"),
    ],
)
def test_what_is_wrong_with_a_described_table(tmp_path: Path, tables: dict[str, Any], says: str) -> None:
    assert says in " ".join(fault.message for fault in faults_of(write_spec(tmp_path, tables=tables)))


def test_letter_case_is_never_guessed_silently(tmp_path: Path) -> None:
    grant = {"tables": "aaduser", "allow": "read", "depth": "Organization"}
    (fault,) = faults_of(write_spec(tmp_path, role(grant)))
    assert "letter case of prvReadaaduser is not certain" in fault.message
    assert "--guess-case" in fault.hint
    guessed = read(write_spec(tmp_path, role(grant)), guess_case=True)
    assert any("guess" in note for note in guessed.notes)
    assert grants_of(tmp_path, {**grant, "schema_name": "AADUser"}) == {"prvReadAADUser": "Global"}
    assert grants_of(tmp_path, grant, tables={"aaduser": {"schema_name": "AadUser"}}) == {"prvReadAadUser": "Global"}
    (named,) = faults_of(write_spec(tmp_path, role({"privileges": "prvReadaaduser", "depth": "Organization"})))
    assert "not certain" in named.message


def test_exact_names_are_taken_as_written(tmp_path: Path) -> None:
    path = write_spec(tmp_path, role({"privileges": ["prvReadnew_X", "prvReadUser"], "exact": True, "depth": "User"}))
    spec = read(path)
    assert [(g.privilege, g.depth.level) for g in spec.solution.roles[0].grants] == [
        ("prvReadnew_X", "Basic"),
        ("prvReadUser", "Basic"),
    ]
    assert len([note for note in spec.notes if "taken as written" in note]) == 2
    (fault,) = faults_of(write_spec(tmp_path, role({"privileges": "Read <x>", "exact": True, "depth": "User"})))
    assert "no privilege's name" in fault.message


def test_reasons_and_what_is_required_stay_with_the_grant(tmp_path: Path) -> None:
    spec = read(write_spec(tmp_path, role({**READS, "reason": "It matches rows.", "required": False})))
    (grant,) = spec.solution.roles[0].grants
    assert (grant.reason, grant.required) == ("It matches rows.", False)


def test_role_ids_are_given_or_follow_from_the_key(tmp_path: Path) -> None:
    given = role(id="346C8295-A669-F011-BEC2-00224823101F", key="any")
    assert read(write_spec(tmp_path, given)).solution.roles[0].id == "346c8295-a669-f011-bec2-00224823101f"
    one, other = (read(write_spec(tmp_path, role(name=name))).solution.roles[0] for name in ("A", "B"))
    assert one.id == other.id == derive_role_id("ContosoSync", "sync")
    (fault,) = faults_of(write_spec(tmp_path, {"name": "A", "grants": [READS]}))
    assert "neither `id` nor `key`" in fault.message


def test_several_languages_with_the_base_language_first(tmp_path: Path) -> None:
    names = {1031: "Abgleich", 1033: "Sync"}
    spec = read(write_spec(tmp_path, solution={"display_name": names, "description": {1033: "One\nTwo"}}))
    assert list(spec.solution.names.items()) == [(1033, "Sync"), (1031, "Abgleich")]
    (fault,) = faults_of(write_spec(tmp_path, solution={"display_name": {1031: "Abgleich"}}))
    assert "lacks the base language 1033" in fault.message
    german = read(write_spec(tmp_path, solution={"display_name": {1031: "Abgleich"}, "language": 1031}))
    assert german.solution.language == 1031


@pytest.mark.parametrize(
    ("version", "fixed", "becomes"),
    [
        ("1.2", None, "1.2.0.0"),
        ("1.2.3", 365, "1.2.3.365"),
        ("1.2.3.365", 365, "1.2.3.365"),
        ("1.10", None, "1.10.0.0"),
    ],
)
def test_versions_are_filled_up(tmp_path: Path, version: str, fixed: int | None, becomes: str) -> None:
    spec = read(write_spec(tmp_path, solution={"version": version, "fixed_revision": fixed}))
    assert str(spec.solution.version) == becomes


def test_a_version_from_outside_stands_in_for_the_spec(tmp_path: Path) -> None:
    path = write_spec(tmp_path, solution={"version": None, "fixed_revision": 365})
    assert "`version` is missing" in faults_of(path)[0].message
    assert str(read(path, version=lambda name: Version.parse("2.0.1")).solution.version) == "2.0.1.365"


BAD = [
    ({"solution": {"unique_name": "1abc"}}, "no digit first"),
    ({"solution": {"unique_name": "active"}}, "reserved"),
    ({"solution": {"unique_name": "x" * 66}}, "65 at most"),
    ({"solution": {"version": "1.2.3.4.5"}}, "two to four numbers"),
    ({"solution": {"version": "1.2.3.2147483648"}}, "larger than 2147483647"),
    ({"solution": {"version": "1.2.3.4", "fixed_revision": 5}}, "fixes the fourth number at 5"),
    ({"solution": {"managed": "yes"}}, "true or false"),
    ({"solution": {"display_name": "a\x07b"}}, "without control characters"),
    ({"solution": {"display_name": "a\u202eb"}}, "without control characters"),
    ({"solution": {"display_name": "a\ufffeb"}}, "without control characters"),
    ({"solution": {"display_name": "a\n"}}, "one line of text"),
    ({"solution": {"display_name": " "}}, "one line of text"),
    ({"solution": {"display_name": "x" * 257}}, "256"),
    ({"solution": {"display_name": {"en": "x"}}}, "per language code"),
    ({"solution": {"description": "a\x00b"}}, "without control characters"),
    ({"solution": {"language": 5}}, "language code"),
    ({"publisher": {"prefix": "mscrmx"}}, "mscrm"),
    ({"publisher": {"prefix": "MSCRM"}}, "mscrm"),
    ({"publisher": {"prefix": "x"}}, "two to eight"),
    ({"publisher": {"option_value_prefix": 9999}}, "10000 to 99999"),
    ({"publisher": {"option_value_prefix": 100000}}, "10000 to 99999"),
    ({"publisher": {"addresses": [{}, {}, {}]}}, "at most two"),
    ({"publisher": {"addresses": [{"Street": "x"}]}}, "a field of an address"),
    ({"application": {"app_id": "{f41adf61-824b-41ba-8c81-0f17fe22b244}", "name": "A"}}, "GUID"),
    ({"application": {"name": "A"}}, "`app_id` is missing"),
    ({"colour": "red"}, "unknown key `colour`"),
]  # fmt: skip


@pytest.mark.parametrize(("more", "says"), BAD, ids=range(len(BAD)))
def test_what_is_refused(tmp_path: Path, more: dict[str, Any], says: str) -> None:
    faults = faults_of(write_spec(tmp_path, **more))
    assert any(says in fault.message for fault in faults), faults
    assert all(fault.line > 0 for fault in faults)


BAD_ROLES = [
    ([role(name="x" * 101)], "1 to 100 characters"),
    ([role(), role(key="other")], "a second role with the name sync"),
    ([role(), role(name="Other")], "a second role with the id"),
    ([role(key="Big Key")], "small letters"),
    ([role({"tables": "acount", "allow": "read", "depth": "User"})], "no table `acount`"),
    ([role({"tables": "opportunityproduct", "allow": "read", "depth": "User"})], "no privileges of its own"),
    ([role({"tables": "account", "allow": "reed", "depth": "User"})], "no right `reed`"),
    ([role({"tables": "account", "allow": "read", "depth": "Everyone"})], "no depth `Everyone`"),
    ([role({"tables": "account", "allow": "read"})], "no `depth`"),
    ([role({"tables": "account", "depth": "User"})], "`allow` is missing"),
    ([role({"tables": "account", "allow": " , ", "depth": "User"})], "names nothing"),
    ([role({"tables": "account", "allow": "Full access", "depth": "User"})], "brings its own depths"),
    ([role({"tables": "account", "allow": "Full access, read", "depth": "User"})], "stands for all rights"),
    ([role({"tables": "account", "allow": {"read": "User", "Read": "Basic"}})], "stands here twice"),
    ([role({"tables": "account", "privileges": "prvFlow"})], "either `tables` or `privileges`"),
    ([role({"privileges": "prvFlow", "allow": "read"})], "`allow` goes with `tables`"),
    ([role({**READS, "exact": True})], "`exact` goes with `privileges`"),
    ([role({"privileges": "prvNothing", "depth": "User"})], "no privilege prvNothing"),
    ([role({"privileges": "View Audit Summary", "depth": "User"})], "cannot be granted at User"),
    ([role({"tables": "systemuser", "allow": "assign", "depth": "Organization"})], "no right Assign"),
    ([role(READS, READS)], "is granted on line"),
    ([role({**READS, "reason": 'x" />\x0b'})], "without control characters"),
    ([role(member_inheritance="Everyone")], "Team privileges only"),
]  # fmt: skip


@pytest.mark.parametrize(("roles", "says"), BAD_ROLES, ids=range(len(BAD_ROLES)))
def test_what_is_refused_of_roles(tmp_path: Path, roles: list[dict[str, Any]], says: str) -> None:
    faults = faults_of(write_spec(tmp_path, *roles))
    assert any(says in fault.message for fault in faults), faults
    assert all(fault.line > 0 for fault in faults)


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    roles = (role({"tables": "acount", "allow": "read", "depth": "User"}), role(name="B", key="b", colour="red"))
    path = write_spec(tmp_path, *roles, solution={"version": "x"}, publisher={"prefix": "mscrm"})
    assert len(faults_of(path)) == 4


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a: !!python/object/apply:os.system [x]\n", "tag"),
        ("a: [1\n", "not YAML"),
        ("a: \x07\n", "not YAML"),
        ("a: &x [1]\nb: [*x, *x]\n", "unknown key"),
        ("- 1\n", "expected a mapping"),
        ("a: 1\na: 2\n", "stands here twice"),
        ("{{ cycler.__init__ }}\n", "`solution` is missing"),
    ],
)
def test_what_is_no_spec_at_all(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "solution.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputFaults) as caught:
        read_spec(path)
    assert any(says in fault.message for fault in caught.value.faults)


def test_many_aliases_are_bounded(tmp_path: Path) -> None:
    path = tmp_path / "solution.yaml"
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(InputFaults, match="1 fault") as caught:
        read_spec(path)
    assert "too many" in caught.value.faults[0].message


@pytest.mark.parametrize("raw", [b"", b"\xff\xfea", b"#\n"])
def test_what_cannot_be_read(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "solution.yaml"
    path.write_bytes(raw)
    with pytest.raises(UnreadableInput):
        read_spec(path)


def test_a_spec_is_never_a_template(tmp_path: Path) -> None:
    spec = read(write_spec(tmp_path, solution={"display_name": "{{ 7 * 7 }} {% raw %}"}))
    assert spec.solution.names[1033] == "{{ 7 * 7 }} {% raw %}"


def test_all_schemas_are_schemas() -> None:
    for path in sorted(resource("schemas").glob("*.schema.json")):
        jsonschema.Draft202012Validator.check_schema(json.loads(path.read_text(encoding="utf-8")))
