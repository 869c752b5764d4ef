"""A role holds a right on a table that the policy forbids.

Why: the policy that was asked for (`--policy`) forbids the right on this table, or on any. One privilege can cover many
tables (those of Activity cover e-mails and tasks), and is forbidden where one of them is.

Fix: take the grant away; or record in the policy's `approvals` who approves it, why, and until when.

Good: `forbid: [{rights: delete, tables: any}]` and a role that deletes nothing.

Bad: the same, and `prvDeleteAccount`.
"""

from collections.abc import Iterator

from builder.validation.policy.judging import held_grants, judged, right_of, tables_of
from builder.validation.registry import rule
from builder.validation.report import Problem, Severity
from builder.validation.subject import Subject


@rule("SOL903", Severity.ERROR, "A role holds a right on a table that the policy forbids")
def forbidden_right(subject: Subject) -> Iterator[Problem]:
    """Look for each right that is forbidden at every depth; one that is forbidden twice is told once."""
    conditions = subject.conditions
    if conditions is None:
        return
    forbidden = [item for item in conditions.policy.forbidden_rights if item.beyond is None]
    for role, grant in held_grants(subject):
        right, tables = right_of(grant), tables_of(grant)
        found = next((item for item in forbidden if item.means(right, tables)), None)
        if found and right:
            where = "any table" if found.tables is None else "this table"
            message = f"the policy forbids {right.words} on {where}, and {grant.name} allows it"
            yield judged(conditions, role, grant, message, found.reason, "right")
