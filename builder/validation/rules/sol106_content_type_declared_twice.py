"""A content type is declared twice.

Why: Open Packaging Conventions allow one Default an extension and one Override a part, compared without case; the
library that opens the package refuses the second one, and with it the package (0x80048060).

Fix: remove one of the two.

Good: one `<Default Extension="xml" ... />`.

Bad: `<Default Extension="xml" ... />` and `<Default Extension="XML" ... />`.
"""

from collections.abc import Iterator

from builder.package.render import CONTENT_TYPES
from builder.text import printable
from builder.validation.registry import rule
from builder.validation.report import Problem, Severity
from builder.validation.subject import Subject


@rule("SOL106", Severity.ERROR, "A content type is declared twice")
def content_type_declared_twice(subject: Subject) -> Iterator[Problem]:
    """Name each extension and part that stands a second time."""
    types = subject.content_types
    if types is None:
        return
    seen: set[tuple[str, str]] = set()
    for kind, key, line in types.declared:
        if (kind, key.lower()) in seen:
            what = f"the extension {printable(key)}" if kind == "Default" else f"the part {printable(key)}"
            yield Problem(f"{what} has two content types", CONTENT_TYPES, line, mark=key, hint="Remove one of them.")
        seen.add((kind, key.lower()))
