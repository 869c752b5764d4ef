"""The examples of docs/how-to/policy.md are policies."""

import re
from pathlib import Path

from builder.validation.policy.reading import read_policy
from tests.support import REPOSITORY

PAGE = (REPOSITORY / "docs" / "how-to" / "policy.md").read_text(encoding="utf-8")


def test_the_examples_are_read(tmp_path: Path) -> None:
    whole = "".join(re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL))
    path = tmp_path / "policy.yaml"
    path.write_text(whole, encoding="utf-8")
    policy = read_policy(path)
    assert policy.approvals[0].by == "Jo Doe, security"
    assert "prvbypasscustomplugins" in policy.forbidden_privileges[0].privileges
