"""The rules: every module of builder.validation.rules is one, found by its being there."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from builder.catalogue import Catalogue
from builder.package.reader import Package
from builder.validation import rules
from builder.validation.report import Finding, Problem, Severity


@dataclass(frozen=True, slots=True)
class Subject:
    """What a rule looks at."""

    package: Package
    catalogue: Catalogue


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
        """Give what the rule finds."""
        for problem in self.check(subject):
            yield Finding(
                self.id, self.severity, problem.message, problem.member, problem.line, problem.xpath, problem.hint
            )


def rule(id_: str, severity: Severity, title: str) -> Callable[[Check], Rule]:
    """Make a rule of a function; its page is the docstring of the module that the function stands in."""

    def make(check: Check) -> Rule:
        module = inspect.getmodule(check)
        return Rule(id_, severity, title, inspect.cleandoc((module and module.__doc__) or ""), check)

    return make


@cache
def all_rules() -> tuple[Rule, ...]:
    """Give every rule, by id."""
    names = [found.name for found in pkgutil.iter_modules(rules.__path__)]
    modules = [importlib.import_module(f"{rules.__name__}.{name}") for name in names]
    found = [value for module in modules for value in vars(module).values() if isinstance(value, Rule)]
    return tuple(sorted(found, key=lambda rule: rule.id))
