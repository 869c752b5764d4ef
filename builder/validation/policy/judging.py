"""What the rules on policies share: a grant by table and right, and whether somebody approved it."""

from collections.abc import Iterator
from dataclasses import replace

from builder.model import AccessRight
from builder.text import printable
from builder.validation.policy.model import Conditions
from builder.validation.report import Aspect, Problem
from builder.validation.subject import HeldGrant, HeldRole, Subject


def held_grants(subject: Subject) -> Iterator[tuple[HeldRole, HeldGrant]]:
    """Give every grant of a package, with its role."""
    for role in subject.roles:
        for grant in role.grants:
            yield role, grant


def right_of(grant: HeldGrant) -> AccessRight | None:
    """Give the right on rows that a grant is; None for miscellaneous privileges, whatever their name looks like."""
    return grant.known.right if grant.known else grant.right


def tables_of(grant: HeldGrant) -> tuple[str, ...]:
    """Give the tables that a grant is about, by logical name: one privilege may cover many."""
    if grant.known:
        return grant.known.tables
    return (grant.base.lower(),) if grant.right else ()


def judged(
    conditions: Conditions, role: HeldRole, grant: HeldGrant, message: str, reason: str = "", aspect: Aspect = ""
) -> Problem:
    """Say that a grant breaks the policy, or that it would and is approved."""
    problem = role.problem_of(grant, message, mark=grant.level if aspect == "depth" else "")
    covering = [
        approval
        for approval in conditions.policy.approvals
        if approval.covers(role.packaged.id, role.name, grant.name, grant.depth)
    ]
    valid = [approval for approval in covering if approval.until >= conditions.today]
    hint = f"{printable(reason)} " if reason else ""
    if covering:
        hint += f"The approval by {printable(covering[0].by)} ended on {covering[0].until.isoformat()}. "
    hint += "Take it away, or record who approves it in the policy (`approvals`)."
    accepted = ""
    if valid:
        accepted = f"approved by {valid[0].by} until {valid[0].until.isoformat()}: {valid[0].reason}"
    return replace(problem, hint=hint, aspect=aspect, accepted=accepted)
