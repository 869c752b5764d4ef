"""solsmith: the group of commands, each loaded when it is called, and what becomes of errors."""

import importlib
import sys
from typing import Any

import click

from builder import __version__
from builder.errors import SolsmithError
from cli.output import prepare_streams, tell, tell_error

# Command name to where it stands; the order is that of the help text.
COMMANDS = {
    "build": ("cli.build:build", "Build a solution package from a spec."),
    "adopt": ("cli.adopt:adopt", "Write the spec that builds a package's roles."),
    "version": ("cli.version:version", "Show and raise the version of a spec."),
    "catalogue": ("cli.catalogue:catalogue", "Show what can be granted."),
    "validate": ("cli.validate:validate", "Say what is wrong with a package, offline."),
    "policy": ("cli.policy:policy", "Say what a policy forbids."),
    "show": ("cli.show:show", "Show what a package is and what its roles grant."),
    "pack": ("cli.pack:pack", "Pack a folder that SolutionPackager unpacked."),
    "unpack": ("cli.unpack:unpack", "Lay a package out as files, as SolutionPackager does."),
    "diff": ("cli.diff:diff", "Say what a change grants and takes away."),
    "brief": ("cli.brief:brief", "Write the access brief for a security review."),
    "explain": ("cli.explain:explain", "Say what a rule or an error code means."),
    "drift": ("cli.drift:drift", "Compare a package with environments."),
    "whoami": ("cli.whoami:whoami", "Say who signs in, and where."),
    "plan": ("cli.plan:plan", "Say what importing a package would change."),
    "import": ("cli.import_:import_", "Import a package into an environment."),
    "uninstall": ("cli.uninstall:uninstall", "Take a solution out of an environment."),
    "app-user": ("cli.app_user:app_user", "Create, show and verify the application user."),
    "sandbox": ("cli.sandbox:sandbox", "Run a local Dataverse to try things against."),
    "demo": ("cli.demo:demo", "Do all of it once, against a sandbox."),
}


class LazyGroup(click.Group):
    """A group that imports a command's module when the command is called, and no other."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the commands in the order in which they are used."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command."""
        if cmd_name not in COMMANDS:
            return None
        module, attribute = COMMANDS[cmd_name][0].split(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands from the table above, so that help imports none of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, help_) for name, (_, help_) in COMMANDS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Name the nearest command where there is none of that name."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            import difflib

            near = difflib.get_close_matches(args[0], COMMANDS, n=1)
            ctx.fail(f"There is no command '{args[0]}'." + (f" Did you mean '{near[0]}'?" if near else ""))
        return super().resolve_command(ctx, args)


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="solsmith", message="%(prog)s %(version)s")
@click.option("--debug", is_flag=True, help="Show the traceback of an unexpected error.")
@click.pass_context
def cli(context: click.Context, debug: bool) -> None:
    """Build, validate and import Dataverse solutions that carry a security role, and bring the application user that
    holds it to life.

    \b
    Example, from a spec to a package in dist/:
      solsmith build examples/net-results/solution.yaml
    """
    context.obj = {"debug": debug}


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit: 0 done, 1 findings, 2 wrong usage or input, 3 the other side, 130 interrupted."""
    prepare_streams()
    arguments = sys.argv[1:] if arguments is None else arguments
    sys.exit(run(arguments))


def run(arguments: list[str]) -> int:
    """Run the command line and give the exit code."""
    try:
        result: Any = cli.main(arguments, prog_name="solsmith", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return 2
    except (click.Abort, KeyboardInterrupt):
        tell("Interrupted.")
        return 130
    except SolsmithError as error:
        tell_error(error)
        return error.exit_code
    except BrokenPipeError:
        sys.stderr.close()  # whoever read our output has gone; there is nobody to tell
        return 1
    except Exception as error:
        if "--debug" in arguments:
            raise
        tell(f"solsmith failed in a way it should not: {type(error).__name__}.")
        tell("Please report it with what `solsmith --debug ...` prints for the same command.")
        return 1
    return result if isinstance(result, int) else 0
