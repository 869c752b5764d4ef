"""Addresses that a credential may be sent to."""

from urllib.parse import urlsplit

from builder.errors import UsageError


def https_origin(text: str, what: str) -> str:
    """Give `https://host[:port]` of an address, lower-case and without the slash at its end.

    Raises UsageError for anything but a bare https address: a credential goes nowhere else. `what` names the setting.
    """
    hint = f"write {what} as https://host, with nothing after it"
    try:
        parts = urlsplit(text.strip())
        port = parts.port
    except ValueError:
        raise UsageError(f"{what}: not an address", hint) from None
    if parts.username is not None or parts.password is not None:
        raise UsageError(f"{what}: an address must not hold a user name or password", hint)
    if parts.scheme.lower() != "https" or not parts.hostname:
        raise UsageError(f"{what}: not an https address: {text}", hint)
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    origin = f"https://{host}" + (f":{port}" if port not in (None, 443) else "")
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise UsageError(f"{what}: more than an address: {text}", f"leave out what follows {origin}")
    return origin
