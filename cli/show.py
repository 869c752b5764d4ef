"""solsmith show."""

from pathlib import Path

import click

from builder.text import printable


@click.command(short_help="Show what a package is and what its roles grant.")
@click.argument("package", type=click.Path(path_type=Path))
def show(package: Path) -> None:
    """Show what PACKAGE is, and what each of its roles grants.

    \b
    Example:
      solsmith show dist/NetResultsSyncforDynamics365_1_0_1_365_managed.zip
    """
    from builder.package.reader import read_package
    from cli.matrix import show_role

    read = read_package(package)
    manifest = read.manifest
    publisher = manifest.publisher
    kind = {"0": "unmanaged", "1": "managed"}.get(manifest.managed, "neither managed nor unmanaged")
    name = next(iter(manifest.names.values()), "")
    click.echo(printable(f"{manifest.unique_name} {manifest.version}, {kind}" + (f": {name}" if name else "")))
    if publisher:
        title = next(iter(publisher.names.values()), publisher.unique_name)
        click.echo(printable(f"published by {title} ({publisher.unique_name}, prefix {publisher.prefix})"))
    click.echo(f"content {read.digest}")
    if not read.roles:
        click.echo("no security role")
    for role in read.roles:
        click.echo()
        show_role(role)
