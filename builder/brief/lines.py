"""Sentences of the access brief: our own words, and names that may be foreign text, kept apart."""

from collections.abc import Iterable
from dataclasses import dataclass

_MOST_NAMES = 12


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence: our words, then the names that it is about. `note` is foreign text that stands by itself."""

    text: str
    names: tuple[str, ...] = ()
    more: int = 0
    note: str = ""


def line(text: str, names: Iterable[str] = ()) -> Line:
    """Make a sentence; of many names only the first stand in it, and how many more there are."""
    named = tuple(names)
    return Line(text, named[:_MOST_NAMES], max(0, len(named) - _MOST_NAMES))
