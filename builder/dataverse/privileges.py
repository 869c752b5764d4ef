"""Privileges as the environment knows them: their ids, their exact case, and the depths they can have there."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from builder.connection.http import Connection, Row, member
from builder.dataverse.odata import literal, query
from builder.model import Depth

_COLUMNS = ("privilegeid", "name", "accessright", *(f"canbe{depth.level.lower()}" for depth in Depth))
_AT_ONCE = 30  # names a request: its address stays below the 2,000 characters that every proxy takes


@dataclass(frozen=True, slots=True)
class EnvironmentPrivilege:
    """A privilege: `access_right` is the SDK's mask (0: about no table's rows)."""

    id: str
    name: str
    access_right: int
    depths: frozenset[Depth]


def named(connection: Connection, names: Iterable[str]) -> dict[str, EnvironmentPrivilege]:
    """Look privileges up, without minding case; gives those that the environment has by lower-case name."""
    wanted = sorted({name.lower(): name for name in names}.values())
    found: dict[str, EnvironmentPrivilege] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        where = " or ".join(f"name eq {literal(name)}" for name in wanted[start : start + _AT_ONCE])
        found.update((one.name.lower(), one) for one in _read_all(connection, where))
    return found


def every(connection: Connection) -> Iterator[EnvironmentPrivilege]:
    """Give all privileges of the environment."""
    return _read_all(connection, "")


def _read_all(connection: Connection, where: str) -> Iterator[EnvironmentPrivilege]:
    return map(_read, connection.rows(query("privileges", select=_COLUMNS, where=where)))


def _read(row: Row) -> EnvironmentPrivilege:
    return EnvironmentPrivilege(
        id=str(member(row, "privilegeid")).lower(),
        name=str(member(row, "name")),
        access_right=int(row.get("accessright") or 0),
        depths=frozenset(depth for depth in Depth if row.get(f"canbe{depth.level.lower()}")),
    )
