"""The package says that it is both managed and unmanaged.

Why: `<Managed>2</Managed>` stands in folders that SolutionPackager unpacked from both kinds of package. In a zip it is
0 or 1 (622 of 622 real ones); 2 means that the folder was zipped by hand and not packed.

Fix: pack the folder: SolutionPackager writes the 0 or 1 that it is told to.

Good: `<Managed>1</Managed>`

Bad: `<Managed>2</Managed>` in a zip.
"""

from collections.abc import Iterator

from builder.validation.registry import rule
from builder.validation.report import Problem, Severity
from builder.validation.subject import Subject


@rule("SOL202", Severity.ERROR, "The package says that it is both managed and unmanaged")
def managed_is_2_in_a_zip(subject: Subject) -> Iterator[Problem]:
    """Look at the flag."""
    element = subject.solution.find("SolutionManifest/Managed") if subject.solution is not None else None
    if element is not None and not subject.package.unpacked and (element.text or "").strip() == "2":
        yield subject.problem(
            element,
            "Managed is 2, which only an unpacked folder may say",
            mark="2",
            hint="Write 1 (managed) or 0 (unmanaged), or pack the folder with a tool that does.",
        )
