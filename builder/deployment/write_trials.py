"""Trying grants that need a row: rows are made under ids and names of our own, and always removed again."""

import uuid
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial

from builder.connection.http import Connection
from builder.dataverse import records
from builder.dataverse.metadata import TableMetadata
from builder.deployment.checks import Expectation, Trying
from builder.deployment.trials import PROBED, denied, table_of
from builder.errors import RemoteError
from builder.model import AccessRight, Grant

_NAME_COLUMNS = {
    "account": ("name",),
    "contact": ("lastname",),
    "lead": ("subject", "lastname"),
    "opportunity": ("name",),
    "email": ("subject",),  # a draft: nothing sends it
}
# A second row of a table, where a lookup points to the same table.
_SECOND_ROWS = {"email before": "email"}
# Row with the lookup, navigation property, row it points to: setting it needs Append here and Append To there (docs).
_LINKS = (
    ("contact", "parentcustomerid_account", "account"),
    ("account", "primarycontactid", "contact"),
    ("lead", "parentaccountid", "account"),
    ("opportunity", "parentaccountid", "account"),
    ("email", "regardingobjectid_lead_email", "lead"),
    ("email", "regardingobjectid_opportunity_email", "opportunity"),
    ("email", "regardingobjectid_account_email", "account"),
    ("email", "regardingobjectid_contact_email", "contact"),
    ("email", "parentactivityid", "email before"),
)
_RIGHTS = (AccessRight.CREATE, AccessRight.WRITE, AccessRight.APPEND, AccessRight.APPEND_TO, AccessRight.DELETE)


@dataclass(slots=True)
class WriteTrials:
    """Rows made as the application, removed as the administrator. `left` are addresses of rows that could not be."""

    application: Connection
    administrator: Connection
    trying: Trying
    tables: Mapping[str, TableMetadata]
    held: Collection[str]
    left: list[str] = field(default_factory=list)
    _made: dict[str, str] = field(default_factory=dict)
    _asked: list[tuple[str, str]] = field(default_factory=list)

    def run(self, required: Iterable[Grant], report_left: Callable[[str], None]) -> None:
        """Try every grant that a row of a known table shows; the rows are gone afterwards, whatever happens."""
        wanted = _by_table(required)
        try:
            self._create_all(wanted)
            self._create_second_rows()
            self._update_all(wanted)
            self._link_all(wanted)
            self._delete_all(wanted)
        finally:
            self._remove_all(report_left)

    def _create_all(self, wanted: Mapping[str, Mapping[AccessRight, Grant]]) -> None:
        for name in PROBED:
            grant = wanted.get(name, {}).get(AccessRight.CREATE)
            if grant is None or name not in self.tables:
                continue
            row_id, create = self._creation(name)
            if self.trying.attempt(grant.privilege, Expectation.GRANTED, create, f"made {name} {row_id}"):
                self._made[name] = row_id

    def _creation(self, name: str) -> tuple[str, Callable[[], object]]:
        """Give the id of a new row and the request that makes it."""
        row_id = str(uuid.uuid4())
        columns = dict.fromkeys(_NAME_COLUMNS[name], _label(row_id))
        self._asked.append((name, row_id))  # before the request: it may be carried out and its answer lost
        return row_id, partial(records.create, self.application, self.tables[name], row_id, columns)

    def _create_second_rows(self) -> None:
        """Make the rows that links within a table need; without them such a link is not tried."""
        for row, name in _SECOND_ROWS.items():
            if name not in self._made or self.trying.broken:
                continue
            row_id, create = self._creation(name)
            with suppress(RemoteError):
                create()
                self._made[row] = row_id

    def _update_all(self, wanted: Mapping[str, Mapping[AccessRight, Grant]]) -> None:
        for name, rights in wanted.items():
            grant = rights.get(AccessRight.WRITE)
            if grant is not None and name in self._made:
                row_id = self._made[name]
                columns = {_NAME_COLUMNS[name][0]: f"{_label(row_id)} 2"}
                update = partial(records.update, self.application, self.tables[name], row_id, columns)
                self.trying.attempt(grant.privilege, Expectation.GRANTED, update)

    def _link_all(self, wanted: Mapping[str, Mapping[AccessRight, Grant]]) -> None:
        """Set a lookup for each Append and Append To grant; one that is set shows both sides."""
        shown: set[str] = set()
        for here, navigation, row in _LINKS:
            there = _SECOND_ROWS.get(row, row)
            append = wanted.get(here, {}).get(AccessRight.APPEND)
            append_to = wanted.get(there, {}).get(AccessRight.APPEND_TO)
            new = [grant for grant in (append, append_to) if grant and grant.key not in shown]
            writable = AccessRight.WRITE in wanted.get(here, {}) and append is not None and append_to is not None
            if not new or not writable or not {here, row} <= self._made.keys():
                continue
            target = f"/{records.path(self.tables[there], self._made[row])}"
            bind = {f"{navigation}@odata.bind": target}
            request = partial(records.update, self.application, self.tables[here], self._made[here], bind)
            for position, grant in enumerate(new):
                shown.add(grant.key)
                if position == 0:
                    self.trying.attempt(grant.privilege, Expectation.GRANTED, request, f"{here}.{navigation}")
                else:  # the same request showed it
                    self.trying.note(replace(self.trying.checks[-1], name=grant.privilege))

    def _delete_all(self, wanted: Mapping[str, Mapping[AccessRight, Grant]]) -> None:
        """Have the application delete its rows, last made first: it works where granted, and is refused where not."""
        for name, row_id in reversed([made for made in self._made.items() if made[0] not in _SECOND_ROWS]):
            grant = wanted.get(name, {}).get(AccessRight.DELETE)
            request = partial(self.application.send, "DELETE", records.path(self.tables[name], row_id))
            if grant is not None:
                self.trying.attempt(grant.privilege, Expectation.GRANTED, request)
            elif privilege := denied(name, AccessRight.DELETE, self.held):
                self.trying.attempt(privilege, Expectation.REFUSED, request, "its own row")

    def _remove_all(self, report_left: Callable[[str], None]) -> None:
        for name, row_id in reversed(self._asked):
            try:
                records.delete(self.administrator, self.tables[name], row_id)
            except RemoteError:
                self.left.append(self.administrator.url(records.path(self.tables[name], row_id)))
                report_left(self.left[-1])


def _label(row_id: str) -> str:
    """Mark a row as ours; a contact's last name holds 50 characters (docs)."""
    return f"solsmith probe {row_id.replace('-', '')}"


def _by_table(required: Iterable[Grant]) -> dict[str, dict[AccessRight, Grant]]:
    found: dict[str, dict[AccessRight, Grant]] = {}
    for grant in required:
        for right in _RIGHTS:
            name = table_of(grant, right)
            if name in PROBED:
                found.setdefault(name, {})[right] = grant
    return found
