"""The steps for Azure Pipelines, run by a shell on a pull request."""

import json
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import yaml

from tests.ci.repository import NEXT, WIDER, change, line_of, repository
from tests.ci.steps import environment, stubs
from tests.support import REPOSITORY
from tests.validation.test_pipeline_commands import azure

TEMPLATE = REPOSITORY / "ci" / "azure-pipelines-steps.yml"
# Records the address and the body it is called with, and what comes on stdin.
CURL = """\
cat > "$HOME/config"
for word in "$@"; do
  case "$word" in @*) cat "${word#@}" > "$HOME/body" ;; https:*) echo "$word" > "$HOME/address" ;; esac
done"""

pytestmark = pytest.mark.skipif(not all(map(shutil.which, ("bash", "git", "tar"))), reason="no bash, git or tar here")


@dataclass
class Ran:
    code: int
    log: str


def template() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(TEMPLATE.read_text(encoding="utf-8"))
    return loaded


def run(name: str, folder: Path, temporary: Path, curl: str = CURL, **variables: str) -> Ran:
    step = next(step for step in template()["steps"] if step["displayName"] == name)
    commands = temporary / "bin"
    if not commands.exists():
        temporary.mkdir(exist_ok=True)
        stubs(commands, curl=curl)
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-c", step["bash"]],
        cwd=folder,
        env=environment(commands, temporary, AGENT_TEMPDIRECTORY=str(temporary), **variables),
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )
    return Ran(done.returncode, done.stdout + done.stderr)


def pull_request(tmp_path: Path) -> Path:
    """Clone a repository whose main is a release, with a change that widens it checked out."""
    origin, _ = repository(tmp_path / "origin")
    folder = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", str(origin), str(folder)], check=True, capture_output=True)
    change(folder, NEXT, WIDER)
    return folder


def check(folder: Path, temporary: Path, **variables: str) -> Ran:
    given = {"SOLUTION": "roles/solution.yaml", "POLICY": "policy.yaml", "FAIL_ON": "error"}
    target = {"SYSTEM_PULLREQUEST_TARGETBRANCH": "refs/heads/main"}
    return run("Validate and compare", folder, temporary, **{**given, **target, **variables})


def test_a_change_that_widens_fails_on_its_line(tmp_path: Path) -> None:
    folder, temporary = pull_request(tmp_path), tmp_path / "run"
    ran = check(folder, temporary)
    assert ran.code == 1, ran.log
    commands = azure(ran.log)
    assert [command.name for command in commands] == ["task.uploadsummary", "task.logissue"]
    issue = commands[1]
    assert issue.properties["sourcepath"] == "roles/solution.yaml"
    assert int(issue.properties["linenumber"]) == line_of(folder, "incident")
    assert "**1 grant added**" in (temporary / "solsmith.md").read_text(encoding="utf-8")
    suites = ET.parse(temporary / "solsmith.xml").getroot()
    assert suites.attrib["failures"] == "1"


def test_the_comparison_is_posted(tmp_path: Path) -> None:
    folder, temporary = pull_request(tmp_path), tmp_path / "run"
    check(folder, temporary)
    variables = {
        "TOKEN": "secret-token", "SYSTEM_COLLECTIONURI": "https://dev.example/org/", "SYSTEM_TEAMPROJECTID": "p",
        "BUILD_REPOSITORY_ID": "r", "SYSTEM_PULLREQUEST_PULLREQUESTID": "7",
    }  # fmt: skip
    ran = run("Comment on the pull request", folder, temporary, **variables)
    assert ran.code == 0, ran.log
    body = json.loads((temporary / "body").read_text(encoding="utf-8"))
    assert body["comments"][0]["content"] == (temporary / "solsmith.md").read_text(encoding="utf-8")
    address = (temporary / "address").read_text(encoding="utf-8").strip()
    assert address == "https://dev.example/org/p/_apis/git/repositories/r/pullRequests/7/threads?api-version=7.1"
    assert (temporary / "config").read_text(encoding="utf-8") == 'header = "Authorization: Bearer secret-token"\n'
    assert "secret-token" not in ran.log


def test_what_cannot_be_posted_is_a_warning(tmp_path: Path) -> None:
    temporary = tmp_path / "run"
    temporary.mkdir()
    (temporary / "solsmith.md").write_text("x", encoding="utf-8")
    names = ("TOKEN", "SYSTEM_COLLECTIONURI", "SYSTEM_TEAMPROJECTID", "BUILD_REPOSITORY_ID")
    variables = dict.fromkeys((*names, "SYSTEM_PULLREQUEST_PULLREQUESTID"), "x")
    ran = run("Comment on the pull request", tmp_path, temporary, "cat > /dev/null; exit 22", **variables)
    assert ran.code == 0
    assert [command.properties for command in azure(ran.log)] == [{"type": "warning"}]


def test_a_run_that_is_no_pull_request_compares_with_nothing(tmp_path: Path) -> None:
    folder, temporary = pull_request(tmp_path), tmp_path / "run"
    ran = check(folder, temporary, SYSTEM_PULLREQUEST_TARGETBRANCH="")
    assert ran.code == 0, ran.log
    assert not (temporary / "solsmith.md").exists()
    assert "SOL909 note" in ran.log


def test_what_comes_from_outside_is_never_a_part_of_a_script() -> None:
    for step in template()["steps"]:
        assert not re.search(r"\$\{\{|\$\(\w+\.", step.get("bash", "")), step["displayName"]
        assert all(value.startswith(("${{ parameters.", "$(System.")) for value in step.get("env", {}).values())
    named = {parameter["name"] for parameter in template()["parameters"]}
    assert set(re.findall(r"parameters\.(\w+)", TEMPLATE.read_text(encoding="utf-8"))) == named
