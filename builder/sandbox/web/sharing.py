"""Actions and functions about sharing and teams: GrantAccess and its like, RetrievePrincipalAccess, members."""

from collections.abc import Callable
from typing import Any

from builder.sandbox.access import Access, read_rights, rights_text
from builder.sandbox.faults import bad_request
from builder.sandbox.odata.path import NAMESPACE
from builder.sandbox.records import Reference
from builder.sandbox.web.collections import join_team, leave_team
from builder.sandbox.web.exchange import Answer, Exchange
from builder.sandbox.web.payload import read_key, read_reference

_PRINCIPALS = ("systemuser", "team")


def grant_access(exchange: Exchange, body: dict[str, Any]) -> Answer:
    """GrantAccess {Target, PrincipalAccess: {AccessMask, Principal}}."""
    Access(exchange.environment).grant(exchange.principal, *_principal_access(exchange, body))
    return Answer(204)


def modify_access(exchange: Exchange, body: dict[str, Any]) -> Answer:
    """ModifyAccess, with the same members."""
    Access(exchange.environment).modify(exchange.principal, *_principal_access(exchange, body))
    return Answer(204)


def revoke_access(exchange: Exchange, body: dict[str, Any]) -> Answer:
    """RevokeAccess {Target, Revokee}."""
    target, revokee = _entity(exchange, body, "Target"), _entity(exchange, body, "Revokee", _PRINCIPALS)
    Access(exchange.environment).revoke(exchange.principal, target, revokee)
    return Answer(204)


def principal_access(exchange: Exchange, holder: Reference, arguments: dict[str, str]) -> dict[str, Any]:
    """RetrievePrincipalAccess(Target=...), bound to a user or team."""
    rights = Access(exchange.environment).rights(exchange.principal, holder, _target(exchange, arguments))
    return {"AccessRights": rights_text(int(rights))}


def shared_principals(exchange: Exchange, arguments: dict[str, str]) -> dict[str, Any]:
    """RetrieveSharedPrincipalsAndAccess(Target=...)."""
    shares = Access(exchange.environment).shared_with(exchange.principal, _target(exchange, arguments))
    schema = exchange.environment.schema
    return {
        "PrincipalAccesses": [
            {
                "AccessMask": rights_text(mask),
                "Principal": {
                    "@odata.type": f"#{NAMESPACE}{holder.table}",
                    schema[holder.table].primary_id: holder.id,
                },
            }
            for holder, mask in shares
        ]
    }


def add_members(exchange: Exchange, team_id: str, body: dict[str, Any]) -> Answer:
    """AddMembersTeam {Members: [{systemuserid, @odata.type}]}, bound to a team."""
    return _each_member(exchange, team_id, body, join_team)


def remove_members(exchange: Exchange, team_id: str, body: dict[str, Any]) -> Answer:
    """RemoveMembersTeam, with the same members."""
    return _each_member(exchange, team_id, body, leave_team)


def _each_member(exchange: Exchange, team_id: str, body: dict[str, Any], change: Callable[..., None]) -> Answer:
    members = body.get("Members")
    if not isinstance(members, list):
        raise bad_request("The required parameter 'Members' is missing or no list.")
    users = [_entity(exchange, {"Members": member}, "Members", ("systemuser",)) for member in members]
    for user in users:
        change(exchange.environment, exchange.principal, team_id, user.id)
    return Answer(204)


def _principal_access(exchange: Exchange, body: dict[str, Any]) -> tuple[Reference, Reference, int]:
    target, access = _entity(exchange, body, "Target"), body.get("PrincipalAccess")
    if not isinstance(access, dict) or not isinstance(access.get("AccessMask"), str | int):
        raise bad_request("The parameter 'PrincipalAccess' is an object with AccessMask and Principal.")
    return target, _entity(exchange, access, "Principal", _PRINCIPALS), read_rights(str(access["AccessMask"]))


def _entity(exchange: Exchange, body: dict[str, Any], name: str, tables: tuple[str, ...] = ()) -> Reference:
    """Read an entity in a body: by `@odata.id`, or by `@odata.type` and its key."""
    value = body.get(name)
    if not isinstance(value, dict):
        raise bad_request(f"The required parameter '{name}' is missing or no object.")
    if "@odata.id" in value:
        return _of(read_reference(exchange, value["@odata.id"]), name, tables)
    kind = value.get("@odata.type")
    if not isinstance(kind, str):
        raise bad_request(f"The parameter '{name}' needs '@odata.type'.")
    table = exchange.environment.schema.tables.get(kind.lstrip("#").removeprefix(NAMESPACE))
    if table is None:
        raise bad_request(f"'{kind}' is not a type of the model.")
    key = value.get(table.primary_id) or (value.get("ownerid") if table.name in _PRINCIPALS else None)
    if not isinstance(key, str):
        raise bad_request(f"The parameter '{name}' needs '{table.primary_id}'.")
    return _of(Reference(table.name, read_key(key)), name, tables)


def _of(reference: Reference, name: str, tables: tuple[str, ...]) -> Reference:
    if tables and reference.table not in tables:
        raise bad_request(f"The parameter '{name}' is a row of {' or '.join(tables)}, not of {reference.table}.")
    return reference


def _target(exchange: Exchange, arguments: dict[str, str]) -> Reference:
    """Read `Target={'@odata.id':'accounts(id)'}`; clients write it with single or double quotes."""
    if "Target" not in arguments:
        raise bad_request("The required parameter 'Target' is missing.")
    text = arguments["Target"].strip()
    name, _, address = text.removeprefix("{").removesuffix("}").partition(":")
    if not text.startswith("{") or name.strip().strip("'\"") != "@odata.id":
        raise bad_request(f"'{text}' is not the reference of a row: {{'@odata.id':'accounts(id)'}}.")
    return read_reference(exchange, address.strip().strip("'\""))
