"""What `unpack` and `pack` share: options, and how notes are told."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from builder.text import printable
from cli.output import tell

if TYPE_CHECKING:
    from builder.errors import Fault
    from builder.package.packager.manifest import PackageType

NEWLINES = {"crlf": "\r\n", "lf": "\n"}


def layout_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that both directions have."""
    for option in (
        click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True),
        click.option("--force", is_flag=True, help="Write over what is no package, or no folder, of the solution."),
        click.option(
            "--exact", is_flag=True, help="Do all as Microsoft's tool does, its silent losses too (docs/packager.md)."
        ),
        click.option(
            "--map",
            "map_file",
            type=click.Path(path_type=Path, dir_okay=False),
            help="A map file: which files that components name are built elsewhere.",
        ),
        click.option(
            "--package-type",
            type=click.Choice(["managed", "unmanaged", "both"], case_sensitive=False),
            help="What is asked for; what the package or folder says, if left out.",
        ),
    ):
        command = option(command)
    return command


def package_type_of(word: str | None) -> "PackageType | None":
    """Turn the option into a type."""
    from builder.package.packager.manifest import PackageType

    return PackageType[word.upper()] if word else None


def tell_notes(notes: "Iterable[Fault]") -> None:
    """Tell what a person should know, each thing once."""
    for note in dict.fromkeys(map(str, notes)):
        tell(f"note: {printable(note)}")
