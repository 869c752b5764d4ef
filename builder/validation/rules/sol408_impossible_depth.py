"""A privilege cannot have the depth that a role grants.

Why: each privilege has the depths that its table's ownership allows: a table of the organization only Organization, a
user (owned by the business unit) never User. The import of the whole solution fails: "The privilege ... can't have
depth = Basic" (0x8004140b). The depths are those seen in real environments, or follow from what a table of the package
says of its ownership.

Fix: grant it at a depth that the message names, the smallest that does.

Good: `prvReadUser` at Local; `prvReadTransactionCurrency` at Global.

Bad: `prvReadUser` at Basic; `prvReadTransactionCurrency` at Local.
"""

from collections.abc import Iterator

from builder.model import Depth
from builder.text import printable
from builder.validation.registry import rule
from builder.validation.report import Problem, Severity
from builder.validation.subject import HeldGrant, Subject


@rule("SOL408", Severity.ERROR, "A privilege cannot have this depth")
def impossible_depth(subject: Subject) -> Iterator[Problem]:
    """Name each grant at a depth that its privilege has nowhere."""
    for role in subject.roles:
        for grant in role.grants:
            allowed = _allowed(grant)
            if allowed and grant.depth is not None and grant.depth not in allowed:
                yield role.problem_of(
                    grant,
                    f"{printable(grant.name)} cannot have the depth {grant.level} ({grant.depth.words}), only "
                    f"{', '.join(depth.level for depth in allowed)}",
                    hint=f'Write level="{allowed[0].level}".',
                    mark=f'level="{grant.level}"',
                )


def _allowed(grant: HeldGrant) -> tuple[Depth, ...]:
    """Give the depths that are certain; () where they are not."""
    if grant.known is not None:
        certain = grant.known.depths_sure == "certain"
        return tuple(sorted({*grant.known.depths, *grant.known.depths_somewhere})) if certain else ()
    return grant.table.depths if grant.table is not None and grant.table.defined else ()
