"""No text of a package, a spec or a policy starts a command of a build pipeline, in whatever format findings are told.

The readers here read a log as GitHub's runner and Azure's agent do.
"""

import re
from datetime import date
from typing import NamedTuple
from xml.etree import ElementTree as ET

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from builder.validation.formats import FORMATS, render
from builder.validation.formats.commands import message
from builder.validation.registry import all_rules
from builder.validation.report import Excerpt, Finding, Report, Severity, Suppressed
from builder.validation.suppressions import Outcome, Suppression


class Command(NamedTuple):
    name: str
    properties: dict[str, str]
    data: str


TODAY = date(2026, 11, 23)
LINE_ENDS = re.compile("\r\n|\r|\n")


def github(log: str) -> list[Command]:
    """Read workflow commands: `::name key=value,...::data` after blanks, and the old `##[name]` anywhere."""
    found = []
    for line in LINE_ENDS.split(log):
        if "##[" in line:
            found.append(Command(line[line.index("##[") + 3 :], {}, ""))
        text = line.lstrip()
        if not text.startswith("::") or (end := text.find("::", 2)) < 0:
            continue
        name, _, told = text[2:end].partition(" ")
        properties = dict(pair.split("=", 1) for pair in told.split(",") if "=" in pair)
        found.append(
            Command(
                name,
                {key: unescape(value, GITHUB) for key, value in properties.items()},
                unescape(text[end + 2 :], GITHUB),
            )
        )
    return found


def azure(log: str) -> list[Command]:
    """Read logging commands: `##vso[area.name key=value;...]data` anywhere in a line; `##[...]` at its start."""
    found = []
    for line in LINE_ENDS.split(log):
        if line.lstrip().startswith("##["):
            found.append(Command(line, {}, ""))
        start = line.lower().find("##vso[")
        if start < 0 or (end := line.find("]", start)) < 0:
            continue
        name, _, told = line[start + 6 : end].partition(" ")
        properties = dict(pair.split("=", 1) for pair in told.split(";") if "=" in pair)
        found.append(
            Command(
                name,
                {key: unescape(value, AZURE) for key, value in properties.items()},
                unescape(line[end + 1 :], AZURE),
            )
        )
    return found


GITHUB = {"%3A": ":", "%2C": ",", "%0D": "\r", "%0A": "\n", "%25": "%"}
AZURE = {"%3B": ";", "%5D": "]", "%0D": "\r", "%0A": "\n", "%AZP25": "%"}


def unescape(text: str, escapes: dict[str, str]) -> str:
    for escape, character in escapes.items():
        text = text.replace(escape, character)
    return text


PIECES = [
    "##vso[",
    "##[",
    "::",
    "::error::",
    "##VSO[task.setvariable variable=x]y",
    "]",
    ";",
    ",",
    "%",
    "%25",
    "%AZP25",
    "%0A",
    "%3A",
]
PIECES += [
    "\n",
    "\r",
    "\r\n",
    "\u2028",
    "\x85",
    "\x0b",
    "\x1b[31m",
    "\u202e",
    " ",
    "#",
    "\ud800",
    "]]>",
    "<x>",
    "&",
    '"',
    "`",
]
hostile = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=5)), max_size=6).map("".join)
rule_ids = st.sampled_from([rule.id for rule in all_rules()])
# An operating system has no path with these.
paths = hostile.map(lambda text: "".join(c for c in text if c != "\0" and not "\ud800" <= c <= "\udfff"))
findings = st.builds(
    Finding, rule=rule_ids, severity=st.sampled_from(Severity), message=hostile, member=paths,
    line=st.integers(0, 99), xpath=hostile, hint=hostile, role=hostile, privilege=hostile, mark=hostile,
    excerpt=st.none() | st.builds(Excerpt, hostile, st.integers(1, 9), st.integers(0, 9)),
)  # fmt: skip
reports = st.builds(
    Report, paths, st.lists(findings, max_size=3).map(tuple), st.just(True),
    st.lists(st.builds(Suppressed, findings, hostile), max_size=2).map(tuple),
)  # fmt: skip
outcomes = st.lists(reports, max_size=2).map(lambda items: Outcome(tuple(items)))


