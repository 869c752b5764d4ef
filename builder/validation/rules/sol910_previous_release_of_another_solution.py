"""The previous release is of another solution.

Why: the policy that was asked for (`--policy`) compares with the previous release, and none of those given
(`--previous`) has this solution's unique name. A solution under another name is no upgrade: it is installed beside the
old one, and what it grants comes on top.

Fix: name the previous release of this solution; or give the solution its old unique name.

Good: `ContosoSync` 1.1.0.0 with `--previous ContosoSync_1_0_0_0_managed.zip`

Bad: `ContosoSync2` 1.1.0.0 with the same.
"""

from collections.abc import Iterator

from builder.text import printable
from builder.validation.registry import rule
from builder.validation.report import Problem, Severity
from builder.validation.subject import Subject


@rule("SOL910", Severity.ERROR, "The previous release is of another solution")
def previous_release_of_another_solution(subject: Subject) -> Iterator[Problem]:
    """Look for the previous release by the unique name."""
    conditions = subject.conditions
    if conditions is None or not conditions.policy.compares or not conditions.previous:
        return
    name = subject.package.manifest.unique_name
    if conditions.predecessor(name) is None and subject.solution is not None:
        element = subject.solution.find("SolutionManifest/UniqueName")
        given = ", ".join(f"{each.unique_name} ({each.source})" for each in conditions.previous)
        yield subject.problem(
            subject.solution if element is None else element,
            f"this is {printable(name)}, and the previous release given is of {printable(given)}",
            hint="Name the previous release of this solution, or give the solution its old unique name.",
            mark=name,
        )
