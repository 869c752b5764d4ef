"""What a package's file is called: a pattern, filled in, that is one safe name on every platform."""

import re
from collections.abc import Iterable
from pathlib import Path

from builder.errors import UsageError
from builder.model import Version
from builder.text import file_name, printable

SPEC_SUFFIXES = (".yaml", ".yml")
# As Dataverse names its exports: Name_1_0_0_0_managed.zip and Name_1_0_0_0.zip.
DEFAULT_PATTERN = "{unique_name}_{version_}{_managed}.zip"
PLACEHOLDERS = {
    "unique_name": "the solution's unique name",
    "version": "1.0.1.365",
    "version_": "1_0_1_365",
    "_managed": "`_managed` of a managed package, nothing of an unmanaged one",
    "kind": "`managed` or `unmanaged`",
}


def is_spec(path: Path) -> bool:
    """Say whether a path is that of a spec, by its name."""
    return path.suffix.lower() in SPEC_SUFFIXES


def package_name(pattern: str, unique_name: str, version: Version, *, managed: bool) -> str:
    """Fill a pattern in; raises UsageError where it is none, or its result no safe name of a zip.

    Only the placeholders above are known: a pattern is no format string, and can reach nothing else.
    """
    values = {
        "unique_name": unique_name,
        "version": str(version),
        "version_": str(version).replace(".", "_"),
        "_managed": "_managed" if managed else "",
        "kind": "managed" if managed else "unmanaged",
    }

    def fill(found: re.Match[str]) -> str:
        if found[1] not in values:
            known = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
            raise UsageError(f"name pattern: there is no {printable(found[0])}", f"Known: {known}.")
        return values[found[1]]

    name = re.sub(r"\{([^{}]*)\}", fill, pattern)
    if not name.lower().endswith(".zip"):
        raise UsageError(f"name pattern: {printable(name)} is no zip's name", "Let it end in .zip.")
    if re.search("[{}]", name) or file_name(name) != name:
        raise UsageError(
            f"name pattern: {printable(name)} is no file name that every platform accepts",
            "Leave out separators, braces, and what Windows refuses; the folder is chosen by -o.",
        )
    return name


def refuse_collisions(names: Iterable[str]) -> None:
    """Raise UsageError where two packages of one build would take the same file, on a platform that ignores case."""
    seen: set[str] = set()
    for name in names:
        if name.lower() in seen:
            raise UsageError(
                f"managed and unmanaged would both be called {printable(name)}",
                "Put {_managed} or {kind} into the name pattern, or build one of them.",
            )
        seen.add(name.lower())
