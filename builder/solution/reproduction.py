"""Does a spec build this very package? What a package holds, against what it should hold, line by line."""

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

# Beyond this many lines it is only said that a member differs: nobody reads on, and comparing takes long.
_MOST_LINES = 50_000


@dataclass(frozen=True, slots=True)
class Difference:
    """A difference of a member, or of one line of it.

    `kind` is absent (the package lacks the member), surplus (the spec builds no such member) or changed. Of a changed
    line `line` counts from 1 in the package's member; `found` is what stands there and `expected` what the spec
    builds, None where one of them has no such line. `line` is 0 where lines are not compared.
    """

    member: str
    kind: str
    line: int = 0
    found: str | None = None
    expected: str | None = None


def differences(found: Mapping[str, bytes], expected: Mapping[str, bytes]) -> Iterator[Difference]:
    """Give every difference of a package's members from those that it should have, by the members' names."""
    for name in sorted({*found, *expected}):
        if name not in found:
            yield Difference(name, "absent")
        elif name not in expected:
            yield Difference(name, "surplus")
        elif found[name] != expected[name]:
            yield from _in_member(name, found[name], expected[name])


def _in_member(name: str, found: bytes, expected: bytes) -> Iterator[Difference]:
    has, should = (data.decode("utf-8", "backslashreplace").splitlines(keepends=True) for data in (found, expected))
    if len(has) + len(should) > _MOST_LINES:
        yield Difference(name, "changed")
        return
    matcher = difflib.SequenceMatcher(None, has, should, autojunk=False)
    for kind, start, end, should_start, should_end in matcher.get_opcodes():
        if kind != "equal":
            for offset in range(max(end - start, should_end - should_start)):
                yield Difference(
                    name,
                    "changed",
                    min(start + offset, end) + 1,
                    has[start + offset] if start + offset < end else None,
                    should[should_start + offset] if should_start + offset < should_end else None,
                )
