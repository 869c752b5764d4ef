"""No role of the package covers one of its tables.

Why: whoever holds the package's roles cannot read the table; only administrators can. That may be meant, and is
forgotten easily when a table is added.

Fix: grant Read or more on the table in one of the roles, or suppress the finding with the reason.

Good: the table contoso_Permit, and `prvReadcontoso_Permit` in a role of the package. A package without roles.

Bad: the same without that privilege.
"""

from collections.abc import Iterator

from builder.text import printable
from builder.validation.registry import rule
from builder.validation.report import Problem, Severity
from builder.validation.subject import Subject


@rule("SOL501", Severity.NOTE, "No role covers a table of the package")
def table_without_role(subject: Subject) -> Iterator[Problem]:
    """Name each table that the package defines and none of its roles grants anything on."""
    if not subject.roles:
        return
    covered = {grant.base.lower() for role in subject.roles for grant in role.grants if grant.table}
    for key, table in subject.tables.items():
        if table.defined and not table.activity and key not in covered:
            name = printable(table.schema_name)
            yield subject.problem(
                table.element, f"no role of the package covers its table {name}", hint=f"Grant prvRead{name} in a role."
            )
