"""A root component says neither id nor schema name.

Why: nothing tells which component is meant. Real packages leave both out for the old site map alone (type 62), of which
an environment has one.

Fix: give the `id` (roles, flows, dashboards) or the `schemaName` (tables, choices, web resources) that exports give.

Good: `<RootComponent type="1" schemaName="account" behavior="0" />`

Bad: `<RootComponent type="1" behavior="0" />`
"""

from collections.abc import Iterator

from builder.package.reader import ROLE_TYPE
from builder.text import printable
from builder.validation.registry import rule
from builder.validation.report import Problem, Severity
from builder.validation.subject import Subject

_SITE_MAP = "62"


@rule("SOL204", Severity.WARNING, "A root component says neither id nor schema name")
def root_component_without_identity(subject: Subject) -> Iterator[Problem]:
    """Name each root component without either, but for site maps and for roles (which SOL302 looks for)."""
    for component in subject.package.manifest.root_components:
        if not component.id and not component.schema_name and component.type not in (_SITE_MAP, ROLE_TYPE):
            yield Problem(
                f"a root component of type {printable(component.type)} says neither id nor schemaName",
                component.member,
                component.line,
                hint="Give it the id or schemaName of the component, or remove it.",
            )
