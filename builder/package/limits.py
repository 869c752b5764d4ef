"""What a package may cost to read."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from builder.errors import Fault, InputFaults
from builder.text import printable

_MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on a package; what passes one is not read. All sizes are bytes.

    The defaults are a multiple of what Dataverse itself takes: its import refuses a package that inflates to more
    than 200 MB (recorded: microsoft/powerplatform-build-tools, discussion 688). The largest real customizations.xml
    at hand has half a megabyte, 18 levels and at most 15 attributes on one element (measured).
    """

    archive_bytes: int = 256 * _MIB
    """The zip itself."""
    directory_bytes: int = 8 * _MIB
    """The zip's central directory, which lists the members."""
    members: int = 20_000
    """Entries of the zip, folders included."""
    member_bytes: int = 256 * _MIB
    """One member, inflated."""
    total_bytes: int = 512 * _MIB
    """All members, inflated."""
    ratio: int = 250
    """Inflated bytes for each packed byte, of a member of more than `ratio_from` bytes. DEFLATE reaches 1,032."""
    ratio_from: int = 64 * _MIB
    """A smaller member may be as repetitive as it likes: it is bounded anyway."""
    xml_marks: int = 6_000_000
    """`<` and `=` in one XML member: they bound its tags and attributes, and with them the memory of its tree."""
    xml_depth: int = 256
    """Levels of elements in one XML member."""


DEFAULT_LIMITS = Limits()


def limits_from(source: str, values: Mapping[str, Any]) -> Limits:
    """Give the limits that settings ask for, by the names above; raises InputFaults for what is none of them."""
    known = [field.name for field in fields(Limits)]
    faults = [
        Fault(f"limits: `{printable(name)}` is no limit", source, hint=f"Known: {', '.join(known)}.")
        for name in values
        if name not in known
    ] + [
        Fault(f"limits.{name} is no whole number above 0", source)
        for name in known
        if name in values and (not isinstance(values[name], int) or isinstance(values[name], bool) or values[name] < 1)
    ]
    if faults:
        raise InputFaults(source, faults)
    return Limits(**values)
