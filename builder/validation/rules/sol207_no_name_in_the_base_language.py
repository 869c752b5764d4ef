"""The solution or its publisher has no name in the base language.

Why: `languagecode` on the root of solution.xml is the base language of the environment that the package comes from;
the display name in that language is what the list of solutions shows. Without it the list shows nothing readable.

Fix: add a `<LocalizedName>` with that language.

Good: `languagecode="1033"` on the root, and a `<LocalizedName description="Contoso" languagecode="1033" />`.

Bad: the same with a name in German (1031) alone; `<LocalizedNames />`; an empty description.
"""

from collections.abc import Iterator

from builder.text import printable
from builder.validation.registry import rule
from builder.validation.report import Problem, Severity
from builder.validation.subject import Subject


@rule("SOL207", Severity.WARNING, "There is no name in the base language")
def no_name_in_the_base_language(subject: Subject) -> Iterator[Problem]:
    """Look for the name of the solution and of its publisher."""
    if subject.solution is None:
        return
    language = subject.solution.get("languagecode", "")
    for path, what in (("SolutionManifest", "solution"), ("SolutionManifest/Publisher", "publisher")):
        names = subject.solution.find(f"{path}/LocalizedNames")
        if names is None:
            continue
        found = (name.get("description", "") for name in names if name.get("languagecode") == language)
        if not any(text.strip() for text in found):
            yield subject.problem(
                names,
                f"the {what} has no name in its base language {printable(language)}",
                hint=f'Add <LocalizedName description="..." languagecode="{printable(language)}" />.',
            )
