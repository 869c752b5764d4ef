"""solsmith show."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from builder.text import json_text, printable
from cli.sides import open_all, statement_options

if TYPE_CHECKING:
    from builder.model import Grant, Role
    from cli.sides import Opened


@click.command(short_help="Show what a package is and what its roles grant.")
@click.argument("package", type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@statement_options
def show(package: Path, form: str, access: tuple[Path, ...], specs: tuple[Path, ...]) -> None:
    """Show what PACKAGE is, what each of its roles grants and why, and what else it holds.

    PACKAGE is a solution zip, a folder that SolutionPackager unpacked, or a spec (.yaml). Why it grants what it grants
    is not in a package: it comes from the access statement beside it (NAME.access.json), or from --access or --spec.

    \b
    Example:
      solsmith show dist/NetResultsSyncforDynamics365_1_0_1_365_managed.zip
    """
    (opened,) = open_all([package], access, specs)
    if form == "json":
        click.echo(json_text(_as_json(opened)))
    else:
        _show_text(opened)


def _show_text(opened: "Opened") -> None:
    from rich.table import Table
    from rich.text import Text

    from builder.brief.words import contents, facts
    from cli.matrix import show_role
    from cli.output import show as show_on_stdout

    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for label, value in facts(opened, opened.stated_by):
        table.add_row(label, printable(value))
    show_on_stdout(Text(printable(opened.title), style="bold"))
    show_on_stdout(table)
    for role in opened.roles:
        click.echo()
        show_role(role, reasons=bool(opened.stated_by))
    if also := [f"{count} {kind}" for kind, count in contents(opened.package).items()]:
        click.echo()
        show_on_stdout(Text("Also in the package" if opened.roles else "In the package", style="bold"))
        for line in also:
            click.echo(f"  {printable(line)}")


def _as_json(opened: "Opened") -> dict[str, Any]:
    from builder.brief.words import MANAGED, contents

    package, application = opened.package, opened.application
    manifest, publisher = package.manifest, package.manifest.publisher
    return {
        "version": 1,
        "source": package.source,
        "digest": package.digest,
        "stated_by": opened.stated_by or None,
        "solution": {
            "unique_name": manifest.unique_name,
            "version": manifest.version,
            "kind": MANAGED.get(manifest.managed),
            "names": _texts(manifest.names),
            "descriptions": _texts(manifest.descriptions),
        },
        "publisher": publisher
        and {
            "unique_name": publisher.unique_name,
            "names": _texts(publisher.names),
            "descriptions": _texts(publisher.descriptions),
            "prefix": publisher.prefix,
            "option_value_prefix": publisher.option_value_prefix,
            "email": publisher.email or None,
            "website": publisher.website or None,
        },
        "application": application
        and {"app_id": application.app_id, "name": application.name, "publisher": application.publisher or None},
        "roles": [_role(role, stated=bool(opened.stated_by)) for role in opened.roles],
        "contents": contents(package),
    }


def _texts(texts: Any) -> dict[str, str]:
    return {str(language): text for language, text in texts.items()}


def _role(role: "Role", *, stated: bool) -> dict[str, Any]:
    return {
        "id": role.id,
        "name": role.name,
        "description": role.description,
        "inherits": role.inherits,
        "customizable": role.customizable,
        "auto_assigned": role.auto_assigned,
        "grants": [_grant(grant, stated=stated) for grant in role.grants],
    }


def _grant(grant: "Grant", *, stated: bool) -> dict[str, Any]:
    from builder.catalogue import load
    from builder.matrix import on_table

    table, right = on_table(grant.privilege, load())
    known = load().privilege(grant.privilege)
    return {
        "privilege": grant.privilege,
        "depth": grant.depth.words,
        "table": table or None,
        "right": right.words if right else None,
        "also_on": list(known.tables[1:]) if known else [],
        "reason": grant.reason or None if stated else None,
        "required": grant.required if stated else None,
    }
