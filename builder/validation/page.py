"""A rule's page: its docstring, by its parts."""

import re
from dataclasses import dataclass

from builder.validation.registry import Rule

_PARTS = re.compile(r"^(Why|Fix|Good|Bad): ", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Page:
    """What a rule says of itself, each part one paragraph."""

    rule: Rule
    summary: str
    why: str
    fix: str
    good: str
    bad: str

    def markdown(self) -> str:
        """Give the page as Markdown, without a line end at the end."""
        severity = self.rule.severity.value
        return "\n\n".join(
            (
                f"# {self.rule.id}: {self.rule.title}",
                f"Severity: {severity}",
                self.summary,
                f"## Why\n\n{self.why}",
                f"## Fix\n\n{self.fix}",
                f"## Good\n\n{self.good}",
                f"## Bad\n\n{self.bad}",
            )
        )


def page_of(rule: Rule) -> Page:
    """Read a rule's docstring; raises ValueError where a part is missing."""
    summary, *rest = _PARTS.split(rule.page)
    parts = dict(zip(rest[::2], map(_sentence, rest[1::2]), strict=True))
    if missing := {"Why", "Fix", "Good", "Bad"} - set(parts):
        raise ValueError(f"{rule.id} has no {' and no '.join(sorted(missing))} in its docstring")
    return Page(rule, summary.strip(), parts["Why"], parts["Fix"], parts["Good"], parts["Bad"])


def _sentence(text: str) -> str:
    """Begin with a capital, which the docstring's "Why: because" does not."""
    text = text.strip()
    return text[:1].upper() + text[1:]
