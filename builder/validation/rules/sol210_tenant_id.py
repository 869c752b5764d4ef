"""The package tells the tenant that it comes from.

Why: some exports carry the id of the tenant on the root of solution.xml. An import does not need it; whoever gets the
package learns which organization it was made in.

Fix: remove the attribute where the package is given away.

Good: `<ImportExportXml version="..." languagecode="1033" ...>`

Bad: the same with `TenantId="..."`.
"""

from collections.abc import Iterator

from builder.validation.registry import rule
from builder.validation.report import Problem, Severity
from builder.validation.subject import Subject


@rule("SOL210", Severity.NOTE, "The package tells the tenant that it comes from")
def tenant_id(subject: Subject) -> Iterator[Problem]:
    """Look at the attributes of the root."""
    if subject.solution is not None and subject.solution.get("TenantId"):
        yield subject.problem(
            subject.solution,
            "the root carries the id of a tenant",
            mark="TenantId",
            hint="Remove the attribute TenantId where the package is given away.",
        )
