"""A release against those before it: the same solution, publisher and role ids, and a higher version.

Who installs a release over an older one gets an upgrade only where all of these hold; else a second role, a second
solution, or an import that fails.
"""

from collections.abc import Iterator
from pathlib import Path

from builder.errors import Fault, InputFaults, UnreadableInput, UsageError
from builder.model import Solution, Version
from builder.package.reader import Manifest, Package, open_package
from builder.text import printable


def refuse_broken_upgrade(solution: Solution, previous: Package, source: str, *, allow_lower: bool = False) -> None:
    """Raise InputFaults with all that keeps a solution from being the next release of a package.

    `source` names where the solution comes from. With `allow_lower` the version may be lower or the same.
    """
    manifest = previous.manifest
    if manifest.unique_name != solution.unique_name:
        faults = [
            Fault(
                f"{previous.source} is a package of {printable(manifest.unique_name)}, not of {solution.unique_name}",
                hint="Compare with the last release of the same solution.",
            )
        ]
    else:
        faults = [*_publisher_faults(solution, manifest), *_role_faults(solution, previous)]
        if not allow_lower and solution.version <= previous.version:
            faults.append(
                Fault(
                    f"version {solution.version} is not above {previous.version} of {previous.source}",
                    hint="`solsmith version bump` raises it; --allow-lower builds it all the same.",
                )
            )
    if faults:
        raise InputFaults(source, faults)


def _publisher_faults(solution: Solution, previous: Manifest) -> Iterator[Fault]:
    before, now = previous.publisher, solution.publisher
    if before is None:
        return
    for what, old, new in (
        ("unique name", before.unique_name, now.unique_name),
        ("prefix", before.prefix, now.prefix),
        ("option value prefix", before.option_value_prefix, now.option_value_prefix),
    ):
        if old != new:
            message = f"the publisher's {what} was {printable(str(old))} and is {printable(str(new))} now"
            yield Fault(message, hint="It stays the same over all releases of a solution.")


def _role_faults(solution: Solution, previous: Package) -> Iterator[Fault]:
    ids = {role.id for role in solution.roles}
    by_name = {role.name.casefold(): role.id for role in solution.roles}
    for role in previous.packaged_roles:
        if role.id in ids:
            continue
        name = printable(role.name)
        if now := by_name.get(role.name.casefold()):
            yield Fault(
                f"the id of the role {name} was {role.id} and is {now} now: an upgrade would make a second role",
                hint=f"Give the role `id: {role.id}`, or the `key` that it had.",
            )
        else:
            yield Fault(
                f"the role {name} ({role.id}) is gone: an upgrade takes it away from whoever holds it",
                hint=f"Where it has another name now, give it `id: {role.id}`, or the `key` that it had.",
            )


def refuse_lower(version: Version, folder: Path, unique_name: str) -> None:
    """Raise UsageError where a folder holds a package of the solution with a higher version."""
    found = [(released, path) for released, path in _releases(folder, unique_name) if released > version]
    if found:
        released, path = max(found)
        raise UsageError(
            f"version {version} is lower than {released}, which {path} has",
            "`solsmith version bump` raises it; --allow-lower builds it all the same.",
        )


def _releases(folder: Path, unique_name: str) -> Iterator[tuple[Version, Path]]:
    """Give the versions of a solution's packages in a folder; whatever else lies there is no concern of ours."""
    for path in sorted(folder.glob("*.zip")):
        try:
            package = open_package(path)
            if package.manifest.unique_name == unique_name:
                yield package.version, path
        except (UnreadableInput, InputFaults):
            continue
