"""The publisher is none that the policy allows.

Why: the policy that was asked for (`--policy`) names the publishers (`allowed_publishers`, by unique name) whose
packages are accepted. A release by another one is no upgrade of what is installed, and may be nobody's you know.

Fix: build it with the right publisher, or add this one to the policy.

Good: `allowed_publishers: [contoso]` and a publisher of that unique name.

Bad: the same, and the publisher `fabrikam`.
"""

from collections.abc import Iterator

from builder.text import printable
from builder.validation.registry import rule
from builder.validation.report import Problem, Severity
from builder.validation.subject import Subject


@rule("SOL906", Severity.ERROR, "The publisher is none that the policy allows")
def publisher_not_allowed(subject: Subject) -> Iterator[Problem]:
    """Compare the unique name, without regard to case."""
    allowed = subject.conditions.policy.allowed_publishers if subject.conditions else ()
    if not allowed or subject.solution is None:
        return
    element = subject.solution.find("SolutionManifest/Publisher/UniqueName")
    name = (element.text or "").strip() if element is not None else ""
    if name.casefold() not in {each.casefold() for each in allowed}:
        yield subject.problem(
            subject.solution if element is None else element,
            f'the publisher is "{printable(name)}", and the policy allows {printable(", ".join(allowed))}',
            hint="Build it with the right publisher, or add this one to the policy.",
            mark=name,
        )
