"""The platform grants a privilege at another depth than the role says.

Why: Dataverse adds nine privileges to every role by itself, at Organization (measured): four for SharePoint documents,
at every import again, and five to read plug-ins and messages. Said at a narrower depth they come out wider, or the
import fails because they have no other depth.

Fix: grant them at Global, or leave them out.

Good: `prvReadSharePointData` at Global, or not at all.

Bad: `prvReadSharePointDocument` at Basic.
"""

from collections.abc import Iterator

from builder.catalogue.lookup import added_by_platform
from builder.text import printable
from builder.validation.registry import rule
from builder.validation.report import Problem, Severity
from builder.validation.subject import Subject


@rule("SOL414", Severity.WARNING, "The platform grants a privilege wider than the role says")
def platform_adds_it_wider(subject: Subject) -> Iterator[Problem]:
    """Name each privilege of the platform's own that is granted at another depth."""
    added = added_by_platform()
    for role in subject.roles:
        for grant in role.grants:
            depth = added.get(grant.key)
            if depth is not None and grant.depth is not None and grant.depth != depth:
                yield role.problem_of(
                    grant,
                    f"says {printable(grant.name)} at {grant.level}; the platform grants it at {depth.level}",
                    hint=f'Write level="{depth.level}", or leave it out.',
                    mark=f'level="{grant.level}"',
                )
