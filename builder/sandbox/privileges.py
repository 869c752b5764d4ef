"""The privileges of the sandbox: the catalogue's, each with an id."""

import copy
from collections.abc import Iterable, Iterator
from functools import cache

from builder.catalogue import Privilege, load
from builder.model import AccessRight, Depth
from builder.sandbox.brought import BroughtTable, as_catalogue_table, privileges_of
from builder.sandbox.schema import Table, stable_id

_NAMED_GUARDS = {("audit", AccessRight.READ): "prvReadAuditSummary"}
_READ_LIKE_ROLES = ("privilege", "roleprivileges", "systemuserroles", "teamroles")
_GUARDED_AS = {"teammembership": "team", "accountleads": "account", "contactleads": "contact"}


class Privileges:
    """Privileges by name, by id, and by what they guard.

    Where the catalogue knows no id (it differs by environment, or nobody recorded it) the sandbox gives one of its own.
    """

    def __init__(self) -> None:
        self._catalogue = load()
        self._ids: dict[str, str] = {}
        self._by_id: dict[str, Privilege] = {}
        self._number(self._catalogue)

    def _number(self, privileges: Iterable[Privilege]) -> None:
        for privilege in privileges:
            self._ids[privilege.name] = privilege.id or stable_id("privilege", privilege.name.lower())
            self._by_id[self._ids[privilege.name]] = privilege

    def copied(self) -> "Privileges":
        """The same privileges, for an environment that has tables of its own."""
        made = copy.copy(self)
        made._ids, made._by_id = dict(self._ids), dict(self._by_id)
        return made

    def set_tables(self, brought: Iterable[BroughtTable]) -> None:
        """Have the privileges of these tables beside those of the catalogue, and of no others."""
        base = load()
        tables = [table for table in brought if table.whole and table.name not in base_tables()]
        own = [privilege for table in tables for privilege in privileges_of(table)]
        self._catalogue = base.extended(own, map(as_catalogue_table, tables))
        self._ids, self._by_id = {}, {}
        self._number(self._catalogue)

    def __iter__(self) -> Iterator[Privilege]:
        return iter(self._catalogue)

    def __len__(self) -> int:
        return len(self._ids)

    def id(self, privilege: Privilege) -> str:
        """The id of a privilege."""
        return self._ids[privilege.name]

    def by_id(self, privilege_id: str) -> Privilege | None:
        """Find a privilege by id."""
        return self._by_id.get(privilege_id)

    def named(self, name: str) -> Privilege | None:
        """Find a privilege by name, in any case."""
        return self._catalogue.privilege(name)

    def known(self, name: str) -> Privilege:
        """Give a privilege that the sandbox itself relies on; raises KeyError."""
        privilege = self.named(name)
        if privilege is None:
            raise KeyError(name)
        return privilege

    def guarding(self, table: Table, right: AccessRight) -> Privilege | None:
        """Give the privilege that a right on a table's rows asks for; None where the right does not exist there."""
        named = _NAMED_GUARDS.get((table.name, right))
        if named:
            return self.known(named)
        if table.name in _READ_LIKE_ROLES:
            return self._catalogue.on("role").get(right) if right is AccessRight.READ else None
        if table.name in _GUARDED_AS:
            return self._catalogue.on(_GUARDED_AS[table.name]).get(right) if right is AccessRight.READ else None
        own = self._catalogue.on(table.name)
        return (own or (self._catalogue.on("activitypointer") if table.is_activity else own)).get(right)

    def only_reads(self, privilege_id: str) -> bool:
        """Whether a privilege lets nobody write rows."""
        return self._by_id[privilege_id].right in (AccessRight.READ, None)

    def of_owned_rows(self, privilege_id: str) -> bool:
        """Whether a privilege is about rows that users own."""
        tables = (self._catalogue.table(name) for name in self._by_id[privilege_id].tables)
        return any(table is not None and table.ownership == "user" for table in tables)

    def widest(self) -> dict[str, Depth]:
        """Every privilege by id, each at the widest depth that it has."""
        return {self.id(privilege): max(privilege.depths) for privilege in self if privilege.depths}


@cache
def base_tables() -> frozenset[str]:
    """The tables of the catalogue, by logical name."""
    return frozenset(table.name for table in load().tables)


@cache
def privileges() -> Privileges:
    """Read the privileges; once a process."""
    return Privileges()
