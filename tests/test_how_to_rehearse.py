"""docs/how-to/rehearse-an-integration.md: its scenario, its faults and its commands work."""

import re
import shlex
from pathlib import Path
from typing import Any

from builder.sandbox.disturbances import Rule
from tests.sandbox.client import Client
from tests.sandbox_process import running_sandbox
from tests.support import REPOSITORY, reference_package, run_cli

PAGE = (REPOSITORY / "docs" / "how-to" / "rehearse-an-integration.md").read_text(encoding="utf-8")


def test_the_page_can_be_followed(tmp_path: Path) -> None:
    (scenario,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / "mine.yaml").write_text(scenario, encoding="utf-8")
    faults = re.findall(r"--fault '([^']+)'", PAGE)
    package = reference_package(tmp_path)
    assert len(faults) == 2
    state = tmp_path / "rehearsal.sqlite"
    with running_sandbox(scenario=str(tmp_path / "mine.yaml"), state=str(state), faults=faults) as sandbox:
        variables: dict[str, Any] = {**sandbox.environment_variables()}
        imported = run_cli("import", package, "--yes", **variables)
        assert imported.returncode == 0, imported.stderr
        made = run_cli("app-user", "create", "--package", package, "--yes", **variables)
        assert made.returncode == 0, made.stderr
        assert {met for asked in sandbox.requests() for met in asked["faults"]} == {"cut-after", "429:requests:1"}
        with Client(sandbox, sandbox.admin) as admin:
            assert len(admin.read("accounts")) == 21
            assert len(admin.read("importjobs")) == 1
    for line in re.findall(r"^solsmith (sandbox (?:snapshot|restore) .*)$", PAGE, re.MULTILINE):
        assert run_cli(*shlex.split(line), cwd=tmp_path).returncode == 0, line


def test_its_rules_are_rules() -> None:
    for rule in re.findall(r'"faults": \["([^"]+)"', PAGE) + re.findall(r"`(\* \* \d [^`]+)`", PAGE):
        Rule.parse(rule)
