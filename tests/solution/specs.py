"""Small specs for tests, written as files."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from builder.errors import Fault, InputFaults
from builder.model import Grant
from builder.solution.spec import Spec, read_spec

SOLUTION = {"unique_name": "ContosoSync", "display_name": "Contoso Sync", "version": "1.2.3.4"}
PUBLISHER = {"unique_name": "contoso", "display_name": "Contoso", "prefix": "cto", "option_value_prefix": 12345}


def role(*grants: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    return {"name": "Sync", "key": "sync", "grants": list(grants) or [READS], **more}


READS = {"tables": "account", "allow": "read", "depth": "Organization"}


def write_spec(
    folder: Path,
    *roles: Mapping[str, Any],
    solution: Mapping[str, Any] | None = None,
    publisher: Mapping[str, Any] | None = None,
    **more: Any,
) -> Path:
    """Write a spec; `solution` and `publisher` override single keys, where None removes one."""
    content = {
        "solution": _overridden(SOLUTION, solution),
        "publisher": _overridden(PUBLISHER, publisher),
        **more,
        "roles": list(roles) or [role()],
    }
    path = folder / "solution.yaml"
    path.write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True), encoding="utf-8")
    return path


def _overridden(values: Mapping[str, Any], other: Mapping[str, Any] | None) -> dict[str, Any]:
    return {key: value for key, value in {**values, **(other or {})}.items() if value is not None}


def read(path: Path, **options: Any) -> Spec:
    return read_spec(path, **options)


def grants_of(folder: Path, *grants: Mapping[str, Any], guess_case: bool = False, **more: Any) -> dict[str, str]:
    """Give the only role's privileges with their levels."""
    found: Sequence[Grant] = (
        read(write_spec(folder, role(*grants), **more), guess_case=guess_case).solution.roles[0].grants
    )
    return {grant.privilege: grant.depth.level for grant in found}


def faults_of(path: Path, **options: Any) -> tuple[Fault, ...]:
    with pytest.raises(InputFaults) as caught:
        read_spec(path, **options)
    return caught.value.faults
