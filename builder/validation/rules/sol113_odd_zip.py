"""The zip is made in an odd way.

Why: nothing that reads it is harmed today, but no export looks so: bytes before the first member or after the end
belong to nothing and may be another file in disguise; names with backslashes are folders to one reader and names to
another.

Fix: build or export the package again, or zip it with a tool that follows the zip format.

Good: what Dataverse, SolutionPackager and solsmith write.

Bad: a zip with a script in front; `Workflows\\\\a.json`.
"""

from collections.abc import Iterator

from builder.validation.registry import rule
from builder.validation.report import Problem, Severity
from builder.validation.subject import Subject


@rule("SOL113", Severity.WARNING, "The zip is made in an odd way")
def odd_zip(subject: Subject) -> Iterator[Problem]:
    """Repeat what reading the zip brought up."""
    for remark in subject.package.remarks:
        yield Problem(remark.message, remark.where, hint=remark.hint)
