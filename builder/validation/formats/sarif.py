"""SARIF 2.1.0, for code scanning: docs.oasis-open.org/sarif/sarif/v2.1.0.

A member of a zip is a nested artifact, whose parent is the zip. Fingerprints hold while a finding moves to other lines.
"""

import hashlib
import re
from collections import Counter
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote

from builder import __version__
from builder.text import json_text
from builder.validation.page import page_of
from builder.validation.registry import Rule, all_rules
from builder.validation.report import Finding, Report, Severity
from builder.validation.suppressions import Outcome, Suppression

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_FINGERPRINT = "solsmith/v1"


def render(outcome: Outcome) -> str:
    """Give the outcome as one run of SARIF, in ASCII."""
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [_Run(outcome).run()]}
    return json_text(log)


class _Run:
    def __init__(self, outcome: Outcome) -> None:
        self._outcome = outcome
        self._rules = [_rule(rule) for rule in all_rules()]
        self._places = {str(rule["id"]): index for index, rule in enumerate(self._rules)}
        self._artifacts: list[dict[str, Any]] = []
        self._artifact_places: dict[tuple[str, str], int] = {}
        self._seen: Counter[str] = Counter()

    def run(self) -> dict[str, Any]:
        """Give the run."""
        results = [result for report in self._outcome.reports for result in self._results(report)]
        useless = (("expired on", self._outcome.expired), ("matches nothing; it expires on", self._outcome.idle))
        notes = [_notification(item, state) for state, items in useless for item in items]
        return {
            "tool": {
                "driver": {"name": "solsmith", "semanticVersion": __version__, "rules": self._rules},
            },
            "columnKind": "unicodeCodePoints",
            "invocations": [
                {
                    "executionSuccessful": all(report.readable for report in self._outcome.reports),
                    **({"toolExecutionNotifications": notes} if notes else {}),
                }
            ],
            "artifacts": self._artifacts,
            "results": results,
        }

    def _results(self, report: Report) -> list[dict[str, Any]]:
        counted = [self._result(report, finding) for finding in report.findings]
        for item in report.suppressed:
            accepted = {"kind": "external", "status": "accepted", "justification": item.reason}
            counted.append({**self._result(report, item.finding), "suppressions": [accepted]})
        return counted

    def _result(self, report: Report, finding: Finding) -> dict[str, Any]:
        text = finding.message + (f" {finding.hint}" if finding.hint else "")
        return {
            "ruleId": finding.rule,
            "ruleIndex": self._places[finding.rule],
            "level": finding.severity.value,
            "message": {"text": text},
            "locations": [self._location(report, finding)],
            "partialFingerprints": {_FINGERPRINT: self._fingerprint(finding)},
        }

    def _location(self, report: Report, finding: Finding) -> dict[str, Any]:
        index = self._artifact(report.path, finding.member)
        physical: dict[str, Any] = {"artifactLocation": {**self._artifacts[index]["location"], "index": index}}
        if finding.line:
            physical |= _regions(finding)
        logical = {"logicalLocations": [{"fullyQualifiedName": finding.xpath}]} if finding.xpath else {}
        return {"physicalLocation": physical, **logical}

    def _artifact(self, path: str, member: str) -> int:
        """Give the place of an artifact among the run's, adding it, and its zip, where it is new."""
        key = (path, member)
        if key not in self._artifact_places:
            artifact: dict[str, Any] = {"location": {"uri": _uri(path)}}
            if member and Path(path).is_dir():
                artifact = {"location": {"uri": _uri(f"{path}/{member}")}}
            elif member:
                artifact = {
                    "location": {"uri": quote(member, errors="backslashreplace")},
                    "parentIndex": self._artifact(path, ""),
                }
            self._artifact_places[key] = len(self._artifacts)
            self._artifacts.append(artifact)
        return self._artifact_places[key]

    def _fingerprint(self, finding: Finding) -> str:
        """Hash what stays when lines move; findings that are equal in all of it are numbered."""
        message = re.sub(r"\bline \d+", "line", finding.message)
        text = "\0".join((finding.rule, finding.member, finding.role, finding.privilege, message))
        self._seen[text] += 1
        return hashlib.sha256(f"{text}\0{self._seen[text]}".encode("utf-8", "backslashreplace")).hexdigest()[:32]


def _regions(finding: Finding) -> dict[str, Any]:
    region: dict[str, Any] = {"startLine": finding.line}
    excerpt = finding.excerpt
    if excerpt is None:
        return {"region": region}
    if excerpt.length > 0:
        start = excerpt.skipped + excerpt.column
        region |= {"startColumn": start, "endColumn": start + excerpt.length}
    return {"region": region, "contextRegion": {"startLine": finding.line, "snippet": {"text": excerpt.text}}}


def _rule(rule: Rule) -> dict[str, Any]:
    page = page_of(rule)
    name = "".join(word.capitalize() for word in re.findall(r"[A-Za-z0-9]+", rule.title))
    return {
        "id": rule.id,
        "name": name,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": page.why},
        "help": {"text": f"{page.why}\n\n{page.fix}", "markdown": page.markdown()},
        "defaultConfiguration": {"level": rule.severity.value},
    }


def _notification(item: Suppression, state: str) -> dict[str, Any]:
    text = f"The suppression of {item.rule} ({item.reason}) {state} {item.expires.isoformat()}."
    return {"level": Severity.WARNING.value, "message": {"text": text}, "associatedRule": {"id": item.rule}}


def _uri(path: str) -> str:
    plain = Path(path)
    return (
        plain.as_uri()
        if plain.is_absolute()
        else quote(str(PurePosixPath(plain.as_posix())), errors="backslashreplace")
    )
