"""`solsmith whoami`: who signs in, where."""

import click

from builder.text import printable
from cli.connecting import Administrator, administrator_options
from cli.deploying import echo_json


@click.command(short_help="Say who signs in, and where.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@administrator_options
def whoami(form: str, administrator: Administrator) -> int:
    """Sign in, and say who that is: user, roles, business unit, tenant and environment. Nothing is written.

    \b
    Example:
      solsmith whoami
    """
    from builder.dataverse import organization, users

    with administrator.connect() as connection:
        caller = organization.who_am_i(connection)
        unit = organization.business_unit_name(connection, caller)
        name = organization.user_name(connection, caller)
        roles = users.roles_of(connection, caller.user_id)
        document = {
            "version": 1,
            "environment": connection.origin,
            "organization": {"id": caller.organization_id, "name": organization.name_of(connection, caller)},
            "tenant": connection.tenant,
            "client_id": administrator.client_id,
            "user": {"id": caller.user_id, "name": name},
            "business_unit": {"id": caller.business_unit_id, "name": unit},
            "roles": [role.name for role in roles],
        }
    if form == "json":
        echo_json(document)
        return 0
    rows = {
        "user": f"{name} ({caller.user_id})",
        "application": administrator.client_id or "managed identity",
        "roles": ", ".join(role.name for role in roles) or "none of its own",
        "business unit": unit,
        "tenant": connection.tenant,
        "environment": connection.origin,
    }
    for label, value in rows.items():
        click.echo(f"{label:<14} {printable(value)}")
    return 0
