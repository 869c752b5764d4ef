"""A grant reaches deeper than the policy allows.

Why: the policy that was asked for (`--policy`) sets a `max_depth`. Privileges that exist at no narrower depth, such as
those on organization-owned tables, are not meant: their depth is nobody's choice.

Fix: grant it less deep in the spec; or record in the policy's `approvals` who approves it, why, and until when.

Good: `max_depth: Business Unit` and `prvReadAccount` at Local.

Bad: `max_depth: Business Unit` and `prvReadAccount` at Global.
"""

from collections.abc import Iterator

from builder.validation.policy.judging import held_grants, judged, tables_of
from builder.validation.registry import rule
from builder.validation.report import Problem, Severity
from builder.validation.subject import Subject


@rule("SOL901", Severity.ERROR, "A grant reaches deeper than the policy allows")
def deeper_than_allowed(subject: Subject) -> Iterator[Problem]:
    """Look at every grant that could be narrower."""
    conditions = subject.conditions
    if conditions is None or conditions.policy.max_depth is None:
        return
    limit, exceptions = conditions.policy.max_depth, set(conditions.policy.max_depth_except)
    for role, grant in held_grants(subject):
        if grant.depth is None or grant.depth <= limit or not exceptions.isdisjoint(tables_of(grant)):
            continue
        if grant.known is None or any(depth <= limit for depth in grant.known.depths):
            message = f"{grant.name} reaches {grant.depth.words}, and the policy allows {limit.words}"
            yield judged(conditions, role, grant, message, aspect="depth")
