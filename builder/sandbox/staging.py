"""Staging: what StageSolution says about a package without installing it (members recorded; of failures hand-made)."""

from typing import Any

from builder.sandbox.checks import HOLDING
from builder.sandbox.environment import Environment
from builder.sandbox.faults import ZERO_ID, WebApiFault
from builder.sandbox.installation import Installer
from builder.sandbox.jobs import ImportJobs
from builder.sandbox.package import Package, read_package
from builder.sandbox.uploads import decode_file


def stage_answer(jobs: ImportJobs, file: str) -> dict[str, Any]:
    """Validate a file without installing it: the answer is a 200 whatever comes out (recorded)."""
    content = decode_file(file)
    package: Package | None = None
    missing: list[dict[str, Any]] = []
    results: list[dict[str, Any]] = []
    try:
        package = read_package(content)
        jobs.installer.check_manifest(package)
    except WebApiFault as fault:
        results.append(
            {
                "SolutionValidationResultType": "Error",
                "Message": fault.message,
                "ErrorCode": fault.signed,
                "AdditionalInfo": None,
            }
        )
    if package and results:
        missing = [_missing_detail(entry.required, entry.dependent) for entry in jobs.installer.missing(package)]
    passed = package if not results else None
    return {
        "StageSolutionUploadId": jobs.uploads.keep(file) if passed else ZERO_ID,
        "StageSolutionStatus": "Passed" if passed else "Failed",
        "SolutionComponentsDetails": _component_details(passed, jobs.environment) if passed else [],
        "SolutionDetails": _solution_details(passed, jobs.installer),
        "MissingDependencies": missing,
        "SolutionValidationResults": results,
    }


def _component_details(package: Package, environment: Environment) -> list[dict[str, Any]]:
    texts = {"localizedname": package.name, "description": package.description}
    details = [_component(package.name, "solution", "Unknown", texts)]
    for role in package.roles:
        present = environment.store.find("role", role.id) is not None
        details.append(_component(role.name, "role", str(present), {"name": role.name, "roleid": role.id}))
    for table in package.tables:
        present = table.name in environment.schema.tables
        details.append(
            _component(table.display, "entity", str(present), {"name": table.display, "logicalname": table.name})
        )
    return details


def _component(name: str, kind: str, present: str, attributes: dict[str, str]) -> dict[str, Any]:
    return {
        "ComponentName": name,
        "ComponentTypeName": kind,
        "IsPresentInOrg": present,
        "Attributes": {
            "Count": len(attributes),
            "Keys": list(attributes),
            "Values": list(attributes.values()),
        },
    }


def _solution_details(package: Package | None, installer: Installer) -> dict[str, Any]:
    previous = installer.installed(package.unique_name) if package else None
    publisher = installer.publisher_of(previous) if previous else None
    return {
        "SolutionUniqueName": package and package.unique_name,
        "SolutionFriendlyName": package and package.name,
        "SolutionDescription": package and package.description,
        "PublisherUniqueName": package and package.publisher.unique_name,
        "PublisherFriendlyName": package and package.publisher.name,
        "PreviousSolutionUniqueName": previous and previous["uniquename"],
        "PreviousSolutionFriendlyName": previous and previous["friendlyname"],
        "PreviousPublisherUniqueName": publisher and publisher["uniquename"],
        "PreviousPublisherFriendlyName": publisher and publisher["friendlyname"],
        "IsPatchSolution": False,
        "IsManaged": bool(package and package.managed),
        "PreviousIsManaged": bool(previous and previous["ismanaged"]),
        "SolutionVersion": package and package.version,
        "PreviousSolutionVersion": previous and previous["version"],
        "PreviousPatchSolutionsNames": [],
        "IsPrerequisitesExport": False,
        "HasPendingUpgrade": bool(package and installer.installed(f"{package.unique_name}{HOLDING}")),
    }


def _missing_detail(required: dict[str, str], dependent: dict[str, str]) -> dict[str, Any]:
    detail: dict[str, Any] = {}
    for prefix, entry in (("Required", required), ("Dependent", dependent)):
        detail[f"{prefix}ComponentSchemaName"] = entry.get("schemaName")
        detail[f"{prefix}ComponentDisplayName"] = entry.get("displayName")
        detail[f"{prefix}ComponentParentSchemaName"] = entry.get("parentSchemaName")
        detail[f"{prefix}ComponentParentDisplayName"] = entry.get("parentDisplayName")
        detail[f"{prefix}ComponentId"] = entry.get("id")
        detail[f"{prefix}ComponentType"] = entry.get("type")
    detail["RequiredSolutionName"] = required.get("solution")
    return detail
