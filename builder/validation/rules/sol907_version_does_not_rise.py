"""The version is not above that of the previous release.

Why: the policy that was asked for (`--policy`) says `version_must_rise`, and an import of a lower version is refused,
while one of the same version changes what is installed with nothing to tell the two apart.

Fix: raise it (`solsmith version bump`) and build again.

Good: 1.0.1.365 after 1.0.0.365.

Bad: 1.0.0.365 after 1.0.0.365.
"""

from collections.abc import Iterator

from builder.errors import InputFaults
from builder.validation.registry import rule
from builder.validation.report import Problem, Severity
from builder.validation.subject import Subject


@rule("SOL907", Severity.ERROR, "The version is not above that of the previous release")
def version_does_not_rise(subject: Subject) -> Iterator[Problem]:
    """Compare the versions; one that is none is the schema's to say."""
    conditions = subject.conditions
    if conditions is None or not conditions.policy.version_must_rise or subject.solution is None:
        return
    before = conditions.predecessor(subject.package.manifest.unique_name)
    element = subject.solution.find("SolutionManifest/Version")
    try:
        version = subject.package.version
    except InputFaults:
        return
    if before and element is not None and version <= before.version:
        yield subject.problem(
            element,
            f"version {version} is not above {before.version}, the previous release's",
            hint="`solsmith version bump` raises it.",
            mark=subject.package.manifest.version,
        )
