"""How tables are tied together: lookups with the collections behind them, and many-to-many relationships.

The cascades of data/relationships.tsv (assign, share, unshare, reparent) are those of published relationship metadata
for Account_Tasks, Account_Phonecalls, Contact_Tasks, account_parent_account and contact_customer_accounts; the other
activities and the notes follow the same pattern, unconfirmed. Names of relationships that the file does not have are
made up by one rule.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from builder.sandbox.schema import Schema, read_data


@dataclass(frozen=True, slots=True)
class OneToMany:
    """A lookup `column` of `table` that leads to `target`; there `collection` is the navigation property back."""

    name: str
    table: str
    column: str
    target: str
    collection: str
    cascades: bool = False


@dataclass(frozen=True, slots=True)
class ManyToMany:
    """Two tables tied by rows of an intersect table; `name` is the navigation property on both sides."""

    name: str
    left: str
    right: str
    intersect: str
    left_column: str
    right_column: str


MANY_TO_MANY = (
    ManyToMany("accountleads_association", "account", "lead", "accountleads", "accountid", "leadid"),
    ManyToMany("contactleads_association", "contact", "lead", "contactleads", "contactid", "leadid"),
    ManyToMany("systemuserroles_association", "systemuser", "role", "systemuserroles", "systemuserid", "roleid"),
    ManyToMany("teamroles_association", "team", "role", "teamroles", "teamid", "roleid"),
    ManyToMany("teammembership_association", "systemuser", "team", "teammembership", "systemuserid", "teamid"),
    ManyToMany("roleprivileges_association", "role", "privilege", "roleprivileges", "roleid", "privilegeid"),
)


class Relationships:
    """The relationships between the tables of a schema."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._described = {(row["table"], row["column"], row["target"]): row for row in read_data("relationships.tsv")}
        self._cascading: dict[str, tuple[str, ...]] = {}
        for (table, column, _), row in self._described.items():
            if row["cascade"] and column not in self._cascading.get(table, ()):
                self._cascading[table] = (*self._cascading.get(table, ()), column)

    def __iter__(self) -> Iterator[OneToMany]:
        for table in self._schema.tables:
            yield from self.many_to_one(table)

    def many_to_one(self, table: str) -> Iterator[OneToMany]:
        """The relationships in which a table holds the lookup."""
        for column in self._schema[table].columns.values():
            for target in column.targets:
                yield self._relationship(table, column.name, target)

    def one_to_many(self, table: str) -> Iterator[OneToMany]:
        """The relationships in which other tables look up this one."""
        return (found for found in self if found.target == table)

    def collection(self, table: str, name: str) -> OneToMany | None:
        """Find a relationship by the collection that it is on the looked-up table."""
        for row in self._described.values():
            if (row["target"], row["collection"]) == (table, name):
                return self._relationship(row["table"], row["column"], table)
        return next((found for found in self.one_to_many(table) if found.collection == name), None)

    def cascading_columns(self, table: str) -> tuple[str, ...]:
        """The lookups of a table along which something cascades."""
        return self._cascading.get(table, ())

    def cascades(self, table: str, column: str, target: str) -> bool:
        """Whether assigning and sharing a row of `target` reaches the rows that look it up by this column."""
        row = self._described.get((table, column, target))
        return row is not None and bool(row["cascade"])

    def cascading_to(self, target: str) -> Iterator[OneToMany]:
        """The relationships along which something cascades from a table down."""
        for row in self._described.values():
            if row["target"] == target and row["cascade"]:
                yield self._relationship(row["table"], row["column"], target)

    def _relationship(self, table: str, column: str, target: str) -> OneToMany:
        row = self._described.get((table, column, target))
        if row is not None:
            return OneToMany(row["name"], table, column, target, row["collection"], bool(row["cascade"]))
        name = f"{target}_{table}_{column}"
        return OneToMany(name, table, column, target, name)
