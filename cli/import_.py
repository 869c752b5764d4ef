"""`solsmith import`: a package into an environment."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from builder.errors import Refused, UsageError
from builder.text import printable
from cli.connecting import Administrator, administrator_options, confirm, yes_option
from cli.deploying import differences_as_data, echo_json, read_candidate, roles_before, show_differences, show_plan
from cli.output import tell

if TYPE_CHECKING:
    from collections.abc import Callable

    from builder.connection.http import Connection
    from builder.deployment.candidate import Candidate
    from builder.deployment.importer import Imported
    from builder.deployment.plan import Plan
    from builder.deployment.readback import Difference

_PATH = click.Path(dir_okay=False, path_type=Path)


@dataclass(frozen=True, slots=True)
class _Choices:
    """What was asked for."""

    previous: Path | None
    plan_file: Path | None
    expect_digest: str | None
    reinstall: bool
    overwrite: bool
    enforce: bool
    seconds: float
    yes: bool


@dataclass(slots=True)
class _Result:
    """What came of it; `plan` is None where a job was resumed."""

    candidate: "Candidate | None"
    plan: "Plan | None" = None
    imported: "Imported | None" = None
    differences: "tuple[Difference, ...]" = ()
    enforced: "tuple[Difference, ...]" = ()

    @property
    def action(self) -> str:
        return self.plan.action.value if self.plan else "resume"


@click.command("import")
@click.argument("package", type=click.Path(path_type=Path), required=False)
@click.option("--plan", "plan_file", type=_PATH, help="Carry out this plan, and nothing where the world has moved.")
@click.option("--expect-digest", metavar="DIGEST", help="Refuse a package with another content digest.")
@click.option("--reinstall", is_flag=True, help="Import although this version is installed already.")
@click.option("--overwrite-customizations", is_flag=True, help="Undo what was changed by hand; it is listed first.")
@click.option("--previous", type=_PATH, help="The package that is installed: it tells what was changed by hand.")
@click.option("--enforce", is_flag=True, help="Set right what the role grants otherwise afterwards, by hand.")
@click.option("--resume", metavar="JOB", help="Follow an import job that was begun before; nothing is started.")
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
def import_(
    package: Path | None, resume: str | None, timeout: float, form: str, administrator: Administrator, **rest: Any
) -> int:
    """Import a solution PACKAGE (a zip) into an environment, and wait for what comes of it.

    It is planned first (see solsmith plan) and the environment checks it; then it is started once and followed to its
    end. What was changed by hand stays. Afterwards the roles are read back: exit code 1 where they grant something else
    than the package says; --enforce sets that right, which leaves an unmanaged layer on the role.

    \b
    Examples:
      solsmith import product_1_0_1_365_managed.zip
      solsmith import product_1_0_1_365_managed.zip --plan plan.json --yes
      solsmith import product_1_0_1_365_managed.zip --resume 0f8c...
    """
    choices = _Choices(overwrite=rest.pop("overwrite_customizations"), seconds=timeout * 60, **rest)
    if package is None and resume is None:
        raise UsageError("which package is meant must be said", "solsmith import PACKAGE")
    candidate = read_candidate(package) if package else None
    if candidate and choices.expect_digest and choices.expect_digest != candidate.digest:
        raise UsageError(
            f"{package} has the content digest {candidate.digest}, not {printable(choices.expect_digest)}",
            "this is not the package that was approved; nothing was sent",
        )
    with administrator.connect() as connection:
        if resume is not None:
            result = _resume(connection, candidate, _job_id(resume), choices)
        else:
            assert candidate is not None  # noqa: S101 - there is a package or a job
            result = _import(connection, candidate, choices, administrator)
        _set_right(connection, result, choices, administrator)
    _show(result, administrator, form)
    return int(bool(result.differences))


def _import(
    connection: "Connection", candidate: "Candidate", choices: _Choices, administrator: Administrator
) -> _Result:
    from builder.deployment import importer
    from builder.deployment.plan import Action

    plan = _plan(connection, candidate, choices, administrator)
    if plan.action is Action.REFUSED:
        for refusal in plan.refusals:
            tell(f"  {printable(refusal)}")
        raise Refused(f"{candidate.label} cannot be imported into {connection.origin}", "solsmith plan shows it whole")
    if plan.action is Action.NOTHING:
        return _Result(candidate, plan)
    if choices.overwrite:
        show_plan(plan, administrator.label)
    what = f"{plan.action.value} {candidate.label}{_counted(plan)}"
    confirm(what, administrator, yes=choices.yes)
    imported = _follow(
        lambda report: importer.carry_out(
            connection,
            candidate,
            report,
            upgrade=plan.action is Action.UPGRADE,
            overwrite=plan.options.overwrite,
            limit=choices.seconds,
        )
    )
    return _Result(candidate, plan, imported)


def _plan(connection: "Connection", candidate: "Candidate", choices: _Choices, administrator: Administrator) -> "Plan":
    """Make the plan, once no other import runs; raises UsageError where it is not the one that was handed in."""
    from builder.deployment import plan_document
    from builder.deployment.plan import Options
    from builder.deployment.planning import make_plan
    from builder.deployment.waiting import pauses

    planned = plan_document.read(choices.plan_file) if choices.plan_file else None
    options = plan_document.options_of(planned) if planned else Options(choices.reinstall, choices.overwrite)
    plan = make_plan(connection, candidate, options, roles_before(choices.previous))
    for pause in pauses(choices.seconds, first=1.0, longest=30.0) if plan.running else ():
        tell(f"{printable(plan.running[0].name)} runs in the environment: waiting for its end")
        connection.sleep(pause)
        plan = make_plan(connection, candidate, options, roles_before(choices.previous))
        if not plan.running:
            break
    if planned is not None:
        plan_document.check_unmoved(planned, plan_document.as_document(plan, administrator.client_id or ""))
    return plan


def _resume(connection: "Connection", candidate: "Candidate | None", job_id: str, choices: _Choices) -> _Result:
    from builder.deployment import importer

    label = candidate.label if candidate else "the package"
    resume = importer.resume
    imported = _follow(lambda report: resume(connection, job_id, report, label=label, limit=choices.seconds))
    return _Result(candidate, None, imported)


def _follow(run: "Callable[[Any], Imported]") -> "Imported":
    """Show an import's progress; an interrupt leaves the job running, and says how to come back."""
    from builder.deployment.importer import ImportFailed
    from cli.explaining import show_problems
    from cli.progress import Drawing

    with Drawing() as drawing:
        try:
            return run(drawing.update)
        except ImportFailed as failed:
            drawing.stop()
            show_problems(failed.problems)
            raise
        except KeyboardInterrupt:
            drawing.stop()
            if drawing.job_id:
                tell(f"the import {drawing.fate} in the environment: job {drawing.job_id}")
                tell(f"  come back to it: solsmith import PACKAGE --resume {drawing.job_id}")
            raise


