"""A core member is not well-formed XML.

Why: an import cannot read it (0x80048013, 0x8004802c). Document type declarations are refused as well: no real
package has one, and they are how XML attacks its reader.

Fix: mend the member at the line named, or export the package again.

Good: `<Roles></Roles>`

Bad: `<Roles>` without an end; `<!DOCTYPE x>`; UTF-16.
"""

from collections.abc import Iterator

from builder.validation.registry import rule
from builder.validation.report import Problem, Severity
from builder.validation.subject import Subject


@rule("SOL102", Severity.ERROR, "A core member is not well-formed XML")
def malformed_xml(subject: Subject) -> Iterator[Problem]:
    """Repeat what the parser said."""
    for fault in (*subject.package.faults, *subject.unpacked.faults):
        yield Problem(fault.message, fault.where, fault.line, hint=fault.hint)
