"""Shares: which principal was given which rights on which row, and what comes along from a row's parents."""

from collections.abc import Collection, Iterator

from builder.model import ALL_RIGHTS, AccessRight
from builder.sandbox.records import Reference, Row, Store
from builder.sandbox.relationships import Relationships

_EVERYTHING = sum(int(right) for right in ALL_RIGHTS)


class Shares:
    """The shares of an environment. A mask is the sum of AccessRight values (the Web API's AccessRights)."""

    def __init__(self, store: Store, relationships: Relationships) -> None:
        self._store = store
        self._relationships = relationships
        self._known: tuple[object, dict[str, dict[str, int]]] = (None, {})

    def given(self, row_id: str) -> dict[str, int]:
        """What was shared of a row itself: principal id to mask."""
        return self._indexed().get(row_id, {})

    def set(self, target: Reference, principal: Reference, mask: int) -> None:
        """Let a principal have just these rights on a row; none ends the share."""
        for row in self._store.all("principalobjectaccess"):
            if (row["objectid"], row["principalid"]) == (target.id, principal.id):
                if mask:
                    self._store.change(
                        "principalobjectaccess", row["principalobjectaccessid"], {"accessrightsmask": mask}
                    )
                else:
                    self._store.remove("principalobjectaccess", row["principalobjectaccessid"])
                return
        if mask:
            values = {
                "objectid": target.id,
                "objecttypecode": target.table,
                "principalid": principal.id,
                "principaltypecode": principal.table,
                "accessrightsmask": mask,
            }
            self._store.add("principalobjectaccess", values)

    def forget(self, row_id: str) -> None:
        """Drop the shares of a row, or with a principal, that goes."""
        for row in self._store.all("principalobjectaccess"):
            if row_id in (row["objectid"], row["principalid"]):
                self._store.remove("principalobjectaccess", row["principalobjectaccessid"])

    def allows(self, table: str, row: Row, right: AccessRight, identities: Collection[str]) -> bool:
        """Whether a share gives one of these principals a right on a row."""
        return bool(self.mask(table, row, identities) & int(right))

    def mask(self, table: str, row: Row, identities: Collection[str]) -> int:
        """The rights that these principals have on a row by shares: of the row itself, and of the rows above it along
        relationships that cascade. There the owner of the parent has all rights on the child (cascade of reparent).
        """
        mask = 0
        for number, (above_table, above) in enumerate(self._with_parents(table, row)):
            for principal_id, rights in self.given(above[self._store.schema[above_table].primary_id]).items():
                if principal_id in identities:
                    mask |= rights
            owner = above.get("ownerid") if number else None
            if owner is not None and owner.id in identities:
                return _EVERYTHING
        return mask

    def _with_parents(self, table: str, row: Row) -> Iterator[tuple[str, Row]]:
        """A row, then its parents along cascading relationships, each once."""
        seen = set()
        waiting = [(table, row)]
        while waiting:
            table, row = waiting.pop()
            key = (table, row[self._store.schema[table].primary_id])
            if key in seen:
                continue
            seen.add(key)
            yield table, row
            for column in self._relationships.cascading_columns(table):
                parent = row.get(column)
                if parent is not None and self._relationships.cascades(table, column, parent.table):
                    found = self._store.find(parent.table, parent.id)
                    if found is not None:
                        waiting.append((parent.table, found))

    def _indexed(self) -> dict[str, dict[str, int]]:
        stamp = self._store.revision("principalobjectaccess")
        if self._known[0] != stamp:
            index: dict[str, dict[str, int]] = {}
            for row in self._store.all("principalobjectaccess"):
                index.setdefault(row["objectid"], {})[row["principalid"]] = row["accessrightsmask"]
            self._known = (stamp, index)
        return self._known[1]
