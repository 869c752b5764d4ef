"""What Dataverse does and the sandbox does not: named, so that it is refused and never taken for something else."""

from builder.sandbox.faults import not_here
from builder.sandbox.web.exchange import Exchange

_HEADERS = ("MSCRM.SolutionUniqueName",)
_OPERATIONS = frozenset(
    {
        "RetrieveAadUserPrivileges",
        "RetrieveAadUserRoles",
        "RetrieveMissingComponents",
        "SetBusinessSystemUser",
        "StageAndUpgrade",
    }
)


def refuse_what_is_not_here(exchange: Exchange) -> None:
    """Raise 501 for operations and headers that the sandbox does not carry out."""
    if not exchange.segments:
        raise not_here("the service document")
    for header in _HEADERS:
        if header.lower() in exchange.headers:
            raise not_here(f"the header {header}")
    for segment in exchange.segments:
        if segment.name in _OPERATIONS:
            raise not_here(segment.name)
