"""What `solsmith build` prints of the packages that it wrote from a spec."""

from typing import TYPE_CHECKING

import click

from builder.text import json_text, printable
from cli.output import tell

if TYPE_CHECKING:
    from builder.build import Built
    from builder.solution.narrowing import Narrowed
    from builder.solution.spec import Spec


def show_built(form: str, read: "Spec", built: "tuple[Built, ...]", base: "Spec", narrowed: "Narrowed | None") -> None:
    """Print it as text or JSON; `base` is the spec before an overlay, `narrowed` what the overlay changed."""
    if form == "json":
        _show_json(read, built, narrowed)
    else:
        _show_text(read, built, base, narrowed)


def _show_text(read: "Spec", built: "tuple[Built, ...]", base: "Spec", narrowed: "Narrowed | None") -> None:
    from cli.matrix import show_role

    for note in read.notes:
        tell(f"note: {printable(note)}")
    for package in built:
        click.echo(printable(str(package.path)))
        click.echo(f"content {package.digest}")
        click.echo(f"access statement {printable(str(package.statement))}")
    if narrowed:
        from cli.overlaying import show_narrowed

        old, new = (f"{spec.solution.unique_name} {spec.solution.version}" for spec in (base, read))
        show_narrowed(narrowed, old, new)
    for role in read.solution.roles:
        click.echo()
        show_role(role)


def _show_json(read: "Spec", built: "tuple[Built, ...]", narrowed: "Narrowed | None") -> None:
    from cli.overlaying import changes_as_json

    solution = read.solution
    content = {
        "version": 1,
        "solution": {"unique_name": solution.unique_name, "version": str(solution.version)},
        "packages": [
            {
                "path": str(package.path),
                "managed": package.managed,
                "digest": package.digest,
                "access_statement": str(package.statement),
                "sha256": str(package.checksum) if package.checksum else None,
            }
            for package in built
        ],
        "roles": [
            {
                "id": role.id,
                "name": role.name,
                "grants": [{"privilege": g.privilege, "depth": g.depth.level} for g in role.grants],
            }
            for role in solution.roles
        ],
        **({"changes": changes_as_json(narrowed)} if narrowed else {}),
        "notes": list(read.notes),
    }
    click.echo(json_text(content))
