"""A content type is given to a member that is not there.

Why: nothing fails, but something was removed from the package by hand, or never put in: no Override lacks its member
in 5,494 real ones.

Fix: remove the Override, or put the member back.

Good: `<Override PartName="/CanvasApps/a_BackgroundImageUri" ... />` beside that member.

Bad: the same without the member.
"""

from collections.abc import Iterator

from builder.package.render import CONTENT_TYPES
from builder.text import printable
from builder.validation.parts import part_names
from builder.validation.registry import rule
from builder.validation.report import Problem, Severity
from builder.validation.subject import Subject


@rule("SOL107", Severity.NOTE, "A content type is given to a member that is not there")
def override_without_member(subject: Subject) -> Iterator[Problem]:
    """Name each Override whose part no member is."""
    types = subject.content_types
    if types is None:
        return
    parts = part_names(subject.package.members)
    for kind, key, line in types.declared:
        if kind == "Override" and key.lower() not in parts:
            yield Problem(
                f"{printable(key)} has a content type, and is not in the package",
                CONTENT_TYPES,
                line,
                mark=key,
                hint="Remove the <Override>, or put the member back.",
            )
