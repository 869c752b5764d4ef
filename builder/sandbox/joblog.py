"""What an import leaves behind to read: the job's `data` XML and the formatted results.

Layout of the XML: old SDK documentation and public logs; of the workbook: a recorded answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from lxml import etree

from builder.sandbox.faults import WebApiFault
from builder.sandbox.package import Package, PackagedRole

_SPREADSHEET = "urn:schemas-microsoft-com:office:spreadsheet"
_EPOCH = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an import ended. `package` is None where it could not be read."""

    started: datetime
    ended: datetime
    package: Package | None
    fault: WebApiFault | None
    progress: float

    @property
    def role_id(self) -> str:
        """The role that the import failed on, if any."""
        return self.fault.role_id if self.fault else ""


def ticks(moment: datetime) -> int:
    """A moment in .NET ticks: tenths of microseconds since year 1."""
    span = moment - _EPOCH
    return (span.days * 86_400 + span.seconds) * 10_000_000 + span.microseconds * 10


def job_data(outcome: Outcome) -> str:
    """The `data` column of the import job."""
    root = etree.Element(
        "importexportxml",
        start=str(ticks(outcome.started)),
        stop=str(ticks(outcome.ended)),
        progress=str(outcome.progress),
        processed="true",
    )
    package = outcome.package
    if package is not None:
        _manifest(root, package, outcome)
    entities = etree.SubElement(root, "entities")
    for table in package.tables if package else ():
        element = etree.SubElement(entities, "entity", id=table.name, LocalizedName=table.display)
        element.set("processed", str(outcome.fault is None).lower())
        if outcome.fault is None:
            _result(element, outcome, None)
    for name in ("nodes", "settings", "dashboards"):
        etree.SubElement(root, name)
    roles = etree.SubElement(root, "securityroles")
    for role in package.roles if package else ():
        _role(roles, role, outcome)
    etree.SubElement(root, "workflows")
    if outcome.fault is None and package is not None:
        _tail(root, package, outcome)
    return etree.tostring(root, encoding="unicode")


def _manifest(root: etree._Element, package: Package, outcome: Outcome) -> None:
    holder = etree.SubElement(
        etree.SubElement(root, "solutionManifests"),
        "solutionManifest",
        languagecode=package.language,
        id=package.unique_name,
        LocalizedName=package.name,
        processed="true",
    )
    for child in etree.fromstring(package.manifest):
        if child.tag in ("UniqueName", "LocalizedNames", "Descriptions", "Version", "Managed", "Publisher"):
            holder.append(child)
    etree.SubElement(holder, "results")
    _result(holder, outcome, None if outcome.role_id else outcome.fault, "Solution manifest import: FAILURE: ")


def _role(roles: etree._Element, role: PackagedRole, outcome: Outcome) -> None:
    """One role; the inner layout of `securityroles` is unconfirmed."""
    element = etree.SubElement(roles, "securityrole", id=f"{{{role.id}}}", LocalizedName=role.name, processed="true")
    if outcome.fault is None:
        _result(element, outcome, None)
    elif outcome.role_id == role.id:
        _result(element, outcome, outcome.fault)
    else:
        element.set("processed", "false")


def _tail(root: etree._Element, package: Package, outcome: Outcome) -> None:
    languages = etree.SubElement(root, "languages")
    _result(etree.SubElement(languages, "language"), outcome, None)
    etree.SubElement(root, "entitySubhandlers")
    etree.SubElement(etree.SubElement(root, "publishes"), "publish", processed="false")
    components = etree.SubElement(root, "rootComponents")
    for _ in package.root_components:
        _result(etree.SubElement(components, "rootComponent", processed="true"), outcome, None)
    dependencies = etree.SubElement(root, "dependencies")
    _result(etree.SubElement(dependencies, "dependency", processed="true"), outcome, None)


def _result(parent: etree._Element, outcome: Outcome, fault: WebApiFault | None, prefix: str = "") -> None:
    result = etree.SubElement(
        parent,
        "result",
        result="failure" if fault else "success",
        errorcode=_upper(fault.code) if fault else "0",
        errortext=prefix + fault.message if fault else "",
        datetime=outcome.ended.strftime("%H:%M:%S.%f")[:-4],
        datetimeticks=str(ticks(outcome.ended)),
    )
    if fault and outcome.package:
        parameters = etree.SubElement(result, "parameters")
        etree.SubElement(parameters, "parameter").text = outcome.package.unique_name


def _upper(code: str) -> str:
    """The code as the log spells it: `0x8004801D`."""
    return f"0x{code[2:].upper()}"


def formatted_results(outcome: Outcome) -> str:
    """The results as a SpreadsheetML workbook: a sheet about the solution, a sheet about its components."""
    workbook = etree.Element(f"{{{_SPREADSHEET}}}Workbook", nsmap={"ss": _SPREADSHEET})
    package, fault = outcome.package, outcome.fault
    solution = [("Solution", ""), ("Name", package.unique_name if package else "")]
    if package:
        solution += [
            ("Display Name", package.name),
            ("Description", package.description),
            ("Version", package.version),
            ("Package Type", "Managed" if package.managed else "Unmanaged"),
            ("Publisher", ""),
            ("Name", package.publisher.unique_name),
            ("Display Name", package.publisher.name),
        ]
    _sheet(workbook, "Solution", solution)
    rows = [("DateTime", "ItemType", "DisplayName", "Status", "ErrorCode", "ErrorText")]
    moment = outcome.ended.strftime("%H:%M:%S.%f")[:-4]
    for role in package.roles if package else ():
        failed = fault is not None and outcome.role_id in ("", role.id)
        code, text = (_upper(fault.code), fault.message) if fault and failed else ("", "")
        rows.append((moment, "Security Role", role.name, "Failure" if failed else "Success", code, text))
    _sheet(workbook, "Components", rows)
    body = etree.tostring(workbook, encoding="unicode")
    return f'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>{body}'


def _sheet(workbook: etree._Element, name: str, rows: Sequence[tuple[str, ...]]) -> None:
    sheet = etree.SubElement(workbook, f"{{{_SPREADSHEET}}}Worksheet")
    sheet.set(f"{{{_SPREADSHEET}}}Name", name)
    table = etree.SubElement(sheet, f"{{{_SPREADSHEET}}}Table")
    for row in rows:
        element = etree.SubElement(table, f"{{{_SPREADSHEET}}}Row")
        for text in row:
            cell = etree.SubElement(element, f"{{{_SPREADSHEET}}}Cell")
            data = etree.SubElement(cell, f"{{{_SPREADSHEET}}}Data")
            data.set(f"{{{_SPREADSHEET}}}Type", "String")
            data.text = text
