"""A core member has no content type.

Why: an import opens the zip as an Open Packaging Conventions package and sees only members that [Content_Types].xml
gives a type, by extension or by name. solution.xml without one counts as absent (0x80048060); 622 of 622 real
packages have a Default for xml.

Fix: add `<Default Extension="xml" ContentType="text/xml" />` to [Content_Types].xml.

Good: `<Default Extension="xml" ContentType="application/octet-stream" />`, in any case of letters.

Bad: `<Types></Types>`; a Default for json alone.
"""

from collections.abc import Iterator

from builder.package.render import CONTENT_TYPES, CUSTOMIZATIONS, SOLUTION
from builder.validation.registry import rule
from builder.validation.report import Problem, Severity
from builder.validation.subject import Subject


@rule("SOL104", Severity.ERROR, "A core member has no content type")
def core_member_without_content_type(subject: Subject) -> Iterator[Problem]:
    """Name each of the two core members that the content types leave out."""
    types = subject.content_types
    if types is None:
        return
    for name in (CUSTOMIZATIONS, SOLUTION):
        if name in subject.package.members and not types.cover(name):
            yield Problem(
                f"{name} has no content type, so an import does not see it",
                CONTENT_TYPES,
                types.line,
                hint='Add <Default Extension="xml" ContentType="text/xml" />.',
            )
