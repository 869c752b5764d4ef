"""JUnit XML, for the test reports of any build server: a suite a package, a case a rule that found something.

A case fails where one of its findings is as bad as `--fail-on` says; one whose findings are all suppressed is skipped,
and one that only has lesser ones passes, with what was found as its output.
"""

from collections.abc import Iterable
from xml.etree import ElementTree as ET

from builder.text import printable
from builder.validation.formats.commands import message, place
from builder.validation.registry import all_rules
from builder.validation.report import Finding, Report, Severity
from builder.validation.suppressions import Outcome
from builder.validation.validate import UNREADABLE


def render(outcome: Outcome) -> str:
    """Give the outcome as one document."""
    suites = ET.Element("testsuites", name="solsmith")
    titles = {rule.id: rule.title for rule in all_rules()}
    for report in outcome.reports:
        suites.append(_suite(report, titles, outcome.threshold))
    _count(suites, suites.iter("testcase"))
    ET.indent(suites)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(suites, encoding="unicode")


def _suite(report: Report, titles: dict[str, str], threshold: Severity) -> ET.Element:
    suite = ET.Element("testsuite", name=printable(report.path))
    rules = {item.rule for item in (*report.findings, *(item.finding for item in report.suppressed))}
    for rule in sorted(rules):
        suite.append(_case(report, rule, titles.get(rule, ""), threshold))
    if not rules:
        ET.SubElement(suite, "testcase", classname=printable(report.path), name="no findings")
    _count(suite, suite.iter("testcase"))
    return suite


def _case(report: Report, rule: str, title: str, threshold: Severity) -> ET.Element:
    case = ET.Element("testcase", classname=printable(report.path), name=f"{rule} {title}".strip())
    found = [finding for finding in report.findings if finding.rule == rule]
    reasons = [item.reason for item in report.suppressed if item.finding.rule == rule]
    if not found:
        ET.SubElement(case, "skipped", message=printable("; ".join(dict.fromkeys(reasons))))
        return case
    text = "\n".join(_told(report, finding) for finding in found)
    if any(finding.severity.reaches(threshold) for finding in found):
        kind = "error" if rule == UNREADABLE else "failure"
        ET.SubElement(case, kind, type=found[0].severity.value, message=message(report, found[0])).text = text
    else:
        ET.SubElement(case, "system-out").text = text
    return case


def _told(report: Report, finding: Finding) -> str:
    path, line = place(report, finding)
    where = f"{path}:{line}" if line else path
    return f"{where}: {finding.severity.value}: {message(report, finding)}"


def _count(element: ET.Element, cases: Iterable[ET.Element]) -> None:
    cases = list(cases)
    element.set("tests", str(len(cases)))
    for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        element.set(name, str(sum(case.find(tag) is not None for case in cases)))
