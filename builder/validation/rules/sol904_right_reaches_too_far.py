"""A right on a table reaches farther than the policy allows.

Why: the policy that was asked for (`--policy`) allows the right on this table up to a depth (`beyond`), such as writing
users no farther than the own business unit.

Fix: grant it less deep; or record in the policy's `approvals` who approves it, why, and until when.

Good: `forbid: [{rights: write, tables: account, beyond: Business Unit}]` and `prvWriteAccount` at Local.

Bad: the same, and `prvWriteAccount` at Global.
"""

from collections.abc import Iterator

from builder.validation.policy.judging import held_grants, judged, right_of, tables_of
from builder.validation.registry import rule
from builder.validation.report import Problem, Severity
from builder.validation.subject import Subject


@rule("SOL904", Severity.ERROR, "A right on a table reaches farther than the policy allows")
def right_reaches_too_far(subject: Subject) -> Iterator[Problem]:
    """Compare each grant with the narrowest depth that the policy allows it."""
    conditions = subject.conditions
    if conditions is None:
        return
    for role, grant in held_grants(subject):
        right, tables = right_of(grant), tables_of(grant)
        limits = [
            (item.beyond, item.reason)
            for item in conditions.policy.forbidden_rights
            if item.beyond and item.means(right, tables)
        ]
        limit, reason = min(limits, key=lambda each: each[0], default=(None, ""))
        if limit and right and grant.depth and grant.depth > limit:
            message = (
                f"{grant.name} reaches {grant.depth.words}, and the policy allows {right.words} up to {limit.words}"
            )
            yield judged(conditions, role, grant, message, reason, "depth")
