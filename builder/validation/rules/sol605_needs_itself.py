"""The solution needs itself.

Why: a dependency on the solution's own unique name can only be met where the solution is installed already: the first
import fails (0x8004801d). It comes from an export of an environment that had the solution as managed.

Fix: add the component to the solution, or remove the dependency.

Good: dependencies on other solutions.

Bad: `<UniqueName>Contoso</UniqueName>` with `<Required ... solution="Contoso (1.0)" />`.
"""

from collections.abc import Iterator

from builder.validation.dependencies import dependencies
from builder.validation.registry import rule
from builder.validation.report import Problem, Severity
from builder.validation.subject import Subject


@rule("SOL605", Severity.WARNING, "The solution needs itself")
def needs_itself(subject: Subject) -> Iterator[Problem]:
    """Name each dependency on the solution's own unique name."""
    own = subject.package.manifest.unique_name.lower()
    for _, required, _ in dependencies(subject):
        solution = required.get("solution", "")
        if own and solution.partition(" (")[0].strip().lower() == own:
            yield subject.problem(
                required, "needs a component of the solution itself", hint="Add it, or remove this.", mark=solution
            )
