"""One SQLite file that holds an environment: written before an answer goes out, whole after a kill at any moment.

Rows and parts (what is no row: what roles grant, jobs, uploads...) are written one by one as they change.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from builder.errors import UnreadableInput, UsageError
from builder.files import write_whole
from builder.sandbox.state.codec import dumps, loads

_APPLICATION = 0x736F6C73
_VERSION = 1
_TABLES = """
CREATE TABLE rows (name TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (name, id));
CREATE TABLE parts (name TEXT NOT NULL UNIQUE, body TEXT NOT NULL);
"""
_PUT_ROW = "INSERT INTO rows VALUES (?, ?, ?) ON CONFLICT (name, id) DO UPDATE SET body = excluded.body"
_PUT_PART = "INSERT INTO parts VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET body = excluded.body"
RowKey = tuple[str, str]


class StateFile:
    """An open state file; nobody else can open it at the same time."""

    def __init__(self, path: Path) -> None:
        """Open or make it; raises UsageError where that cannot be, UnreadableInput for a file of something else."""
        self.path = path
        self._lock = _locked(path)
        if not path.exists():
            write_whole(path, b"", mode=0o600)
        try:
            self._connection = sqlite3.connect(path, isolation_level=None)
            self.is_new = _prepare(self._connection, path)
        except sqlite3.Error as error:
            raise UnreadableInput(f"{path} is no sandbox's state: {error}", "Name another file.") from None

    def close(self) -> None:
        """Close it."""
        self._connection.close()
        self._lock.close()

    def discard(self) -> None:
        """Close and remove it, as one that never came to be."""
        self.close()
        for tail in ("", "-wal", "-shm"):
            self.path.with_name(self.path.name + tail).unlink(missing_ok=True)

    def parts(self) -> dict[str, Any]:
        """All parts; raises UnreadableInput."""
        rows = self._connection.execute("SELECT name, body FROM parts ORDER BY rowid")
        return {name: self._load(body) for name, body in rows}

    def rows(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """All rows in the order of their making: table, id, row; raises UnreadableInput."""
        for name, row_id, body in self._connection.execute("SELECT name, id, body FROM rows ORDER BY rowid"):
            yield name, row_id, self._load(body)

    def _load(self, body: str) -> Any:
        try:
            return loads(body)
        except ValueError as error:
            raise UnreadableInput(f"{self.path} is damaged: {error}", "Restore a snapshot.") from None

    def save(
        self, rows: Mapping[RowKey, dict[str, Any] | None], parts: Mapping[str, object], gone: Iterable[str] = ()
    ) -> None:
        """Write rows (None: removed) and parts in one transaction."""
        if not rows and not parts and not gone:
            return
        execute = self._connection.executemany
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            execute("DELETE FROM rows WHERE name = ? AND id = ?", [key for key, row in rows.items() if row is None])
            execute(_PUT_ROW, [(*key, dumps(row)) for key, row in rows.items() if row is not None])
            execute("DELETE FROM parts WHERE name = ?", [(name,) for name in gone])
            execute(_PUT_PART, [(name, dumps(part)) for name, part in parts.items()])
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")


def snapshot(state: Path, to: Path) -> None:
    """Copy a state file, of a running sandbox too, into one whole file; raises UnreadableInput and UsageError."""
    if not state.is_file():
        raise UnreadableInput(f"{state}: no such file", "Name the file that the sandbox was started with (--state).")
    try:
        with closing(sqlite3.connect(state)) as source, closing(sqlite3.connect(":memory:")) as copy:
            source.backup(copy)
            if _pragma(copy, "application_id") != _APPLICATION:
                raise UnreadableInput(f"{state} is no sandbox's state")
            copy.execute("PRAGMA journal_mode=DELETE")
            data = copy.serialize()
    except sqlite3.Error as error:
        raise UnreadableInput(f"{state} is no sandbox's state: {error}") from None
    write_whole(to, data, mode=0o600)


def restore(taken: Path, state: Path) -> None:
    """Put a snapshot in a state file's place; raises UsageError where a sandbox runs on it."""
    with closing(_locked(state)):
        snapshot(taken, state)
        for tail in ("-wal", "-shm"):
            state.with_name(state.name + tail).unlink(missing_ok=True)


def _locked(path: Path) -> sqlite3.Connection:
    """Hold the lock beside a state file; the system lets go of it when the process ends, however it ends."""
    beside = path.with_name(f"{path.name}.lock")
    connection = None
    try:
        connection = sqlite3.connect(beside, isolation_level=None, timeout=0.5)
        connection.execute("PRAGMA journal_mode=MEMORY")
        connection.execute("BEGIN EXCLUSIVE")
    except sqlite3.Error as error:
        if connection is not None:
            connection.close()
        if "locked" in str(error):
            raise UsageError(f"another sandbox runs on {path}", "End it first, or name another file.") from None
        raise UsageError(f"{path} cannot be written: {error}", "Name another file.") from None
    return connection


def _prepare(connection: sqlite3.Connection, path: Path) -> bool:
    """Check whose file it is, and make the tables of a new one."""
    connection.execute("PRAGMA busy_timeout=2000")
    known, version = _pragma(connection, "application_id"), _pragma(connection, "user_version")
    empty = not connection.execute("SELECT 1 FROM sqlite_master").fetchone()
    if not empty and (known != _APPLICATION or version != _VERSION):
        raise sqlite3.DatabaseError("it was made by something else, or by another version")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    if empty:
        pragmas = f"PRAGMA application_id={_APPLICATION}; PRAGMA user_version={_VERSION};"
        connection.executescript(f"BEGIN; {_TABLES} {pragmas} COMMIT;")
    path.chmod(0o600)
    return not connection.execute("SELECT 1 FROM parts").fetchone()


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])
