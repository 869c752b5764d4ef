"""How the problems that an environment names are told."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from builder.text import printable
from cli.output import tell

if TYPE_CHECKING:
    from builder.deployment.explain import Problem


def show_problems(problems: "Iterable[Problem]") -> None:
    """Say what is wrong, one problem a line."""
    for problem in problems:
        tell(f"  {printable(str(problem))}")
