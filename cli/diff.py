"""solsmith diff."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from builder.errors import UsageError
from builder.text import json_text, printable
from cli.connecting import Administrator, administrator_options
from cli.environment_side import is_environment, open_environment, restricted
from cli.output import tell
from cli.sides import open_all, statement_options, titles

if TYPE_CHECKING:
    from builder.comparison.changes import Changes
    from cli.sides import Opened


@click.command(short_help="Say what a change grants and takes away.")
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "markdown", "html"]),
    default="text",
    show_default=True,
    help="markdown is for the comment on a pull request, html a page that stands alone.",
)
@click.option(
    "--fail-on",
    multiple=True,
    type=click.Choice(["widened", "removed", "any"]),
    help="Exit with 1 where a grant was added or widened (widened), removed or narrowed (removed), or anything "
    "differs (any). May be given more than once.",
)
@click.option("--exit-code", is_flag=True, help="Exit with 1 where anything differs, as --fail-on any.")
@statement_options
@administrator_options  # fmt: skip
def diff(
    old: Path, new: Path, form: str, fail_on: tuple[str, ...], exit_code: bool,
    access: tuple[Path, ...], specs: tuple[Path, ...], administrator: Administrator,
) -> int:  # fmt: skip
    """Compare two packages by what their roles grant, and by everything else that they state.

    OLD and NEW are solution zips, folders that SolutionPackager unpacked, or specs (.yaml), in any mixture; one of them
    may be a role as an environment has it, env:ROLE (env: alone means the other side's roles). Order,
    spelling of case, and the privileges that the platform adds to every role by itself are no difference.

    Each change is told with who has to care: it breaks the application (a grant that OLD's access statement requires
    is gone), it may break it (such a grant is narrower, or there is no statement), it needs the customer's approval (a
    grant is new or wider), or it is harmless. The exit code is 0 unless --fail-on or --exit-code asks for more.

    \b
    Examples:
      solsmith diff product_1_0_0_365_managed.zip product_1_0_1_365_managed.zip
      solsmith diff --format markdown --fail-on widened released.zip solution.yaml
    """
    from builder.comparison.compare import compare

    before, after = _open_both(old, new, access, specs, administrator)
    sides = before.side(), after.side()
    if is_environment(old):
        sides = sides[0], restricted(sides[1], sides[0])
    elif is_environment(new):
        sides = restricted(sides[0], sides[1]), sides[1]
    changes = compare(*sides)
    if form == "json":
        _show_json(changes, before, after)
    elif form == "markdown":
        _show_markdown(changes, before, after)
    elif form == "html":
        _show_html(changes, before, after)
    else:
        _show_text(changes, before, after)
    failed = {"widened": changes.widens, "removed": changes.narrows, "any": bool(changes)}
    return int(any(failed[what] for what in (*fail_on, *(("any",) if exit_code else ()))))


def _open_both(
    old: Path, new: Path, access: tuple[Path, ...], specs: tuple[Path, ...], administrator: Administrator
) -> "list[Opened]":
    """Open both sides; one of them may be a role of an environment."""
    live = [is_environment(side) for side in (old, new)]
    if not any(live):
        return open_all((old, new), access, specs)
    if all(live):
        raise UsageError("one of the two sides must be a package or a spec", "compare environments by solsmith drift")
    package, role = (new, old) if live[0] else (old, new)
    (opened,) = open_all((package,), access, specs)
    environment = open_environment(str(role), administrator, opened.roles)
    return [environment, opened] if live[0] else [opened, environment]


def _show_json(changes: "Changes", old: "Opened", new: "Opened") -> None:
    from builder.catalogue import load
    from builder.comparison.as_json import as_json

    sides = {"old": _described(old), "new": _described(new)}
    click.echo(json_text({"version": 1, **sides, **as_json(changes, load())}))


def _described(side: "Opened") -> dict[str, str | None]:
    manifest = side.package.manifest
    return {
        "source": side.package.source,
        "solution": manifest.unique_name,
        "solution_version": manifest.version,
        "digest": side.package.digest,
        "stated_by": side.stated_by or None,
    }


def _show_markdown(changes: "Changes", old: "Opened", new: "Opened") -> None:
    from builder.catalogue import load
    from builder.comparison.markdown import as_markdown

    click.echo(as_markdown(changes, *titles(old, new), load()), nl=False)


def _show_html(changes: "Changes", old: "Opened", new: "Opened") -> None:
    from builder.brief.content import difference
    from builder.brief.html import difference_page
    from builder.catalogue import load

    digests = (("Content of the old one", old.package.digest), ("Content of the new one", new.package.digest))
    page = difference_page(difference(changes, *titles(old, new), load()), digests)
    click.echo(page.encode(), nl=False)  # UTF-8, as the page says, whatever the terminal speaks


def _show_text(changes: "Changes", old: "Opened", new: "Opened") -> None:
    from builder.comparison.changes import Concern
    from cli.changes import show_changes

    show_changes(changes, *titles(old, new))
    lost = any(change.concern is Concern.MAY_BREAK for role in changes.roles for change in role.grants)
    if lost and not old.stated_by:
        tell(f"note: what {printable(old.title)} requires is not stated in the package; see --access")
