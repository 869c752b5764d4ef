"""`solsmith drift`: a package against the environments that should have it."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from builder.errors import RemoteError, UsageError
from builder.text import printable
from cli.connecting import Administrator, Application, administrator_options, application_options
from cli.deploying import echo_json, read_candidate, show_grants

if TYPE_CHECKING:
    from collections.abc import Iterator

    from builder.deployment.candidate import Candidate
    from builder.deployment.drift import Drift


@click.command(short_help="Compare a package with environments.")
@click.argument("package", type=click.Path(path_type=Path))
@click.option(
    "--environments",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A file with an environment a line: its address, and its tenant where that is another one.",
)
@click.option("--html", type=click.Path(dir_okay=False, path_type=Path), help="Write the report as a page too.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@application_options
@administrator_options
def drift(
    package: Path,
    environments: Path | None,
    html: Path | None,
    form: str,
    administrator: Administrator,
    application: Application,
) -> int:
    """Say what has become different from PACKAGE in one or many environments. Nothing is written.

    The installed version, what the roles grant, unmanaged layers on them; with --app-client-id, the application user
    and its roles too. Exit code 1 where something differs, 3 where an environment could not be looked at.

    \b
    Example, for a nightly job:
      solsmith drift product_managed.zip --environments customers.txt --html drift.html
    """
    from builder.deployment import drift as drifting
    from builder.files import write_whole

    candidate = read_candidate(package)
    found = [_look(one, candidate, application.app_client_id or "") for one in _each(administrator, environments)]
    if html:
        write_whole(html, drifting.as_html(candidate, found).encode("utf-8"))
    if form == "json":
        echo_json(drifting.as_document(candidate, found))
    else:
        for one in found:
            _show(one)
    states = {one.state for one in found}
    return 3 if "unknown" in states else int("drifted" in states)


def _look(administrator: Administrator, candidate: "Candidate", application_id: str) -> "Drift":
    from builder.deployment.drift import Drift, look

    try:
        with administrator.connect() as connection:
            return look(connection, candidate, application_id)
    except RemoteError as error:
        return Drift(administrator.url or "", failure=error.message)


def _each(administrator: Administrator, file: Path | None) -> "Iterator[Administrator]":
    if file is None:
        yield administrator
        return
    from builder.document import read_bounded

    lines = [line.split() for line in read_bounded(file).decode("utf-8", "replace").splitlines()]
    wanted = [words for words in lines if words and not words[0].startswith("#")]
    if not wanted or any(len(words) > 2 for words in wanted):
        raise UsageError(f"{file} does not list environments", "write an address a line, and its tenant behind it")
    for url, *tenant in wanted:
        yield replace(administrator, url=url, tenant_id=tenant[0] if tenant else administrator.tenant_id)


def _show(one: "Drift") -> None:
    click.echo(f"{printable(one.environment)}: {one.state}")
    if one.failure:
        click.echo(f"  {printable(one.failure)}")
    for finding in one.findings:
        if finding.changes:
            show_grants(printable(finding.about), finding.changes, "")
        else:
            click.echo(f"  {printable(finding.about)}: {printable(finding.text)}")
