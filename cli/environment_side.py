"""An environment as a side of `solsmith diff`: `env:ROLE` by name or id; `env:` alone, the other side's roles."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from builder.errors import UsageError
from builder.text import printable
from cli.sides import Opened

if TYPE_CHECKING:
    from builder.comparison.changes import Side
    from builder.connection.http import Connection
    from builder.model import Role
    from cli.connecting import Administrator

PREFIX = "env:"


@dataclass(frozen=True)
class LiveSide(Opened):
    """Roles of an environment: of anything else it says nothing."""

    def side(self) -> "Side":
        """Give what is compared of it."""
        from builder.comparison.changes import AREAS, Side

        return Side(self.roles, unsaid=frozenset(AREAS))


def is_environment(text: object) -> bool:
    """Say whether a side means an environment."""
    return str(text).startswith(PREFIX)


def open_environment(text: str, administrator: "Administrator", others: "Sequence[Role]") -> LiveSide:
    """Read the role that is meant, or the environment's copies of the other side's roles; raises UsageError."""
    from builder.package.reader import Package

    wanted = text.removeprefix(PREFIX)
    with administrator.connect() as connection:
        found = _named(connection, wanted) if wanted else _same(connection, others)
        source = f"{PREFIX}{wanted} of {connection.origin}"
    if not found:
        raise UsageError(f"{source}: there is no such role", "give its name in the root business unit, or its id")
    return LiveSide(Package(source, {}, {}, ()), tuple(found))


def restricted(side: "Side", live: "Side") -> "Side":
    """Leave of a package's side the roles that the environment's side is about; what only a package says stays out."""
    ids, names = {role.id for role in live.roles}, {role.name.casefold() for role in live.roles}
    kept = tuple(role for role in side.roles if role.id in ids or role.name.casefold() in names)
    told = {role.id: role for role in live.roles}
    return replace(side, roles=tuple(_comparable(role, told.get(role.id)) for role in kept))


def _comparable(role: "Role", live: "Role | None") -> "Role":
    """Leave out what the Web API does not tell of a role."""
    return replace(role, description="", auto_assigned=None) if live else role


def _named(connection: "Connection", text: str) -> "list[Role]":
    from builder.dataverse import roles

    try:
        import uuid

        ids = {str(uuid.UUID(text))}
    except ValueError:
        ids = {copy.root_id for copy in roles.called(connection, text)}
    if len(ids) > 1:
        raise UsageError(f"several roles are called {printable(text)}: {', '.join(sorted(ids))}", "give the id")
    return [role for role_id in ids if (role := roles.live(connection, role_id))]


def _same(connection: "Connection", others: "Sequence[Role]") -> "list[Role]":
    from builder.dataverse import roles

    return [role for other in others if (role := roles.live(connection, other.id))]
