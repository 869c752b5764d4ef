"""Names of privileges that the catalogue does not have: whether they can be a custom table's, and what is nearest."""

import re

from builder.model import ALL_RIGHTS
from builder.validation.subject import HeldGrant, Subject

_PREFIXED = re.compile(r"[A-Za-z][A-Za-z0-9]{1,7}_[A-Za-z0-9_]+")
_NEAR = 0.9


def names_custom_table(grant: HeldGrant, subject: Subject) -> bool:
    """Say whether an unknown privilege is one on a custom table that the package does not hold.

    Its table part then has a publisher's prefix, and is not a slip of the pen for one of the package's own tables.
    """
    if grant.known or grant.table or not grant.right or not _PREFIXED.fullmatch(grant.base):
        return False
    return not _nearest_table(grant.base, subject)


def nearest(grant: HeldGrant, subject: Subject) -> str:
    """Name the privilege that is meant by an unknown one; "" where none is near."""
    if grant.right is not None:
        table = subject.catalogue.table(grant.base.lower())
        known = subject.catalogue.on(table.name).get(grant.right) if table else None
        if known is not None:  # named after the table: prvReadSystemUser, which is prvReadUser
            return known.name
        own = _nearest_table(grant.base, subject)
        if own:
            return f"prv{grant.right.token}{own}"
    return _nearest_own(grant.name, subject) or subject.catalogue.nearest_privilege(grant.name)


def _nearest_table(base: str, subject: Subject) -> str:
    import difflib  # only ever needed for what is unknown

    near = difflib.get_close_matches(base.lower(), subject.tables, n=1, cutoff=_NEAR)
    return subject.tables[near[0]].schema_name if near else ""


def _nearest_own(name: str, subject: Subject) -> str:
    import difflib

    own = {
        f"prv{right.token}{table.schema_name}".lower(): f"prv{right.token}{table.schema_name}"
        for table in subject.tables.values()
        for right in ALL_RIGHTS
    }
    near = difflib.get_close_matches(name.lower(), own, n=1, cutoff=_NEAR)
    return own[near[0]] if near else ""
