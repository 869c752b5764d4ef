"""A role may append rows, and misses the other side.

Why: to set a lookup takes Append on the row that has it and Append To on the row it points to. A role that changes rows
of both tables and lacks Append To on the second cannot link them: "principal user is missing prvAppendTo..."
(0x80040220). The lookups looked at are the common ones between Dataverse's own tables, such as a contact's account.
That a role has no Append To on currency and user, which it only reads, is not reported: whether it sets those lookups
cannot be seen.

Fix: grant Append To on the table that the message names, if the role is to link rows.

Good: `prvAppendContact` and `prvAppendToAccount`

Bad: `prvAppendContact`, `prvWriteContact`, `prvWriteAccount`, and no `prvAppendToAccount`.
"""

from collections.abc import Iterator

from builder.model import AccessRight
from builder.validation.registry import rule
from builder.validation.report import Problem, Severity
from builder.validation.subject import HeldGrant, HeldRole, Subject

# Table part of the row that has the lookup, to those of the rows that it commonly points to (docs: table reference).
_LOOKUPS = {
    "account": ("account", "contact"),
    "activity": ("account", "contact", "lead", "opportunity", "incident"),
    "contact": ("account",),
    "lead": ("account", "contact"),
    "opportunity": ("account", "contact"),
    "incident": ("account", "contact"),
    "note": ("account", "activity", "contact", "lead", "opportunity", "incident"),
    "quote": ("account", "opportunity"),
    "order": ("account", "quote"),
    "invoice": ("account", "order"),
}
_CHANGES = (AccessRight.CREATE, AccessRight.WRITE)


@rule("SOL412", Severity.NOTE, "A role may append rows, and misses the other side")
def append_without_append_to(subject: Subject) -> Iterator[Problem]:
    """Name each Append whose lookups point to tables that the role changes as well, and may not append to."""
    for role in subject.roles:
        rights = role.rights()
        if not any(AccessRight.APPEND_TO in of for of in rights.values()):
            yield from _useless(role, rights)
            continue
        for table, targets in _LOOKUPS.items():
            of = rights.get(table, {})
            if AccessRight.APPEND not in of or not any(right in of for right in _CHANGES):
                continue
            for target in targets:
                to = rights.get(target, {})
                if AccessRight.APPEND_TO not in to and any(right in to for right in _CHANGES):
                    name = next(iter(to.values())).base
                    yield role.problem_of(
                        of[AccessRight.APPEND],
                        f"may append {of[AccessRight.APPEND].base} rows, and not to {name} rows, which it changes too",
                        hint=f"Grant prvAppendTo{name} if the role is to link the two.",
                    )


def _useless(role: HeldRole, rights: dict[str, dict[AccessRight, HeldGrant]]) -> Iterator[Problem]:
    appends = [of[AccessRight.APPEND] for of in rights.values() if AccessRight.APPEND in of]
    if appends:
        yield role.problem_of(
            appends[0],
            "may append rows, and has Append To on no table at all: alone it can set no lookup",
            hint="Grant Append To on the tables that its lookups point to, or remove Append.",
        )
