"""A managed package does not say which solution brings what it needs.

Why: `solution="Active"` means that the required component was unmanaged in the environment of origin. The import looks
for the component itself, whatever solution brings it, and fails where none does (0x8004801d); but neither it nor the
package can tell which one to install first.

Fix: export from an environment where the needed solutions are installed as managed; or tell in the instructions what
to install first. There is one finding a package.

Good: `solution="CreatorKitCore (1.0)"`; an unmanaged package that needs `Active`.

Bad: `<Managed>1</Managed>` with `<Required ... solution="Active" />`.
"""

from collections.abc import Iterator

from builder.text import printable
from builder.validation.dependencies import component_of, dependencies
from builder.validation.registry import rule
from builder.validation.report import Problem, Severity
from builder.validation.subject import Subject

_UNMANAGED_LAYER = "active"


@rule("SOL604", Severity.NOTE, "A managed package does not say which solution brings what it needs")
def managed_needs_unmanaged(subject: Subject) -> Iterator[Problem]:
    """Count the dependencies of a managed package on the unmanaged layer."""
    if subject.package.manifest.managed != "1":
        return
    active = [item for _, item, _ in dependencies(subject) if item.get("solution", "").lower() == _UNMANAGED_LAYER]
    needed = list(dict.fromkeys(printable(component_of(item)) for item in active))
    if active:
        listed = ", ".join(needed[:3]) + (", ..." if len(needed) > 3 else "")
        count = f"{len(needed)} component{'s' * (len(needed) != 1)}"
        yield subject.problem(
            active[0],
            f"needs {count} of no solution that it names: {listed}",
            hint="Tell which solution to install first, or export where it is installed as managed.",
            mark='solution="Active"',
        )
