"""How queries are spelt."""

from collections.abc import Sequence
from urllib.parse import quote


def literal(text: str) -> str:
    """Give a text as an OData literal: apostrophes doubled."""
    doubled = text.replace("'", "''")
    return f"'{doubled}'"


def query(resource: str, *, select: Sequence[str], where: str = "", expand: str = "", top: int | None = None) -> str:
    """Give a path with its query options, encoded so that no value can add another option."""
    options = {
        "$select": ",".join(select),
        "$filter": where,
        "$expand": expand,
        "$top": "" if top is None else str(top),
    }
    return f"{resource}?" + "&".join(f"{name}={quote(value, safe=_PLAIN)}" for name, value in options.items() if value)


_PLAIN = "$,()/'=:@"
