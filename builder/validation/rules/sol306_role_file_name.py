"""A role file is not named after its role.

Why: packing does not mind. But unpacking names the file after the role: the next time there are two files for one
role, and packing them fails with "Duplicate root component" (measured on Microsoft's tool).

Fix: rename the file; `solsmith build --into` does so by itself.

Good: `Roles/Sync.xml` with `name="Sync"`; `Roles/a_b.xml` with `name="a/b"`.

Bad: `Roles/Sync.xml` with `name="Contoso Sync"`.
"""

from collections.abc import Iterator

from builder.package.folder import ROLES_FOLDER
from builder.text import printable
from builder.validation.packager import role_file
from builder.validation.registry import rule
from builder.validation.report import Problem, Severity
from builder.validation.subject import Subject


@rule("SOL306", Severity.NOTE, "A role file is not named after its role")
def role_file_name(subject: Subject) -> Iterator[Problem]:
    """Compare each file with the name that unpacking would give it."""
    for role in subject.roles:
        folder, _, name = role.member.rpartition("/")
        if folder != ROLES_FOLDER or not role.name:
            continue
        proper = role_file(role.name)
        if name.lower() not in (proper.lower(), role_file(role.name, windows=False).lower()):
            yield role.problem(
                f"lies in {printable(role.member)}; unpacking would write {ROLES_FOLDER}/{printable(proper)}",
                hint="Rename the file.",
            )
