"""`solsmith app-user`: the application user of an environment, its role, and what it may do."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from builder.errors import UsageError
from builder.text import printable
from cli.connecting import Administrator, Application, administrator_options, application_options, confirm, yes_option
from cli.deploying import echo_json
from cli.output import tell

if TYPE_CHECKING:
    from builder.dataverse.roles import RoleCopy
    from builder.dataverse.users import ApplicationUser
    from builder.deployment.application_user import RoleWanted
    from builder.model import Role

_format = click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
_app_name = click.option(
    "--app-name", help="The application's display name in Entra: told where the user still has another one."
)
_PACKAGE = click.Path(path_type=Path)


@click.group("app-user")
def app_user() -> None:
    """Work with the application user: the user of an Entra application in one environment."""


@app_user.command()
@click.option("--package", type=_PACKAGE, help="The package that brings the role.")
@click.option("--role", help="The role's name; with --package, which of its roles.")
@click.option(
    "--business-unit",
    default="",
    help="Name or GUID of its business unit; the root by default, where every grant is at Organization.",
)
@click.option("--move", is_flag=True, help="Move a user that stands in another unit, with its roles.")
@click.option("--revive", is_flag=True, help="Bring back a disabled or soft-deleted user.")
@_app_name
@_format
@yes_option
@application_options
@administrator_options
def create(
    package: Path | None,
    role: str | None,
    business_unit: str,
    move: bool,
    revive: bool,
    app_name: str | None,
    form: str,
    yes: bool,
    administrator: Administrator,
    application: Application,
) -> int:
    """Make the application user, or adopt the one there is, and give it the role.

    A second run changes nothing. A disabled or deleted user is never brought back by itself.
    """
    from builder.deployment import application_user

    wanted = _wanted(package, role)
    with administrator.connect() as connection:
        wish = application_user.Wish(business_unit, move, revive)
        plan = application_user.plan(connection, application.id, [wanted], wish)
        user = plan.user
        if not plan.nothing_to_do:
            confirm("; ".join(plan.steps), administrator, yes=yes)
            user = application_user.carry_out(connection, plan, lambda text: tell(printable(text)))
    assert user is not None  # noqa: S101 - it was there or was made
    _warn_of_extra(plan.extra)
    stale = _tell_stale(user, app_name)
    changes = {
        "created": plan.user is None or plan.user.deleted,
        "revived": plan.revives,
        "moved_from": plan.moves_from.name if plan.moves_from else None,
        "roles_given": [given.name for given in plan.missing],
        "name_is_stale": stale,
    }
    if form == "json":
        echo_json({"version": 1, **_user(user, administrator), **changes})
        return 0
    _show_user(user, plan.unit.name)
    click.echo("nothing to do: the user is there and holds the role" if plan.nothing_to_do else _done(changes))
    return 0


def _done(changes: dict[str, Any]) -> str:
    given = ", ".join(changes["roles_given"])
    parts = (
        "made the user" if changes["created"] else "switched it on" if changes["revived"] else "",
        f"moved it from {changes['moved_from']}" if changes["moved_from"] else "",
        f"gave it {given}" if given else "",
    )
    return printable("; ".join(part for part in parts if part))


@app_user.command()
@_app_name
@_format
@application_options
@administrator_options
def show(app_name: str | None, form: str, administrator: Administrator, application: Application) -> int:
    """Show the application user, its state and its roles; exit code 1 where there is none, or its name is stale."""
    from builder.dataverse import business_units, users

    with administrator.connect() as connection:
        user = users.of_application(connection, application.id)
        while user and _tell_stale(user, app_name) and _done_by_hand():
            user = users.of_application(connection, application.id)
        unit = business_units.named(connection, user.business_unit_id) if user else None
    stale = bool(user and _is_stale(user, app_name))
    if form == "json":
        found = _user(user, administrator) if user else {"environment": administrator.url, "user": None, "roles": []}
        echo_json({"version": 1, **found, "name_is_stale": stale})
    elif user and unit:
        _show_user(user, unit.name)
    else:
        click.echo(f"{printable(administrator.url or '')} has no application user for {printable(application.id)}")
    return int(user is None or stale)


def _is_stale(user: "ApplicationUser", app_name: str | None) -> bool:
    """Whether the user shows another name than its application has: the platform takes a new one over by hand only."""
    return app_name is not None and user.name not in (f"# {app_name}", app_name)


def _tell_stale(user: "ApplicationUser", app_name: str | None) -> bool:
    stale = _is_stale(user, app_name)
    if stale:
        tell(printable(f"the user is still called {user.name}; the application is called {app_name} in Entra"))
        tell(
            "  a person has to have the name read again: https://admin.powerplatform.microsoft.com/manage/environments,"
        )
        tell("  the environment, Settings, Users + permissions, Application users, the user, Refresh")
    return stale


def _done_by_hand() -> bool:
    """Let a person do the step, where there is one; gives whether it is worth looking again."""
    import sys

    return sys.stdin.isatty() and sys.stderr.isatty() and click.confirm("Done? Read it again?", default=True, err=True)


@app_user.command()
@click.option("--package", type=_PACKAGE, required=True, help="The package whose roles are required.")
@click.option("--write-probe", is_flag=True, help="Make rows as the application too, and remove them again.")
@_format
@application_options
@administrator_options
def verify(
    package: Path,
    write_probe: bool,
    form: str,
    administrator: Administrator,
    application: Application,
) -> int:
    """Check that the application user may do what the package grants; exit code 1 where it may not.

    The administrator compares what it may do. With --app-certificate, the application itself signs in and tries each
    grant that a request without effect can show, and a sample of what was not granted.
    """
    from builder.deployment import verify as verifying
    from cli import verification

    roles = _roles(package)
    with administrator.connect() as connection, application.connect(administrator) as own:
        if own is None and write_probe:
            raise UsageError("--write-probe needs the application's certificate", "say --app-certificate")
        if write_probe:
            tell(f"probe rows: {administrator.label}")
        found = verifying.verify(
            connection,
            application.id,
            roles,
            own,
            write_probe=write_probe,
            report_left=lambda url: tell(f"could not be removed: {printable(url)}"),
        )
    _warn_of_extra(found.extra_roles)
    if form == "json":
        echo_json({"version": 1, **verification.as_json(found, administrator.url or "")})
    else:
        verification.show(found)
    return int(not found.passed)


def _roles(package: Path) -> "tuple[Role, ...]":
    from builder.package.reader import read_package

    roles = read_package(package).roles
    if not roles:
        raise UsageError(f"{package} brings no role", "give the package that carries the security role")
    return roles


def _wanted(package: Path | None, name: str | None) -> "RoleWanted":
    from builder.deployment.application_user import RoleWanted

    if package is None:
        if not name:
            raise UsageError("which role is meant must be said", "say --package ZIP, or --role NAME")
        return RoleWanted(name)
    roles = _roles(package)
    chosen = [role for role in roles if name is None or role.name.casefold() == name.casefold()]
    if len(chosen) != 1:
        names = ", ".join(role.name for role in roles)
        raise UsageError(f"{package} brings {len(roles)} roles: {names}", "say which by --role")
    return RoleWanted(chosen[0].name, chosen[0].id, chosen[0].grants)


def _user(user: "ApplicationUser", administrator: Administrator) -> dict[str, Any]:
    return {
        "environment": administrator.url,
        "user": {
            "id": user.id,
            "application_id": user.application_id,
            "name": user.name,
            "business_unit_id": user.business_unit_id,
            "disabled": user.disabled,
            "deleted": user.deleted,
        },
        "roles": [{"id": role.id, "root_id": role.root_id, "name": role.name} for role in user.roles],
    }


def _show_user(user: "ApplicationUser", unit: str) -> None:
    states = [word for word, holds in (("disabled", user.disabled), ("soft-deleted", user.deleted)) if holds]
    rows = {
        "user": f"{user.name} ({user.id})",
        "application": user.application_id,
        "business unit": unit,
        "state": ", ".join(states) or "active",
        "roles": ", ".join(role.name for role in user.roles) or "none",
    }
    for name, value in rows.items():
        click.echo(f"{name:<14} {printable(value)}")


def _warn_of_extra(extra: "tuple[RoleCopy, ...]") -> None:
    for role in extra:
        if role.is_system_administrator:
            text = f"WARNING: the user holds {role.name}: it may do EVERYTHING, and the narrow role limits nothing"
        else:
            text = f"warning: the user holds another role too: {role.name}"
        tell(printable(text))
