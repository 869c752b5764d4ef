"""The `grants` of a role in a spec -> grants, each checked against the catalogue."""

from collections.abc import Iterator

from builder.catalogue import Catalogue, Privilege, Table
from builder.model import ALL_RIGHTS, AccessRight, Depth, Grant
from builder.solution.document import Document, Path_
from builder.text import printable


class GrantReader:
    """Reads the grants of a document's roles, noting in it what is at fault; `notes` is what a person should know."""

    def __init__(self, document: Document, catalogue: Catalogue, *, guess_case: bool) -> None:
        self._document = document
        self._catalogue = catalogue
        self._guess_case = guess_case
        self.notes: list[str] = []

    def read(self, role: Path_) -> tuple[Grant, ...]:
        """Give the grants of the role at a path, each privilege once."""
        found: dict[str, Grant] = {}
        lines: dict[str, int] = {}
        self._depth((*role, "depth"))  # a wrong one is told even where no grant falls back on it
        for path in self._document.each(*role, "grants"):
            for grant in self._entry(role, path):
                if grant.key in found:
                    self._document.fault(
                        path,
                        f"{grant.privilege} is granted on line {lines[grant.key]} already",
                        "Grant each privilege once. One privilege can cover several tables (activities share theirs).",
                    )
                    continue
                found[grant.key] = grant
                lines[grant.key] = self._document.line(path)
        return tuple(found.values())

    def _entry(self, role: Path_, path: Path_) -> Iterator[Grant]:
        entry = self._document.get(*path, default={})
        if ("tables" in entry) == ("privileges" in entry):
            self._document.fault(path, "a grant names either `tables` or `privileges`")
        elif "tables" in entry:
            yield from self._on_tables(role, path)
        else:
            yield from self._miscellaneous(role, path)

    def _on_tables(self, role: Path_, path: Path_) -> Iterator[Grant]:
        rights = self._rights(role, path)
        tables = _words(self._document.get(*path, "tables"))
        schema_name = self._document.get(*path, "schema_name", default="")
        if schema_name and len(tables) != 1:
            self._document.fault((*path, "schema_name"), "`schema_name` is for a grant on one table")
            return
        granted: set[str] = set()
        for word in tables:
            table = self._table(word, path)
            if table is None:
                continue
            for right, depth in rights.items():
                privilege = self._privilege_on(table, right, (*path, "allow"))
                if privilege is None or privilege.name in granted:
                    continue
                granted.add(privilege.name)
                name = self._exact_name(privilege, table, right, schema_name, path)
                if self._reaches(privilege, depth, path):
                    yield Grant(name, depth, self._reason(path))

    def _miscellaneous(self, role: Path_, path: Path_) -> Iterator[Grant]:
        if "allow" in self._document.get(*path):
            self._document.fault((*path, "allow"), "`allow` goes with `tables`; a privilege is allowed as a whole")
        for word in _words(self._document.get(*path, "privileges")):
            privilege = self._catalogue.named(word)
            if privilege is None:
                near = self._catalogue.nearest_named(word) or self._catalogue.nearest_privilege(word)
                hint = f"Did you mean {near}?" if near else "`solsmith catalogue show` lists what can be granted."
                self._document.fault((*path, "privileges"), f"there is no privilege {printable(word)}", hint)
                continue
            # Most of these exist at one depth only, which then needs no saying.
            only = privilege.depths[0] if len(privilege.depths) == 1 else None
            depth = self._depth((*path, "depth")) or only or self._depth((*role, "depth"))
            if depth is None:
                self._missing_depth(path)
            elif self._reaches(privilege, depth, path):
                yield Grant(privilege.name, depth, self._reason(path))

    def _reason(self, path: Path_) -> str:
        return str(self._document.get(*path, "reason", default=""))

    def _rights(self, role: Path_, path: Path_) -> dict[AccessRight, Depth]:
        allow = self._document.get(*path, "allow")
        where = (*path, "allow")
        if allow is None:
            if where not in self._document.unsound:
                self._document.fault(path, "`allow` is missing: which rights on these tables?", _known_rights())
            return {}
        rights: dict[AccessRight, Depth] = {}
        if isinstance(allow, dict):
            for word in allow:
                right, depth = self._right(word, where), self._depth((*where, word))
                if right and depth:
                    rights[right] = depth
            return rights
        depth = self._depth((*path, "depth")) or self._depth((*role, "depth"))
        if depth is None and not {(*path, "depth"), (*role, "depth")} & self._document.unsound:
            self._missing_depth(path)
        for word in _words(allow):
            if (right := self._right(word, where)) and depth:
                rights[right] = depth
        return rights

    def _right(self, word: str, path: Path_) -> AccessRight | None:
        try:
            return AccessRight.parse(word)
        except ValueError:
            self._document.fault(path, f"there is no right `{printable(word)}`", _known_rights())
            return None

    def _depth(self, path: Path_) -> Depth | None:
        text = self._document.get(*path)
        if text is None:
            return None
        try:
            return Depth.parse(text)
        except ValueError:
            if path not in self._document.unsound:
                known = ", ".join(depth.words for depth in Depth)
                self._document.fault(path, f"there is no depth `{printable(text)}`", f"Known: {known}.")
                self._document.unsound.add(path)
            return None

    def _missing_depth(self, path: Path_) -> None:
        self._document.fault(path, "no `depth`: how far does this reach?", "Say it here, or for the whole role.")

    def _table(self, word: str, path: Path_) -> Table | None:
        table = self._catalogue.table(word)
        if table is None:
            near = self._catalogue.nearest_table(word)
            hint = f"Did you mean {near}?" if near else "Give the logical name, such as account or contoso_permit."
            self._document.fault((*path, "tables"), f"there is no table `{printable(word)}` in the catalogue", hint)
        return table

    def _privilege_on(self, table: Table, right: AccessRight, path: Path_) -> Privilege | None:
        rights = self._catalogue.on(table.name)
        if right not in rights:
            known = ", ".join(right.words for right in rights) or "none"
            self._document.fault(path, f"the table {table.name} has no right {right.words}", f"It has: {known}.")
        return rights.get(right)

    def _exact_name(self, privilege: Privilege, table: Table, right: AccessRight, schema_name: str, path: Path_) -> str:
        if schema_name:
            if schema_name.lower() != privilege.name.removeprefix(f"prv{right.token}").lower():
                self._document.fault(
                    (*path, "schema_name"), f"`{schema_name}` is not the schema name of {table.name} in another case"
                )
            return f"prv{right.token}{schema_name}"
        if not privilege.case_exact:
            if not self._guess_case:
                self._document.fault(
                    (*path, "tables"),
                    f"the letter case of {privilege.name} is not certain",
                    f"Say the table's `schema_name` (as in {table.name}'s properties), or build with --guess-case.",
                )
            else:
                self.notes.append(f"{privilege.name}: its letter case is a guess")
        return privilege.name

    def _reaches(self, privilege: Privilege, depth: Depth, path: Path_) -> bool:
        """Say whether a privilege exists at a depth; a depth that only some environments have is noted."""
        if depth in privilege.depths:
            return True
        if depth in privilege.depths_somewhere:
            self.notes.append(f"{privilege.name} at {depth.words} exists in some environments only")
            return True
        if privilege.depths_sure != "certain":
            self.notes.append(f"{privilege.name} at {depth.words}: not known to exist")
            return True
        allowed = ", ".join(depth.words for depth in privilege.depths)
        self._document.fault(path, f"{privilege.name} cannot be granted at {depth.words}", f"Possible: {allowed}.")
        return False


def _words(value: str | list[str] | None) -> list[str]:
    """Split what may be written as a list or with commas."""
    parts = value.split(",") if isinstance(value, str) else value or []
    return [part.strip() for part in parts if part.strip()]


def _known_rights() -> str:
    return f"Known: {', '.join(right.words for right in ALL_RIGHTS)}."
