"""Look privileges and tables up, in any case of letters and by any of their names.

The data files are made by scripts/make_catalogue.py; their `source` column says where a row comes from.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TypeVar

from builder.model import ALL_RIGHTS, AccessRight, Depth, plain_words

_DATA = Path(__file__).resolve().parent / "data"
Found = TypeVar("Found")
_DEPTH_BY_LETTER = {depth.letter: depth for depth in Depth}


@dataclass(frozen=True, slots=True)
class Privilege:
    """A privilege as the catalogue knows it.

    `right` is None for what is not about a table's rows (miscellaneous and privacy-related privileges); `tables` are
    all tables it covers; `depths` hold in every environment that was seen, `depths_somewhere` only in some;
    `depths_sure` is certain, seen (only these levels were met in exported roles) or assumed (by the documented rule);
    `case_exact` is False where the letter case of the name is a guess; `id` is "" where it differs by environment.
    """

    name: str
    right: AccessRight | None
    tables: tuple[str, ...]
    depths: tuple[Depth, ...]
    depths_somewhere: tuple[Depth, ...]
    depths_sure: str
    case_exact: bool
    id: str
    kind: str
    display: str
    source: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table: `ownership` is user, organization, business-unit or "" (none of its own)."""

    name: str
    display: str
    schema_name: str
    ownership: str
    ownership_sure: str
    group: str
    current: bool
    source: str


class Catalogue:
    """Privileges and tables of one origin: what solsmith ships, or what was read from an environment.

    `privileges` by lower-case name, `tables` by logical name.
    """

    def __init__(self, privileges: Mapping[str, Privilege], tables: Mapping[str, Table]) -> None:
        self._privileges = privileges
        self._tables = tables

    def __iter__(self) -> Iterator[Privilege]:
        return iter(self._privileges.values())

    @property
    def tables(self) -> Iterable[Table]:
        """All tables."""
        return self._tables.values()

    def privilege(self, name: str) -> Privilege | None:
        """Find a privilege by its name, in any case."""
        return self._privileges.get(name.lower())

    def named(self, text: str) -> Privilege | None:
        """Find a miscellaneous or privacy-related privilege by its name or the admin centre's words."""
        return self.privilege(text) or self._by_display.get(plain_words(text))

    def table(self, text: str) -> Table | None:
        """Find a table by logical name, else by schema name or display name where only one table has it."""
        return self._tables.get(text) or self._tables_by_word.get(plain_words(text))

    def on(self, table: str) -> dict[AccessRight, Privilege]:
        """Give the privileges on a table's rows by right, in the admin centre's order; the table by logical name."""
        return self._by_table.get(table, {})

    def nearest_privilege(self, name: str) -> str:
        """Name the privilege that is spelt most like this one; "" where none is near."""
        near = _nearest(name.lower(), self._privileges)
        return self._privileges[near].name if near else ""

    def nearest_table(self, name: str) -> str:
        """Name the table whose name, schema name or display name is most like this one; "" where none is near."""
        near = _nearest(plain_words(name), self._tables_by_word)
        return self._tables_by_word[near].name if near else ""

    def nearest_named(self, text: str) -> str:
        """Name the miscellaneous privilege whose name or words are most like this; "" where none is near."""
        words = {plain_words(p.name): p.name for p in self if not p.right}
        words.update({word: p.name for word, p in self._by_display.items()})
        near = _nearest(plain_words(text), words)
        return words[near] if near else ""

    def extended(self, privileges: Iterable[Privilege], tables: Iterable[Table]) -> "Catalogue":
        """Give a catalogue that knows these as well; where both know one, what is given here counts.

        The seam for what a spec says of its own tables, and for what is read from an environment.
        """
        return _Extended(self, {p.name.lower(): p for p in privileges}, {table.name: table for table in tables})

    @cached_property
    def _by_display(self) -> dict[str, Privilege]:
        return _unique((plain_words(p.display), p) for p in self if p.right is None and p.display)

    @cached_property
    def _tables_by_word(self) -> dict[str, Table]:
        certain = {plain_words(table.name): table for table in self.tables}
        spoken = _unique(
            (plain_words(word), table)
            for table in self.tables
            for word in {table.schema_name, table.display} - {""}
            if plain_words(word) != plain_words(table.name)
        )
        return {**spoken, **certain}

    @cached_property
    def _by_table(self) -> dict[str, dict[AccessRight, Privilege]]:
        found: dict[str, dict[AccessRight, Privilege]] = {}
        for privilege in self:
            if privilege.right is not None:
                for table in privilege.tables:
                    found.setdefault(table, {})[privilege.right] = privilege
        return {
            table: {right: rights[right] for right in ALL_RIGHTS if right in rights} for table, rights in found.items()
        }


