"""A release that would not upgrade the one before it is refused, with everything that is in the way."""

from dataclasses import replace
from pathlib import Path

import pytest

from builder.build import build_solution
from builder.errors import InputFaults, UsageError
from builder.model import Solution, Version
from builder.package.reader import Package, read_package
from builder.solution.releases import refuse_broken_upgrade, refuse_lower
from tests.solution.specs import read, role, write_spec

NEXT = Version.parse("1.2.4.0")


@pytest.fixture
def solution(tmp_path: Path) -> Solution:
    return read(write_spec(tmp_path, role(), role(name="Other", key="other"))).solution


@pytest.fixture
def previous(solution: Solution, tmp_path: Path) -> Package:
    return read_package(build_solution(solution, tmp_path / "dist").path)


def faults(solution: Solution, previous: Package, *, allow_lower: bool = False) -> list[str]:
    with pytest.raises(InputFaults) as caught:
        refuse_broken_upgrade(solution, previous, "solution.yaml", allow_lower=allow_lower)
    return [fault.message for fault in caught.value.faults]


def test_a_higher_version_with_the_same_roles_fits(solution: Solution, previous: Package) -> None:
    renamed = tuple(replace(role, name=f"{role.name} 2") for role in solution.roles)
    refuse_broken_upgrade(replace(solution, version=NEXT, roles=renamed), previous, "solution.yaml")


def test_versions_must_rise_unless_told(solution: Solution, previous: Package) -> None:
    assert "is not above 1.2.3.4" in faults(solution, previous)[0]
    assert "is not above" in faults(replace(solution, version=Version.parse("1.2.3")), previous)[0]
    refuse_broken_upgrade(solution, previous, "solution.yaml", allow_lower=True)


def test_role_ids_must_stay(solution: Solution, previous: Package) -> None:
    first, second = solution.roles
    other = "00000000-0000-4000-8000-000000000001"
    after = replace(solution, version=NEXT, roles=(replace(first, id=other), second))
    assert "would make a second role" in faults(after, previous, allow_lower=True)[0]
    assert "is gone" in faults(replace(solution, version=NEXT, roles=(first,)), previous)[0]


def test_solution_and_publisher_must_stay(solution: Solution, previous: Package) -> None:
    assert "is a package of ContosoSync, not of Else" in faults(replace(solution, unique_name="Else"), previous)[0]
    publisher = replace(solution.publisher, unique_name="else", prefix="els")
    assert len(faults(replace(solution, version=NEXT, publisher=publisher), previous)) == 2


def test_a_folder_of_releases_is_not_fallen_behind(solution: Solution, previous: Package, tmp_path: Path) -> None:
    folder = tmp_path / "dist"
    (folder / "junk.zip").write_bytes(b"junk")
    refuse_lower(solution.version, folder, solution.unique_name)
    refuse_lower(Version.parse("1.0"), folder, "Else")
    refuse_lower(Version.parse("1.0"), tmp_path / "absent", solution.unique_name)
    with pytest.raises(UsageError, match=r"1\.2\.3 is lower than 1\.2\.3\.4"):
        refuse_lower(Version.parse("1.2.3"), folder, solution.unique_name)
