"""Actions: staging, importing, changing what a role grants, publishing."""

from base64 import b64encode
from collections.abc import Callable
from typing import Any

from builder.model import AccessRight, Depth
from builder.sandbox.checks import ImportSettings
from builder.sandbox.export import export_solution
from builder.sandbox.faults import WebApiFault, bad_request, coded, not_here
from builder.sandbox.odata.literals import BadQuery, parse_guid
from builder.sandbox.odata.path import Segment
from builder.sandbox.records import new_id
from builder.sandbox.removal import Remover
from builder.sandbox.staging import stage_answer
from builder.sandbox.uploads import decode_file
from builder.sandbox.web.exchange import Answer, Exchange
from builder.sandbox.web.multiple import bulk_delete
from builder.sandbox.web.payload import read_key
from builder.sandbox.web.sharing import add_members, grant_access, modify_access, remove_members, revoke_access

Action = Callable[[Exchange, dict[str, Any]], Answer]
_IMPORT_MEMBERS = {
    "OverwriteUnmanagedCustomizations",
    "PublishWorkflows",
    "CustomizationFile",
    "SolutionParameters",
    "ComponentParameters",
    "ImportJobId",
    "HoldingSolution",
    "SkipProductUpdateDependencies",
    "ConvertToManaged",
}
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


def _stage(exchange: Exchange, body: dict[str, Any]) -> Answer:
    _check_members(body, {"CustomizationFile"})
    exchange.environment.guard.demand_named(exchange.principal, "prvImportCustomization")
    results = stage_answer(exchange.jobs, _member(body, "CustomizationFile", str))
    context = exchange.context("Microsoft.Dynamics.CRM.StageSolutionResponse")
    return Answer(body={**context, "StageSolutionResults": results})


def _import_async(exchange: Exchange, body: dict[str, Any], *, upgrade: bool = False) -> Answer:
    job_id, content, settings = _import_request(exchange, body, upgrade=upgrade)
    job = exchange.jobs.start(job_id, content, settings, exchange.principal.user_id)
    message = "StageAndUpgradeAsync" if upgrade else "ImportSolutionAsync"
    context = exchange.context(f"Microsoft.Dynamics.CRM.{message}Response")
    return Answer(body={**context, "ImportJobKey": job.id, "AsyncOperationId": job.async_id})


def _import_now(exchange: Exchange, body: dict[str, Any]) -> Answer:
    _member(body, "ImportJobId", str)
    job_id, content, settings = _import_request(exchange, body)
    job = exchange.jobs.start(job_id, content, settings, exchange.principal.user_id)
    fault = exchange.jobs.finish(job).fault
    if fault:
        raise fault
    return Answer(204)


def _import_request(
    exchange: Exchange, body: dict[str, Any], *, upgrade: bool = False
) -> tuple[str, bytes, ImportSettings]:
    """Read what an import asks for; a missing privilege, a used job id and a running import come before the file."""
    _check_members(body, _IMPORT_MEMBERS - ({"HoldingSolution"} if upgrade else set()))
    settings = ImportSettings(
        overwrite=_member(body, "OverwriteUnmanagedCustomizations", bool),
        publish_workflows=_member(body, "PublishWorkflows", bool),
        holding=bool(body.get("HoldingSolution")),
        upgrade=upgrade,
    )
    for name in ("ConvertToManaged", "ComponentParameters"):
        if body.get(name):
            raise not_here(f"the import parameter {name}")
    exchange.environment.guard.demand_named(exchange.principal, "prvImportCustomization")
    job_id = _guid(body["ImportJobId"]) if body.get("ImportJobId") else None
    exchange.jobs.check_free(job_id)
    if body.get("CustomizationFile"):
        content = decode_file(_member(body, "CustomizationFile", str))
    else:
        upload_id = _guid(_member(_member(body, "SolutionParameters", dict), "StageSolutionUploadId", str))
        content = exchange.jobs.uploads.take(upload_id, once=exchange.environment.switches.stage_upload == "once")
    return job_id or new_id(), content, settings


def _upgrade_async(exchange: Exchange, body: dict[str, Any]) -> Answer:
    return _import_async(exchange, body, upgrade=True)


def _promote(exchange: Exchange, body: dict[str, Any]) -> Answer:
    name = _solution_named(exchange, body, "UniqueName", "prvImportCustomization")
    exchange.jobs.check_free(None)
    solution = exchange.jobs.installer.promote(name, exchange.principal.user_id)
    return _answer(exchange, "DeleteAndPromote", SolutionId=solution["solutionid"])


def _promote_async(exchange: Exchange, body: dict[str, Any]) -> Answer:
    name = _solution_named(exchange, body, "UniqueName", "prvImportCustomization")
    exchange.jobs.check_free(None)
    job = exchange.jobs.start_other("promote", name, exchange.principal.user_id)
    return _answer(exchange, "DeleteAndPromoteAsync", AsyncOperationId=job.async_id)


def _uninstall_async(exchange: Exchange, body: dict[str, Any]) -> Answer:
    name = _solution_named(exchange, body, "SolutionUniqueName", "prvDeleteSolution")
    exchange.jobs.check_free(None)
    job = exchange.jobs.start_other("uninstall", name, exchange.principal.user_id)
    return _answer(exchange, "UninstallSolutionAsync", AsyncOperationId=job.async_id)


