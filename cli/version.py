"""solsmith version."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from builder.text import json_text
from cli.releasing import guard, guard_options, version_options, version_source

if TYPE_CHECKING:
    from builder.solution.spec import Spec

_PARTS = ("major", "minor", "build", "revision")
_FORMAT = click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)


@click.group(short_help="Show and raise the version of a spec.")
def version() -> None:
    """Show and raise the version of a spec.

    A version has four numbers: major, minor, build and revision. A spec that says `fixed_revision` keeps the fourth
    over all releases.
    """


@version.command(short_help="Show the version that a build would have.")
@click.argument("spec", type=click.Path(path_type=Path))
@version_options
@_FORMAT
def show(spec: Path, version: str | None, version_file: Path | None, version_from: str | None, form: str) -> None:
    """Show the version that a build of SPEC would have.

    \b
    Examples:
      solsmith version show solution.yaml
      solsmith version show solution.yaml --version-from git
    """
    from builder.solution.spec import read_spec

    source = version_source(spec, version, version_file, version_from)
    _print(read_spec(spec, guess_case=True, version=source), form)


@version.command(short_help="Raise the version in a spec.")
@click.argument("spec", type=click.Path(path_type=Path))
@click.option(
    "--part",
    type=click.Choice(_PARTS),
    default="build",
    show_default=True,
    help="The number to raise by one; those after it become 0, but for a fixed revision.",
)
@guard_options
@click.option(
    "-o",
    "--output-dir",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("dist"),
    show_default=True,
    help="The folder of built packages, whose versions the new one must not fall behind.",
)
@_FORMAT
def bump(spec: Path, part: str, output_dir: Path, previous: Path | None, allow_lower: bool, form: str) -> None:
    """Raise the version in SPEC, and change nothing else there: every other byte stays as it is.

    \b
    Examples, from 1.0.1.365 where the spec fixes the revision at 365:
      solsmith version bump solution.yaml                 (1.0.2.365)
      solsmith version bump solution.yaml --part minor    (1.1.0.365)
    """  # fmt: skip
    from builder.solution.spec import SCHEMA, read_spec
    from builder.solution.spec_edit import set_version
    from builder.solution.versions import bumped

    read = read_spec(spec, guess_case=True)
    raised = bumped(read.solution.version, part, read.fixed_revision)
    after = replace(read, solution=replace(read.solution, version=raised))
    guard(after, spec, output_dir, previous, allow_lower=allow_lower)
    set_version(spec, raised, SCHEMA)
    _print(after, form)


def _print(spec: "Spec", form: str) -> None:
    if form == "json":
        solution = spec.solution
        content = {"version": 1, "unique_name": solution.unique_name, "solution_version": str(solution.version)}
        click.echo(json_text(content))
    else:
        click.echo(str(spec.solution.version))
