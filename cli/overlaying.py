"""`solsmith build` with --base, an overlay, or --into: the options, and what becomes of them."""

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from builder.errors import UsageError
from builder.text import json_text, printable
from cli.output import tell

if TYPE_CHECKING:
    from builder.build import Output
    from builder.comparison.changes import Changes
    from builder.model import Role, Version
    from builder.package.reader import Package
    from builder.solution.narrowing import Narrowed
    from builder.solution.overlay import Overlay
    from builder.solution.spec import Spec

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


def refuse_mixture(
    asked: Asked, spec: Path | None, of_spec: Mapping[str, object], of_zip: Mapping[str, object]
) -> None:
    """Raise UsageError for what makes no sense together; the options that go with a spec, or with a zip to be written,
    by their names.
    """
    help_ = "See `solsmith build --help`."
    if (spec is None) == (asked.base is None):
        raise UsageError("SPEC and --base exclude each other" if spec else "name a SPEC, or a --base PACKAGE", help_)
    for place, refused in (("--base", of_spec if asked.base else {}), ("--into", {**of_spec, **of_zip})):
        given = [name for name, value in refused.items() if value]
        if given and (place == "--base" or asked.into):
            raise UsageError(f"{given[0]} and {place} exclude each other", help_)
    if not asked.changes and (asked.roles or asked.schema_names or asked.allow_widening):
        raise UsageError("--role, --schema-name and --allow-widening change nothing by themselves", help_)


def build_from_base(package: "Package", overlay: "Overlay", output: "Output", *, allow_lower: bool, form: str) -> None:
    """Apply an overlay to a base, write the result, and show what changed."""
    from builder.rebuild import rebuild
    from builder.solution.access_statement import find_statement

    rebuilt = rebuild(package, overlay, output, statement=find_statement(package), allow_lower=allow_lower)
    overlaid = rebuilt.overlaid
    if form == "json":
        written = {
            "path": str(rebuilt.path),
            "managed": overlaid.managed,
            "digest": rebuilt.digest,
            "access_statement": str(rebuilt.statement) if rebuilt.statement else None,
            "sha256": str(rebuilt.checksum) if rebuilt.checksum else None,
        }
        solution = {"unique_name": overlaid.unique_name, "version": str(overlaid.version)}
        stated = rebuilt.statement is not None
        _show_json(solution, overlaid.roles, stated=stated, packages=[written], notes=overlaid.notes)
        return
    click.echo(printable(str(rebuilt.path)))
    click.echo(f"content {rebuilt.digest}")
    if rebuilt.statement:
        click.echo(f"access statement {printable(str(rebuilt.statement))}")
    manifest = package.manifest
    titles = f"{manifest.unique_name} {manifest.version}", f"{overlaid.unique_name} {overlaid.version}"
    show_narrowed(overlaid.roles, *titles, stated=rebuilt.statement is not None)
    for note in overlaid.notes:
        tell(f"note: {printable(note)}")
    _show_roles(overlaid.roles.after)


def overlay_spec(overlay: "Overlay", spec: "Spec") -> "tuple[Spec, Narrowed]":
    """Apply an overlay to what a spec describes."""
    from builder.solution.overlaying import overlay_solution

    solution, narrowed = overlay_solution(spec.solution, overlay)
    return replace(spec, solution=solution, notes=(*spec.notes, *narrowed.notes)), narrowed


def show_narrowed(narrowed: "Narrowed", old: str, new: str, *, stated: bool = True) -> None:
    """Print what became of the grants; `stated` says whether it is known which of them the application requires."""
    from cli.changes import show_changes

    click.echo()
    show_changes(_changes(narrowed, stated=stated), old, new)


def changes_as_json(narrowed: "Narrowed", *, stated: bool = True) -> list[Any]:
    """Give what became of the grants, as `solsmith diff` gives it: one entry a role that changed."""
    from builder.catalogue import load
    from builder.comparison.as_json import as_json

    roles: list[Any] = as_json(_changes(narrowed, stated=stated), load())["roles"]
    return roles


def place_into(asked: Asked, source: "Package", narrowed: "Narrowed | None", notes: Sequence[str], form: str) -> None:
    """Write the roles of a package (one that a spec describes, or a base) into the folder, and say what was written."""
    from builder.package.into import place_roles

    if asked.into is None:
        raise UsageError("--into is missing")
    placement = place_roles(asked.into, source)
    placement.write()
    actions = {name: "removed" if data is None else "wrote" for name, data in placement.files.items()}
    if form == "json":
        from builder.solution.narrowing import Narrowed

        files = [{"path": str(placement.folder / name), "action": action} for name, action in actions.items()]
        manifest = source.manifest
        solution = {"unique_name": manifest.unique_name, "version": manifest.version}
        unchanged = Narrowed(source.roles, source.roles)
        _show_json(solution, narrowed or unchanged, stated=asked.base is None, files=files, notes=notes)
        return
    for name, action in actions.items():
        click.echo(f"{action} {printable(str(placement.folder / name))}")
    for note in notes:
        tell(f"note: {printable(note)}")
    if not actions:
        tell(f"{printable(str(placement.folder))} has these roles already: nothing to write")
    _show_roles([placed.after for placed in placement.roles])


def base_for_folder(
    asked: Asked, package: "Package", overlay: "Overlay"
) -> "tuple[Package, Narrowed | None, Sequence[str]]":
    """Give a base as it goes into a folder: with the overlay, where something is asked."""
    from builder.package.reader import read_members
    from builder.solution.overlaying import overlay_package

    if not asked.changes:
        return package, None, ()
    overlaid = overlay_package(package, overlay)
    return read_members(package.source, overlaid.members), overlaid.roles, overlaid.notes


def _changes(narrowed: "Narrowed", *, stated: bool) -> "Changes":
    from builder.comparison.changes import Side
    from builder.comparison.compare import compare

    # A variant's roles have ids and names of their own; they are compared with those that they were made from.
    pairs = zip(narrowed.before, narrowed.after, strict=True)
    after = tuple(replace(role, id=before.id, name=before.name) for before, role in pairs)
    return compare(Side(narrowed.before, stated=stated), Side(after, stated=stated))


def _show_roles(roles: "Iterable[Role]") -> None:
    from cli.matrix import show_role

    for role in roles:
        click.echo()
        show_role(role)


def _show_json(solution: Mapping[str, str], narrowed: "Narrowed", *, stated: bool, **more: Any) -> None:
    content = {
        "version": 1,
        "solution": solution,
        "packages": [],
        "roles": [
            {
                "id": role.id,
                "name": role.name,
                "grants": [{"privilege": grant.privilege, "depth": grant.depth.level} for grant in role.grants],
            }
            for role in narrowed.after
        ],
        "changes": changes_as_json(narrowed, stated=stated),
        **more,
    }
    click.echo(json_text({**content, "notes": list(more["notes"])}))
