"""Every table of certain case can be granted at every depth that it allows, and at none that it does not."""

from builder.catalogue import load
from builder.document import Document
from builder.model import ALL_RIGHTS, Depth
from builder.solution.grants import GrantReader

ROLE = ("roles", 0)


def read_one(table: str, right: str, depth: Depth) -> tuple[str, ...]:
    """Give what the spec's grant of one right on one table at one depth becomes; nothing where it is at fault."""
    grant = {"tables": table, "allow": {right: depth.words}}
    document = Document("spec", {"roles": [{"grants": [grant]}]}, {}, [], set())
    grants = GrantReader(document, load(), guess_case=False).read(ROLE)
    if document.faults:
        return ()
    return tuple(f"{grant.privilege} {grant.depth.level}" for grant in grants)


def test_every_table_right_and_depth() -> None:
    catalogue = load()
    tables, granted = 0, 0
    for table in catalogue.tables:
        privileges = catalogue.on(table.name)
        if not privileges or not all(privilege.case_exact for privilege in privileges.values()):
            continue
        tables += 1
        for right in ALL_RIGHTS:
            privilege = privileges.get(right)
            allowed = {*privilege.depths, *privilege.depths_somewhere} if privilege else set()
            for depth in Depth:
                expected = (f"{privilege.name} {depth.level}",) if privilege and depth in allowed else ()
                assert read_one(table.name, right.words, depth) == expected
                granted += bool(expected)
    assert tables > 600
    assert granted > 10_000


def test_no_table_of_guessed_case_is_granted() -> None:
    catalogue = load()
    for table in catalogue.tables:
        for right, privilege in catalogue.on(table.name).items():
            if not privilege.case_exact:
                assert read_one(table.name, right.words, max(privilege.depths)) == ()
