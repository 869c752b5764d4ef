"""Actions on solutions: stage, import, upgrade, promote, uninstall, export."""

from base64 import b64encode
from collections.abc import Callable
from typing import Any

from builder.sandbox.checks import ImportSettings
from builder.sandbox.export import export_solution
from builder.sandbox.faults import not_here
from builder.sandbox.records import new_id
from builder.sandbox.removal import Remover
from builder.sandbox.staging import stage_answer
from builder.sandbox.uploads import decode_file
from builder.sandbox.web.bodies import check_members, guid, member
from builder.sandbox.web.exchange import Answer, Exchange

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


def _stage(exchange: Exchange, body: dict[str, Any]) -> Answer:
    check_members(body, {"CustomizationFile"})
    exchange.environment.guard.demand_named(exchange.principal, "prvImportCustomization")
    results = stage_answer(exchange.jobs, member(body, "CustomizationFile", str))
    context = exchange.context("Microsoft.Dynamics.CRM.StageSolutionResponse")
    return Answer(body={**context, "StageSolutionResults": results})


def _import_async(exchange: Exchange, body: dict[str, Any], *, upgrade: bool = False) -> Answer:
    job_id, content, settings = _import_request(exchange, body, upgrade=upgrade)
    job = exchange.jobs.start(job_id, content, settings, exchange.principal.user_id)
    message = "StageAndUpgradeAsync" if upgrade else "ImportSolutionAsync"
    context = exchange.context(f"Microsoft.Dynamics.CRM.{message}Response")
    return Answer(body={**context, "ImportJobKey": job.id, "AsyncOperationId": job.async_id})


def _import_now(exchange: Exchange, body: dict[str, Any]) -> Answer:
    member(body, "ImportJobId", str)
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
    check_members(body, _IMPORT_MEMBERS - ({"HoldingSolution"} if upgrade else set()))
    settings = ImportSettings(
        overwrite=member(body, "OverwriteUnmanagedCustomizations", bool),
        publish_workflows=member(body, "PublishWorkflows", bool),
        holding=bool(body.get("HoldingSolution")),
        upgrade=upgrade,
    )
    for name in ("ConvertToManaged", "ComponentParameters"):
        if body.get(name):
            raise not_here(f"the import parameter {name}")
    exchange.environment.guard.demand_named(exchange.principal, "prvImportCustomization")
    job_id = guid(body["ImportJobId"]) if body.get("ImportJobId") else None
    exchange.jobs.check_free(job_id)
    if body.get("CustomizationFile"):
        content = decode_file(member(body, "CustomizationFile", str))
    else:
        upload_id = guid(member(member(body, "SolutionParameters", dict), "StageSolutionUploadId", str))
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
    check_members(body, {"SolutionName", "Managed", *settings})
    plain = {"SolutionName": body.get("SolutionName")}
    name = _solution_named(exchange, plain, "SolutionName", "prvExportCustomization")
    return name, member(body, "Managed", bool)


def _download_export(exchange: Exchange, body: dict[str, Any]) -> Answer:
    check_members(body, {"ExportJobId"})
    exchange.environment.guard.demand_named(exchange.principal, "prvExportCustomization")
    content = exchange.jobs.exported(guid(member(body, "ExportJobId", str)))
    return _answer(exchange, "DownloadSolutionExportData", ExportSolutionFile=b64encode(content).decode("ascii"))


def _solution_named(exchange: Exchange, body: dict[str, Any], named: str, privilege: str) -> str:
    """The unique name of an installed solution that a body names."""
    check_members(body, {named})
    exchange.environment.guard.demand_named(exchange.principal, privilege)
    name: str = member(body, named, str)
    return str(Remover(exchange.environment).by_name(name)["uniquename"])


def _answer(exchange: Exchange, message: str, **members: Any) -> Answer:
    return Answer(body={**exchange.context(f"Microsoft.Dynamics.CRM.{message}Response"), **members})


SOLUTION_ACTIONS: dict[str, Callable[[Exchange, dict[str, Any]], Answer]] = {
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
}
