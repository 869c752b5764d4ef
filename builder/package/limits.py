"""What a package may cost to read."""

from dataclasses import dataclass

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
