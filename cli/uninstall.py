"""`solsmith uninstall`: take a solution out of an environment."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from builder.text import printable
from cli.connecting import Administrator, administrator_options, confirm, yes_option
from cli.deploying import echo_json
from cli.output import tell

if TYPE_CHECKING:
    from builder.deployment.uninstalling import Removal


@click.command(short_help="Take a solution out of an environment.")
@click.argument("solution")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@yes_option
@administrator_options
def uninstall(solution: str, form: str, yes: bool, administrator: Administrator) -> int:
    """Remove a SOLUTION (its unique name, or its package) from an environment.

    Of a managed solution the components go too: roles are lost by the users that hold them. What goes and what depends
    on it is shown first. A solution that is not installed is nothing to do.

    \b
    Example:
      solsmith uninstall NetResultsSyncforDynamics365
    """
    from builder.deployment import uninstalling

    name = _unique_name(solution)
    with administrator.connect() as connection:
        removal = uninstalling.plan_removal(connection, name)
        if removal is not None:
            _tell(removal)
            confirm(f"remove {removal.solution.unique_name} {removal.solution.version}", administrator, yes=yes)
            uninstalling.carry_out(connection, removal)
    if form == "json":
        echo_json(
            {
                "version": 1,
                "environment": administrator.url,
                "tenant": administrator.tenant_id,
                "solution": name,
                "solution_version": str(removal.solution.version) if removal else None,
                "removed": removal is not None,
                "roles": [
                    {"id": one.role.id, "name": one.role.name, "holders": one.holders}
                    for one in (removal.roles if removal else ())
                ],
            }
        )
    elif removal is None:
        click.echo(f"{printable(name)} is not installed: nothing to do")
    else:
        click.echo(f"removed: {printable(removal.solution.unique_name)} {removal.solution.version}")
    return 0


def _unique_name(text: str) -> str:
    if not text.lower().endswith(".zip"):
        return text
    from builder.package.reader import read_package

    return read_package(Path(text)).manifest.unique_name


def _tell(removal: "Removal") -> None:
    for one in removal.roles:
        tell(f"goes with it: role {printable(one.role.name)}, held by {one.holders} user{'s' * (one.holders != 1)}")
    if removal.dependents is None:
        tell("what depends on it, this environment does not tell; it refuses where something does")
    for row in removal.dependents or ():
        kind, name = (str(row.get(key) or "") for key in ("dependentcomponenttype", "dependentcomponentobjectid"))
        tell(f"depends on it: component of type {printable(kind)} {printable(name)}")
    for running in removal.running:
        tell(f"warning: {printable(running.name)} runs in the environment")
