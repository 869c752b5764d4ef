"""The two packages of a solution -> one folder of package type Both."""

from dataclasses import replace

from builder.errors import Fault, InputFaults
from builder.package.layout import write_document
from builder.package.packager.manifest import PackageType, set_package_type
from builder.package.packager.nodes import Element, read_document
from builder.package.packager.tree import CUSTOMIZATIONS_FILE, SOLUTION_FILE, UnpackedTree, UnpackOptions
from builder.text import printable

_SHOWN = 10


def combine(unmanaged: UnpackedTree, managed: UnpackedTree, options: UnpackOptions) -> UnpackedTree:
    """Give the files of both: all of the unmanaged package, then the managed forms, site maps and apps and the core of
    the managed one (measured).

    Microsoft's tool loses what the managed package alone has, and what its roles grant otherwise; unless `exact`, such
    packages are refused with InputFaults.
    """
    if not options.exact:
        _refuse_loss(unmanaged, managed)
    files = dict(unmanaged.files)
    files |= {path: file for path, file in managed.files.items() if file.managed_form and "_managed." in path}
    files[CUSTOMIZATIONS_FILE] = managed.files[CUSTOMIZATIONS_FILE]
    set_package_type(managed.solution, PackageType.BOTH)
    core = write_document(managed.solution, options.style)
    files[SOLUTION_FILE] = replace(managed.files[SOLUTION_FILE], data=core)
    manifest = replace(managed.manifest, package_type=PackageType.BOTH)
    notes = list(dict.fromkeys([*unmanaged.notes, *managed.notes]))
    return UnpackedTree(manifest, managed.solution, files, notes)


def _refuse_loss(unmanaged: UnpackedTree, managed: UnpackedTree) -> None:
    one, other = unmanaged.manifest, managed.manifest
    faults = []
    for what, ours, theirs in (
        ("name", one.unique_name, other.unique_name),
        ("version", one.version, other.version),
    ):
        if ours != theirs:
            message = f"the two packages differ in their {what}: {printable(ours)} and {printable(theirs)}"
            faults.append(Fault(message, SOLUTION_FILE, hint="Take both from one export of the solution."))
    hint = "Unpack the two into folders of their own; or lose it, with --exact."
    for path, file in managed.files.items():
        if file.managed_form or path in (CUSTOMIZATIONS_FILE, SOLUTION_FILE):
            continue
        there = unmanaged.files.get(path)
        if there is None:
            message = f"only the managed package has {printable(path)}: it would be lost"
            faults.append(Fault(message, path, hint=hint))
        elif file.kind == "Roles" and _grants(path, there.data) != _grants(path, file.data):
            message = (
                f"the role of {printable(path)} grants other privileges in the managed package: they would be lost"
            )
            faults.append(Fault(message, path, hint=hint))
    if faults:
        more = [Fault(f"and {len(faults) - _SHOWN} more")] if len(faults) > _SHOWN else []
        raise InputFaults("the two packages", [*faults[:_SHOWN], *more])


def _grants(path: str, data: bytes) -> list[tuple[str, str]]:
    role: Element = read_document(path, data).root
    grants = (item.attributes for item in role.walk() if item.name == "RolePrivilege")
    return sorted((grant.get("name", "").lower(), grant.get("level", "")) for grant in grants)
