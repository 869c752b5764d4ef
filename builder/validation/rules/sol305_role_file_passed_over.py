"""A role file of an unpacked folder is passed over.

Why: packing reads the files that lie directly in Roles/, save those whose name ends in `_managed`, and only where
Other/Customizations.xml has an empty `<Roles />` to put them into (measured on Microsoft's tool, which says nothing or
warns). A file that is passed over is not in the package.

Fix: move the file to Roles/, rename it, or empty the `<Roles>` element; the message says which.

Good: `Roles/Sync.xml`, and `<Roles />` in Other/Customizations.xml.

Bad: `Roles/Sync_managed.xml`; `Roles/old/Sync.xml`; no `<Roles />`; a `<Role>` inside it beside role files.
"""

from collections.abc import Iterator
from pathlib import Path

from builder.package.folder import CUSTOMIZATIONS_FILE, ROLES_FOLDER, is_passed_over
from builder.validation.registry import rule
from builder.validation.report import Problem, Severity
from builder.validation.subject import Subject


@rule("SOL305", Severity.WARNING, "A role file is passed over")
def role_file_passed_over(subject: Subject) -> Iterator[Problem]:
    """Name each file below Roles/ that no package will hold."""
    if not subject.package.unpacked or subject.customizations is None:
        return
    folder = Path(subject.package.source)
    place = subject.customizations.find("Roles")
    inline = any(role.member == CUSTOMIZATIONS_FILE for role in subject.roles)
    for file in sorted((folder / ROLES_FOLDER).rglob("*")):
        name = file.relative_to(folder).as_posix()
        if not file.is_file():
            continue
        if place is None:
            why, hint = "Other/Customizations.xml has no <Roles />", "Add <Roles /> there, after <Entities />."
        elif inline:
            why, hint = "Other/Customizations.xml has roles in itself", "Move them to files, and leave <Roles /> empty."
        elif name.count("/") > 1:
            why, hint = "it lies in a folder below Roles/", "Move it to Roles/, or remove it."
        elif is_passed_over(file.name):
            why, hint = "its name ends in _managed", "Rename the role and its file."
        else:
            continue
        yield Problem(f"packing passes it over: {why}", name, hint=hint)
