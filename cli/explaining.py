"""How the problems that an environment names are told: what, why, what to do, and its own words."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from builder.text import printable
from cli.output import tell

if TYPE_CHECKING:
    from builder.deployment.explain import Problem


def show_problems(problems: "Iterable[Problem]", say: Callable[[str], object] = tell) -> None:
    """Say each problem: component and code, its cause and what to do where that is known, and the original text."""
    from builder.deployment.advice import advise

    for problem in problems:
        about = " ".join(part for part in (problem.code, problem.name) if part)
        head = ": ".join(part for part in (problem.component, about) if part) or "the environment says"
        say(f"{problem.severity}: {printable(head)}")
        advice = advise(problem)
        if advice:
            say(f"  cause: {printable(advice.cause)}")
            say(f"  do: {printable(advice.remedy)}")
        if problem.text:
            say(f"  original: {printable(problem.text)}")
