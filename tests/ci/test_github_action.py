"""The action on a pull request, in miniature: its steps run by a shell, in a repository with a spec and a policy."""

import re
import shutil
from pathlib import Path

import pytest
import yaml

from tests.ci.repository import APPROVAL, NEXT, POLICY, WIDER, change, git, line_of, repository
from tests.ci.steps import Result, run_action, stubs
from tests.support import REPOSITORY
from tests.validation.test_pipeline_commands import github

ACTION = REPOSITORY / "action.yml"
GH = """\
echo "$@" > "$HOME/gh-arguments"
while [ $# -gt 1 ]; do
  if [ "$1" = --body-file ]; then cat "$2" > "$HOME/comment"; fi
  shift
done"""

pytestmark = pytest.mark.skipif(not all(map(shutil.which, ("bash", "git", "tar"))), reason="no bash, git or tar here")


def pull_request(folder: Path, base: str, temporary: Path, gh: str = GH, **more: str) -> Result:
    temporary.mkdir()
    return run_action(
        ACTION, folder, temporary, stubs(temporary / "bin", gh=gh),
        **{
            "inputs__path": "roles/solution.yaml",
            "inputs__policy": "policy.yaml",
            "inputs__install": "false",
            "github__event.pull_request.base.sha": base,
            "github__event_name": "pull_request",
            "github__event.pull_request.number": "7",
            **more,
        },
    )  # fmt: skip


def test_a_change_that_widens_fails_until_it_is_approved(tmp_path: Path) -> None:
    folder, base = repository(tmp_path / "repository")
    change(folder, NEXT, WIDER)
    failed = pull_request(folder, base, tmp_path / "first")

    assert failed.code == 1
    errors = [command for command in github(failed.log) if command.name == "error"]
    (error,) = errors
    assert error.properties["file"] == "roles/solution.yaml"
    assert int(error.properties["line"]) == line_of(folder, "incident")
    assert "prvReadIncident at Organization was not granted in the previous release" in error.data
    comment = (tmp_path / "first" / "comment").read_text(encoding="utf-8")
    assert comment == failed.summary
    assert "**1 grant added**" in comment
    assert "incident" in comment and "Read" in comment
    assert "7 --edit-last --create-if-none" in (tmp_path / "first" / "gh-arguments").read_text(encoding="utf-8")

    (folder / "policy.yaml").write_text(POLICY + APPROVAL, encoding="utf-8")
    passed = pull_request(folder, base, tmp_path / "second")
    assert passed.code == 0, passed.log
    assert not [command for command in github(passed.log) if command.name == "error"]
    assert "**1 grant added**" in passed.summary

    (folder / "policy.yaml").write_text(POLICY + APPROVAL.replace("2099", "2020"), encoding="utf-8")
    assert pull_request(folder, base, tmp_path / "third").code == 1


def test_a_change_that_keeps_the_policy_passes(tmp_path: Path) -> None:
    folder, base = repository(tmp_path / "repository")
    change(folder, NEXT, ("allow: create, read, write, append, append to", "allow: create, read, append, append to"))
    result = pull_request(folder, base, tmp_path / "run")
    assert result.code == 0, result.log
    assert "4 grants removed" in result.summary


def test_a_new_spec_has_nothing_before_it(tmp_path: Path) -> None:
    folder, _ = repository(tmp_path / "repository")
    base = git(folder, "commit-tree", "4b825dc642cb6eb9a060e54bf8d69288fbee4904", "-m", "empty")
    result = pull_request(folder, base, tmp_path / "run")
    assert result.code == 0, result.log
    assert "Compare" not in result.ran
    assert [command.name for command in github(result.log)] == ["notice"]


def test_a_first_push_compares_with_nothing(tmp_path: Path) -> None:
    folder, _ = repository(tmp_path / "repository")
    result = pull_request(folder, "0" * 40, tmp_path / "run", github__event_name="push")
    assert result.code == 0, result.log
    assert result.ran == ["Fetch what it was before", "Validate", "Result"]


def test_a_spec_with_faults_is_annotated_and_fails(tmp_path: Path) -> None:
    folder, base = repository(tmp_path / "repository")
    change(folder, ("allow: read", "allow: raed"))
    result = pull_request(folder, base, tmp_path / "run")
    assert result.code == 2
    (error,) = [command for command in github(result.log) if command.name == "error"]
    assert int(error.properties["line"]) == line_of(folder, "raed")


def test_a_comment_that_cannot_be_posted_fails_nothing(tmp_path: Path) -> None:
    folder, base = repository(tmp_path / "repository")
    change(folder, NEXT)
    result = pull_request(folder, base, tmp_path / "run", gh="exit 1")
    assert result.code == 0
    assert "::notice title=solsmith::The comment could not be posted" in result.log


def test_inputs_are_never_a_part_of_a_script(tmp_path: Path) -> None:
    for step in yaml.safe_load(ACTION.read_text(encoding="utf-8"))["runs"]["steps"]:
        assert "${{" not in step["run"], step["name"]
    folder, base = repository(tmp_path / "repository")
    hostile = '$(touch "$HOME/hit")`touch "$HOME/hit"`;touch "$HOME/hit"'
    for name in ("inputs__path", "inputs__policy", "inputs__fail_DASH_on", "github__event.pull_request.base.sha"):
        temporary = tmp_path / name.replace(".", "_")
        assert pull_request(folder, base, temporary, **{name: hostile}).code != 0 or "base" in name
        assert not (temporary / "hit").exists()


def test_the_action_has_the_form_of_one() -> None:
    action = yaml.safe_load(ACTION.read_text(encoding="utf-8"))
    assert action["runs"]["using"] == "composite"
    assert all(given.get("description") for given in action["inputs"].values())
    used = set(re.findall(r"inputs\.([\w-]+)", ACTION.read_text(encoding="utf-8")))
    assert used == set(action["inputs"])
    steps = action["runs"]["steps"]
    assert all(step["shell"] == "bash" and step["name"] for step in steps)
    known = {step["id"] for step in steps if "id" in step}
    assert set(re.findall(r"steps\.([\w-]+)\.", ACTION.read_text(encoding="utf-8"))) <= known
