"""`solsmith sandbox`: a local Dataverse and Entra to try things against."""

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

import click

from builder.errors import UsageError
from cli.output import tell

if TYPE_CHECKING:
    from builder.sandbox.server import Ready

_NEEDED = ("starlette", "uvicorn", "trustme", "jwt")


@click.group(short_help="Run a local Dataverse to try things against.")
def sandbox() -> None:
    """Run a local Dataverse and Entra that enforce what a role says."""


@sandbox.command()
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Port on 127.0.0.1; any free one by default.")
@click.option(
    "--home",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the certificates; a temporary one by default, removed at the end.",
)
@click.option("--app-id", metavar="GUID", help="Client id of the application in the sandbox's tenant.")
@click.option("--app-name", metavar="NAME", help="Its display name.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to say where it is.")
@click.option("--switch", "switches", metavar="NAME=VALUE", multiple=True, help="An unconfirmed behaviour; repeatable.")
@click.option("--token-seconds", type=click.IntRange(1), default=3600, show_default=True, help="Life of a token.")
@click.option(
    "--import-seconds",
    type=click.FloatRange(0),
    default=0.9,
    show_default=True,
    help="How long an import takes when nobody polls it.",
)
@click.option("--stage-seconds", type=click.FloatRange(0), default=3600, help="How long a staged upload is kept.")
@click.option(
    "--state",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File that keeps the environment over restarts; in memory only by default.",
)
@click.option(
    "--scenario",
    type=click.Path(dir_okay=False, path_type=Path),
    help="YAML file that describes the environment to start with.",
)
@click.option("--fault", "faults", metavar="'METHOD PATH WHICH KIND'", multiple=True, help="A fault; repeatable.")
@click.option(
    "--faults",
    "fault_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file of faults, one a line.",
)
@click.option("--seed", type=int, default=0, help="Draws which requests a fault with a share such as 20% meets.")
@click.option("--clock-skew", type=float, default=0.0, help="Seconds by which the sandbox's clock is ahead.")
def start(
    port: int,
    home: Path | None,
    app_id: str | None,
    app_name: str | None,
    form: str,
    switches: tuple[str, ...],
    token_seconds: int,
    import_seconds: float,
    stage_seconds: float,
    state: Path | None,
    scenario: Path | None,
    faults: tuple[str, ...],
    fault_file: Path | None,
    seed: int,
    clock_skew: float,
) -> None:
    """Serve until Ctrl-C, and print how to connect: lines for a shell, or one line of JSON.

    \b
    Example:
      solsmith sandbox start > sandbox.env &
      . ./sandbox.env
    \b
    A fault names requests and what happens to them:
      --fault 'POST ImportSolutionAsync 1 cut-after'   the answer to the first start is lost
      --fault 'GET * 20% 503'                          one read in five meets a gateway's error
      --fault '* * 7 429:time:5'                       the seventh request is throttled, Retry-After 5
    """
    if any(importlib.util.find_spec(module) is None for module in _NEEDED):
        raise UsageError("the sandbox is not installed", "Install solsmith with it: pipx install 'solsmith[sandbox]'.")
    from builder.document import read_bounded
    from builder.sandbox.assembly import REFERENCE_APP_ID, REFERENCE_APP_NAME, Settings
    from builder.sandbox.disturbances import Disturbances, read_rules
    from builder.sandbox.server import Ended, serve
    from builder.sandbox.switches import Switches

    try:
        chosen = Switches.parse(switches)
        rules = [*faults, *(read_rules(read_bounded(fault_file).decode("utf-8").splitlines()) if fault_file else [])]
        Disturbances(seed).set(rules)
    except ValueError as error:
        raise UsageError(str(error)) from None
    settings = Settings(
        port=port,
        home=home,
        app_id=app_id or REFERENCE_APP_ID,
        app_name=app_name or REFERENCE_APP_NAME,
        token_seconds=token_seconds,
        import_seconds=import_seconds,
        stage_seconds=stage_seconds,
        state=state,
        scenario=scenario,
        switches=chosen,
        faults=tuple(rules),
        seed=seed,
        clock_skew=clock_skew,
    )
    ended = serve(settings, lambda ready: _say_ready(ready, form))
    if ended is Ended.INTERRUPTED:
        raise KeyboardInterrupt


@sandbox.command()
@click.argument("state", type=click.Path(dir_okay=False, path_type=Path))
@click.argument("snapshot", type=click.Path(dir_okay=False, path_type=Path))
def snapshot(state: Path, snapshot: Path) -> None:
    """Copy the file STATE, of a running sandbox too, into the file SNAPSHOT."""
    from builder.sandbox.state.statefile import snapshot as take

    take(state, snapshot)
    tell(f"{snapshot} holds the environment of {state}.")


@sandbox.command()
@click.argument("snapshot", type=click.Path(dir_okay=False, path_type=Path))
@click.argument("state", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Replace STATE where it is there.")
def restore(snapshot: Path, state: Path, force: bool) -> None:
    """Make the file STATE what SNAPSHOT holds; no sandbox may run on it."""
    from builder.sandbox.state.statefile import restore as put_back

    if state.exists() and not force:
        raise UsageError(f"{state} is there", "Name another file, or give --force to replace it.")
    put_back(snapshot, state)
    tell(f"{state} holds the environment of {snapshot}.")


def _say_ready(ready: "Ready", form: str) -> None:
    click.echo(ready.as_json() if form == "json" else ready.as_exports())
    tell("The sandbox is ready. Ctrl-C ends it.")
