"""The languages of customizations.xml do not fit.

Why: `<Languages>` lists the languages that labels are given in: each once, and among them the base language of
solution.xml, as in every real package.

Fix: list each language once, with the base language.

Good: `<Language>1033</Language>` in a package with `languagecode="1033"`.

Bad: `<Language>1031</Language>` alone in that package; 1033 twice.
"""

from collections.abc import Iterator

from builder.text import printable
from builder.validation.registry import rule
from builder.validation.report import Problem, Severity
from builder.validation.subject import Subject


@rule("SOL213", Severity.WARNING, "The languages of customizations.xml do not fit")
def languages(subject: Subject) -> Iterator[Problem]:
    """Compare the list with itself and with the base language."""
    if subject.customizations is None:
        return
    seen: set[str] = set()
    for element in subject.customizations.iterfind("Languages/Language"):
        language = (element.text or "").strip()
        if language in seen:
            yield subject.problem(element, f"language {printable(language)} is listed twice", mark=language)
        seen.add(language)
    base = subject.solution.get("languagecode", "") if subject.solution is not None else ""
    whole = subject.customizations.find("Languages")
    if whole is not None and seen and base and base not in seen:
        yield subject.problem(whole, f"the base language {printable(base)} is not listed")
