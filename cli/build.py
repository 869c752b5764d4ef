"""solsmith build."""

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from builder.text import printable
from cli.overlaying import Asked, overlay_options, refuse_mixture
from cli.releasing import guard, guard_options, version_options, version_source

if TYPE_CHECKING:
    from builder.build import Built, Output, Release
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
@click.argument("spec", required=False, type=click.Path(path_type=Path))
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
@overlay_options
def build(spec: Path | None, asked: Asked, **options: Any) -> int:
    """Build the solution package that SPEC describes, with its access statement beside it; or, with --base, change a
    package that somebody else built.

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
    The vendor's package, down to the business unit, with a table more to read:
      solsmith build --base vendor.zip --depth business-unit --read msdyn_aibdatasetrecord
    The same beside the vendor's own, in a solution and role of its own:
      solsmith build --base vendor.zip --depth account=user --without contact:delete --as-variant Contoso
    The role into a folder that SolutionPackager unpacked, for pac to pack:
      solsmith build solution.yaml --into src/MySolution
    """  # fmt: skip
    chosen = _Options(**options)
    refuse_mixture(
        asked,
        spec,
        {
            "--managed": chosen.managed,
            "--unmanaged": chosen.unmanaged,
            "--both": chosen.both,
            "--platform": chosen.platform and asked.base,
            "--previous": chosen.previous,
            "--check": chosen.check,
        },
        {"--name-pattern": chosen.name_pattern, "--sha256": chosen.sha256},
    )
    return _build_spec(spec, asked, chosen) if spec else _build_base(asked.base or Path(), asked, chosen)


def _build_spec(spec: Path, asked: Asked, chosen: _Options) -> int:
    from builder.solution.spec import read_spec

    source = version_source(spec, chosen.version, chosen.version_file, chosen.version_from)
    # With an overlay the version asked for is the result's; the spec keeps its own, which the result's is above.
    read = read_spec(spec, guess_case=chosen.guess_case, version=None if asked.changes else source)
    base, narrowed = read, None
    if asked.changes:
        from cli.overlaying import overlay_spec

        version = source(read.solution.unique_name) if source else None
        read, narrowed = overlay_spec(asked.overlay(version=version, guess_case=chosen.guess_case), read)
    if asked.into:
        from builder.package.reader import read_members
        from cli.overlaying import place_into

        package = read_members(str(spec), _release(read.solution, _profile(spec, chosen)).members)
        place_into(asked, package, narrowed, read.notes, chosen.form)
        return 0
    if chosen.check:
        return _check(spec, read, chosen, chosen.check)
    guard(read, spec, chosen.output_dir, chosen.previous, allow_lower=chosen.allow_lower)
    built = _write(spec, read, chosen)
    from cli.built import show_built

    show_built(chosen.form, read, built, base, narrowed)
    return 0


def _build_base(base: Path, asked: Asked, chosen: _Options) -> int:
    from builder.rebuild import open_base
    from cli.overlaying import base_for_folder, build_from_base, place_into

    source = version_source(base, chosen.version, chosen.version_file, chosen.version_from)
    package = open_base(base)
    version = source(package.manifest.unique_name) if source else None
    overlay = asked.overlay(version=version, guess_case=chosen.guess_case)
    if asked.into:
        place_into(asked, *base_for_folder(asked, package, overlay), chosen.form)
    else:
        build_from_base(package, overlay, _output(base, chosen), allow_lower=chosen.allow_lower, form=chosen.form)
    return 0


def _write(spec: Path, read: "Spec", chosen: _Options) -> "tuple[Built, ...]":
    from builder.build import write_releases

    profile = _profile(spec, chosen)
    releases = [_release(replace(read.solution, managed=managed), profile) for managed in _kinds(read.solution, chosen)]
    return write_releases(releases, _output(spec, chosen))


def _output(source: Path, chosen: _Options) -> "Output":
    from builder.build import Output
    from builder.solution.file_names import DEFAULT_PATTERN

    pattern = chosen.name_pattern or _setting(source, "name-pattern", DEFAULT_PATTERN)
    return Output(chosen.output_dir, pattern, chosen.sha256, os.environ.get("SOURCE_DATE_EPOCH"))


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

    platform = chosen.platform or _setting(spec, "platform", "any")
    if platform not in PROFILES:
        raise UsageError(f"there is no platform {printable(platform)}", f"Known: {', '.join(PROFILES)}.")
    return PROFILES[platform]


def _setting(source: Path, key: str, default: str) -> str:
    """Give a setting that holds for a file, or the default."""
    from builder.settings import find_settings, read_settings

    path = find_settings(source.resolve().parent)
    return read_settings(path).text_of(key, default) if path else default


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
