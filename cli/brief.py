"""solsmith brief."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from builder.errors import UsageError
from cli.output import tell
from cli.sides import open_all, statement_options, titles

if TYPE_CHECKING:
    from builder.brief.content import Brief, Difference
    from builder.validation.report import Finding
    from cli.sides import Opened

_SUFFIXES = {".html": "html", ".htm": "html", ".svg": "svg", ".md": "markdown", ".markdown": "markdown"}


@click.command(short_help="Write the access brief for a security review.")
@click.argument("package", type=click.Path(path_type=Path))
@click.option("--since", type=click.Path(path_type=Path), metavar="OLD", help="Say what changed since this package.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["html", "svg", "markdown"]),
    help="svg is a picture of the matrix alone.  [default: by the name of --output, else html]",
)
@click.option(
    "--policy", metavar="FILE|NAME", help="Tell, too, what is against this policy: a file, or application-user."
)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write it to a file, not to stdout.")
@statement_options  # fmt: skip
def brief(
    package: Path, since: Path | None, form: str | None, policy: str | None, output: Path | None,
    access: tuple[Path, ...], specs: tuple[Path, ...],
) -> None:  # fmt: skip
    """Write what PACKAGE grants, for the person who has to approve it: who the application is and how it signs in, the
    matrix of tables and rights, why each is granted, what it can not do, what is worth knowing, and what is new.

    PACKAGE is a solution zip, a folder that SolutionPackager unpacked, or a spec (.yaml). The HTML page stands in one
    file that loads nothing, in light and dark, and prints well. Reasons come from the access statement beside the
    package (NAME.access.json), or from --access or --spec. Output is UTF-8, whatever the terminal speaks.

    \b
    Examples:
      solsmith brief product_managed.zip -o brief.html
      solsmith brief product_1_0_1_365_managed.zip --since product_1_0_0_365_managed.zip -o brief.html
      solsmith brief product_managed.zip --policy application-user --format markdown
    """
    from builder.files import write_whole

    form = _form(form, output)
    written = _render(form, _brief(package, since, policy, access, specs)).encode()
    if output is None:
        click.echo(written, nl=False)
        return
    write_whole(output, written)
    tell(f"Wrote {output} ({len(written):,} bytes)")


def _form(form: str | None, output: Path | None) -> str:
    """Choose the format; a name that means another one is refused, so that no package is overwritten by its brief."""
    if output is None:
        return form or "html"
    by_name = _SUFFIXES.get(output.suffix.lower())
    if by_name is None or form not in (None, by_name):
        meant = [suffix for suffix, name in _SUFFIXES.items() if form in (None, name)]
        raise UsageError(
            f"{output} is no name for {form or 'a brief'}", f"Let the name of --output end in {' or '.join(meant)}."
        )
    return by_name


def _brief(
    package: Path, since: Path | None, policy: str | None, access: tuple[Path, ...], specs: tuple[Path, ...]
) -> "Brief":
    from builder.brief.content import brief_of
    from builder.catalogue import load

    new, *old = open_all([package, *([since] if since else [])], access, specs)
    return brief_of(new, load(), _findings(new, policy, old), _since(old[0], new) if old else None)


def _findings(new: "Opened", policy: str | None, old: "list[Opened]") -> "list[Finding]":
    """Validate what a package grants, and by a policy where one is named; what somebody approved is told, too."""
    from builder.brief.risks import ABOUT_ACCESS, POLICY
    from builder.validation.registry import chosen
    from builder.validation.validate import validate_package

    conditions = None
    if policy is not None:
        from datetime import UTC, datetime

        from builder.validation.policy.model import Conditions, predecessor_of
        from builder.validation.policy.reading import find_policy

        before = tuple(predecessor_of(each.package) for each in old)
        conditions = Conditions(find_policy(policy, Path()), datetime.now(UTC).date(), before)
    report = validate_package(new.package, chosen(select=(*ABOUT_ACCESS, POLICY)), conditions)
    return [*report.findings, *(each.finding for each in report.suppressed)]


def _since(old: "Opened", new: "Opened") -> "Difference":
    from builder.brief.content import difference
    from builder.catalogue import load
    from builder.comparison.compare import compare

    return difference(compare(old.side(), new.side()), *titles(old, new), load())


def _render(form: str, made: "Brief") -> str:
    if form == "svg":
        from builder.brief.svg import brief_picture

        return brief_picture(made)
    if form == "markdown":
        from builder.brief.markdown import brief_markdown

        return brief_markdown(made)
    from builder.brief.html import brief_page

    return brief_page(made)
