"""A text is given twice in one language.

Why: a name or description has one text a language; which of two an import takes is not documented.

Fix: remove one of the two.

Good: one `<LocalizedName ... languagecode="1033" />` in each `<LocalizedNames>`.

Bad: two of them.
"""

from collections.abc import Iterator

from builder.text import printable
from builder.validation.registry import rule
from builder.validation.report import Problem, Severity
from builder.validation.subject import Subject

_LISTS = (
    "SolutionManifest/LocalizedNames",
    "SolutionManifest/Descriptions",
    "SolutionManifest/Publisher/LocalizedNames",
    "SolutionManifest/Publisher/Descriptions",
)


@rule("SOL206", Severity.WARNING, "A text is given twice in one language")
def language_twice(subject: Subject) -> Iterator[Problem]:
    """Name each text whose language stands before in the same list."""
    if subject.solution is None:
        return
    for path in _LISTS:
        seen: set[str] = set()
        for element in subject.solution.iterfind(f"{path}/*"):
            language = element.get("languagecode", "")
            if language in seen:
                yield subject.problem(
                    element,
                    f"<{printable(str(element.tag))}> stands twice for language {printable(language)}",
                    hint="Remove one of the two.",
                    mark=language,
                )
            seen.add(language)
