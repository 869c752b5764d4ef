"""What `build` and `version` share: where a version comes from, and which release it must not fall behind."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from builder.errors import UsageError

if TYPE_CHECKING:
    from builder.solution.spec import Spec, VersionSource

Decorated = TypeVar("Decorated", bound=Callable[..., object])


def version_options(command: Decorated) -> Decorated:
    """Give a command the options --version, --version-file and --version-from."""
    for option in (
        click.option("--version-from", type=click.Choice(["git"]), help="Take it from the commit's tag (v1.2.3)."),
        click.option("--version-file", type=click.Path(path_type=Path), help="Take it from a file's only line."),
        click.option("--version", metavar="X.X.X.X", help="Take this version in place of the spec's."),
    ):
        command = option(command)
    return command


def guard_options(command: Decorated) -> Decorated:
    """Give a command the options --previous and --allow-lower."""
    for option in (
        click.option("--allow-lower", is_flag=True, help="Allow a version that is not above those before it."),
        click.option(
            "--previous", type=click.Path(path_type=Path), metavar="PACKAGE",
            help="The release before this one: version, publisher and role ids must fit an upgrade from it.",
        ),
    ):  # fmt: skip
        command = option(command)
    return command


def version_source(
    spec: Path, version: str | None, version_file: Path | None, version_from: str | None
) -> "VersionSource | None":
    """Give what the options say of the version; None where they leave it to the spec."""
    from builder.solution.versions import parse_version, version_of_file, version_of_git

    if sum(option is not None for option in (version, version_file, version_from)) > 1:
        raise UsageError("--version, --version-file and --version-from exclude each other", "Give one of them.")
    if version is not None:
        given = parse_version(version)
        return lambda _: given
    if version_file:
        read = version_of_file(version_file)
        return lambda _: read
    if version_from:
        return lambda unique_name: version_of_git(spec.resolve().parent, unique_name)
    return None


def guard(spec: "Spec", source: Path, output_dir: Path, previous: Path | None, *, allow_lower: bool) -> None:
    """Raise where a release does not fit what was released before it."""
    from builder.solution.releases import refuse_broken_upgrade, refuse_lower

    if previous:
        from builder.package.opening import read_any

        refuse_broken_upgrade(spec.solution, read_any(previous), str(source), allow_lower=allow_lower)
    if not allow_lower:
        refuse_lower(spec.solution.version, output_dir, spec.solution.unique_name)
