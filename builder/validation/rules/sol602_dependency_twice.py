"""A dependency is listed twice.

Why: nothing fails; exports list each pair of components once, so a second one was added by hand or by a merge.

Fix: remove one of the two.

Good: one `<MissingDependency>` for each pair of required and dependent component.

Bad: two with the same pair.
"""

from collections.abc import Iterator

from builder.validation.dependencies import dependencies
from builder.validation.registry import rule
from builder.validation.report import Problem, Severity
from builder.validation.subject import Subject


@rule("SOL602", Severity.NOTE, "A dependency is listed twice")
def dependency_twice(subject: Subject) -> Iterator[Problem]:
    """Name each pair that stands before."""
    seen: set[tuple[object, ...]] = set()
    for whole, required, dependent in dependencies(subject):
        pair = tuple(tuple(sorted((k, v) for k, v in end.items() if k != "key")) for end in (required, dependent))
        if pair in seen:
            yield subject.problem(whole, "this dependency is listed a second time", hint="Remove one of the two.")
        seen.add(pair)
