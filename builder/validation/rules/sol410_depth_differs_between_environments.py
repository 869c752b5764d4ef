"""A privilege has the depth that a role grants in some environments only.

Why: a few tables changed their ownership over the years, such as usersettings and solution. Where the target does not
have the depth, the import fails (0x8004140b); it did in practice for usersettings at User.

Fix: grant it at a depth that every environment has; the message names them.

Good: `prvReadSolution` at Global.

Bad: `prvReadSolution` at Local.
"""

from collections.abc import Iterator

from builder.text import printable
from builder.validation.registry import rule
from builder.validation.report import Problem, Severity
from builder.validation.subject import Subject


@rule("SOL410", Severity.WARNING, "A privilege has this depth in some environments only")
def depth_differs_between_environments(subject: Subject) -> Iterator[Problem]:
    """Name each grant at a depth that not every environment has."""
    for role in subject.roles:
        for grant in role.grants:
            known = grant.known
            if known is not None and grant.depth in known.depths_somewhere and grant.depth not in known.depths:
                everywhere = ", ".join(depth.level for depth in known.depths)
                yield role.problem_of(
                    grant,
                    f"{printable(grant.name)} can have {grant.level} ({grant.depth.words}) in some environments only; "
                    f"in all of them {everywhere}",
                    hint=f'Write level="{known.depths[-1].level}", or make sure of the target.',
                    mark=f'level="{grant.level}"',
                )
