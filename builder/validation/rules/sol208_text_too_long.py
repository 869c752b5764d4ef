"""A name of the manifest is longer than Dataverse keeps.

Why: the columns behind the manifest have lengths (docs: table reference of solution and publisher): unique name of
the solution 65, display names 256, unique name of the publisher 256, description 2,000. What is longer fails with
"a validation error occurred: the length exceeded the maximum" (0x80044331).

Fix: shorten it.

Good: a unique name of 65 characters.

Bad: one of 66.
"""

from collections.abc import Iterator

from builder.validation.registry import rule
from builder.validation.report import Problem, Severity
from builder.validation.subject import Subject

_LONGEST = (
    ("SolutionManifest/UniqueName", 65, "the solution's unique name"),
    ("SolutionManifest/LocalizedNames/LocalizedName", 256, "the solution's display name"),
    ("SolutionManifest/Descriptions/Description", 2000, "the solution's description"),
    ("SolutionManifest/Publisher/UniqueName", 256, "the publisher's unique name"),
    ("SolutionManifest/Publisher/LocalizedNames/LocalizedName", 256, "the publisher's display name"),
    ("SolutionManifest/Publisher/Descriptions/Description", 2000, "the publisher's description"),
)


@rule("SOL208", Severity.ERROR, "A name of the manifest is too long")
def text_too_long(subject: Subject) -> Iterator[Problem]:
    """Measure each name and description."""
    if subject.solution is None:
        return
    for path, longest, what in _LONGEST:
        for element in subject.solution.iterfind(path):
            text = element.get("description") or (element.text or "").strip()
            if len(text) > longest:
                yield subject.problem(
                    element, f"{what} has {len(text):,} characters; Dataverse keeps {longest:,}", hint="Shorten it."
                )
