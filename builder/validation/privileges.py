"""Names of privileges that the catalogue does not have: whether they can be a custom table's, and what is nearest."""

import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from builder.catalogue import Catalogue
from builder.model import ALL_RIGHTS
from builder.validation.tables import PackagedTable

if TYPE_CHECKING:
    from builder.validation.subject import HeldGrant

_PREFIXED = re.compile(r"[A-Za-z][A-Za-z0-9]{1,7}_[A-Za-z0-9_]+")
_NEAR = 0.9
# A search through the catalogue's names takes some 30 ms, one through the package's own far less. Who misspells more
# than this has other troubles than spelling.
_SEARCHES, _OWN_SEARCHES = 40, 200


class Guesses:
    """What unknown names of one package may mean. Each is looked for once, and only so many of them."""

    def __init__(self, catalogue: Catalogue, tables: Mapping[str, PackagedTable]) -> None:
        self._catalogue = catalogue
        self._tables = tables
        self._found: dict[str, str] = {}
        self._own: dict[str, str] = {}

    def names_custom_table(self, grant: "HeldGrant") -> bool:
        """Say whether an unknown privilege is one on a custom table that the package does not hold.

        Its table part then has a publisher's prefix, and is not a slip of the pen for one of the package's own tables.
        """
        if grant.known or grant.table or not grant.right or not _PREFIXED.fullmatch(grant.base):
            return False
        return not self._own_table(grant.base)

    def nearest(self, grant: "HeldGrant") -> str:
        """Name the privilege that is meant by an unknown one; "" where none is near."""
        if grant.right is not None:
            table = self._catalogue.table(grant.base.lower())
            known = self._catalogue.on(table.name).get(grant.right) if table else None
            if known is not None:  # named after the table: prvReadSystemUser, which is prvReadUser
                return known.name
            if own := self._own_table(grant.base):
                return f"prv{grant.right.token}{own}"
        return self._searched(grant.name)

    def _own_table(self, base: str) -> str:
        near = self._once(base.lower(), self._tables) if self._tables else ""
        return self._tables[near].schema_name if near else ""

    def _searched(self, name: str) -> str:
        own = self._once(name.lower(), self._own_privileges) if self._tables else ""
        if own:
            return self._own_privileges[own]
        if name not in self._found and len(self._found) < _SEARCHES:
            self._found[name] = self._catalogue.nearest_privilege(name)
        return self._found.get(name, "")

    @cached_property
    def _own_privileges(self) -> dict[str, str]:
        names = (f"prv{right.token}{table.schema_name}" for table in self._tables.values() for right in ALL_RIGHTS)
        return {name.lower(): name for name in names}

    def _once(self, word: str, words: Iterable[str]) -> str:
        import difflib  # only ever needed for what is unknown

        if word not in self._own and len(self._own) < _OWN_SEARCHES:
            self._own[word] = next(iter(difflib.get_close_matches(word, words, n=1, cutoff=_NEAR)), "")
        return self._own.get(word, "")
