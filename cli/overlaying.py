"""`solsmith build` with --base, an overlay, or --into: the options, and what becomes of them."""

import functools
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from builder.errors import UsageError
from builder.text import printable
from cli.output import tell

if TYPE_CHECKING:
    from builder.model import Role, Solution, Version
    from builder.package.into import Placement
    from builder.rebuild import Rebuilt
    from builder.solution.narrowing import Narrowed
    from builder.solution.overlay import Overlay

Command = TypeVar("Command", bound=Callable[..., Any])
_PATH = click.Path(path_type=Path)


@dataclass(frozen=True)
class Asked:
    """What the options of an overlay say; `base` is None where there is a spec, `into` where a package is built."""

    base: Path | None
    into: Path | None
    file: Path | None
    depth: tuple[str, ...]
    read: tuple[str, ...]
    without: tuple[str, ...]
    grant: tuple[str, ...]
    roles: tuple[str, ...]
    schema_names: tuple[str, ...]
    allow_widening: bool
    as_variant: str

    @property
    def changes(self) -> bool:
        """Whether there is an overlay at all."""
        words = (self.depth, self.read, self.without, self.grant, self.as_variant)
        return self.file is not None or any(words)

    def overlay(self, *, version: "Version | None" = None, guess_case: bool = False) -> "Overlay":
        """Read the overlay: the file, if there is one, and the options over it."""
        from builder.solution.overlay import Overlay, overlay_from_options
        from builder.solution.overlay_file import read_overlay

        options = replace(
            overlay_from_options(self.depth, self.read, self.without, self.grant),
            roles=self.roles,
            schema_names=self.schema_names,
            allow_widening=self.allow_widening,
            as_variant=self.as_variant,
            version=version,
            guess_case=guess_case,
        )
        return options.over(read_overlay(self.file) if self.file else Overlay())


def overlay_options(command: Command) -> Command:
    """Give a command the options; it takes what they say as `asked`."""

    @functools.wraps(command)
    def collecting(*, base: Path | None, into: Path | None, overlay: Path | None, **rest: Any) -> Any:
        names = ("depth", "read", "without", "grant", "roles", "schema_names", "allow_widening", "as_variant")
        said = {name: rest.pop(name) for name in names}
        return command(asked=Asked(base, into, overlay, **said), **rest)

    decorated: Any = collecting
    for option in reversed(_OPTIONS):
        decorated = option(decorated)
    return decorated  # type: ignore[no-any-return]


_OPTIONS = (
    click.option(
        "--base", metavar="PACKAGE", type=_PATH,
        help="Change this package in place of building from a spec: every byte that is not asked about stays.",
    ),
    click.option("--overlay", metavar="FILE", type=_PATH, help="Read what to change from a YAML file."),
    click.option(
        "--depth", metavar="DEPTH|TABLE=DEPTH", multiple=True,
        help="Let no grant (on a table) reach further: user, business-unit, parent-child or organization.",
    ),
    click.option(
        "--read", metavar="TABLE[:DEPTH],...", multiple=True,
        help="Add Read on these tables, at Organization or the depth given.",
    ),
    click.option(
        "--without", metavar="TABLE:RIGHT,...", multiple=True,
        help="Take rights away: account:delete; account:all; or a privilege by name.",
    ),
    click.option(
        "--grant", metavar="TABLE:RIGHT[:DEPTH],...", multiple=True,
        help="Add another right than Read; needs --allow-widening.",
    ),
    click.option("--allow-widening", is_flag=True, help="Let --depth and --grant give more than the base does."),
    click.option("--role", "roles", metavar="NAME", multiple=True, help="Change this role only (name or id)."),
    click.option(
        "--schema-name", "schema_names", metavar="NAME", multiple=True,
        help="A table's name in its exact capitals, where the catalogue does not know them or it.",
    ),
    click.option(
        "--as-variant", metavar="WORD", default="",
        help="Give the result a solution and roles of its own beside the base's, named after WORD.",
    ),
    click.option(
        "--into", metavar="DIR", type=_PATH,
        help="Write the roles into a folder that SolutionPackager unpacked, in place of a package.",
    ),
)  # fmt: skip


