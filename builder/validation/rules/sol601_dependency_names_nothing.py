"""A dependency does not say what is needed, or from where.

Why: an import compares each `<Required>` with what is installed and refuses the package where something is missing
(0x8004801d). One without a component or a solution cannot be found, by the import or by whoever reads its refusal.
Each of 32,675 real ones names a component and a solution.

Fix: export the solution again; or give `schemaName` or `id`, and `solution`.

Good: `<Required type="1" schemaName="account" displayName="Account" solution="System (9.0)" />`

Bad: `<Required type="1" />`
"""

from collections.abc import Iterator

from builder.validation.dependencies import component_of, dependencies
from builder.validation.registry import rule
from builder.validation.report import Problem, Severity
from builder.validation.subject import Subject


@rule("SOL601", Severity.WARNING, "A dependency does not say what is needed, or from where")
def dependency_names_nothing(subject: Subject) -> Iterator[Problem]:
    """Look at what each dependency requires."""
    for _, required, _ in dependencies(subject):
        if not component_of(required):
            yield subject.problem(required, "says neither id nor schemaName of what is needed", hint="Export again.")
        elif not (required.get("solution") or "").strip():
            yield subject.problem(required, "does not say which solution brings what is needed", hint="Export again.")
