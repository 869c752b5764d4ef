"""The privileges of the sandbox: the catalogue's, each with an id."""

from collections.abc import Iterator
from functools import cache

from builder.catalogue import Privilege, load
from builder.model import AccessRight, Depth
from builder.sandbox.schema import Table, stable_id

_NAMED_GUARDS = {("audit", AccessRight.READ): "prvReadAuditSummary"}
_READ_LIKE_ROLES = ("privilege", "roleprivileges", "systemuserroles")


class Privileges:
    """Privileges by name, by id, and by what they guard.

    Where the catalogue knows no id (it differs by environment, or nobody recorded it) the sandbox gives one of its own.
    """

    def __init__(self) -> None:
        self._catalogue = load()
        self._ids = {p.name: p.id or stable_id("privilege", p.name.lower()) for p in self._catalogue}
        self._by_id = {self._ids[p.name]: p for p in self._catalogue}

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
        return self._catalogue.on(table.name).get(right)

    def widest(self) -> dict[str, Depth]:
        """Every privilege by id, each at the widest depth that it has."""
        return {self.id(privilege): max(privilege.depths) for privilege in self if privilege.depths}


@cache
def privileges() -> Privileges:
    """Read the privileges; once a process."""
    return Privileges()
