"""What `solsmith build --check` prints."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from builder.text import json_text, printable
from cli.output import tell

if TYPE_CHECKING:
    from builder.solution.reproduction import Difference


def show_check(
    form: str, package: Path, found: str, expected: str, unlike: "Sequence[Difference]", notes: Sequence[str]
) -> None:
    """Print the differences of a package from what its spec builds, as text or JSON."""
    if form == "json":
        _show_json(package, found, expected, unlike, notes)
        return
    for note in notes:
        tell(f"note: {printable(note)}")
    for difference in unlike:
        _show(difference)
    name = printable(str(package))
    if unlike:
        tell(f"{name} is not what the spec builds ({len(unlike)} difference{'s' * (len(unlike) != 1)})")
    else:
        click.echo(f"{name} is what the spec builds")
    click.echo(f"content {found}")
    if found != expected:
        click.echo(f"built   {expected}")


def _show(difference: "Difference") -> None:
    member = printable(difference.member)
    if difference.line:
        click.echo(f"{member}:{difference.line}")
        for sign, text in (("-", difference.found), ("+", difference.expected)):
            if text is not None:
                click.echo(f"  {sign} {printable(text.strip())}")
    else:
        what = {"absent": "is not in the package", "surplus": "is built by no spec", "changed": "differs"}
        click.echo(f"{member} {what[difference.kind]}")


def _show_json(package: Path, found: str, expected: str, unlike: "Sequence[Difference]", notes: Sequence[str]) -> None:
    from dataclasses import asdict

    content = {
        "version": 1,
        "package": str(package),
        "found_digest": found,
        "expected_digest": expected,
        "differences": [asdict(difference) for difference in unlike],
        "notes": list(notes),
    }
    click.echo(json_text(content))
