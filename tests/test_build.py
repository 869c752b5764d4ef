"""Laws of building: what is read is what was built, the same spec gives the same bytes, all files or none."""

import hashlib
import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from builder.build import Output, build_solution, release_of, write_releases
from builder.errors import InputFaults, UsageError
from builder.model import Depth, Grant, Role, Solution
from builder.package.archive import Archive, content_digest, pack
from builder.package.reader import read_members, read_package
from builder.package.render import PROFILES, in_export_order, render
from builder.solution.reproduction import differences
from builder.solution.spec import read_spec
from builder.validation.report import Severity
from builder.validation.validate import validate_members
from tests.strategies import solutions
from tests.support import REFERENCE_SPEC, run_cli


def carried(role: Role, profile: str) -> Role:
    """What a package of a profile can say of a role: no reasons, and one of two marks."""
    marks = PROFILES[profile]
    return replace(
        role,
        grants=in_export_order(role.grants),
        inherits=role.inherits if marks.isinherited else None,
        auto_assigned=bool(role.auto_assigned) if marks.is_auto_assigned else None,
    )


@pytest.mark.parametrize("profile", PROFILES)
@given(solution=solutions)
def test_what_is_read_is_what_was_built(profile: str, solution: Solution) -> None:
    members = render(solution, PROFILES[profile])
    package = read_members("built", dict(Archive("built", pack(members))))
    assert not package.faults
    by_name = sorted(solution.roles, key=lambda role: role.name.lower())
    assert package.roles == tuple(carried(role, profile) for role in by_name)
    manifest = package.manifest
    assert manifest.unique_name == solution.unique_name
    assert (manifest.names, manifest.descriptions) == (solution.names, solution.descriptions)
    assert (package.version, package.managed) == (solution.version, solution.managed)
    assert [component.id for component in manifest.root_components] == sorted(role.id for role in solution.roles)
    theirs, ours = manifest.publisher, solution.publisher
    assert theirs is not None
    assert replace(theirs, addresses=()) == replace(ours, addresses=())
    for number, address in enumerate(ours.addresses):
        assert address.items() <= theirs.addresses[number].items()


@given(solution=solutions)
def test_the_statement_reads_back(solution: Solution) -> None:
    import json

    from builder.solution.access_statement import _statement

    stated = release_of(solution).statement
    assert _statement(json.loads(stated.to_bytes())) == stated


def test_same_bytes_in_another_folder_zone_locale_umask_and_hash_seed(tmp_path: Path) -> None:
    spec = tmp_path / "elsewhere" / "spec.yaml"
    spec.parent.mkdir()
    shutil.copy(REFERENCE_SPEC, spec)
    folders = []
    surroundings: list[dict[str, Any]] = [
        {"TZ": "UTC", "LC_ALL": "C", "PYTHONHASHSEED": "0"},
        {"TZ": "Asia/Kathmandu", "LC_ALL": "tr_TR.UTF-8", "PYTHONHASHSEED": "4242", "PYTHONIOENCODING": "cp1252"},
        {"TZ": "America/St_Johns", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "1", "PYTHONUTF8": "1"},
    ]
    before = os.umask(0o022)
    try:
        for number, environment in enumerate(surroundings):
            os.umask((0o022, 0o077, 0o000)[number])
            folder = tmp_path / f"out {number}"
            source = REFERENCE_SPEC if number == 0 else spec
            command = ("build", source, "-o", folder, "--both", "--sha256")
            done = run_cli(*command, cwd=tmp_path, **environment)
            assert done.returncode == 0, done.stderr
            folders.append(folder)
    finally:
        os.umask(before)
    made = [
        {path.name: (path.read_bytes(), path.stat().st_mode & 0o777) for path in folder.iterdir()} for folder in folders
    ]
    assert len(made[0]) == 6
    assert made[0] == made[1] == made[2]


def test_both_kinds_differ_by_one_line(tmp_path: Path) -> None:
    solution = read_spec(REFERENCE_SPEC).solution
    releases = [release_of(replace(solution, managed=managed)) for managed in (True, False)]
    managed, unmanaged = write_releases(releases, Output(tmp_path, sha256=True))
    (line,) = differences(read_package(managed.path).members, read_package(unmanaged.path).members)
    assert (line.member, line.found and line.found.strip()) == ("solution.xml", "<Managed>1</Managed>")
    assert managed.checksum is not None
    digest, name = managed.checksum.read_text("utf-8").split()
    assert (digest, name) == (hashlib.sha256(managed.path.read_bytes()).hexdigest(), managed.path.name)


