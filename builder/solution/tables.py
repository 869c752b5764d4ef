"""What a spec says of tables that the catalogue does not know, or whose letter case it only guesses.

A table stands under `tables` at the top of a spec, or in the grant that names it. Its privileges follow from its
schema name and its ownership by the documented rules (privilege name = prv + right + schema name).
"""

from collections.abc import Iterator
from dataclasses import replace

from builder.catalogue import Catalogue, Privilege, Table
from builder.document import Document, Path_
from builder.model import ALL_RIGHTS, AccessRight, Depth
from builder.text import printable

_WITHOUT_OWNER = tuple(right for right in ALL_RIGHTS if right not in (AccessRight.ASSIGN, AccessRight.SHARE))
# Ownership -> the rights that such tables have, and the depths of each (docs; measured on 989 tables).
OWNERSHIPS = {
    "user": (ALL_RIGHTS, tuple(Depth)),
    "business-unit": (_WITHOUT_OWNER, (Depth.LOCAL, Depth.DEEP, Depth.GLOBAL)),
    "organization": (_WITHOUT_OWNER, (Depth.GLOBAL,)),
}


def with_declared_tables(document: Document, catalogue: Catalogue) -> Catalogue:
    """Extend a catalogue by what a document says of tables, noting in the document what is at fault."""
    reader = _TableReader(document, catalogue)
    for name, path in _declarations(document):
        reader.read(name, path)
    return catalogue.extended(reader.privileges, reader.tables) if reader.seen else catalogue


def _declarations(document: Document) -> Iterator[tuple[str, Path_]]:
    """Give the name of each table that is described, and where."""
    for name in document.get("tables", default={}):
        if ("tables", name) not in document.unsound and document.get("tables", name):
            yield name, ("tables", name)
    for role in document.each("roles"):
        for grant in document.each(*role, "grants"):
            if not {"schema_name", "ownership"} & set(document.get(*grant, default={})):
                continue
            named = document.get(*grant, "tables", default="")
            words = named if isinstance(named, list) else str(named).split(",")
            if len(words) == 1 and words[0].strip():
                yield words[0].strip().lower(), grant
            else:
                document.fault(grant, "`schema_name` and `ownership` are for a grant on one table")


class _TableReader:
    def __init__(self, document: Document, catalogue: Catalogue) -> None:
        self._document = document
        self._catalogue = catalogue
        self.seen: dict[str, tuple[str, str]] = {}
        self.privileges: list[Privilege] = []
        self.tables: list[Table] = []

    def read(self, word: str, path: Path_) -> None:
        """Take one description in."""
        known = self._catalogue.table(word)
        name = known.name if known else word
        schema_name = self._document.get(*path, "schema_name", default="")
        ownership = self._document.get(*path, "ownership", default="")
        if self._is_at_fault(path):
            return
        if name in self.seen:
            if self.seen[name] != (schema_name, ownership):
                self._document.fault(path, f"{printable(name)} is described in another way already")
            return
        self.seen[name] = (schema_name, ownership)
        if schema_name and schema_name.lower() != name:
            hint = "A table's logical name is its schema name in small letters."
            where = (*path, "schema_name")
            self._document.fault(where, f"`{schema_name}` is not the schema name of {printable(name)}", hint)
        elif known:
            self._known(known, schema_name, ownership, path)
        else:
            self._unknown(name, schema_name, ownership, path)

    def _is_at_fault(self, path: Path_) -> bool:
        return bool({(*path, key) for key in ("schema_name", "ownership")} & self._document.unsound)

    def _unknown(self, name: str, schema_name: str, ownership: str, path: Path_) -> None:
        for key, value in (("schema_name", schema_name), ("ownership", ownership)):
            if not value:
                about = f"the catalogue does not know {printable(name)}: its `{key}` is missing"
                near = self._catalogue.nearest_table(name)
                hint = "The table's properties in the maker portal say it."
                self._document.fault(path, about, f"{hint} Or did you mean {near}?" if near else hint)
        if schema_name and ownership:
            self.tables.append(Table(name, "", schema_name, ownership, "certain", "", current=True, source="spec"))
            self.privileges += _privileges(name, schema_name, ownership)

    def _known(self, table: Table, schema_name: str, ownership: str, path: Path_) -> None:
        rights = self._catalogue.on(table.name)
        own = {right: p for right, p in rights.items() if p.name.lower() == f"prv{right.token}{table.name}".lower()}
        wrong = [p for p in own.values() if p.case_exact and schema_name and not p.name.endswith(schema_name)]
        if wrong:
            where = (*path, "schema_name")
            self._document.fault(where, f"`{schema_name}` is not how {table.name} is spelt", f"See {wrong[0].name}.")
        elif ownership and ownership != table.ownership:
            self._other_ownership(table, schema_name or table.schema_name, ownership, path, shared=own != rights)
        elif schema_name:
            self.privileges += [
                replace(privilege, name=f"prv{right.token}{schema_name}", case_exact=True)
                for right, privilege in own.items()
                if not privilege.case_exact
            ]

    def _other_ownership(self, table: Table, schema_name: str, ownership: str, path: Path_, *, shared: bool) -> None:
        """Let the spec say who owns a table where the catalogue only infers it."""
        if table.ownership_sure == "certain" or shared or not schema_name:
            owner = table.ownership or "none of its own"
            hint = "Leave it out." if schema_name else "Leave it out, or give the `schema_name` too."
            self._document.fault((*path, "ownership"), f"the ownership of {table.name} is {owner}", hint)
            return
        self.tables.append(replace(table, schema_name=schema_name, ownership=ownership, source="spec"))
        self.privileges += _privileges(table.name, schema_name, ownership)


def _privileges(table: str, schema_name: str, ownership: str) -> Iterator[Privilege]:
    rights, depths = OWNERSHIPS[ownership]
    for right in rights:
        yield Privilege(
            name=f"prv{right.token}{schema_name}",
            right=right,
            tables=(table,),
            depths=depths,
            depths_somewhere=(),
            depths_sure="certain",
            case_exact=True,
            id="",
            kind="table",
            display="",
            source="spec",
        )
