"""A git repository with a spec and a policy, and the changes that a pull request makes to it."""

import subprocess
from pathlib import Path

from tests.support import REFERENCE_SPEC

POLICY = "name: Ours\nextends: application-user\n"
APPROVAL = """\
approvals:
  - role: Net-Results Sync for Dynamics 365
    privileges: prvReadIncident
    depth: Organization
    by: Jo Doe, security
    reason: cases are matched to their contacts
    until: 2099-12-31
"""
NEXT = ("version: 1.0.1.365", "version: 1.0.2.365")
WIDER = ("tables: opportunity, systemuser", "tables: opportunity, incident, systemuser")


def git(folder: Path, *arguments: str) -> str:
    settings = ("-c", "user.name=Jo", "-c", "user.email=jo@example.com", "-c", "commit.gpgsign=false")
    done = subprocess.run(["git", *settings, *arguments], cwd=folder, capture_output=True, encoding="utf-8", check=True)
    return done.stdout.strip()


def repository(folder: Path) -> tuple[Path, str]:
    """Make a repository with a release, and give it with that release's commit."""
    (folder / "roles").mkdir(parents=True)
    git(folder, "init", "--quiet", "--initial-branch=main")
    (folder / "roles" / "solution.yaml").write_text(REFERENCE_SPEC.read_text(encoding="utf-8"), encoding="utf-8")
    (folder / "policy.yaml").write_text(POLICY, encoding="utf-8")
    return folder, commit(folder)


def commit(folder: Path) -> str:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "x")
    return git(folder, "rev-parse", "HEAD")


def change(folder: Path, *swaps: tuple[str, str]) -> None:
    """Change the spec, and commit that."""
    path = folder / "roles" / "solution.yaml"
    text = path.read_text(encoding="utf-8")
    for old, new in swaps:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")
    commit(folder)


def line_of(folder: Path, text: str) -> int:
    lines = (folder / "roles" / "solution.yaml").read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, start=1) if text in line)
