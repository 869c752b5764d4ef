"""A grant that was tried, and what came of it."""

import enum
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from builder.connection.refusals import cut
from builder.errors import Refused, Unreachable


class Expectation(enum.Enum):
    """What a request should come to."""

    GRANTED = "granted"
    REFUSED = "refused"


class Outcome(enum.Enum):
    """What a request came to; FAILED is an error that says nothing about the grant."""

    WORKS = "works"
    REFUSED = "refused"
    FAILED = "failed"
    NOT_TRIED = "not tried"


@dataclass(frozen=True, slots=True)
class Check:
    """One request as the application: `name` is the privilege it is about, or what was done where it is about none."""

    name: str
    expectation: Expectation
    outcome: Outcome
    detail: str = ""

    @property
    def as_expected(self) -> bool:
        """Whether it was tried and came out as it should."""
        return self.outcome is (Outcome.WORKS if self.expectation is Expectation.GRANTED else Outcome.REFUSED)

    @property
    def ok(self) -> bool:
        """Whether nothing speaks against the expectation."""
        return self.as_expected or self.outcome is Outcome.NOT_TRIED


@dataclass(slots=True)
class Trying:
    """Tries requests one by one. Once the connection breaks, the rest is not tried any more."""

    checks: list[Check] = field(default_factory=list)
    broken: bool = False

    def attempt(self, name: str, expectation: Expectation, request: Callable[[], object], detail: str = "") -> bool:
        """Make a request and note what came of it; gives whether it worked."""
        if self.broken:
            return self.note(Check(name, expectation, Outcome.NOT_TRIED, "the connection broke before"))
        try:
            request()
        except Refused as refused:
            check = Check(name, expectation, _outcome(refused, expectation), cut(refused.message))
            return self.note(replace(check, detail=check.detail.split(": ", 1)[-1]) if check.ok else check)
        except Unreachable as lost:
            self.broken = True
            return self.note(Check(name, expectation, Outcome.FAILED, lost.message))
        return self.note(Check(name, expectation, Outcome.WORKS, detail))

    def note(self, check: Check) -> bool:
        """Add a result; gives whether it worked."""
        self.checks.append(check)
        return check.outcome is Outcome.WORKS


def _outcome(refused: Refused, expectation: Expectation) -> Outcome:
    if refused.status == 403:
        return Outcome.REFUSED
    # A row that does not exist, asked for to be refused: whether it is looked for before the privilege is unconfirmed.
    absent = refused.status == 404 and expectation is Expectation.REFUSED
    return Outcome.NOT_TRIED if absent else Outcome.FAILED