def rebuild_package(
    asked: Asked, folder: Path, *, version: "Version | None", guess_case: bool, pattern: str | None = None
) -> "Rebuilt":
    """Apply the overlay to the base, write the result, and show what changed."""
    from builder.rebuild import open_base, rebuild
    from builder.solution.access_statement import find_statement
    from builder.solution.file_names import DEFAULT_PATTERN

    if asked.base is None:
        raise UsageError("there is no --base")
    overlay = asked.overlay(version=version, guess_case=guess_case)
    package = open_base(asked.base)
    rebuilt = rebuild(
        package,
        overlay,
        folder,
        pattern=pattern or DEFAULT_PATTERN,
        statement=find_statement(package),
        source_date_epoch=os.environ.get("SOURCE_DATE_EPOCH"),
    )
    click.echo(printable(str(rebuilt.path)))
    if rebuilt.statement:
        click.echo(printable(str(rebuilt.statement)))
    click.echo(f"content {rebuilt.digest}")
    click.echo()
    manifest, overlaid = package.manifest, rebuilt.overlaid
    show_narrowed(
        overlaid.roles,
        f"{manifest.unique_name} {manifest.version}",
        f"{overlaid.unique_name} {overlaid.version}",
        overlaid.notes,
    )
    return rebuilt


def overlay_spec(asked: Asked, solution: "Solution", *, guess_case: bool) -> "tuple[Solution, Narrowed]":
    """Apply the overlay to what a spec describes."""
    from builder.solution.overlaying import overlay_solution

    return overlay_solution(solution, asked.overlay(guess_case=guess_case))


def show_narrowed(narrowed: "Narrowed", old: str, new: str, notes: Sequence[str]) -> None:
    """Print what became of the grants on stdout, and on stderr what a person should know."""
    from builder.comparison.changes import Changes
    from builder.comparison.compare import compare_roles
    from cli.changes import show_changes

    # A variant's roles have ids and names of their own; they are compared with those they were made from.
    pairs = zip(narrowed.before, narrowed.after, strict=True)
    after = [replace(role, id=before.id, name=before.name) for before, role in pairs]
    show_changes(Changes(roles=compare_roles(narrowed.before, after)), old, new)
    for note in notes:
        tell(f"note: {printable(note)}")


def place_into(asked: Asked, solution: "Solution | None", *, version: "Version | None", guess_case: bool) -> None:
    """Write the roles of a spec, or of a base with its overlay, into the folder, and say what was written."""
    from builder.package.into import place_roles
    from builder.package.reader import read_members
    from builder.package.render import render
    from builder.rebuild import open_base
    from builder.solution.overlaying import overlay_package

    if asked.into is None:
        raise UsageError("there is no --into")
    notes: Sequence[str] = ()
    if solution is not None:
        source = read_members(solution.unique_name, render(solution))
    elif asked.base is not None:
        source = open_base(asked.base)
        if asked.changes:
            overlaid = overlay_package(source, asked.overlay(version=version, guess_case=guess_case))
            source, notes = read_members(source.source, overlaid.members), overlaid.notes
    else:
        raise UsageError("--into needs a spec or a --base")
    placement = place_roles(asked.into, source)
    placement.write()
    _show_placement(placement)
    for note in notes:
        tell(f"note: {printable(note)}")


def _show_placement(placement: "Placement") -> None:
    from cli.matrix import show_role

    for name, data in placement.files.items():
        click.echo(f"{'removed' if data is None else 'wrote'} {printable(str(placement.folder / name))}")
    if not placement.files:
        tell(f"{printable(str(placement.folder))} has these roles already; nothing was written")
    changed: list[Role] = [placed.after for placed in placement.roles if placed.file in placement.files]
    for role in changed:
        click.echo()
        show_role(role)
