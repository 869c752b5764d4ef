"""Functions: questions that are no rows (WhoAmI, effective privileges, import results)."""

from collections.abc import Callable, Mapping
from typing import Any

from builder.model import AccessRight, Depth
from builder.sandbox.faults import ZERO_ID, bad_request
from builder.sandbox.joblog import Outcome, formatted_results
from builder.sandbox.odata.literals import BadQuery, parse_guid
from builder.sandbox.odata.path import Segment
from builder.sandbox.records import Reference
from builder.sandbox.removal import Remover
from builder.sandbox.web.exchange import Answer, Exchange
from builder.sandbox.web.payload import read_key
from builder.sandbox.web.sharing import principal_access, shared_principals

Function = Callable[[Exchange, dict[str, str]], dict[str, Any]]


def unbound_function(exchange: Exchange, segment: Segment) -> Answer | None:
    """Answer a function of the service root; None where there is none of that name."""
    function = _UNBOUND.get(segment.name)
    if function is None or exchange.method != "GET":
        return None
    body = function(exchange, segment.arguments(exchange.aliases))
    return Answer(body={**exchange.context(f"Microsoft.Dynamics.CRM.{segment.name}Response"), **body})


def bound_function(exchange: Exchange) -> Answer | None:
    """Answer a function bound to a row; None where there is none of that name."""
    first, *rest = exchange.segments
    function = _BOUND.get((first.name, rest[0].name)) if len(rest) == 1 and first.key is not None else None
    if function is None or exchange.method != "GET":
        return None
    body = function(exchange, read_key(first.key or ""), rest[0].arguments(exchange.aliases))
    return Answer(body={**exchange.context(f"Microsoft.Dynamics.CRM.{rest[0].name}Response"), **body})


def _who_am_i(exchange: Exchange, _arguments: dict[str, str]) -> dict[str, Any]:
    return {
        "BusinessUnitId": exchange.principal.unit_id,
        "UserId": exchange.principal.user_id,
        "OrganizationId": exchange.environment.organization_id,
    }


def _role_privileges(exchange: Exchange, arguments: dict[str, str]) -> dict[str, Any]:
    role_id = _guid(arguments, "RoleId")
    environment = exchange.environment
    exchange.operations.read(exchange.principal, environment.schema["role"], role_id)
    unit = environment.store.get("role", role_id)["businessunitid"].id
    return {"RolePrivileges": _privileges(exchange, environment.roles.grants(role_id), unit)}


def _user_privileges(exchange: Exchange, user_id: str, _arguments: dict[str, str]) -> dict[str, Any]:
    """Whether roles of teams count is unsettled (sources conflict), hence by switch."""
    if exchange.environment.switches.user_privileges == "with-teams":
        return _with_teams(exchange, user_id, {})
    user = exchange.operations.read(exchange.principal, exchange.environment.schema["systemuser"], user_id)
    grants = exchange.environment.roles.granted_to(user_id)
    return {"RolePrivileges": _privileges(exchange, grants, user["businessunitid"].id)}


def _with_teams(exchange: Exchange, user_id: str, _arguments: dict[str, str]) -> dict[str, Any]:
    user = exchange.operations.read(exchange.principal, exchange.environment.schema["systemuser"], user_id)
    held = exchange.environment.principal(user_id).held
    return {"RolePrivileges": _privileges(exchange, held, user["businessunitid"].id)}


def _team_privileges(exchange: Exchange, team_id: str, _arguments: dict[str, str]) -> dict[str, Any]:
    team = exchange.operations.read(exchange.principal, exchange.environment.schema["team"], team_id)
    grants = exchange.environment.roles.granted_to(team_id)
    return {"RolePrivileges": _privileges(exchange, grants, team["businessunitid"].id)}


def _access_of(table: str) -> Callable[[Exchange, str, dict[str, str]], dict[str, Any]]:
    return lambda exchange, row_id, arguments: principal_access(exchange, Reference(table, row_id), arguments)


def _privilege_set(exchange: Exchange, _arguments: dict[str, str]) -> dict[str, Any]:
    environment = exchange.environment
    environment.demand(exchange.principal, environment.schema["privilege"], AccessRight.READ)
    rows = environment.rows(environment.schema["privilege"])
    return {"EntityCollection": [dict(row) for row in rows]}


def _privileges(exchange: Exchange, grants: Mapping[str, Depth], unit_id: str) -> list[dict[str, Any]]:
    """RolePrivilege values; the depth is the enum's name (docs)."""
    privileges = exchange.environment.privileges
    found = []
    for privilege_id, depth in grants.items():
        privilege = privileges.by_id(privilege_id)
        found.append(
            {
                "Depth": depth.level,
                "PrivilegeId": privilege_id,
                "BusinessUnitId": unit_id,
                "PrivilegeName": privilege.name if privilege else None,
                "RecordFilterId": ZERO_ID,
                "RecordFilterUniqueName": "",
            }
        )
    return found


def _import_result(exchange: Exchange, arguments: dict[str, str]) -> dict[str, Any]:
    outcome = _outcome(exchange, arguments)
    errors = [outcome.fault.message] if outcome.fault else []
    return {
        "SolutionOperationResult": {
            "Type": "Import",
            "Status": "Failed" if errors else "Passed",
            "WarningMessages": [],
            "ErrorMessages": errors,
            "FormattedResults": formatted_results(outcome),
            "ActionLink": {"Label": None, "Target": None},
        }
    }


def _uninstall_dependencies(exchange: Exchange, arguments: dict[str, str]) -> dict[str, Any]:
    exchange.environment.guard.demand(exchange.principal, exchange.environment.schema["solution"], AccessRight.READ)
    name = arguments.get("SolutionUniqueName", "").strip("'").replace("''", "'")
    return {"value": Remover(exchange.environment).dependencies(name)}


def _formatted_results(exchange: Exchange, arguments: dict[str, str]) -> dict[str, Any]:
    return {"FormattedResults": formatted_results(_outcome(exchange, arguments))}


def _outcome(exchange: Exchange, arguments: dict[str, str]) -> Outcome:
    table = exchange.environment.schema["importjob"]
    exchange.environment.guard.demand(exchange.principal, table, AccessRight.READ)
    return exchange.jobs.outcome(_guid(arguments, "ImportJobId"))


def _guid(arguments: dict[str, str], name: str) -> str:
    if name not in arguments:
        raise bad_request(f"The required parameter '{name}' is missing.")
    try:
        return parse_guid(arguments[name])
    except BadQuery as error:
        raise bad_request(error.message) from None


_UNBOUND: dict[str, Function] = {
    "WhoAmI": _who_am_i,
    "RetrieveRolePrivilegesRole": _role_privileges,
    "RetrieveSharedPrincipalsAndAccess": shared_principals,
    "RetrievePrivilegeSet": _privilege_set,
    "RetrieveSolutionImportResult": _import_result,
    "RetrieveFormattedImportJobResults": _formatted_results,
    "RetrieveDependenciesForUninstall": _uninstall_dependencies,
}
_BOUND: dict[tuple[str, str], Callable[[Exchange, str, dict[str, str]], dict[str, Any]]] = {
    ("systemusers", "RetrieveUserPrivileges"): _user_privileges,
    ("systemusers", "RetrieveUsersPrivilegesThroughTeams"): _with_teams,
    ("systemusers", "RetrievePrincipalAccess"): _access_of("systemuser"),
    ("teams", "RetrieveTeamPrivileges"): _team_privileges,
    ("teams", "RetrievePrincipalAccess"): _access_of("team"),
}
