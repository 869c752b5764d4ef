"""Grants -> the `grants` of a spec: what reads alike stands together, and what is written means the same grants.

Tables with the same rights, depths and reason share one sentence. What the catalogue cannot vouch for (a name that it
does not know, or at a depth that it does not) stands by its exact name.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from builder.catalogue import Catalogue, Privilege
from builder.model import ALL_RIGHTS, AccessRight, Depth, Grant
from builder.solution.base_tables import UNKNOWN

Entry = dict[str, Any]


class _Why(NamedTuple):
    """What only grants of the same sentence share beside their words."""

    reason: str
    required: bool


class Sentences:
    """Writes the sentences of a package's roles; `tables` gathers what the spec has to say of tables that only the
    package knows: by logical name, with the keys of the spec's `tables`.

    `catalogue` is what solsmith knows by itself, `known` the same extended by what the package says.
    """

    def __init__(self, catalogue: Catalogue, known: Catalogue) -> None:
        self._catalogue = catalogue
        self._known = known
        self.tables: dict[str, dict[str, str]] = {}

    def write(self, grants: Iterable[Grant], default: Depth) -> list[Entry]:
        """Give the entries for grants, in a role whose own `depth` is the default."""
        cells: dict[tuple[str, _Why], dict[AccessRight, Depth]] = {}
        named: dict[tuple[Depth | None, _Why], list[str]] = {}
        exact: dict[tuple[Depth | None, _Why], list[str]] = {}
        for grant in grants:
            why = _Why(grant.reason, grant.required)
            own = None if grant.depth is default else grant.depth
            privilege = self._vouched(grant)
            if privilege is None:
                exact.setdefault((own, why), []).append(grant.privilege)
            elif privilege.right:
                cells.setdefault((privilege.tables[0], why), {})[privilege.right] = grant.depth
                self._declare(privilege)
            else:
                if len(privilege.depths) == 1:  # then the spec takes this depth, and not the role's
                    own = None if grant.depth is privilege.depths[0] else grant.depth
                named.setdefault((own, why), []).append(self._word(privilege))
        return [*_on_tables(cells, default), *_by_name(named), *_by_name(exact, exact=True)]

    def _vouched(self, grant: Grant) -> Privilege | None:
        """Find the privilege that a spec would take the grant for without `exact`; None where it would not."""
        privilege = self._known.privilege(grant.privilege)
        if privilege is None or privilege.name != grant.privilege or not privilege.case_exact:
            return None
        if privilege.depths_sure in ("certain", UNKNOWN):
            depths = () if privilege.depths_sure == UNKNOWN else (*privilege.depths, *privilege.depths_somewhere)
            if grant.depth not in depths:
                return None
        if privilege.right and self._known.on(privilege.tables[0]).get(privilege.right) != privilege:
            return None
        return privilege

    def _declare(self, privilege: Privilege) -> None:
        """Note what a spec must say of a privilege's table, where the catalogue alone does not know the privilege."""
        own = self._catalogue.privilege(privilege.name)
        if privilege.right and (own is None or not own.case_exact):
            name = privilege.tables[0]
            said = {"schema_name": privilege.name.removeprefix(f"prv{privilege.right.token}")}
            table = self._known.table(name)
            if table and self._catalogue.table(name) is None:
                said["ownership"] = table.ownership
            self.tables[name] = said

    def _word(self, privilege: Privilege) -> str:
        """Name a privilege in the admin centre's words, where they mean it and nothing else."""
        words = privilege.display
        return words if words and "," not in words and self._catalogue.named(words) == privilege else privilege.name


def most_common_depth(grants: Iterable[Grant]) -> Depth:
    """Give the depth of most grants, the widest of equally many."""
    count = Counter(grant.depth for grant in grants)
    return max(count, key=lambda depth: (count[depth], depth), default=Depth.GLOBAL)


def _on_tables(cells: Mapping[tuple[str, _Why], dict[AccessRight, Depth]], default: Depth) -> Iterator[Entry]:
    alike: dict[tuple[tuple[tuple[AccessRight, Depth], ...], _Why], list[str]] = {}
    for (table, why), depths in sorted(cells.items()):
        rights = tuple((right, depths[right]) for right in ALL_RIGHTS if right in depths)
        alike.setdefault((rights, why), []).append(table)
    for (rights, why), tables in alike.items():
        entry: Entry = {"tables": ", ".join(tables)}
        words = [right.words.lower() for right, _ in rights]
        depth = rights[0][1]
        if any(other is not depth for _, other in rights):
            entry["allow"] = {word: depth.words for word, (_, depth) in zip(words, rights, strict=True)}
        else:
            entry["allow"] = ", ".join(words)
            if depth is not default:
                entry["depth"] = depth.words
        yield _because(entry, why)


def _by_name(named: Mapping[tuple[Depth | None, _Why], list[str]], *, exact: bool = False) -> Iterator[Entry]:
    for (depth, why), names in named.items():
        entry: Entry = {"privileges": ", ".join(sorted(names, key=str.lower))}
        if exact:
            entry["exact"] = True
        if depth:
            entry["depth"] = depth.words
        yield _because(entry, why)


def _because(entry: Entry, why: _Why) -> Entry:
    if not why.required:
        entry["required"] = False
    if why.reason:
        entry["reason"] = why.reason
    return entry
