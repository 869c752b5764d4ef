"""solsmith pack."""

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from builder.text import printable
from cli.packaging import NEWLINES, layout_options, package_type_of, tell_notes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from builder.package.packager.solution_folder import Packed


@click.command(short_help="Pack a folder that SolutionPackager unpacked.")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", required=True, type=click.Path(path_type=Path, dir_okay=False), help="The zip to write."
)
@click.option(
    "--newline", type=click.Choice(list(NEWLINES)), default="crlf", show_default=True, help="The line ends of the XML."
)
@click.option(
    "--like",
    type=click.Choice(["packager", "server"]),
    default="packager",
    show_default=True,
    help="Whose form solution.xml, customizations.xml and [Content_Types].xml have: that of Microsoft's packager, or "
    "that of Dataverse's exports.",
)
@layout_options
def pack(
    folder: Path, output: Path, newline: str, like: str, package_type: str | None,
    map_file: Path | None, exact: bool, force: bool, form: str,
) -> None:  # fmt: skip
    """Pack FOLDER, which SolutionPackager, `pac solution unpack` or solsmith made, to a solution zip.

    The same folder gives the same zip, byte for byte, wherever and whenever it is packed. A folder of both package
    types gives two: -o X.zip the unmanaged one, and X_managed.zip beside it.

    A component that Other/Solution.xml does not list, or lists twice, is an error (exit code 1), as with Microsoft's
    tool; one that it lists and the folder does not hold is told.

    \b
    Example:
      solsmith pack src -o dist/product.zip
    """
    from builder.package.packager.mapping import FileMap, read_map
    from builder.package.packager.packing import PackOptions
    from builder.package.packager.solution_folder import pack_folder, write_packages

    file_map = read_map(map_file) if map_file else FileMap()
    options = PackOptions(NEWLINES[newline], like == "server", exact, file_map)
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    packages = pack_folder(folder, output, package_type_of(package_type), options, source_date_epoch=epoch)
    write_packages(packages, folder, force=force)
    tell_notes(note for package in packages for note in package.notes)
    if form == "json":
        _show_json(packages)
        return
    for package in packages:
        click.echo(printable(str(package.path)))
        click.echo(f"content {package.digest}")


def _show_json(packages: "Sequence[Packed]") -> None:
    content = {
        "version": 1,
        "packages": [
            {
                "path": str(package.path),
                "solution": package.manifest.unique_name,
                "solution_version": package.manifest.version,
                "package_type": package.manifest.package_type.word,
                "digest": package.digest,
                "members": package.members,
                "notes": list(dict.fromkeys(map(str, package.notes))),
            }
            for package in packages
        ],
    }
    click.echo(json.dumps(content, indent=2))
