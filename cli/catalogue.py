"""solsmith catalogue."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from builder.text import json_text, printable
from cli.connecting import Administrator, administrator_options

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from builder.catalogue import Privilege, Table
    from builder.catalogue.overview import TableOverview


@click.group(short_help="Show what can be granted.")
def catalogue() -> None:
    """Show what can be granted: tables, rights, depths and privileges, as far as solsmith knows them offline."""


@catalogue.command(short_help="Show a table's privileges, or search.")
@click.argument("name", required=False, metavar="[TABLE]")
@click.option("--search", metavar="WORDS", help="List the tables and privileges whose names hold these words.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option(
    "--from", "source", type=click.Path(dir_okay=False, path_type=Path),
    help="Show what `catalogue refresh` read from an environment as well.",
)  # fmt: skip
def show(name: str | None, search: str | None, form: str, source: Path | None) -> None:
    """Show the rights on TABLE: at which depths each can be granted, by which privilege, and how sure that is.

    TABLE is a logical name, a schema name or a display name; a miscellaneous privilege is understood too. Without it,
    everything is listed, or what --search finds.

    \b
    Examples:
      solsmith catalogue show account
      solsmith catalogue show "View Audit Summary"
      solsmith catalogue show --search dataset
    """
    from builder.catalogue import load
    from builder.catalogue.overview import miscellaneous_like, table_overview, tables_like
    from builder.catalogue.parents import PARENTS
    from builder.errors import UsageError

    known = load()
    if source:
        from builder.deployment import environment_catalogue

        known = environment_catalogue.read(source, known)
    if name and search:
        raise UsageError("name a table, or search; not both")
    if not name:
        tables, others = list(tables_like(search or "", known)), list(miscellaneous_like(search or "", known))
        if not tables and not others:
            raise UsageError(f"nothing in the catalogue is called {printable(search or '')}")
        _list(tables, others, form)
    elif found := table_overview(name, known):
        _show_table(found, form)
    elif privilege := known.named(name):
        _show_privilege(privilege, form)
    elif parent := PARENTS.get(name.lower()):
        raise UsageError(f"the table {name.lower()} has no privileges of its own", f"Those of {parent} count.")
    else:
        near = known.nearest_table(name) or known.nearest_named(name)
        hint = f"Did you mean {near}? " if near else ""
        raise UsageError(
            f"the catalogue knows no table or privilege {printable(name)}",
            f"{hint}A spec can describe tables that solsmith cannot know: see `tables` in docs/spec.md.",
        )


def _list(tables: "Sequence[Table]", others: "Sequence[Privilege]", form: str) -> None:
    if form == "json":
        _print_json(tables=[_table_json(table) for table in tables], privileges=[_json(item) for item in others])
        return
    if tables:
        rows = ((t.name, t.display or t.schema_name, t.ownership or "none of its own", t.group) for t in tables)
        _draw(("Table", "Name", "Ownership", "Group"), rows, width=100)
    if tables and others:
        click.echo()
    if others:
        _draw(("Privilege", "Name", "Depths"), ((p.name, p.display, _depths(p)) for p in others), width=100)


def _show_table(found: "TableOverview", form: str) -> None:
    table = found.table
    if form == "json":
        _print_json(tables=[_table_json(table)], privileges=[_json(item) for item in found.privileges.values()])
        return
    title = table.display or table.schema_name
    click.echo(f"{table.name}" + (f": {title}" if title else ""))
    sure = "" if table.ownership_sure == "certain" or not table.ownership else " (inferred)"
    click.echo(f"ownership: {table.ownership or 'none of its own'}{sure}" + (f"; {table.group}" if table.group else ""))
    if not table.current:
        click.echo("not seen in the newest environments that the catalogue was made from")
    if not found.privileges:
        click.echo("no privileges of its own: those of its parent table count")
        return
    click.echo()
    rows = ((right.words, _depths(p), p.name, _certainty(p)) for right, p in found.privileges.items())
    _draw(("Right", "Depths", "Privilege", "How sure"), rows, width=130)
    also = {other: None for p in found.privileges.values() for other in p.tables if other != table.name}
    if also:
        click.echo()
        click.echo(f"The same privileges cover: {', '.join(also)}.")
    sources = {source: None for p in found.privileges.values() for source in p.source.split(",")}
    click.echo(f"Sources: {', '.join(sources)}.")


def _show_privilege(privilege: "Privilege", form: str) -> None:
    if form == "json":
        _print_json(tables=[], privileges=[_json(privilege)])
        return
    click.echo(privilege.name + (f": {privilege.display}" if privilege.display else ""))
    click.echo(f"depths: {_depths(privilege)}; {_certainty(privilege)}")
    if privilege.tables:
        click.echo(f"covers: {', '.join(privilege.tables)}")
    click.echo(f"Sources: {privilege.source}.")


def _draw(heads: "Sequence[str]", rows: "Iterable[Sequence[str]]", *, width: int) -> None:
    """Print a table; on a terminal of fewer columns than its width, an entry a paragraph."""
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    from cli.output import columns
    from cli.output import show as draw

    if 0 < columns() < width:
        for first, *others in rows:
            draw(Text(first, style="bold"))
            for cell in filter(None, others):
                draw(Padding(Text(cell), (0, 0, 0, 2)))
        return
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for head in heads:
        table.add_column(head, overflow="fold")
    for row in rows:
        table.add_row(*row)
    draw(table)


def _depths(privilege: "Privilege") -> str:
    words = ", ".join(depth.words for depth in privilege.depths)
    somewhere = ", ".join(depth.words for depth in privilege.depths_somewhere)
    return f"{words} (in some environments also {somewhere})" if somewhere else words


def _certainty(privilege: "Privilege") -> str:
    depths = {"certain": "depths certain", "seen": "only these depths were seen", "assumed": "depths assumed"}
    case = "" if privilege.case_exact else "; letter case guessed"
    return depths[privilege.depths_sure] + case


def _print_json(**content: object) -> None:
    click.echo(json_text({"version": 1, **content}))


def _table_json(table: "Table") -> dict[str, object]:
    return {
        "table": table.name,
        "display_name": table.display,
        "schema_name": table.schema_name,
        "ownership": table.ownership or None,
        "ownership_certain": table.ownership_sure == "certain",
        "group": table.group,
        "in_current_environments": table.current,
    }


def _json(privilege: "Privilege") -> dict[str, object]:
    return {
        "privilege": privilege.name,
        "display_name": privilege.display,
        "right": privilege.right.token if privilege.right else None,
        "tables": list(privilege.tables),
        "depths": [depth.level for depth in privilege.depths],
        "depths_in_some_environments": [depth.level for depth in privilege.depths_somewhere],
        "depths_sure": privilege.depths_sure,
        "case_exact": privilege.case_exact,
        "id": privilege.id or None,
        "kind": privilege.kind,
        "sources": privilege.source.split(","),
    }


@catalogue.command(short_help="Read what can be granted in an environment.")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("environment-catalogue.json"),
    show_default=True,
    help="The file to write.",
)
@administrator_options  # fmt: skip
def refresh(output: Path, administrator: Administrator) -> None:
    """Read the privileges and tables of an environment, custom ones included, and say how they differ from what is
    known offline. `catalogue show --from FILE` shows them afterwards.
    """
    import json

    from builder.catalogue import load
    from builder.deployment import environment_catalogue
    from builder.files import write_whole

    with administrator.connect() as connection:
        document = environment_catalogue.fetch(connection)
    write_whole(output, (json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode("utf-8"))
    new, other = environment_catalogue.unknown_to(load(), document)
    count, tables = len(document["privileges"]), len(document["tables"])
    click.echo(f"{printable(str(output))}: {count} privileges, {tables} tables")
    for what, names in (("not known to solsmith", new), ("of other depths or case than solsmith knows", other)):
        if names:
            click.echo(f"{len(names)} {what}: {printable(', '.join(names[:10]))}{', ...' if len(names) > 10 else ''}")
