"""What plan, import and drift share: the package that is meant, and how plans and differences are shown."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from builder.text import json_text, printable
from cli.output import tell

if TYPE_CHECKING:
    from builder.comparison.changes import GrantChange
    from builder.deployment.candidate import Candidate
    from builder.deployment.plan import Plan
    from builder.deployment.readback import Difference
    from builder.model import Role


def read_candidate(path: Path) -> "Candidate":
    """Read the package, once, so that what was validated is what is sent; raises InputFaults where it has errors."""
    from builder.deployment.candidate import candidate_of
    from builder.errors import Fault, InputFaults
    from builder.package.archive import Archive
    from builder.package.reader import read_members, require_core
    from builder.validation import Severity
    from builder.validation.validate import validate_package

    archive = Archive.open(path)
    package = require_core(read_members(str(path), archive))
    faults = [
        Fault(f"{finding.rule}: {finding.message}", finding.member, finding.line, finding.hint)
        for finding in validate_package(package).findings
        if finding.severity is Severity.ERROR
    ]
    if faults:
        raise InputFaults(path, faults)
    return candidate_of(package, archive.content)


def roles_before(previous: Path | None) -> "Sequence[Role] | None":
    """Give the roles of the package that is installed, where it was named."""
    from builder.package.reader import read_package

    return read_package(previous).roles if previous else None


def show_plan(plan: "Plan", label: str) -> None:
    """Print a plan: what would be done, what changes role by role, and what stands in the way."""
    before = f" (installed: {plan.installed.version})" if plan.installed else ""
    click.echo(f"{plan.action.value}: {printable(plan.candidate.label)}{before}")
    click.echo(f"  {label}")
    for refusal in plan.refusals:
        click.echo(f"  refused: {printable(refusal)}")
    for role in plan.roles:
        _show_role(plan, role)
    for name in plan.gone:
        click.echo(f"\nRole {printable(name)}: the package has it no more, so the upgrade removes it")
    for one in plan.running:
        tell(
            f"warning: {printable(one.name)} runs since {printable(one.started or 'just now')}; an import waits for it"
        )
    for warning in plan.warnings:
        tell(f"warning: {printable(warning)}")


def _show_role(plan: "Plan", role: Any) -> None:
    state = f"there, held by {role.holders} user{'s' * (role.holders != 1)}" if role.live else "new"
    click.echo(f"\nRole {printable(role.role.name)} ({state})")
    show_grants("grants", role.changes, "as the package says already")
    if role.live is None:
        return
    if role.by_hand:
        show_grants("changed by hand in the environment", role.by_hand, "")
    if role.layered:
        click.echo("  an unmanaged layer lies on it: what was changed by hand stays, unless it is overwritten")
    if role.platform:
        names = ", ".join(grant.privilege for grant in role.platform)
        click.echo(f"  added by the platform, and no difference: {printable(names)}")
    if plan.options.overwrite:
        unsure = "" if role.by_hand is not None else " (which of it was changed by hand, only --previous can tell)"
        show_grants(f"overwriting could undo{unsure}", role.undone, "")


def show_grants(title: str, changes: "Iterable[GrantChange]", none: str) -> None:
    """Print changes of grants, one a line, or in their place that there are none."""
    changes = list(changes)
    if changes or none:
        click.echo(f"  {title}: {'' if changes else none}".rstrip())
    for change in changes:
        words = [grant.depth.words for grant in (change.before, change.after) if grant]
        click.echo(f"    {change.kind.value:9} {printable(change.grant.privilege)} ({' -> '.join(words)})")


def show_differences(differences: "Iterable[Difference]") -> None:
    """Print where roles do not grant what their package says."""
    for one in differences:
        click.echo(f"Role {printable(one.role.name)} differs from the package:")
        show_grants("from the package to the environment", one.changes, "")


def differences_as_data(differences: "Iterable[Difference]") -> list[dict[str, Any]]:
    """Give differences for --format json."""
    from builder.deployment.plan_document import changes_as_data

    return [{"role": one.role.name, "id": one.role.id, "changes": changes_as_data(one.changes)} for one in differences]


def echo_json(document: dict[str, Any]) -> None:
    """Print a document."""
    click.echo(json_text(document))
