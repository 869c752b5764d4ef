"""A part of customizations.xml stands twice.

Why: each kind of component has one element below the root, in Microsoft's schema and in 618 of 618 real packages; an
import that checks the schema refuses a second one (0x8004801a), and tools disagree on which of the two they read.

Fix: put what the two hold into one.

Good: one `<Roles>` with two `<Role>`.

Bad: two `<Roles>` with one `<Role>` each.
"""

from collections.abc import Iterator

from builder.text import printable
from builder.validation.registry import rule
from builder.validation.report import Problem, Severity
from builder.validation.subject import Subject


@rule("SOL108", Severity.ERROR, "A part of customizations.xml stands twice")
def top_level_element_twice(subject: Subject) -> Iterator[Problem]:
    """Name each child of the root that stands there before."""
    if subject.customizations is None:
        return
    seen: set[str] = set()
    for element in subject.customizations.iterchildren("*"):
        name = str(element.tag)
        if name in seen:
            yield subject.problem(
                element, f"<{printable(name)}> stands here a second time", hint="Put both into one.", mark=name
            )
        seen.add(name)
