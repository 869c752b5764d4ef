"""The rules: every module of builder.validation.rules is one, found by its being there."""

import importlib
import pkgutil
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice

from builder.validation import rules
from builder.validation.report import Finding, Problem, Severity
from builder.validation.subject import Subject

MOST_OF_A_KIND = 500
Check = Callable[[Subject], Iterable[Problem]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: `page` is its module's docstring, which says why, how to mend it, and what it likes and dislikes."""

    id: str
    severity: Severity
    title: str
    page: str
    check: Check

    def findings(self, subject: Subject) -> Iterator[Finding]:
        """Give what the rule finds; after many of a kind, only how many more there are."""
        problems = iter(self.check(subject))
        for problem in islice(problems, MOST_OF_A_KIND):
            yield Finding(
                self.id,
                self.severity,
                problem.message,
                problem.member,
                problem.line,
                problem.xpath,
                problem.hint,
                problem.role,
                problem.privilege,
                problem.mark,
                problem.aspect,
                problem.accepted,
            )
        if more := sum(1 for _ in problems):
            yield Finding(self.id, self.severity, f"and {more:,} more of this kind")


def rule(id_: str, severity: Severity, title: str) -> Callable[[Check], Rule]:
    """Make a rule of a function; its page is the docstring of the module that the function stands in."""

    def make(check: Check) -> Rule:
        return Rule(id_, severity, title, (sys.modules[check.__module__].__doc__ or "").strip(), check)

    return make


@cache
def all_rules() -> tuple[Rule, ...]:
    """Give every rule, by id."""
    names = [found.name for found in pkgutil.iter_modules(rules.__path__)]
    modules = [importlib.import_module(f"{rules.__name__}.{name}") for name in names]
    found = [value for module in modules for value in vars(module).values() if isinstance(value, Rule)]
    return tuple(sorted(found, key=lambda rule: rule.id))


def chosen(select: Iterable[str] = (), ignore: Iterable[str] = ()) -> tuple[Rule, ...]:
    """Give the rules whose id starts with one of `select` (none: all) and with none of `ignore`, by id."""
    wanted, unwanted = tuple(select), tuple(ignore)
    return tuple(
        rule
        for rule in all_rules()
        if (not wanted or rule.id.startswith(wanted)) and not (unwanted and rule.id.startswith(unwanted))
    )