def one(text: str) -> Outcome:
    return Outcome((Report(text, (Finding("SOL405", Severity.ERROR, text, text, 1, text, text, text, text, text),)),))


@given(outcomes)
@example(one("##vso[task.complete result=Succeeded;]done"))
@example(one("x\n::add-mask::a\r::stop-commands::b"))
def test_github_reads_one_annotation_a_finding(outcome: Outcome) -> None:
    commands = github(render("github", outcome))
    expected = [(report, finding) for report in outcome.reports for finding in report.findings]
    assert [command.name for command in commands] == [
        {"note": "notice"}.get(finding.severity.value, finding.severity.value) for _, finding in expected
    ]
    for command, (report, finding) in zip(commands, expected, strict=True):
        assert command.properties.keys() <= {"file", "line", "title"}
        assert command.properties["title"] == f"solsmith {finding.rule}"
        assert command.data == message(report, finding)


@given(outcomes)
@example(one("##vso[task.complete result=Succeeded;]done"))
@example(one("a]b;c\n##vso[task.setvariable variable=x]y"))
def test_azure_reads_one_issue_an_error_or_warning(outcome: Outcome) -> None:
    commands = azure(render("azure", outcome))
    expected = [
        (report, finding)
        for report in outcome.reports
        for finding in report.findings
        if finding.severity is not Severity.NOTE
    ]
    assert [command.name for command in commands] == ["task.logissue"] * len(expected)
    for command, (report, finding) in zip(commands, expected, strict=True):
        assert command.properties.keys() <= {"type", "sourcepath", "linenumber", "code"}
        assert (command.properties["type"], command.properties["code"]) == (finding.severity.value, finding.rule)
        assert command.data == message(report, finding)


@pytest.mark.parametrize("form", sorted(FORMATS))
@given(outcomes)
@example(one("##vso[task.setvariable variable=x]y"))
@example(one("\n::error::x"))
def test_no_text_starts_a_command(form: str, outcome: Outcome) -> None:
    text = render(form, Outcome(outcome.reports, (Suppression("SOL101", "##vso[x]\n::error::", TODAY),)))
    if form != "github":
        assert github(text) == []
    if form != "azure":
        assert azure(text) == []


@given(outcomes)
def test_junit_is_xml_with_a_case_a_rule(outcome: Outcome) -> None:
    suites = ET.fromstring(render("junit", outcome))
    assert len(suites) == len(outcome.reports)
    for suite, report in zip(suites, outcome.reports, strict=True):
        rules = {item.rule for item in (*report.findings, *(each.finding for each in report.suppressed))}
        assert {case.attrib["name"].split(" ")[0] for case in suite} == (rules or {"no"})
        failing = {finding.rule for finding in report.findings if finding.severity is Severity.ERROR}
        failed = {
            case.attrib["name"].split(" ")[0]
            for case in suite
            if case.find("failure") is not None or case.find("error") is not None
        }
        assert failed == failing
        assert int(suite.attrib["tests"]) == len(suite)


def test_junit_fails_by_the_threshold_that_was_asked_for() -> None:
    report = Report("a.zip", (Finding("SOL409", Severity.WARNING, "doubtful"),))
    for threshold, failures in ((Severity.ERROR, "0"), (Severity.WARNING, "1"), (Severity.NOTE, "1")):
        suites = ET.fromstring(render("junit", Outcome((report,), threshold=threshold)))
        assert suites.attrib["failures"] == failures


def test_lines_of_a_zip_are_in_no_file_of_the_repository() -> None:
    finding = Finding("SOL404", Severity.ERROR, "twice", "customizations.xml", 20)
    report = Report("dist/a.zip", (finding,))
    assert (
        render("github", Outcome((report,)))
        == "::error file=dist/a.zip,title=solsmith SOL404::customizations.xml:20: twice"
    )