def _set_right(connection: "Connection", result: _Result, choices: _Choices, administrator: Administrator) -> None:
    """Read the roles back, and have them set right where that was asked for."""
    from builder.deployment import readback

    if result.candidate is None:
        tell("without the package, its roles are not compared")
        return
    if result.plan is not None and not result.plan.writes:
        return  # the plan has just compared them, and found nothing
    result.differences = readback.read_back(connection, result.candidate.roles)
    if result.differences and choices.enforce:
        confirm("change the roles by hand, which leaves an unmanaged layer", administrator, yes=choices.yes)
        result.enforced = result.differences
        result.differences = readback.enforce(connection, result.differences)


def _counted(plan: "Plan") -> str:
    from collections import Counter

    kinds = Counter(change.kind.value for role in plan.roles for change in role.changes)
    told = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
    return f" (grants: {told})" if told else ""


def _job_id(text: str) -> str:
    import uuid

    try:
        return str(uuid.UUID(text))
    except ValueError:
        raise UsageError(f"not the id of a job: {printable(text)}", "import names it before it begins") from None


def _show(result: _Result, administrator: Administrator, form: str) -> None:
    plan, imported, candidate = result.plan, result.imported, result.candidate
    if form == "json":
        echo_json(_document(result, administrator))
        return
    for warning in imported.warnings if imported else ():
        tell(f"warning: {printable(str(warning))}")
    name = printable(candidate.label) if candidate else "the package"
    if imported is None:
        click.echo(f"{name} is installed already: nothing to do")
    else:
        before = f" (before: {plan.installed.version})" if plan and plan.installed else ""
        click.echo(f"{result.action}: {name}{before}, job {imported.job_id}")
    show_differences(result.differences)
    for one in result.enforced:
        click.echo(f"set right by hand: {printable(one.role.name)}; it has an unmanaged layer now, which later imports "
                   "do not reach through")  # fmt: skip
    if result.differences and not result.enforced:
        tell("what differs stays until --enforce sets it right, or the unmanaged layer is removed in the maker portal")


def _document(result: _Result, administrator: Administrator) -> dict[str, Any]:
    candidate, plan, imported = result.candidate, result.plan, result.imported
    return {
        "version": 1,
        "environment": administrator.url,
        "tenant": administrator.tenant_id,
        "solution": candidate.unique_name if candidate else None,
        "solution_version": str(candidate.version) if candidate else None,
        "installed_before": str(plan.installed.version) if plan and plan.installed else None,
        "action": result.action,
        "job": imported.job_id if imported else None,
        "warnings": [str(warning) for warning in imported.warnings] if imported else [],
        "differences": differences_as_data(result.differences),
        "enforced": differences_as_data(result.enforced),
    }
