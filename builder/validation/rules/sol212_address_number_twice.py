"""Two addresses of the publisher have one number.

Why: a publisher has two addresses, numbered 1 and 2 (1,234 of 1,234 real ones); which of two with one number an
import keeps is not documented.

Fix: number them 1 and 2.

Good: `<AddressNumber>1</AddressNumber>` in the first, 2 in the second.

Bad: 1 in both.
"""

from collections.abc import Iterator

from builder.text import printable
from builder.validation.registry import rule
from builder.validation.report import Problem, Severity
from builder.validation.subject import Subject


@rule("SOL212", Severity.WARNING, "Two addresses of the publisher have one number")
def address_number_twice(subject: Subject) -> Iterator[Problem]:
    """Name each number that stands before."""
    if subject.solution is None:
        return
    seen: set[str] = set()
    for element in subject.solution.iterfind("SolutionManifest/Publisher/Addresses/Address/AddressNumber"):
        number = (element.text or "").strip()
        if number in seen:
            yield subject.problem(
                element,
                f"there is an address number {printable(number)} already",
                mark=number,
                hint="Number the addresses 1 and 2.",
            )
        seen.add(number)
