"""solsmith policy."""

from pathlib import Path

import click

from builder.text import printable


@click.group(short_help="Say what a policy forbids.")
def policy() -> None:
    """What a team says its packages may never do; `solsmith validate --policy` checks it."""


@policy.command(short_help="Say in sentences what a policy forbids.")
@click.argument("what", required=False, metavar="[FILE|NAME]")
def explain(what: str | None) -> None:
    """Say in sentences what a policy forbids, asks for, and lets pass since somebody approved it; without one, list the
    policies that solsmith brings.

    \b
    Examples:
      solsmith policy explain application-user
      solsmith policy explain policy.yaml
    """
    from builder.validation.policy.reading import brought_policies, find_policy, read_policy

    if what is None:
        for name, path in brought_policies().items():
            click.echo(f"{name}: {read_policy(path).description}")
        return
    from datetime import UTC, datetime

    from builder.catalogue import load
    from builder.validation.policy.sentences import sentences

    found = find_policy(what, Path())
    click.echo(_fitted(printable(f"{found.name}: {found.description}" if found.description else found.name)))
    headings = sentences(found, load(), datetime.now(UTC).date())
    for heading, texts in headings.items():
        click.echo(f"\n{heading}")
        for text in texts:
            click.echo(_fitted(f"- {printable(text)}", "  "))
    if not headings:
        click.echo("It forbids nothing and asks for nothing.")


def _fitted(text: str, indent: str = "") -> str:
    """Break a sentence at the terminal's width; piped, it stays one line."""
    import textwrap

    from cli.output import columns

    width = columns()
    return textwrap.fill(text, width, subsequent_indent=indent) if width else text
