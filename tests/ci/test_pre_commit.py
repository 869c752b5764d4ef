"""The hooks for pre-commit: their form, and what they do to a repository whose spec is at fault."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.ci.repository import change, git, line_of, repository
from tests.support import REPOSITORY

HOOKS = REPOSITORY / ".pre-commit-hooks.yaml"
pytest.importorskip("pre_commit")
pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="no git here")


def pre_commit(*arguments: str, cwd: Path = REPOSITORY, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pre_commit", *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), **environment},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )


def test_the_manifest_has_the_form_of_one() -> None:
    done = pre_commit("validate-manifest", str(HOOKS))
    assert done.returncode == 0, done.stdout


def test_the_hooks_look_at_the_files_they_are_for() -> None:
    files = {hook["id"]: hook["files"] for hook in yaml.safe_load(HOOKS.read_text(encoding="utf-8"))}
    for path, hook in (
        ("roles/solution.yaml", "solsmith-validate"),
        ("solution.yml", "solsmith-validate"),
        ("dist/a.zip", "solsmith-validate-packages"),
        ("src/Roles/Sync.xml", "solsmith-validate-folder"),
        ("src/Other/Solution.xml", "solsmith-validate-folder"),
    ):
        assert [name for name, pattern in files.items() if re.search(pattern, path)] == [hook]


def test_a_spec_at_fault_stops_the_commit(tmp_path: Path) -> None:
    """Run the hook's own entry, but for its environment, which would come from the network."""
    folder, _ = repository(tmp_path / "repository")
    (hook,) = [hook for hook in yaml.safe_load(HOOKS.read_text(encoding="utf-8")) if hook["id"] == "solsmith-validate"]
    local = {**hook, "language": "system", "entry": hook["entry"].replace("solsmith", f"{sys.executable} -m cli")}
    config = yaml.safe_dump({"repos": [{"repo": "local", "hooks": [local]}]})
    (folder / ".pre-commit-config.yaml").write_text(config, encoding="utf-8")
    git(folder, "add", ".pre-commit-config.yaml")
    home = {"HOME": str(tmp_path), "PRE_COMMIT_HOME": str(tmp_path / "cache"), "PYTHONWARNINGS": "ignore"}
    good = pre_commit("run", "--all-files", cwd=folder, **home)
    assert good.returncode == 0, good.stdout + good.stderr
    change(folder, ("allow: read", "allow: raed"))
    bad = pre_commit("run", "--all-files", cwd=folder, **home)
    assert bad.returncode == 1
    assert f"roles/solution.yaml:{line_of(folder, 'raed')}: SOL100 error" in bad.stdout
