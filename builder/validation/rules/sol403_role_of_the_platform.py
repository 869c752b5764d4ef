"""A role has the id or the name of one of Dataverse's own.

Why: a role with the id of a predefined one would change that role in every environment it is imported into; one with
its name cannot be created, since names are unique within a business unit (0x80041403). An empty id (all zeros) names
no role at all (0x80041401).

Fix: give the role an id and a name of its own; to hand out a predefined role, assign it instead of packing it.

Good: `<Role id="{346c8295-a669-f011-bec2-00224823101f}" name="Contoso Sync">`

Bad: `name="System Administrator"`; `id="{d58407f2-48d5-e711-a82c-000d3a37c848}"`, which is Environment Maker's.
"""

from collections.abc import Iterator

from builder.validation.registry import rule
from builder.validation.report import Problem, Severity
from builder.validation.subject import Subject

# Ids that are the same in every environment (docs, measured), and the names of roles that each environment has.
_IDS = {
    "00000000-0000-0000-0000-000000000000": "no role (it is empty)",
    "d58407f2-48d5-e711-a82c-000d3a37c848": "Environment Maker",
    "979144c2-989b-41a5-a146-6b3ea4130e8c": "App Opener",
    "494d392f-d3f4-42ba-af49-30c6f41e6093": "Service Reader",
    "68f2d372-e1a5-4298-9a93-4b39757caf93": "Service Writer",
}
_NAMES = frozenset(
    {
        "system administrator",
        "system customizer",
        "support user",
        "delegate",
        "basic user",
        "environment maker",
        "app opener",
        "service reader",
        "service writer",
    }
)


@rule("SOL403", Severity.ERROR, "A role has the id or the name of one of Dataverse's own")
def role_of_the_platform(subject: Subject) -> Iterator[Problem]:
    """Compare each role with the predefined ones."""
    for role in subject.roles:
        if role.packaged.id in _IDS:
            yield role.problem(
                f"its id is that of {_IDS[role.packaged.id]}", hint="Give it an id of its own.", mark=role.packaged.id
            )
        elif role.name.strip().lower() in _NAMES:
            yield role.problem("every environment has a role of this name", hint="Give it a name of its own.")
