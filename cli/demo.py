"""solsmith demo: the main job on the reference role, against a sandbox that is started for it and ended after it."""

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from builder.text import printable

if TYPE_CHECKING:
    from builder.build import Built
    from builder.connection.http import Connection
    from builder.deployment.checks import Expectation
    from builder.deployment.verify import Verification
    from builder.model import Solution

_STEPS = 6


@click.command(short_help="Do all of it once, against a sandbox.")
@click.option(
    "-o", "--output-dir", type=click.Path(path_type=Path, file_okay=False), default=Path("dist"), show_default=True,
    help="The folder to write the package to.",
)  # fmt: skip
def demo(output_dir: Path) -> int:
    """Build the reference solution, validate it, import it into a local sandbox, create its application user, and
    verify as that user what it may do and what it may not.

    Nothing leaves this machine; afterwards nothing keeps running, and only the package is left.

    \b
    Example:
      solsmith demo
    """
    from cli.local_sandbox import local_sandbox

    solution, built = _build(output_dir)
    with tempfile.TemporaryDirectory(prefix="solsmith-demo-") as home, local_sandbox(Path(home), solution) as sandbox:
        _step(3, f"sandbox: a local Dataverse and Entra at {sandbox.url}, with a certificate authority of its own")
        with sandbox.connect_administrator() as administrator:
            _import(administrator, built)
            _create_user(administrator, solution)
            with sandbox.connect_application() as application:
                verification = _verify(administrator, application, solution)
    _show(verification)
    return int(not verification.passed)


def _step(number: int, text: str) -> None:
    click.echo(f"[{number}/{_STEPS}] {printable(text)}")


def _build(folder: Path) -> "tuple[Solution, Built]":
    from builder.build import build_solution
    from builder.resources import resource
    from builder.solution.spec import read_spec
    from builder.validation import validate

    solution = read_spec(resource("examples", "net-results", "solution.yaml")).solution
    built = build_solution(solution, folder)
    privileges = sum(len(role.grants) for role in solution.roles)
    _step(1, f"build: {built.path}, {privileges} privileges, content {built.digest[:19]}...")
    report = validate(built.path)
    _step(2, f"validate: {len(report.findings) or 'no'} findings")
    return solution, built


def _import(administrator: "Connection", built: "Built") -> None:
    from builder.deployment import importer, readback
    from builder.deployment.candidate import candidate_of
    from builder.deployment.planning import make_plan
    from builder.package.reader import read_package

    candidate = candidate_of(read_package(built.path), built.path.read_bytes())
    plan = make_plan(administrator, candidate)
    imported = importer.carry_out(administrator, candidate)
    same = "read back as packaged" if not readback.read_back(administrator, candidate.roles) else "it differs"
    _step(4, f"import: planned ({plan.action.value}), checked, imported as job {imported.job_id}, {same}")


def _create_user(administrator: "Connection", solution: "Solution") -> None:
    from builder.deployment import application_user

    assert solution.application is not None  # noqa: S101 - the reference solution has one
    wanted = [application_user.RoleWanted(role.name, role.id) for role in solution.roles]
    plan = application_user.plan(administrator, solution.application.app_id, wanted)
    user = application_user.carry_out(administrator, plan)
    roles = ", ".join(role.name for role in user.roles)
    _step(5, f"application user: made in business unit {plan.unit.name}, with the role {roles}")


def _verify(administrator: "Connection", application: "Connection", solution: "Solution") -> "Verification":
    from builder.deployment.verify import verify

    assert solution.application is not None  # noqa: S101 - the reference solution has one
    found = verify(administrator, solution.application.app_id, solution.roles, application, write_probe=True)
    _step(6, f"verify: signed in as the application, {len(found.checks)} requests tried, every row made was removed")
    return found


def _show(found: "Verification") -> None:
    """Print what works and what is refused, table by table; what is neither is said below."""
    from rich.table import Table

    from builder.deployment.checks import Expectation
    from cli.output import show

    works, refused = _by_table(found, Expectation.GRANTED), _by_table(found, Expectation.REFUSED)
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in ("Table", "granted, and works", "not granted, and refused"):
        table.add_column(heading, overflow="fold")
    for label in sorted({*works, *refused}):
        table.add_row(label, works.get(label, ""), refused.get(label, ""))
    click.echo()
    show(table)
    for check in found.checks:
        if not check.as_expected:
            click.echo(printable(f"{check.name}: {check.outcome.value}, {check.detail}"))
    click.echo("verified" if found.passed else "not verified")


def _by_table(found: "Verification", expectation: "Expectation") -> dict[str, str]:
    """Give the rights that came out as expected, by the admin centre's name of the table."""
    from builder.catalogue import load
    from builder.matrix import matrix
    from builder.model import Depth, Grant

    names = {check.name for check in found.checks if check.as_expected and check.expectation is expectation}
    seen = matrix([Grant(name, Depth.GLOBAL) for name in names if load().privilege(name)], load())
    rows = {row.label: ", ".join(right.words for right in row.depths) for row in seen.tables}
    return rows | {other.label: "works" for other in seen.others}