def test_a_checksum_that_is_there_is_kept_true(tmp_path: Path) -> None:
    solution = read_spec(REFERENCE_SPEC).solution
    (first,) = write_releases([release_of(solution)], Output(tmp_path, sha256=True))
    (second,) = write_releases([release_of(solution)], Output(tmp_path, source_date_epoch="1700000000"))
    assert second.checksum == first.checksum
    assert second.checksum is not None
    assert hashlib.sha256(second.path.read_bytes()).hexdigest() in second.checksum.read_text("utf-8")


def test_nothing_is_written_unless_everything_can_be(tmp_path: Path) -> None:
    solution = read_spec(REFERENCE_SPEC).solution
    releases = [release_of(replace(solution, managed=managed)) for managed in (True, False)]
    with pytest.raises(UsageError, match="would both be called"):
        write_releases(releases, Output(tmp_path / "out", pattern="{unique_name}.zip"))
    assert not (tmp_path / "out").exists()
    blocked = tmp_path / "out" / "NetResultsSyncforDynamics365_1_0_1_365.access.json"
    blocked.mkdir(parents=True)
    with pytest.raises(UsageError, match="a folder stands there"):
        write_releases(releases, Output(tmp_path / "out"))
    assert list((tmp_path / "out").iterdir()) == [blocked]
    broken = replace(solution, roles=(replace(solution.roles[0], id="no id"),))
    with pytest.raises(InputFaults, match="would not import"):
        write_releases([releases[1], release_of(broken)], Output(tmp_path / "new"))
    assert not (tmp_path / "new").exists()


def test_another_solutions_package_is_not_overwritten(tmp_path: Path) -> None:
    solution = read_spec(REFERENCE_SPEC).solution
    output = Output(tmp_path, pattern="release.zip")
    (built,) = write_releases([release_of(solution)], output)
    write_releases([release_of(solution)], output)
    before = built.path.read_bytes()
    with pytest.raises(UsageError, match="is no package of Else"):
        write_releases([release_of(replace(solution, unique_name="Else"))], output)
    with pytest.raises(UsageError, match="is the managed package"):
        write_releases([release_of(replace(solution, managed=False))], output)
    (tmp_path / "junk.zip").write_bytes(b"precious")
    with pytest.raises(UsageError, match="is no package of"):
        write_releases([release_of(solution)], Output(tmp_path, pattern="junk.zip"))
    assert built.path.read_bytes() == before


def test_every_difference_is_named() -> None:
    solution = read_spec(REFERENCE_SPEC).solution
    expected = render(solution)
    role = solution.roles[0]
    other = render(replace(solution, roles=(replace(role, grants=(*role.grants, Grant("prvShareLead", Depth.BASIC))),)))
    found = {**other, "Other/readme.txt": b"x"}
    del found["[Content_Types].xml"]
    lines = [(d.member, d.kind, bool(d.line)) for d in differences(found, expected)]
    assert lines == [
        ("Other/readme.txt", "surplus", False),
        ("[Content_Types].xml", "absent", False),
        ("customizations.xml", "changed", True),
    ]
    assert not list(differences(expected, expected))


@pytest.mark.parametrize("profile", PROFILES)
def test_every_profile_validates_without_a_finding_that_fails(profile: str) -> None:
    members = render(read_spec(REFERENCE_SPEC).solution, PROFILES[profile])
    report = validate_members("built", members)
    assert not [finding for finding in report.findings if finding.severity is Severity.ERROR]


def test_what_a_platform_cannot_carry_is_not_lost_silently() -> None:
    solution = read_spec(REFERENCE_SPEC).solution
    team, auto = replace(solution.roles[0], inherits=False), replace(solution.roles[0], auto_assigned=True)
    release_of(replace(solution, roles=(team,)), PROFILES["any"])
    release_of(replace(solution, roles=(auto,)), PROFILES["9.2.24084"])
    with pytest.raises(UsageError, match="Team privileges only"):
        release_of(replace(solution, roles=(team,)), PROFILES["9.2.24084"])
    with pytest.raises(UsageError, match="auto_assigned"):
        release_of(replace(solution, roles=(auto,)), PROFILES["any"])


def test_reasons_do_not_touch_the_package(tmp_path: Path) -> None:
    solution = read_spec(REFERENCE_SPEC).solution
    role = solution.roles[0]
    silent = replace(role, grants=tuple(Grant(grant.privilege, grant.depth) for grant in role.grants))
    assert content_digest(render(solution)) == content_digest(render(replace(solution, roles=(silent,))))
    assert build_solution(solution, tmp_path).digest == content_digest(render(solution))