def _export(exchange: Exchange, body: dict[str, Any]) -> Answer:
    name, managed = _export_request(exchange, body)
    content = export_solution(exchange.environment, Remover(exchange.environment).by_name(name), managed)
    return _answer(exchange, "ExportSolution", ExportSolutionFile=b64encode(content).decode("ascii"))


def _export_async(exchange: Exchange, body: dict[str, Any]) -> Answer:
    name, managed = _export_request(exchange, body)
    job = exchange.jobs.start_other("export", name, exchange.principal.user_id, managed=managed)
    return _answer(exchange, "ExportSolutionAsync", AsyncOperationId=job.async_id, ExportJobId=job.id)


def _export_request(exchange: Exchange, body: dict[str, Any]) -> tuple[str, bool]:
    """Export settings of other areas (`ExportGeneralSettings`...) have nothing to add to here, and are let pass."""
    settings = {name for name in body if name.startswith("Export") or name == "TargetVersion"}
    _check_members(body, {"SolutionName", "Managed", *settings})
    plain = {"SolutionName": body.get("SolutionName")}
    name = _solution_named(exchange, plain, "SolutionName", "prvExportCustomization")
    return name, _member(body, "Managed", bool)


def _download_export(exchange: Exchange, body: dict[str, Any]) -> Answer:
    _check_members(body, {"ExportJobId"})
    exchange.environment.guard.demand_named(exchange.principal, "prvExportCustomization")
    content = exchange.jobs.exported(_guid(_member(body, "ExportJobId", str)))
    return _answer(exchange, "DownloadSolutionExportData", ExportSolutionFile=b64encode(content).decode("ascii"))


def _solution_named(exchange: Exchange, body: dict[str, Any], member: str, privilege: str) -> str:
    """The unique name of an installed solution that a body names."""
    _check_members(body, {member})
    exchange.environment.guard.demand_named(exchange.principal, privilege)
    name: str = _member(body, member, str)
    return str(Remover(exchange.environment).by_name(name)["uniquename"])


def _answer(exchange: Exchange, message: str, **members: Any) -> Answer:
    return Answer(body={**exchange.context(f"Microsoft.Dynamics.CRM.{message}Response"), **members})


def _publish(exchange: Exchange, body: dict[str, Any]) -> Answer:
    """Publishing changes nothing here: what the sandbox keeps needs none."""
    _check_members(body, set())
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
    _check_members(body, {"PrivilegeId"})
    exchange.environment.roles.change(role_id, {_guid(_member(body, "PrivilegeId", str)): None})
    return Answer(204)


def _demand_role_change(exchange: Exchange, role_id: str) -> None:
    environment, table = exchange.environment, exchange.environment.schema["role"]
    environment.guard.demand(exchange.principal, table, AccessRight.WRITE)
    role = environment.store.get("role", role_id)
    environment.demand_row(exchange.principal, table, role, AccessRight.WRITE)
    if not role["iscustomizable"]["Value"]:
        raise WebApiFault(400, "0x80048405", f"The role '{role['name']}' is not customizable.")


def _privileges(body: dict[str, Any]) -> list[Any]:
    _check_members(body, {"Privileges"})
    entries: list[Any] = _member(body, "Privileges", list)
    ids = [entry.get("PrivilegeId") for entry in entries if isinstance(entry, dict)]
    if len(ids) != len(set(map(str, ids))):
        raise coded("0x8004140f", ids)
    return entries


def _privilege(entry: Any) -> tuple[str, Depth]:
    if not isinstance(entry, dict):
        raise bad_request("A privilege is an object with PrivilegeId and Depth.")
    depth = str(entry.get("Depth"))
    if depth in _DEPTH_NUMBERS:
        return _guid(_member(entry, "PrivilegeId", str)), _DEPTH_NUMBERS[depth]
    try:
        return _guid(_member(entry, "PrivilegeId", str)), Depth.from_level(depth)
    except ValueError:
        raise bad_request(f"'{depth}' is not a PrivilegeDepth.") from None


def _check_members(body: dict[str, Any], known: set[str]) -> None:
    for name in body:
        if name not in known and "@" not in name:
            raise bad_request(
                f"The parameter '{name}' in the request payload is not a valid parameter for the operation."
            )


def _member(body: dict[str, Any], name: str, kind: type) -> Any:
    value = body.get(name)
    if not isinstance(value, kind):
        raise bad_request(f"The required parameter '{name}' is missing or not of type {kind.__name__}.")
    return value


def _guid(text: Any) -> str:
    try:
        return parse_guid(str(text))
    except BadQuery as error:
        raise bad_request(error.message) from None


_UNBOUND: dict[str, Action] = {
    "StageSolution": _stage,
    "ImportSolutionAsync": _import_async,
    "ImportSolution": _import_now,
    "StageAndUpgradeAsync": _upgrade_async,
    "DeleteAndPromote": _promote,
    "DeleteAndPromoteAsync": _promote_async,
    "UninstallSolutionAsync": _uninstall_async,
    "ExportSolution": _export,
    "ExportSolutionAsync": _export_async,
    "DownloadSolutionExportData": _download_export,
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
