"""The solution's unique name starts with a digit.

Why: the first character may only be a letter or an underscore: an import says "Invalid character specified for
solution unique name" (0x8004f002).

Fix: choose another unique name; it can never be changed once the solution is installed anywhere.

Good: `<UniqueName>Contoso365</UniqueName>`

Bad: `<UniqueName>365Contoso</UniqueName>`
"""

from collections.abc import Iterator

from builder.text import printable
from builder.validation.registry import rule
from builder.validation.report import Problem, Severity
from builder.validation.subject import Subject


@rule("SOL201", Severity.ERROR, "The solution's unique name starts with a digit")
def unique_name_starts_with_a_digit(subject: Subject) -> Iterator[Problem]:
    """Look at the first character."""
    element = subject.solution.find("SolutionManifest/UniqueName") if subject.solution is not None else None
    name = (element.text or "").strip() if element is not None else ""
    if element is not None and name[:1].isdigit():
        yield subject.problem(
            element,
            f"the unique name {printable(name)} starts with a digit",
            mark=name,
            hint="Let it start with a letter or an underscore.",
        )
