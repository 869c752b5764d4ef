"""solsmith build."""

import os
from pathlib import Path

import click

from builder.text import printable
from cli.output import tell


@click.command(short_help="Build a solution package from a spec.")
@click.argument("spec", type=click.Path(path_type=Path))
@click.option(
    "-o", "--output-dir", type=click.Path(path_type=Path, file_okay=False), default=Path("dist"), show_default=True,
    help="The folder to write the package to.",
)  # fmt: skip
@click.option("--guess-case", is_flag=True, help="Take the letter case of uncertain privilege names as guessed.")
def build(spec: Path, output_dir: Path, guess_case: bool) -> None:
    """Build the solution package that SPEC describes.

    The same spec gives the same file, byte for byte, wherever and whenever it is built. Prints the path, the content
    digest and what the role grants.

    \b
    Example:
      solsmith build examples/net-results/solution.yaml -o dist
    """
    from builder.build import build_solution
    from builder.solution.spec import read_spec
    from cli.matrix import show_role

    read = read_spec(spec, guess_case=guess_case)
    built = build_solution(read.solution, output_dir, source_date_epoch=os.environ.get("SOURCE_DATE_EPOCH"))
    for note in read.notes:
        tell(f"note: {printable(note)}")
    click.echo(f"{printable(str(built.path))}")
    click.echo(f"content {built.digest}")
    for role in read.solution.roles:
        click.echo()
        show_role(role)
