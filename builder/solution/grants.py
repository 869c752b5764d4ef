"""The `grants` of a role in a spec -> grants, each checked against the catalogue."""

import re
from collections.abc import Collection, Iterator

from builder.catalogue import Catalogue, Privilege, Table
from builder.catalogue.parents import PARENTS
from builder.document import Document, Path_
from builder.model import AccessRight, Depth, Grant
from builder.solution.origins import Origin
from builder.solution.permission_sets import PermissionSet, expand, permission_set
from builder.solution.terms import Terms
from builder.text import printable

# Every name in 234 real roles has this form; one of 4,656 has a capital P.
_PRIVILEGE_NAME = re.compile("[pP]rv[A-Za-z0-9_]{1,125}")


class GrantReader:
    """Reads the grants of a document's roles, noting in it what is at fault; `notes` is what a person should know,
    `origins` where each grant stands, by the path of its role and its key."""

    def __init__(self, document: Document, catalogue: Catalogue, *, guess_case: bool) -> None:
        self._document = document
        self._catalogue = catalogue
        self._terms = Terms(document)
        self._guess_case = guess_case
        self.notes: list[str] = []
        self.origins: dict[tuple[Path_, str], Origin] = {}

    def read(self, role: Path_) -> tuple[Grant, ...]:
        """Give the grants of the role at a path, each privilege once."""
        found: dict[str, Grant] = {}
        lines: dict[str, int] = {}
        self._terms.depth((*role, "depth"))  # a wrong one is told even where no grant falls back on it
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
        depths = ((*path, "depth"), (*role, "depth"))
        if ("tables" in entry) == ("privileges" in entry):
            self._document.fault(path, "a grant names either `tables` or `privileges`")
        elif "tables" in entry:
            self._misplaced(entry, path, "exact", "privileges")
            yield from self._on_tables(path, depths)
        else:
            self._misplaced(entry, path, "allow", "tables")
            yield from self._by_name(path, depths)

    def _misplaced(self, entry: Collection[str], path: Path_, key: str, other: str) -> None:
        if key in entry:
            self._document.fault((*path, key), f"`{key}` goes with `{other}`", f"Remove it, or name `{other}`.")

    def _on_tables(self, path: Path_, depths: tuple[Path_, ...]) -> Iterator[Grant]:
        permissions = self._permission_set(path)
        asked = {} if permissions else self._terms.rights(path, *depths)
        granted: set[str] = set()
        for word, where in self._document.names(*path, "tables"):
            table = self._table(word, where)
            if table is None:
                continue
            rights = self._expanded(permissions, table, where) if permissions else asked
            privileges = self._privileges_on(table, rights, (*path, "allow"))
            self._refuse_guesses(privileges.values(), table.name, where)
            for right, privilege in privileges.items():
                if privilege.name not in granted and self._reaches(privilege, rights[right], path):
                    granted.add(privilege.name)
                    yield self._grant(privilege.name, rights[right], Origin(path[:-2], path, where, word, right))

    def _permission_set(self, path: Path_) -> PermissionSet | None:
        allow = self._document.get(*path, "allow")
        permissions = permission_set(allow) if isinstance(allow, str) else None
        if permissions and self._document.get(*path, "depth"):
            self._document.fault((*path, "depth"), f"{permissions.name} brings its own depths", "Leave `depth` out.")
        return permissions

    def _expanded(self, permissions: PermissionSet, table: Table, path: Path_) -> dict[AccessRight, Depth]:
        privileges = self._catalogue.on(table.name)
        rights = expand(permissions, privileges)
        if not rights:
            known = {depth.words: None for privilege in privileges.values() for depth in privilege.depths}
            hint = f"Its privileges exist at: {', '.join(known)}." if known else "It has no privileges of its own."
            self._document.fault(path, f"{permissions.name} means nothing on {table.name}", hint)
            return {}
        by_depth: dict[Depth, list[str]] = {}
        for right, depth in rights.items():
            by_depth.setdefault(depth, []).append(right.words)
        words = "; ".join(f"{', '.join(names)} at {depth.words}" for depth, names in by_depth.items())
        self.notes.append(f"{permissions.name} on {table.name}: {words} (inferred: Microsoft does not say the depths)")
        return rights

    def _table(self, word: str, path: Path_) -> Table | None:
        table = self._catalogue.table(word)
        if table is None and (parent := PARENTS.get(word.lower())):
            message = f"the table {word.lower()} has no privileges of its own"
            self._document.fault(path, message, f"Those of its parent table count: grant {parent}.")
        elif table is None:
            near = self._catalogue.nearest_table(word)
            hint = f"Did you mean {near}? " if near else ""
            hint += "One that solsmith cannot know is described by its `schema_name` and `ownership`."
            self._document.fault(path, f"there is no table `{printable(word)}` in the catalogue", hint)
        return table

    def _privileges_on(
        self, table: Table, rights: Collection[AccessRight], path: Path_
    ) -> dict[AccessRight, Privilege]:
        known = self._catalogue.on(table.name)
        words = ", ".join(right.words for right in known) or "none of its own; its parent table's count"
        for right in rights:
            if right not in known:
                self._document.fault(path, f"the table {table.name} has no right {right.words}", f"It has: {words}.")
        return {right: known[right] for right in rights if right in known}

    def _refuse_guesses(self, privileges: Collection[Privilege], table: str, path: Path_) -> None:
        """No letter case that is only a guess is written silently."""
        guessed = [privilege.name for privilege in privileges if not privilege.case_exact]
        if guessed and self._guess_case:
            self.notes.append(f"{', '.join(guessed)}: the letter case is a guess")
        elif guessed:
            self._document.fault(
                path,
                f"the letter case of {guessed[0]} is not certain",
                f"Say the `schema_name` of {table}, as its properties show it, or build with --guess-case.",
            )

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

    def _by_name(self, path: Path_, depths: tuple[Path_, ...]) -> Iterator[Grant]:
        exact = self._document.get(*path, "exact", default=False)
        for word, where in self._document.names(*path, "privileges"):
            if exact:
                yield from self._as_written(word, path, where, depths)
            elif privilege := self._named(word, where):
                # Most of these exist at one depth only, which then needs no saying.
                only = privilege.depths[0] if len(privilege.depths) == 1 else None
                depth = self._terms.depth(depths[0]) or only or self._terms.depth(depths[1])
                if depth is None:
                    self._terms.missing_depth(path, *depths)
                elif self._reaches(privilege, depth, path):
                    yield self._grant(privilege.name, depth, Origin(path[:-2], path, where, word, None))

    def _named(self, word: str, path: Path_) -> Privilege | None:
        privilege = self._catalogue.named(word)
        if privilege is None:
            near = self._catalogue.nearest_named(word) or self._catalogue.nearest_privilege(word)
            hint = f"Did you mean {near}?" if near else "`solsmith catalogue show` lists what can be granted."
            hint += " `exact: true` takes names as they are written."
            self._document.fault(path, f"there is no privilege {printable(word)}", hint)
        else:
            self._refuse_guesses([privilege], ", ".join(privilege.tables), path)
        return privilege

    def _as_written(self, name: str, path: Path_, where: Path_, depths: tuple[Path_, ...]) -> Iterator[Grant]:
        """Take a privilege by the very name and depth that the spec says, whatever the catalogue knows of it."""
        depth = self._terms.depth(*depths)
        if not _PRIVILEGE_NAME.fullmatch(name):
            self._document.fault(where, f"`{printable(name)}` is no privilege's name", "They read prvReadAccount.")
        elif depth is None:
            self._terms.missing_depth(path, *depths)
        else:
            known = self._catalogue.privilege(name)
            if known is None or known.name != name or depth not in (*known.depths, *known.depths_somewhere):
                self.notes.append(f"{name} at {depth.words}: taken as written, not checked against the catalogue")
            yield self._grant(name, depth, Origin(path[:-2], path, where, name, None))

    def _grant(self, privilege: str, depth: Depth, origin: Origin) -> Grant:
        self.origins.setdefault((origin.role, privilege.lower()), origin)
        entry = origin.entry
        reason = str(self._document.get(*entry, "reason", default=""))
        return Grant(privilege, depth, reason, self._document.get(*entry, "required", default=True))
