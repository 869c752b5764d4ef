"""solsmith adopt."""

from pathlib import Path

import click

from builder.errors import UsageError
from builder.text import has_pipeline_command, printable
from cli.output import tell
from cli.sides import open_all, statement_options


@click.command(short_help="Write the spec that builds a package's roles.")
@click.argument("package", type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="The file to write; stdout if left out."
)
@click.option("--force", is_flag=True, help="Replace the file where it is there already.")
@statement_options
def adopt(
    package: Path, output: Path | None, force: bool, access: tuple[Path, ...], specs: tuple[Path, ...]
) -> None:  # fmt: skip
    """Write the spec that builds the same roles under the same manifest as PACKAGE: a zip, or an unpacked folder.

    Ids stay, so that what is built upgrades what is installed. Reasons come from the package's access statement, where
    there is one. What a spec cannot carry, such as tables and processes, is told and stays behind.

    \b
    Example:
      solsmith adopt product_1_0_0_365_managed.zip -o solution.yaml
    """
    from builder.files import write_whole
    from builder.solution.adopt import adopt as run

    if output and output.exists() and not force:
        raise UsageError(f"{output} is there already", "Choose another file, or replace it with --force.")
    (opened,) = open_all([package], access, specs)
    adopted = run(opened.package, opened.roles, opened.application)
    for note in adopted.notes:
        tell(f"note: {printable(note)}")
    if output is None:
        if has_pipeline_command(adopted.text):
            raise UsageError(
                f"{package} has names that a build pipeline would take for commands",
                "Write to a file: -o solution.yaml",
            )
        click.echo(adopted.text, nl=False)
        return
    write_whole(output, adopted.text.encode())
    click.echo(printable(str(output)))
