"""solsmith unpack."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from builder.text import printable
from cli.output import tell
from cli.packaging import NEWLINES, layout_options, package_type_of, tell_notes

if TYPE_CHECKING:
    from builder.package.packager.placing import Placing
    from builder.package.packager.tree import UnpackedTree

_SHOWN = 20


@click.command(short_help="Lay a package out as files, as SolutionPackager does.")
@click.argument("package", type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", "folder", required=True, type=click.Path(path_type=Path, file_okay=False), help="The folder."
)
@click.option(
    "--newline",
    type=click.Choice(list(NEWLINES)),
    help="The line ends of the XML files.  [default: those of the folder, crlf in a new one]",
)
@click.option("--delete", is_flag=True, help="Delete, unasked, what an earlier unpack made and this one does not.")
@layout_options
def unpack(
    package: Path, folder: Path, newline: str | None, delete: bool, package_type: str | None,
    map_file: Path | None, exact: bool, force: bool, form: str,
) -> None:  # fmt: skip
    """Lay the solution zip PACKAGE out as the folder that SolutionPackager and `pac solution unpack` make of it.

    Over a folder that was unpacked before, only what changed is written. Files that an earlier unpack made and this
    one does not are deleted after you say so, or with --delete; no other file is.

    With --package-type both, X.zip is the unmanaged package, and X_managed.zip beside it the managed one.

    \b
    Example:
      solsmith unpack product_1_0_0_365.zip -o src
    """
    from builder.package.packager.mapping import FileMap, read_map
    from builder.package.packager.placing import newline_of, plan
    from builder.package.packager.solution_folder import unpack_zip
    from builder.package.packager.tree import UnpackOptions

    line_end = NEWLINES[newline] if newline else newline_of(folder)
    options = UnpackOptions(line_end or "\r\n", exact)
    file_map = read_map(map_file) if map_file else FileMap()
    tree = unpack_zip(package, package_type_of(package_type), options, file_map)
    placing = plan(folder, tree, any_newline=newline is None, force=force)
    tell_notes(tree.notes)
    delete = bool(placing.unnecessary) and (delete or _asked(placing))
    placing.write(delete=delete)
    if form == "json":
        _show_json(placing, tree, deleted=delete)
    else:
        _show_text(placing, deleted=delete)


def _asked(placing: "Placing") -> bool:
    """Ask whether to delete what is unnecessary, where somebody can answer."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    tell("An earlier unpack made these files, and this one does not:")
    for name in placing.unnecessary:
        tell(f"  {printable(name)}")
    return click.confirm("Delete them?", default=False, err=True)


def _show_text(placing: "Placing", *, deleted: bool) -> None:
    count = len(placing.written)
    same = f", {len(placing.unchanged):,} as they were" if placing.unchanged else ""
    click.echo(f"{printable(str(placing.folder))}: {count:,} file{'s' * (count != 1)} written{same}")
    if placing.unnecessary:
        fate = "deleted" if deleted else "left, though this package does not have them; --delete removes them"
        tell(f"{len(placing.unnecessary):,} unnecessary: {fate}")
        for name in placing.unnecessary[:_SHOWN]:
            tell(f"  {printable(name)}")
        if len(placing.unnecessary) > _SHOWN:
            tell(f"  and {len(placing.unnecessary) - _SHOWN:,} more")


def _show_json(placing: "Placing", tree: "UnpackedTree", *, deleted: bool) -> None:
    content = {
        "version": 1,
        "folder": str(placing.folder),
        "solution": tree.manifest.unique_name,
        "solution_version": tree.manifest.version,
        "package_type": tree.manifest.package_type.word,
        "written": sorted(placing.written),
        "unchanged": len(placing.unchanged),
        "unnecessary": list(placing.unnecessary),
        "deleted": deleted,
        "notes": list(dict.fromkeys(map(str, tree.notes))),
    }
    click.echo(json.dumps(content, indent=2))
