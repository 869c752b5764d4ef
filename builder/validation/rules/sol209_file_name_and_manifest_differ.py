"""The file's name says something else than the manifest.

Why: an import looks at the manifest alone. People look at the file's name, and pick the wrong file: of 306 real
packages with a version in their name 16 have another one in the manifest.

Fix: rename the file, or set the version in the spec and build again.

Good: `Contoso_1_0_0_1_managed.zip` with `<Version>1.0.0.1</Version>` and `<Managed>1</Managed>`.

Bad: the same with `<Version>1.0.0.2</Version>`, or with `<Managed>0</Managed>`.
"""

import re
from collections.abc import Iterator

from builder.model import Version
from builder.text import printable
from builder.validation.registry import rule
from builder.validation.report import Problem, Severity
from builder.validation.subject import Subject

_VERSION = re.compile(r"_([0-9]+(?:_[0-9]+){1,3})(?:_managed|_unmanaged)?$", re.IGNORECASE)


@rule("SOL209", Severity.NOTE, "The file's name and the manifest differ")
def file_name_and_manifest_differ(subject: Subject) -> Iterator[Problem]:
    """Compare version and kind, where the file's name says them."""
    source = subject.package.source.replace("\\", "/").rsplit("/", 1)[-1]
    name = source[:-4] if source.lower().endswith(".zip") else ""
    if subject.solution is None or not name:
        return
    said = _VERSION.search(name)
    version = subject.solution.find("SolutionManifest/Version")
    if said and version is not None and not _same(said[1].replace("_", "."), (version.text or "").strip()):
        number = said[1].replace("_", ".")
        text = printable((version.text or "").strip())
        yield subject.problem(version, f"the manifest says version {text}, the file's name {number}", mark=text)
    managed = subject.solution.find("SolutionManifest/Managed")
    flag = (managed.text or "").strip() if managed is not None else ""
    if managed is not None and flag == "0" and name.lower().endswith("_managed"):
        yield subject.problem(managed, "the manifest says unmanaged, the file's name managed", mark="0")
    if managed is not None and flag == "1" and name.lower().endswith("_unmanaged"):
        yield subject.problem(managed, "the manifest says managed, the file's name unmanaged", mark="1")


def _same(one: str, other: str) -> bool:
    try:
        return Version.parse(one) == Version.parse(other)
    except ValueError:
        return True  # what is wrong with it is the schema's to say
