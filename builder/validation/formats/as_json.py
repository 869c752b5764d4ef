"""For scripts: schemas/validate.schema.json says what stands where."""

from typing import Any

from builder.text import json_text
from builder.validation.report import Finding, Report
from builder.validation.suppressions import Outcome, Suppression


def render(outcome: Outcome) -> str:
    """Give the outcome as JSON, in ASCII."""
    states = (("expired", outcome.expired), ("idle", outcome.idle))
    whole: dict[str, Any] = {"version": 1, "packages": [_package(report) for report in outcome.reports]}
    if useless := [_suppression(item, state) for state, items in states for item in items]:
        whole["suppressions"] = useless
    return json_text(whole)


def _package(report: Report) -> dict[str, Any]:
    package: dict[str, Any] = {"path": report.path, "findings": [_finding(finding) for finding in report.findings]}
    if report.suppressed:
        package["suppressed"] = [{**_finding(item.finding), "reason": item.reason} for item in report.suppressed]
    return package


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "severity": finding.severity.value,
        "message": finding.message,
        "member": finding.member,
        "line": finding.line,
        "xpath": finding.xpath,
        "hint": finding.hint,
    }


def _suppression(item: Suppression, state: str) -> dict[str, Any]:
    return {"rule": item.rule, "reason": item.reason, "expires": item.expires.isoformat(), "state": state}
