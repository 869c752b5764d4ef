"""Trying grants as the application itself, without a request that could change a row."""

import uuid
from collections.abc import Collection, Iterable, Mapping
from functools import partial

from builder.catalogue import load
from builder.connection.http import Connection
from builder.dataverse import metadata, records
from builder.dataverse.metadata import TableMetadata
from builder.deployment.checks import Expectation, Trying
from builder.model import AccessRight, Grant

PROBED = ("account", "contact", "lead", "opportunity", "email")
_NOT_NEEDED_BY_A_SYNC = ("incident", "quote", "salesorder", "invoice", "product", "campaign", "competitor", "contract")
_SAMPLE = 3
_AUDIT = "prvreadauditsummary"


def table_of(grant: Grant, right: AccessRight) -> str:
    """Give the table that a grant is tried on, "" for none: activities are read as one, and written as emails."""
    privilege = load().privilege(grant.privilege)
    if privilege is None or privilege.right is not right or not privilege.tables:
        return ""
    tables = privilege.tables
    if "activitypointer" in tables:
        return "activitypointer" if right is AccessRight.READ else "email"
    return next((name for name in PROBED if name in tables), tables[0])


def known_tables(administrator: Connection, required: Iterable[Grant]) -> dict[str, TableMetadata]:
    """Look up the tables that trials may touch, as the administrator: the application may not see them."""
    readable = {table_of(grant, AccessRight.READ) for grant in required} - {""}
    return metadata.tables(administrator, {*readable, *PROBED, *_NOT_NEEDED_BY_A_SYNC, "audit"})


def try_reading(
    application: Connection, trying: Trying, required: Iterable[Grant], tables: Mapping[str, TableMetadata]
) -> None:
    """Try every grant that a reading request shows, and the metadata that a sync reads before anything else."""
    trying.attempt("table metadata", Expectation.GRANTED, lambda: _read_metadata(application))
    for grant in required:
        name = "audit" if grant.key == _AUDIT else table_of(grant, AccessRight.READ)
        if name in tables:
            read = partial(records.read_any, application, tables[name])
            trying.attempt(grant.privilege, Expectation.GRANTED, read)


def try_refusals(
    application: Connection,
    trying: Trying,
    effective: Iterable[Grant],
    tables: Mapping[str, TableMetadata],
) -> None:
    """Try a sample of what the user may not do. Changes are asked for on an id that no row has."""
    held = {grant.key for grant in effective}
    unread = [name for name in _NOT_NEEDED_BY_A_SYNC if name in tables and denied(name, AccessRight.READ, held)]
    for name in unread[:_SAMPLE]:
        read = partial(records.read_any, application, tables[name])
        trying.attempt(denied(name, AccessRight.READ, held), Expectation.REFUSED, read)
    tried = {check.name for check in trying.checks}
    nowhere = str(uuid.uuid4())
    for name in PROBED:
        if name not in tables or denied(name, AccessRight.READ, held):
            continue
        write, delete = (denied(name, right, held) for right in (AccessRight.WRITE, AccessRight.DELETE))
        if write:
            update = partial(records.update, application, tables[name], nowhere, {})
            trying.attempt(write, Expectation.REFUSED, update)
        if delete and delete not in tried:
            remove = partial(application.send, "DELETE", records.path(tables[name], nowhere))
            trying.attempt(delete, Expectation.REFUSED, remove)


def denied(table: str, right: AccessRight, held: Collection[str]) -> str:
    """Name the privilege for a right on a table where it is not among those held (lower-case names); else ""."""
    privilege = load().on(table).get(right)
    return privilege.name if privilege is not None and privilege.name.lower() not in held else ""


def _read_metadata(application: Connection) -> None:
    application.get("EntityDefinitions(LogicalName='account')?$select=LogicalName,EntitySetName")
