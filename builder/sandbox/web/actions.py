"""Actions: staging, importing, changing what a role grants, publishing."""

from collections.abc import Callable
from typing import Any

from builder.model import AccessRight, Depth
from builder.sandbox.faults import WebApiFault, bad_request, coded
from builder.sandbox.odata.path import Segment
from builder.sandbox.web.bodies import check_members, guid, member
from builder.sandbox.web.exchange import Answer, Exchange
from builder.sandbox.web.multiple import bulk_delete
from builder.sandbox.web.payload import read_key
from builder.sandbox.web.sharing import add_members, grant_access, modify_access, remove_members, revoke_access
from builder.sandbox.web.solutions import SOLUTION_ACTIONS

Action = Callable[[Exchange, dict[str, Any]], Answer]
_DEPTH_NUMBERS = {str(number): depth for number, depth in enumerate(Depth)}


def unbound_action(exchange: Exchange, segment: Segment) -> Answer | None:
    """Carry out an action of the service root; None where there is none of that name."""
    action = _UNBOUND.get(segment.name)
    return action(exchange, exchange.json()) if action and exchange.method == "POST" else None


def bound_action(exchange: Exchange) -> Answer | None:
    """Carry out an action bound to a row; None where there is none of that name."""
    first, *rest = exchange.segments
    action = _BOUND.get((first.name, rest[0].name)) if len(rest) == 1 and first.key is not None else None
    if action is None or exchange.method != "POST":
        return None
    return action(exchange, read_key(first.key or ""), exchange.json())


def _publish(exchange: Exchange, body: dict[str, Any]) -> Answer:
    """Publishing changes nothing here: what the sandbox keeps needs none."""
    check_members(body, set())
    exchange.environment.guard.demand_named(exchange.principal, "prvPublishCustomization")
    return Answer(204)


def _add_privileges(exchange: Exchange, role_id: str, body: dict[str, Any]) -> Answer:
    _demand_role_change(exchange, role_id)
    exchange.environment.roles.change(role_id, dict(_privilege(entry) for entry in _privileges(body)))
    return Answer(204)


def _replace_privileges(exchange: Exchange, role_id: str, body: dict[str, Any]) -> Answer:
    _demand_role_change(exchange, role_id)
    grants = dict(_privilege(entry) for entry in _privileges(body))
    exchange.environment.roles.change(role_id, grants, replace=True)
    return Answer(204)


def _remove_privilege(exchange: Exchange, role_id: str, body: dict[str, Any]) -> Answer:
    _demand_role_change(exchange, role_id)
    check_members(body, {"PrivilegeId"})
    exchange.environment.roles.change(role_id, {guid(member(body, "PrivilegeId", str)): None})
    return Answer(204)


def _demand_role_change(exchange: Exchange, role_id: str) -> None:
    environment, table = exchange.environment, exchange.environment.schema["role"]
    environment.guard.demand(exchange.principal, table, AccessRight.WRITE)
    role = environment.store.get("role", role_id)
    environment.demand_row(exchange.principal, table, role, AccessRight.WRITE)
    if not role["iscustomizable"]["Value"]:
        raise WebApiFault(400, "0x80048405", f"The role '{role['name']}' is not customizable.")


def _privileges(body: dict[str, Any]) -> list[Any]:
    check_members(body, {"Privileges"})
    entries: list[Any] = member(body, "Privileges", list)
    ids = [entry.get("PrivilegeId") for entry in entries if isinstance(entry, dict)]
    if len(ids) != len(set(map(str, ids))):
        raise coded("0x8004140f", ids)
    return entries


def _privilege(entry: Any) -> tuple[str, Depth]:
    if not isinstance(entry, dict):
        raise bad_request("A privilege is an object with PrivilegeId and Depth.")
    depth = str(entry.get("Depth"))
    if depth in _DEPTH_NUMBERS:
        return guid(member(entry, "PrivilegeId", str)), _DEPTH_NUMBERS[depth]
    try:
        return guid(member(entry, "PrivilegeId", str)), Depth.from_level(depth)
    except ValueError:
        raise bad_request(f"'{depth}' is not a PrivilegeDepth.") from None


_UNBOUND: dict[str, Action] = {
    **SOLUTION_ACTIONS,
    "PublishAllXml": _publish,
    "BulkDelete": bulk_delete,
    "GrantAccess": grant_access,
    "ModifyAccess": modify_access,
    "RevokeAccess": revoke_access,
}
_BOUND: dict[tuple[str, str], Callable[[Exchange, str, dict[str, Any]], Answer]] = {
    ("roles", "AddPrivilegesRole"): _add_privileges,
    ("roles", "ReplacePrivilegesRole"): _replace_privileges,
    ("roles", "RemovePrivilegeRole"): _remove_privilege,
    ("teams", "AddMembersTeam"): add_members,
    ("teams", "RemoveMembersTeam"): remove_members,
}
