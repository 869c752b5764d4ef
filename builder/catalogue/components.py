"""Kinds of solution components in words: what the `type` of a root component or a dependency stands for.

Names are today's words of the maker portal for the values of `solutioncomponent.componenttype` (docs); 80 is not in
that list and known from packages (measured). Types from 10000 on are an environment's own and have no fixed meaning.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from builder.catalogue.lookup import read_rows


@dataclass(frozen=True, slots=True)
class ComponentType:
    """A kind of component, for one and for several."""

    name: str
    plural: str


@cache
def component_types() -> Mapping[str, ComponentType]:
    """Give the known kinds by their number, as text."""
    return read_rows("component_types.tsv", lambda row: ComponentType(row["name"], row["plural"]))


def component_type(number: str) -> ComponentType:
    """Name a kind. Newer dependencies carry a word in place of the number, which is its own name (measured: §2)."""
    known = component_types().get(number)
    if known:
        return known
    name = f"Component of type {number}" if number.isdecimal() or not number else number
    return ComponentType(name, f"Components of type {number}" if number.isdecimal() or not number else number)
