"""docs/spec.md says what schemas/solution.schema.json says, and the examples of our pages work."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from builder.build import build_solution
from builder.resources import resource
from builder.solution.spec import read_spec
from builder.validation import Severity, validate
from tests.support import REPOSITORY

HOW_TO = REPOSITORY / "docs" / "how-to" / "release-engineer.md"


def test_the_reference_is_current(tmp_path: Path) -> None:
    script = REPOSITORY / "scripts" / "make_spec_reference.py"
    subprocess.run([sys.executable, script, tmp_path / "spec.md"], check=True)
    current = (REPOSITORY / "docs" / "spec.md").read_text("utf-8")
    assert current == (tmp_path / "spec.md").read_text("utf-8"), "run scripts/make_spec_reference.py"


def test_every_key_is_explained() -> None:
    schema = json.loads(resource("schemas", "solution.schema.json").read_text("utf-8"))
    for owner in (schema, *schema["properties"].values(), *schema["$defs"].values()):
        for name, value in owner.get("properties", {}).items():
            assert value.get("description"), f"{name} has no description"


@pytest.mark.parametrize("number", range(len(re.findall("```yaml", HOW_TO.read_text("utf-8")))))
def test_the_how_tos_specs_build(number: int, tmp_path: Path) -> None:
    block = re.findall("```yaml\n(.*?)```", HOW_TO.read_text("utf-8"), re.DOTALL)[number]
    content = yaml.safe_load(block)
    base = yaml.safe_load((REPOSITORY / "examples/net-results/solution.yaml").read_text("utf-8"))
    if isinstance(content, list):  # grants
        content = {"roles": [{"name": "A", "key": "a", "depth": "Organization", "grants": content}]}
    path = tmp_path / "solution.yaml"
    path.write_text(yaml.safe_dump({**base, **content}, allow_unicode=True), encoding="utf-8")
    assert read_spec(path).solution.roles


SPECS = sorted(path for path in (REPOSITORY / "examples").rglob("*.yaml") if path.parent.name != "sandbox")


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.parent.name)
def test_the_examples_build(path: Path, tmp_path: Path) -> None:
    built = build_solution(read_spec(path).solution, tmp_path)
    report = validate(built.path)
    assert not [finding for finding in report.findings if finding.severity is Severity.ERROR]
