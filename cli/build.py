"""solsmith build."""

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from builder.text import printable
from cli.output import tell
from cli.releasing import guard, guard_options, version_options, version_source

if TYPE_CHECKING:
    from builder.build import Built, Release
    from builder.model import Solution
    from builder.package.render import Profile
    from builder.solution.spec import Spec

_PLATFORMS = ("any", "9.2.24084")  # builder.package.render.PROFILES, which help need not import; a test compares them


@dataclass(frozen=True)
class _Options:
    """The options of the command, by their names."""

    output_dir: Path
    version: str | None
    version_file: Path | None
    version_from: str | None
    managed: bool
    unmanaged: bool
    both: bool
    name_pattern: str | None
    platform: str | None
    sha256: bool
    previous: Path | None
    allow_lower: bool
    guess_case: bool
    check: Path | None
    form: str


@click.command(short_help="Build a solution package from a spec.")
@click.argument("spec", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output-dir",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("dist"),
    show_default=True,
    help="The folder to write the packages to.",
)
@version_options
@click.option("--managed", is_flag=True, help="Build the managed package, whatever the spec says.")
@click.option("--unmanaged", is_flag=True, help="Build the unmanaged package; with --managed, both.")
@click.option("--both", is_flag=True, help="Build both.")
@click.option(
    "--name-pattern",
    metavar="PATTERN",
    help="What the files are called, of {unique_name}, {version} (1.0.1.365), {version_} (1_0_1_365), {_managed} and "
    "{kind}.  [default: {unique_name}_{version_}{_managed}.zip]",
)
@click.option(
    "--platform",
    type=click.Choice(_PLATFORMS),
    help="The oldest server that has to import it.  [default: any]",
)
@click.option("--sha256", is_flag=True, help="Write the zip's SHA-256 beside it, as NAME.zip.sha256.")
@guard_options
@click.option("--guess-case", is_flag=True, help="Take the letter case of uncertain privilege names as guessed.")
@click.option(
    "--check",
    type=click.Path(path_type=Path),
    metavar="PACKAGE",
    help="Write nothing; name every difference of PACKAGE from what the spec builds.",
)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def build(spec: Path, **options: Any) -> int:
    """Build the solution package that SPEC describes, with its access statement beside it.

    The same spec gives the same file, byte for byte, wherever and whenever it is built. Prints the path, the content
    digest and what the role grants. A spec that has faults is refused with all of them, and nothing is written.

    The name pattern and the platform can be set for a repository: name-pattern and platform, in solsmith.toml or in
    [tool.solsmith] of pyproject.toml.

    \b
    The vendor's release, as its file is called:
      solsmith build solution.yaml --name-pattern "{unique_name}-v{version}.zip"
    Both packages, from the tag of this commit, no older than the last release:
      solsmith build solution.yaml --both --version-from git --previous last_managed.zip
    Is this the package that the spec builds?
      solsmith build solution.yaml --check received.zip
    """  # fmt: skip
    from builder.solution.spec import read_spec

    chosen = _Options(**options)
    source = version_source(spec, chosen.version, chosen.version_file, chosen.version_from)
    read = read_spec(spec, guess_case=chosen.guess_case, version=source)
    if chosen.check:
        return _check(spec, read, chosen, chosen.check)
    guard(read, spec, chosen.output_dir, chosen.previous, allow_lower=chosen.allow_lower)
    built = _write(spec, read, chosen)
    if chosen.form == "json":
        _show_json(read, built)
    else:
        _show_text(read, built)
    return 0


def _write(spec: Path, read: "Spec", chosen: _Options) -> "tuple[Built, ...]":
    from builder.build import Output, write_releases
    from builder.settings import find_settings
    from builder.solution.file_names import DEFAULT_PATTERN

    pattern = chosen.name_pattern or find_settings(spec.parent).text("name-pattern", DEFAULT_PATTERN)
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    profile = _profile(spec, chosen)
    releases = [_release(replace(read.solution, managed=managed), profile) for managed in _kinds(read.solution, chosen)]
    return write_releases(releases, Output(chosen.output_dir, pattern, chosen.sha256, epoch))


def _release(solution: "Solution", profile: "Profile") -> "Release":
    from builder.build import release_of

    return release_of(solution, profile)


def _kinds(solution: "Solution", chosen: _Options) -> tuple[bool, ...]:
    """Say which packages are asked for: managed (True), unmanaged (False) or both; else the one that the spec says."""
    asked = tuple(kind for kind, named in ((True, chosen.managed), (False, chosen.unmanaged)) if named or chosen.both)
    return asked or (solution.managed,)


def _profile(spec: Path, chosen: _Options) -> "Profile":
    from builder.errors import UsageError
    from builder.package.render import PROFILES
    from builder.settings import find_settings

    platform = chosen.platform or find_settings(spec.parent).text("platform", "any")
    if platform not in PROFILES:
        raise UsageError(f"there is no platform {printable(platform)}", f"Known: {', '.join(PROFILES)}.")
    return PROFILES[platform]


def _check(spec: Path, read: "Spec", chosen: _Options, path: Path) -> int:
    from builder.package.opening import read_any
    from builder.solution.access_statement import statement_path
    from builder.solution.reproduction import differences

    package = read_any(path)
    kind = _kinds(replace(read.solution, managed=package.managed), chosen)[0]
    release = _release(replace(read.solution, managed=kind), _profile(spec, chosen))
    found, expected = dict(package.members), dict(release.members)
    beside = statement_path(path)
    if beside.is_file():
        found[beside.name], expected[beside.name] = beside.read_bytes(), release.statement.to_bytes()
    unlike = tuple(differences(found, expected))
    from cli.reproduction import show_check

    show_check(chosen.form, path, package.digest, release.statement.digest, unlike, read.notes)
    return int(bool(unlike))


def _show_text(read: "Spec", built: "tuple[Built, ...]") -> None:
    from cli.matrix import show_role

    for note in read.notes:
        tell(f"note: {printable(note)}")
    for package in built:
        click.echo(printable(str(package.path)))
        click.echo(f"content {package.digest}")
        click.echo(f"access statement {printable(str(package.statement))}")
    for role in read.solution.roles:
        click.echo()
        show_role(role)


def _show_json(read: "Spec", built: "tuple[Built, ...]") -> None:
    import json

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
        "notes": list(read.notes),
    }
    click.echo(json.dumps(content, indent=2))
