"""A privilege has the depth that a role grants in some environments only.

Why: a few tables changed their ownership over the years, such as usersettings and solution. Where the target does not
have the depth, the import fails (0x8004140b); it did in practice for usersettings at User.

Fix: grant it at a depth that every environment has; the message names them. There is one finding a role.

Good: `prvReadSolution` at Global.

Bad: `prvReadSolution` at Local.
"""

from collections.abc import Iterator

from builder.text import printable
from builder.validation.registry import rule
from builder.validation.report import Problem, Severity
from builder.validation.subject import HeldGrant, Subject

_NAMED = 3


@rule("SOL410", Severity.WARNING, "A privilege has this depth in some environments only")
def depth_differs_between_environments(subject: Subject) -> Iterator[Problem]:
    """Name, for each role, the grants at a depth that not every environment has."""
    for role in subject.roles:
        found = [grant for grant in role.grants if _differs(grant)]
        if found:
            told = "; ".join(_told(grant) for grant in found[:_NAMED])
            more = f"; and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
            yield role.problem_of(
                found[0],
                f"has depths that some environments only know: {told}{more}",
                hint="Grant them at a depth that every environment has, or make sure of the target.",
                mark=f'level="{found[0].level}"',
            )


def _differs(grant: HeldGrant) -> bool:
    known = grant.known
    return known is not None and grant.depth in known.depths_somewhere and grant.depth not in known.depths


def _told(grant: HeldGrant) -> str:
    everywhere = ", ".join(depth.level for depth in grant.known.depths) if grant.known else ""
    return f"{printable(grant.name)} at {grant.level} (everywhere: {everywhere})"
