"""Reading the bodies of actions."""

from typing import Any

from builder.sandbox.faults import bad_request
from builder.sandbox.odata.literals import BadQuery, parse_guid


def check_members(body: dict[str, Any], known: set[str]) -> None:
    """Refuse members that the operation does not have (0x80048d19)."""
    for name in body:
        if name not in known and "@" not in name:
            raise bad_request(
                f"The parameter '{name}' in the request payload is not a valid parameter for the operation."
            )


def member(body: dict[str, Any], name: str, kind: type) -> Any:
    """A member of a certain type; raises 0x80048d19 without it."""
    value = body.get(name)
    if not isinstance(value, kind):
        raise bad_request(f"The required parameter '{name}' is missing or not of type {kind.__name__}.")
    return value


def guid(text: Any) -> str:
    """A GUID, in small letters; raises 0x80048d19 for a text that is none."""
    try:
        return parse_guid(str(text))
    except BadQuery as error:
        raise bad_request(error.message) from None
