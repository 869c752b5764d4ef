"""What a command looks at: a zip, an unpacked folder or a spec, with what is stated of its grants."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from builder.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from builder.comparison.changes import Side
    from builder.model import Application, Role
    from builder.package.reader import Package

SPEC_SUFFIXES = (".yaml", ".yml")
Decorated = TypeVar("Decorated", bound="Callable[..., object]")


@dataclass(frozen=True)
class Opened:
    """A package that was opened; `roles` carry reasons and requirements where somebody states them: `stated_by` names
    the file that does, "" where nobody does.
    """

    package: "Package"
    roles: "tuple[Role, ...]"
    stated_by: str = ""
    application: "Application | None" = None

    @property
    def title(self) -> str:
        """Name it: unique name and version, else where it lies."""
        manifest = self.package.manifest
        return f"{manifest.unique_name} {manifest.version}".strip() or self.package.source

    def side(self) -> "Side":
        """Give what is compared of it."""
        from builder.comparison.sides import side_of

        return side_of(self.package, self.roles if self.stated_by else None)


def statement_options(command: Decorated) -> Decorated:
    """Give a command the options --access and --spec."""
    for option in (
        click.option(
            "--spec", "specs", multiple=True, type=click.Path(path_type=Path),
            help="The spec of a package, in place of its access statement.",
        ),
        click.option(
            "--access", multiple=True, type=click.Path(path_type=Path),
            help="The access statement of a package, where it does not lie beside it as NAME.access.json.",
        ),
    ):  # fmt: skip
        command = option(command)
    return command


def open_all(paths: Sequence[Path], access: Sequence[Path], specs: Sequence[Path]) -> list[Opened]:
    """Open packages with what is stated of them, beside them or in the files given; a spec states itself.

    Raises InputFaults and UnreadableInput, and UsageError where a file is about none of the packages.
    """
    opened = [_open(path) for path in paths]
    for path in access:
        opened = _stated_in(path, opened, _with_statement)
    for path in specs:
        opened = _stated_in(path, opened, _with_spec)
    return opened


def titles(old: Opened, new: Opened) -> tuple[str, str]:
    """Name two sides; of two versions of one solution, the name goes with the first."""
    if old.package.manifest.unique_name == new.package.manifest.unique_name and new.package.manifest.version:
        return old.title, new.package.manifest.version
    return old.title, new.title


def _open(path: Path) -> Opened:
    from builder.package.opening import read_any
    from builder.solution.access_statement import statement_path

    if path.suffix.lower() in SPEC_SUFFIXES:
        return _render(path)
    package = read_any(path)
    opened = Opened(package, package.roles)
    beside = statement_path(path)
    return _with_statement(opened, beside) if beside.is_file() and not package.unpacked else opened


def _render(path: Path) -> Opened:
    """Take a spec for the package that it describes; the letter case of a privilege makes no difference here."""
    from builder.package.reader import read_members
    from builder.package.render import render
    from builder.solution.spec import read_spec

    solution = read_spec(path, guess_case=True).solution
    package = read_members(str(path), render(solution))
    return Opened(package, solution.roles, str(path), solution.application)


def _stated_in(path: Path, opened: list[Opened], state: "Callable[[Opened, Path], Opened]") -> list[Opened]:
    """Let a file state what it states of every package that it is about."""
    stated: list[Opened] = []
    refusals: list[UsageError] = []
    for each in opened:
        try:
            stated.append(state(each, path))
        except UsageError as refusal:
            stated.append(each)
            refusals.append(refusal)
    if len(refusals) == len(opened):
        raise refusals[0]
    return stated


def _with_statement(opened: Opened, path: Path) -> Opened:
    from builder.comparison.sides import with_reasons
    from builder.solution.access_statement import read_access_statement

    statement = read_access_statement(path, opened.package.digest)
    roles = with_reasons(opened.package.roles, statement.roles)
    return replace(opened, roles=roles, stated_by=str(path), application=statement.application)


def _with_spec(opened: Opened, path: Path) -> Opened:
    from builder.comparison.compare import compare_roles
    from builder.comparison.sides import with_reasons
    from builder.solution.spec import read_spec

    solution = read_spec(path, guess_case=True).solution
    if compare_roles(opened.package.roles, solution.roles):
        raise UsageError(
            f"{path} is no spec of {opened.package.source}: its roles grant something else",
            "Take the spec that the package was built from; `solsmith diff` of the two shows the difference.",
        )
    roles = with_reasons(opened.package.roles, solution.roles)
    return replace(opened, roles=roles, stated_by=str(path), application=solution.application)
