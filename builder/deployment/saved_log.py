"""A log that somebody saved: an import job's XML, an answer of the Web API as JSON, or any text with errors in it."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from builder.dataverse.jobs import Operation
from builder.dataverse.solutions import Staged
from builder.deployment import explain
from builder.deployment.explain import Problem
from builder.errors import UnreadableInput

_LIMIT = 64 << 20
_CODE = re.compile(r"\b0x8[0-9a-fA-F]{7}\b|-214\d{7}\b")


def problems_of(path: Path) -> tuple[Problem, ...]:
    """Give every problem that a saved log tells, errors first; raises UnreadableInput where it is no text."""
    try:
        with path.open("rb") as file:
            content = file.read(_LIMIT + 1)
    except OSError as error:
        raise UnreadableInput(f"{path}: {error.strerror}") from error
    if len(content) > _LIMIT:
        raise UnreadableInput(f"{path}: larger than a log can be")
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        raise UnreadableInput(f"{path}: not a text: byte {error.start}", "give the log as it was saved") from None
    found = dict.fromkeys(_of_text(text.strip()))
    return tuple(sorted(found, key=lambda problem: problem.severity != "error"))


def _of_text(text: str) -> Iterator[Problem]:
    if text.startswith("<"):
        yield from explain.of_job_data(re.sub(r"^<\?xml.*?\?>\s*", "", text, flags=re.DOTALL))
        return
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        yield from _of_lines(text)
        return
    yield from _of_json(document)


def _of_json(value: Any) -> Iterator[Problem]:
    """Find what an answer says anywhere in a document: staging, jobs, operations, results, error envelopes."""
    if isinstance(value, dict):
        yield from _of_object(value)
        value = [one for name, one in value.items() if name not in _READ]
    for one in value if isinstance(value, list) else ():
        yield from _of_json(one)


_READ = ("SolutionValidationResults", "MissingDependencies", "data", "ErrorMessages")


def _of_object(value: dict[str, Any]) -> Iterator[Problem]:
    results = value.get("SolutionValidationResults")
    if isinstance(results, list) or "SolutionValidationResultType" in value:
        rows = results if isinstance(results, list) else [value]
        yield from explain.of_stage(Staged(False, "", tuple(rows), tuple(value.get("MissingDependencies") or ())))
    if isinstance(value.get("data"), str) and value["data"].lstrip().startswith("<"):
        yield from _of_text(value["data"].strip())
    if "errorcode" in value or "friendlymessage" in value:
        code = value.get("errorcode")
        texts = (str(value.get("message") or ""), str(value.get("friendlymessage") or ""))
        yield from explain.of_operation(Operation(True, False, code if isinstance(code, int) else None, *texts))
    if isinstance(value.get("code"), str) and isinstance(value.get("message"), str):
        yield Problem(explain.hex_code(value["code"]), "", value["message"])
    for text in value.get("ErrorMessages") or ():
        yield Problem("", "", text if isinstance(text, str) else json.dumps(text, ensure_ascii=False))


def _of_lines(text: str) -> Iterator[Problem]:
    """Take from any text the lines that name an error code or a privilege that is missing."""
    block = re.search(r"<importexportxml.*</importexportxml>", text, re.DOTALL)
    if block:
        yield from explain.of_job_data(block.group())
        return
    for line in text.splitlines():
        code = _CODE.search(line)
        if code or "SecLib::" in line or "privilege" in line:
            yield from explain.of_operation(
                Operation(True, False, int(code.group(), 0) if code else None, line.strip(), "")
            )
