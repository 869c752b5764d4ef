"""The publisher's prefix is reserved.

Why: a customization prefix cannot start with "mscrm" (docs: create a publisher); Dataverse refuses to create the
publisher, and with it the solution.

Fix: choose another prefix of 2 to 8 letters and digits that starts with a letter.

Good: `<CustomizationPrefix>netr</CustomizationPrefix>`

Bad: `<CustomizationPrefix>mscrmx</CustomizationPrefix>`
"""

from collections.abc import Iterator

from builder.text import printable
from builder.validation.registry import rule
from builder.validation.report import Problem, Severity
from builder.validation.subject import Subject


@rule("SOL205", Severity.ERROR, "The publisher's prefix is reserved")
def reserved_prefix(subject: Subject) -> Iterator[Problem]:
    """Look at the prefix."""
    path = "SolutionManifest/Publisher/CustomizationPrefix"
    element = subject.solution.find(path) if subject.solution is not None else None
    prefix = (element.text or "").strip() if element is not None else ""
    if element is not None and prefix.lower().startswith("mscrm"):
        yield subject.problem(
            element,
            f"the prefix {printable(prefix)} is reserved: none may start with mscrm",
            mark=prefix,
            hint="Choose another prefix of 2 to 8 letters and digits.",
        )
