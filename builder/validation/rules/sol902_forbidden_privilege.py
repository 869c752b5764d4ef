"""A role holds a privilege that the policy forbids.

Why: the policy that was asked for (`--policy`) forbids it by name, whatever its depth; the message gives the policy's
reason, where it states one.

Fix: take the grant away; or record in the policy's `approvals` who approves it, why, and until when.

Good: `forbid: [{privileges: prvBulkDelete}]` and a role without it.

Bad: the same, and `prvBulkDelete`.
"""

from collections.abc import Iterator

from builder.validation.policy.judging import held_grants, judged
from builder.validation.registry import rule
from builder.validation.report import Problem, Severity
from builder.validation.subject import Subject


@rule("SOL902", Severity.ERROR, "A role holds a privilege that the policy forbids")
def forbidden_privilege(subject: Subject) -> Iterator[Problem]:
    """Look for each privilege; one that is forbidden twice is told once."""
    conditions = subject.conditions
    if conditions is None:
        return
    reasons = {
        privilege: forbidden.reason
        for forbidden in reversed(conditions.policy.forbidden_privileges)
        for privilege in forbidden.privileges
    }
    for role, grant in held_grants(subject):
        if grant.key in reasons:
            yield judged(conditions, role, grant, f"the policy forbids {grant.name}", reasons[grant.key])
