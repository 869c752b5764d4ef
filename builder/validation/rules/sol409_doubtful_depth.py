"""A privilege probably cannot have the depth that a role grants.

Why: as SOL408, but of these privileges only the documented rule is known (what is about no table is granted at
Organization alone), or which depths exported roles have. The rule has exceptions, so this is a warning; should the
depth be impossible, the import fails (0x8004140b).

Fix: grant it at a depth that the message names, or suppress the finding with where the depth was seen.

Good: `prvActOnBehalfOfExternalParty` at Global.

Bad: the same at Basic.
"""

from collections.abc import Iterator

from builder.text import printable
from builder.validation.registry import rule
from builder.validation.report import Problem, Severity
from builder.validation.subject import Subject


@rule("SOL409", Severity.WARNING, "A privilege probably cannot have this depth")
def doubtful_depth(subject: Subject) -> Iterator[Problem]:
    """Name each grant at a depth that its privilege was not seen with."""
    for role in subject.roles:
        for grant in role.grants:
            known = grant.known
            if known is None or grant.depth is None or known.depths_sure == "certain":
                continue
            if grant.depth not in (*known.depths, *known.depths_somewhere):
                levels = ", ".join(depth.level for depth in known.depths)
                yield role.problem_of(
                    grant,
                    f"{printable(grant.name)} was not seen at {grant.level} ({grant.depth.words}), only at {levels}",
                    hint=f'Write level="{known.depths[0].level}" unless an environment shows otherwise.',
                    mark=f'level="{grant.level}"',
                )
