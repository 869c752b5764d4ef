"""What many tests share."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
SHARED = REPOSITORY.parent / "shared"
REFERENCE_SPEC = REPOSITORY / "examples" / "net-results" / "solution.yaml"

needs_corpus = pytest.mark.skipif(
    not (SHARED / "corpus").is_dir(), reason="the real packages (../shared/corpus) are not here"
)
needs_reference = pytest.mark.skipif(
    not (SHARED / "reference").is_dir(), reason="the reference tables (../shared/reference) are not here"
)


def run_cli(
    *arguments: str | Path, cwd: Path = REPOSITORY, timeout: float = 60, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run the real command line as a process, apart from the caller's own settings."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AZURE_", "SOLSMITH_", "DATAVERSE_", "PYTHONIOENCODING", "NO_COLOR", "COLUMNS"))
    }
    return subprocess.run(
        [sys.executable, "-m", "cli", *map(str, arguments)],
        cwd=cwd,
        env={**inherited, "PYTHONPATH": str(REPOSITORY), **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=timeout,
    )


def reference_package(folder: Path) -> Path:
    """Build the reference package into a folder and give its path."""
    from builder.build import build_solution
    from builder.solution.spec import read_spec

    return build_solution(read_spec(REFERENCE_SPEC).solution, folder).path
