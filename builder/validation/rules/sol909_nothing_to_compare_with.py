"""The policy compares with the previous release, and none was given.

Why: the policy that was asked for (`--policy`) says `no_widening` or `version_must_rise`. Both need the release before
this one; without it they are not checked.

Fix: name it: `--previous PACKAGE`.

Good: `--policy application-user --previous last_release.zip`

Bad: `--policy application-user`
"""

from collections.abc import Iterator

from builder.validation.registry import rule
from builder.validation.report import Problem, Severity
from builder.validation.subject import Subject


@rule("SOL909", Severity.NOTE, "The policy compares with the previous release, and none was given")
def nothing_to_compare_with(subject: Subject) -> Iterator[Problem]:
    """Say so, since the rest of the policy passes in silence."""
    conditions = subject.conditions
    if conditions and conditions.policy.compares and not conditions.previous:
        yield Problem(
            "the policy compares with the previous release, and none was given: not checked",
            hint="Name it: --previous PACKAGE.",
        )