class _Extended(Catalogue):
    """A catalogue on top of another one."""

    def __init__(self, base: Catalogue, privileges: Mapping[str, Privilege], tables: Mapping[str, Table]) -> None:
        super().__init__(_Layers(privileges, base._privileges), _Layers(tables, base._tables))
        self._base = base
        self._own = Catalogue(privileges, tables)

    def on(self, table: str) -> dict[AccessRight, Privilege]:
        """Give what either knows."""
        rights = {**self._base.on(table), **self._own.on(table)}
        return {right: rights[right] for right in ALL_RIGHTS if right in rights}


class _Layers(Mapping[str, Found]):
    """Two mappings as one; the upper one counts. A ChainMap, but for mappings that nobody may write to."""

    def __init__(self, upper: Mapping[str, Found], lower: Mapping[str, Found]) -> None:
        self._upper = upper
        self._lower = lower

    def __getitem__(self, key: str) -> Found:
        return self._upper[key] if key in self._upper else self._lower[key]

    def __iter__(self) -> Iterator[str]:
        yield from self._upper
        yield from (key for key in self._lower if key not in self._upper)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _nearest(word: str, words: Iterable[str]) -> str:
    import difflib  # only ever needed once something is wrong

    return next(iter(difflib.get_close_matches(word, words, n=1, cutoff=0.75)), "")


def _unique(pairs: Iterable[tuple[str, Found]]) -> dict[str, Found]:
    """Keep the keys that name one thing only."""
    found: dict[str, Found] = {}
    twice: set[str] = set()
    for key, value in pairs:
        if found.setdefault(key, value) is not value:
            twice.add(key)
    return {key: value for key, value in found.items() if key not in twice}


class _Rows(Mapping[str, Found]):
    """The rows of a data file by their first column in lower case, each built when it is first asked for."""

    def __init__(self, name: str, build: Callable[[dict[str, str]], Found]) -> None:
        head, *lines = (_DATA / name).read_text(encoding="utf-8").splitlines()
        self._columns = head.split("\t")
        self._lines = {line[: line.index("\t")].lower(): line for line in lines}
        self._build = build
        self._built: dict[str, Found] = {}

    def __getitem__(self, key: str) -> Found:
        if key not in self._built:
            cells = self._lines[key].split("\t")
            self._built[key] = self._build(dict(zip(self._columns, cells, strict=True)))
        return self._built[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._lines)

    def __len__(self) -> int:
        return len(self._lines)


def _depths(letters: str) -> tuple[Depth, ...]:
    return tuple(_DEPTH_BY_LETTER[letter] for letter in letters)


def _privilege(row: Mapping[str, str]) -> Privilege:
    return Privilege(
        name=row["privilege"],
        right=AccessRight.parse(row["right"]) if row["right"] else None,
        tables=tuple(row["tables"].split(",")) if row["tables"] else (),
        depths=_depths(row["depths"]),
        depths_somewhere=_depths(row["depths_somewhere"]),
        depths_sure=row["depths_sure"],
        case_exact=row["case"] == "exact",
        id=row["id"],
        kind=row["kind"],
        display=row["display"],
        source=row["source"],
    )


def _table(row: Mapping[str, str]) -> Table:
    return Table(
        name=row["table"],
        display=row["display"],
        schema_name=row["schema_name"],
        ownership=row["ownership"],
        ownership_sure=row["ownership_sure"],
        group=row["group"],
        current=row["current"] == "1",
        source=row["source"],
    )


def read_rows(name: str, build: Callable[[dict[str, str]], Found]) -> Mapping[str, Found]:
    """Give the rows of a data file by their first column in lower case, each built from its cells when asked for."""
    return _Rows(name, build)


@cache
def load() -> Catalogue:
    """Read the catalogue that solsmith ships; once a process."""
    return Catalogue(_Rows("privileges.tsv", _privilege), _Rows("tables.tsv", _table))


@cache
def added_by_platform() -> Mapping[str, Depth]:
    """Give the privileges that the platform adds to a role by itself, by lower-case name (measured on real roles)."""
    return dict(_Rows("added_by_platform.tsv", lambda row: Depth.from_level(row["level"])))


@cache
def seen_in_exports() -> frozenset[str]:
    """Give the privileges, in lower case, that exported roles hold and of which nothing else is known (measured)."""
    return frozenset(_Rows("seen.tsv", lambda row: row["privilege"]))


@cache
def error_texts() -> Mapping[str, tuple[str, str]]:
    """Give Dataverse's error codes (lower-case hex, `0x8004801d`) with their name and text."""
    return _Rows("errors.tsv", lambda row: (row["name"], row["text"]))
