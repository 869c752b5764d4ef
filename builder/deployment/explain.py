"""What Dataverse says about a failed import, in parts that can be read: component, code, text."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lxml import etree

from builder.catalogue.lookup import error_texts
from builder.dataverse.jobs import Operation
from builder.dataverse.solutions import Staged

_OPEN, _CLOSE = "<MissingDependencies", "</MissingDependencies>"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that the environment says is wrong: `code` in lower-case hex, `component` what it is about; or ""."""

    code: str
    component: str
    text: str
    severity: str = "error"

    @property
    def name(self) -> str:
        """The code's name in the SDK, "" where it is not known."""
        return error_texts().get(self.code, ("", ""))[0]

    def __str__(self) -> str:
        about = " ".join(part for part in (self.code, self.name) if part)
        return ": ".join(part for part in (self.component, about, self.text) if part)


def hex_code(code: object) -> str:
    """Give an error code as lower-case hex: the Web API writes hex, staging and jobs a signed int32; "" for none."""
    try:
        number = int(code, 0) if isinstance(code, str) else int(code) if isinstance(code, int) else 0
    except ValueError:
        return ""
    return f"0x{number & 0xFFFFFFFF:08x}" if number else ""


def of_stage(staged: Staged) -> tuple[Problem, ...]:
    """Give every validation result but mere information, and every missing dependency, of StageSolution's answer."""
    return (
        *(problem for result in staged.results for problem in _of_result(result)),
        *(_of_dependency(dependency) for dependency in staged.missing_dependencies),
    )


def of_job_data(data: str) -> tuple[Problem, ...]:
    """Give all failures and warnings of an import job's log; a log that cannot be read is a warning itself."""
    if not data.strip():
        return ()
    try:
        root = etree.fromstring(data.encode("utf-8"), _parser())
    except etree.XMLSyntaxError as error:
        return (Problem("", "import log", f"cannot be read: {error.msg}", "warning"),)
    return tuple(problem for result in root.iter("result") for problem in _of_element(result))


def of_operation(operation: Operation) -> tuple[Problem, ...]:
    """Give what a failed operation itself says; sometimes one of its messages, sometimes neither is there (live)."""
    text = operation.friendly_message or operation.message
    code = hex_code(operation.error_code)
    return tuple(_with_dependencies(code, "", text, "error")) if code or text else ()


def _of_result(result: Mapping[str, Any]) -> Iterator[Problem]:
    severity = str(result.get("SolutionValidationResultType") or "Error").lower()
    if severity != "information":
        text = " ".join(str(result[key]) for key in ("Message", "AdditionalInfo") if result.get(key))
        yield from _with_dependencies(hex_code(result.get("ErrorCode")), "", text, severity)


def _of_dependency(dependency: Mapping[str, Any]) -> Problem:
    def said(side: str, *keys: str) -> str:
        return next((str(dependency[side + key]) for key in keys if dependency.get(side + key)), "")

    required = said("RequiredComponent", "SchemaName", "DisplayName", "Id") or "a component"
    parent = said("RequiredComponent", "ParentSchemaName", "ParentDisplayName")
    solution = said("Required", "SolutionName")
    dependent = said("DependentComponent", "SchemaName", "DisplayName", "Id")
    text = f"is missing{f' on {parent}' if parent else ''}{f' (of solution {solution})' if solution else ''}"
    return Problem("", required, text + (f", needed by {dependent}" if dependent else ""))


def _of_element(result: etree._Element) -> Iterator[Problem]:
    severity = {"failure": "error", "warning": "warning"}.get(result.get("result", ""))
    if severity:
        yield from _with_dependencies(
            hex_code(result.get("errorcode")), _component(result.getparent()), result.get("errortext", ""), severity
        )


def _component(element: etree._Element | None) -> str:
    """Name what a result is about: its element, and the name or id that it or its first members carry."""
    if element is None:
        return ""
    name = next((element.get(key) for key in ("LocalizedName", "name", "Name", "id", "Id") if element.get(key)), "")
    return f"{etree.QName(element).localname} {name}".strip()


def _with_dependencies(code: str, component: str, text: str, severity: str) -> Iterator[Problem]:
    """Take the XML of missing dependencies out of a text: one problem each, after the text around it."""
    start, end = text.find(_OPEN), text.rfind(_CLOSE)
    if start < 0 or end < start:
        yield Problem(code, component, text.strip(), severity)
        return
    block, after = text[start : end + len(_CLOSE)], text[end + len(_CLOSE) :]
    try:
        missing = list(etree.fromstring(block.encode("utf-8"), _parser()).iter("MissingDependency"))
    except etree.XMLSyntaxError:
        yield Problem(code, component, text.strip(), severity)
        return
    yield Problem(code, component, f"{text[:start].strip()} {after.strip(' ,')}".strip(), severity)
    yield from (_of_missing(one, severity) for one in missing)


def _of_missing(missing: etree._Element, severity: str) -> Problem:
    required, dependent = missing.find("Required"), missing.find("Dependent")
    solution = "" if required is None else required.get("solution", "")
    needed_by = _side(dependent)
    text = f"is missing{f' (of solution {solution})' if solution else ''}"
    return Problem(
        "", _side(required) or "a component", text + (f", needed by {needed_by}" if needed_by else ""), severity
    )


def _side(element: etree._Element | None) -> str:
    if element is None:
        return ""
    name = next((element.get(key) for key in ("schemaName", "displayName", "id") if element.get(key)), "")
    parent = element.get("parentSchemaName") or element.get("parentDisplayName")
    kind = element.get("type")
    return f"{name}{f' of {parent}' if parent else ''}{f' (type {kind})' if kind else ''}".strip()


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False)


def errors(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Leave the warnings out."""
    return tuple(problem for problem in problems if problem.severity == "error")
