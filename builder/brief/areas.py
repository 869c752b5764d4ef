"""Parts of an environment that a security review asks about, and what of a role reaches into each."""

from collections.abc import Iterator
from dataclasses import dataclass

from builder.brief.lines import Line, line
from builder.matrix import Matrix
from builder.model import AccessRight

CHANGES = (AccessRight.CREATE, AccessRight.WRITE, AccessRight.DELETE, AccessRight.ASSIGN, AccessRight.SHARE)
"""The rights that change something; Append and Append To alone change nothing (docs: they need Write as well)."""


@dataclass(frozen=True, slots=True)
class Area:
    """What cannot be done without any of these: a right that changes rows of the tables, or one of the privileges."""

    does: str
    tables: tuple[str, ...] = ()
    privileges: tuple[str, ...] = ()

    def held(self, drawn: Matrix) -> Iterator[str]:
        """Name what a role holds of the area."""
        for row in drawn.tables:
            if row.table in self.tables and any(right in row.depths for right in CHANGES):
                yield row.title
        for other in drawn.others:
            if other.privilege.lower() in self.privileges:
                yield other.label


AREAS = (
    Area(
        "create, change or disable users, teams and business units",
        ("systemuser", "team", "businessunit"),
        ("prvdisableuser", "prvreparentuser", "prvreparentteam", "prvdisablebusinessunit", "prvreparentbusinessunit"),
    ),
    Area(
        "change what security roles grant, or give them to anyone, itself included",
        ("role", "fieldsecurityprofile"),
        ("prvpromotetoadmin",),
    ),
    Area(
        "act in the name of another user, or send e-mail as one",
        privileges=("prvactonbehalfofanotheruser", "prvactonbehalfofexternalparty", "prvsendasuser"),
    ),
    Area("erase the audit history", privileges=("prvdeleterecordchangehistory", "prvdeleteauditpartitions")),
    Area(
        "change how the environment is built: tables, columns, forms, views, plug-ins, web resources",
        (
            "entity", "attribute", "relationship", "optionset", "systemform", "savedquery", "sitemap", "pluginassembly",
            "plugintype", "sdkmessageprocessingstep", "webresource", "appmodule", "solution",
        ),
        ("prvimportcustomization", "prvpublishcustomization"),
    ),
    Area(
        "create, change or run processes and flows",
        ("workflow",),
        ("prvflow", "prvworkflowexecution", "prvactivatesynchronousworkflow", "prvactivatebusinessprocessflow"),
    ),
    Area(
        "go around the plug-ins and processes that check each change",
        privileges=("prvbypasscustomplugins", "prvbypasscustombusinesslogic", "prvbypassmsbusinesslogic"),
    ),
    Area("change the settings of the organization", ("organization",)),
    Area("start bulk deletions", privileges=("prvbulkdelete",)),
)  # fmt: skip


def closed(drawn: Matrix) -> Iterator[Line]:
    """Say which of the areas a role does not reach into."""
    for area in AREAS:
        if not any(area.held(drawn)):
            yield line(area.does[0].upper() + area.does[1:])


def open_(drawn: Matrix) -> Iterator[Line]:
    """Say which it does reach into, by which tables and privileges."""
    for area in AREAS:
        if names := list(area.held(drawn)):
            yield line(f"Holds what it takes, or part of it, to {area.does}:", names)
