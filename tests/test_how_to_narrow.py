"""docs/how-to/customer-narrows-a-role.md says what works."""

import re
import shlex
from pathlib import Path

from builder.package.opening import open_any
from tests.support import REFERENCE_SPEC, REPOSITORY, run_cli

PAGE = (REPOSITORY / "docs" / "how-to" / "customer-narrows-a-role.md").read_text(encoding="utf-8")


def test_the_page_works_as_it_stands(tmp_path: Path) -> None:
    pattern = "{unique_name}-v{version}.zip"
    assert run_cli("build", REFERENCE_SPEC, "--name-pattern", pattern, "-o", tmp_path).returncode == 0
    commands = [
        shlex.split(line) for line in re.findall(r"^    solsmith (.+)$", PAGE.replace("\\\n", ""), re.MULTILINE)
    ]
    show, build = commands[0], commands[1]
    assert run_cli(*show, cwd=tmp_path).returncode == 0
    done = run_cli(*build, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    by_options = open_any(tmp_path / "dist" / "NetResultsSyncforDynamics365_1_0_1_366_managed.zip")
    [overlay] = re.findall(r"```yaml\n(.+?)```", PAGE, re.DOTALL)
    (tmp_path / "customer.yaml").write_text(overlay, encoding="utf-8")
    filed = run_cli(*build[:3], "--overlay", "customer.yaml", "-o", "filed", cwd=tmp_path)
    assert filed.returncode == 0, filed.stderr
    [by_file] = (tmp_path / "filed").glob("*.zip")
    assert open_any(by_file).digest == by_options.digest
    variant = run_cli(*build, "--as-variant", "Contoso", cwd=tmp_path)
    assert "_Contoso_1_0_1_366_managed.zip" in variant.stdout
