"""Packages to write briefs of, without a disk."""

from dataclasses import dataclass, replace
from functools import cache

from builder.brief.content import Brief, brief_of
from builder.brief.risks import ABOUT_ACCESS
from builder.catalogue import load
from builder.model import Application, Depth, Grant, Role, Solution
from builder.package.reader import Package, read_members
from builder.package.render import render
from builder.solution.spec import read_spec
from builder.validation.registry import chosen
from builder.validation.validate import validate_package
from tests.support import REFERENCE_SPEC


@dataclass(frozen=True)
class Subject:
    """What a brief is written of."""

    package: Package
    roles: tuple[Role, ...]
    stated_by: str = "product.access.json"
    application: Application | None = None
    title: str = "Product 1.0.0.0"


@cache
def reference() -> Solution:
    """The reference solution."""
    return read_spec(REFERENCE_SPEC).solution


def subject_of(solution: Solution) -> Subject:
    """A solution as its package would be seen, with the statement beside it."""
    package = read_members("folder/product.zip", render(solution))
    return Subject(package, solution.roles, application=solution.application)


def with_grants(*grants: tuple[str, Depth], reason: str = "Because.") -> Subject:
    """The reference solution with a role of these grants."""
    role = replace(reference().roles[0], grants=tuple(Grant(name, depth, reason) for name, depth in grants))
    return subject_of(replace(reference(), roles=(role,)))


def brief(subject: Subject) -> Brief:
    """The brief, with what validation finds."""
    return brief_of(subject, load(), validate_package(subject.package, chosen(select=ABOUT_ACCESS)).findings)


def large(count: int = 3000) -> Subject:
    """A role of that many privileges, in all depths, each with a reason of its own."""
    depths = tuple(Depth)
    names = [privilege.name for privilege in load()][:count]
    assert len(names) == count
    role = replace(
        reference().roles[0],
        grants=tuple(
            Grant(name, depths[n % 4], f"Reason {n}: the sync does this with these rows, night after night.")
            for n, name in enumerate(names)
        ),
    )
    return subject_of(replace(reference(), roles=(role,)))
