"""The package cannot be read.

Why: what lies there is no zip, or a damaged, hostile or too large one, or a folder that is no unpacked solution; an
import would refuse it as well (0x80048060). No other rule is applied, and the finding cannot be suppressed.

Fix: the message says what is wrong; export, build or fetch the package again. A zip that went through git as text has
lost bytes for good: mark zips as binary (`*.zip binary` in .gitattributes).

Good: a zip with solution.xml, customizations.xml and [Content_Types].xml in its root, of a size that the limits allow.

Bad: a truncated download; a zip bomb; an encrypted zip; a member named `../solution.xml`; two members of one name.
"""

from builder.validation.registry import rule
from builder.validation.report import Problem, Severity
from builder.validation.subject import Subject


@rule("SOL100", Severity.ERROR, "The package cannot be read")
def unreadable(_: Subject) -> tuple[Problem, ...]:
    """Find nothing: reading the package has found it before there is a subject."""
    return ()
