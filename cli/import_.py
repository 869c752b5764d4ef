"""`solsmith import`: a package into an environment."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from builder.text import json_text, printable
from cli.connecting import Administrator, administrator_options, confirm, yes_option
from cli.output import tell

if TYPE_CHECKING:
    from builder.deployment.importer import Candidate, Imported, Plan


@click.command("import")
@click.argument("package", type=click.Path(path_type=Path))
@click.option("--reinstall", is_flag=True, help="Import although this version is installed already.")
@click.option(
    "--timeout",
    type=click.FloatRange(min=1),
    default=60,
    show_default=True,
    help="Minutes to wait for the import's end.",
)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@yes_option
@administrator_options
def import_(package: Path, reinstall: bool, timeout: float, form: str, yes: bool, administrator: Administrator) -> int:
    """Import a solution PACKAGE (a zip) into an environment, and wait for what comes of it.

    The environment checks it first; then it is started once and followed to its end. What was changed by hand stays.
    """
    from builder.dataverse.organization import who_am_i
    from builder.deployment import importer
    from cli.progress import Drawing

    candidate = _candidate(package)
    with administrator.connect() as connection:
        who_am_i(connection)
        plan = importer.plan(connection, candidate, reinstall=reinstall)
        if plan.action is importer.Action.NOTHING:
            _show(candidate, plan, None, administrator, form)
            return 0
        confirm(f"{plan.action.value} {candidate.label}", administrator, yes=yes)
        with Drawing() as drawing:
            try:
                imported = importer.carry_out(connection, candidate, drawing.update, limit=timeout * 60)
            except importer.ImportFailed as failed:
                drawing.stop()
                for problem in failed.problems:
                    tell(f"  {printable(str(problem))}")
                raise
            except KeyboardInterrupt:
                drawing.stop()
                if drawing.job_id:
                    job = f"job {drawing.job_id} (Solutions, See history)"
                    tell(f"the import {drawing.fate} in the environment: {job}")
                raise
    _show(candidate, plan, imported, administrator, form)
    return 0


def _candidate(path: Path) -> "Candidate":
    """Read the package, once, so that what was validated is what is sent; raises InputFaults where it has errors."""
    from builder.deployment.importer import Candidate
    from builder.errors import Fault, InputFaults
    from builder.package.archive import Archive
    from builder.package.reader import read_members, require_core
    from builder.validation import Severity
    from builder.validation.validate import validate_package

    archive = Archive.open(path)
    package = require_core(read_members(str(path), archive))
    found = validate_package(package).findings
    faults = [
        Fault(f"{finding.rule}: {finding.message}", finding.member, finding.line, finding.hint)
        for finding in found
        if finding.severity is Severity.ERROR
    ]
    if faults:
        raise InputFaults(path, faults)
    return Candidate(archive.content, package.manifest.unique_name, package.version, package.managed)


def _show(
    candidate: "Candidate", plan: "Plan", imported: "Imported | None", administrator: Administrator, form: str
) -> None:
    if form == "json":
        click.echo(json_text(_result(candidate, plan, imported, administrator)))
        return
    for warning in imported.warnings if imported else ():
        tell(f"warning: {printable(str(warning))}")
    if imported is None:
        click.echo(f"{candidate.label} is installed already: nothing to do")
    else:
        before = f" (before: {plan.installed.version})" if plan.installed else ""
        click.echo(f"{plan.action.value}: {candidate.label}{before}, job {imported.job_id}")


def _result(
    candidate: "Candidate", plan: "Plan", imported: "Imported | None", administrator: Administrator
) -> dict[str, Any]:
    return {
        "version": 1,
        "environment": administrator.url,
        "tenant": administrator.tenant_id,
        "solution": candidate.unique_name,
        "solution_version": str(candidate.version),
        "installed_before": str(plan.installed.version) if plan.installed else None,
        "action": plan.action.value,
        "job": imported.job_id if imported else None,
        "warnings": [str(warning) for warning in imported.warnings] if imported else [],
    }
