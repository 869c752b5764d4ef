"""`solsmith plan`: what an import would come to."""

from pathlib import Path

import click

from cli.connecting import Administrator, administrator_options
from cli.deploying import echo_json, read_candidate, roles_before, show_plan
from cli.output import tell

_PATH = click.Path(dir_okay=False, path_type=Path)


@click.command(short_help="Say what importing a package would change.")
@click.argument("package", type=click.Path(path_type=Path))
@click.option("--previous", type=_PATH, help="The package that is installed: it tells what was changed by hand.")
@click.option("--reinstall", is_flag=True, help="Plan to import although this version is installed already.")
@click.option("--overwrite-customizations", is_flag=True, help="Plan to undo what was changed by hand, and list it.")
@click.option("--out", type=_PATH, help="Write the plan for `solsmith import --plan`.")
@click.option("--exit-code", is_flag=True, help="Exit with 1 where an import would change something.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@administrator_options
def plan(
    package: Path,
    previous: Path | None,
    reinstall: bool,
    overwrite_customizations: bool,
    out: Path | None,
    exit_code: bool,
    form: str,
    administrator: Administrator,
) -> int:
    """Compare a PACKAGE (a zip) with an environment and say what an import would do. Nothing is written.

    Install, update, upgrade, nothing to do, or refused: by version and by what the roles grant. Every privilege and
    depth is checked against the environment's own. Exit code 3 where an import would be refused.

    \b
    Example:
      solsmith plan product_1_0_1_365_managed.zip --out plan.json
      solsmith import product_1_0_1_365_managed.zip --plan plan.json
    """
    from builder.deployment import plan_document
    from builder.deployment.plan import Action, Options
    from builder.deployment.planning import make_plan

    candidate = read_candidate(package)
    with administrator.connect() as connection:
        options = Options(reinstall=reinstall, overwrite=overwrite_customizations)
        made = make_plan(connection, candidate, options, roles_before(previous))
    document = plan_document.as_document(made, administrator.client_id or "")
    if form == "json":
        echo_json(document)
    else:
        show_plan(made, administrator.label)
    if out:
        plan_document.write(document, out)
        tell(f"the plan stands in {out}")
    if made.action is Action.REFUSED:
        return 3
    return int(exit_code and made.writes)
