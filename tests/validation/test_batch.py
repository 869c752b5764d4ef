from pathlib import Path

import pytest

from builder.validation import batch
from builder.validation.batch import validate_all
from builder.validation.registry import all_rules, chosen
from builder.validation.targets import packages_at
from tests.validation.edits import remove, zipped
from tests.validation.faulty_folders import unpacked
from tests.validation.test_mutations import members_of


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of zips and unpacked solutions."""
    members = members_of("reference")
    (tmp_path / "zips" / "deeper").mkdir(parents=True)
    (tmp_path / "zips" / "b.zip").write_bytes(zipped(members))
    (tmp_path / "zips" / "A.ZIP").write_bytes(zipped(remove("solution.xml")(members)))
    (tmp_path / "zips" / "deeper" / "c.zip").write_bytes(b"no zip")
    (tmp_path / "zips" / ".hidden").mkdir()
    (tmp_path / "zips" / ".hidden" / "d.zip").write_bytes(b"")
    (tmp_path / "zips" / "readme.txt").write_text("no package", encoding="utf-8")
    unpacked(members, tmp_path / "sources" / "sync")
    (tmp_path / "sources" / "sync" / "inner.zip").write_bytes(b"")
    return tmp_path


def names(folder: Path, *paths: Path) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in packages_at(paths)]


def test_finds_the_packages_below_a_folder(folder: Path) -> None:
    assert names(folder, folder) == ["sources/sync", "zips/A.ZIP", "zips/b.zip", "zips/deeper/c.zip"]


def test_takes_patterns_that_no_shell_resolved(folder: Path) -> None:
    assert names(folder, folder / "zips" / "*.zip") == ["zips/b.zip"]
    assert names(folder, folder / "*") == ["sources/sync", "zips/A.ZIP", "zips/b.zip", "zips/deeper/c.zip"]


def test_gives_each_package_once_in_the_order_of_the_paths(folder: Path) -> None:
    zips = folder / "zips"
    assert names(folder, zips / "b.zip", zips, zips / "b.zip")[:2] == ["zips/b.zip", "zips/A.ZIP"]
    assert len(names(folder, zips, zips)) == 3


def test_what_stands_for_nothing_is_read_to_say_why(folder: Path) -> None:
    empty = folder / "empty"
    empty.mkdir()
    missing = [empty, folder / "gone.zip", folder / "gone*.zip"]
    reports = validate_all(packages_at(missing))
    assert [report.readable for report in reports] == [False] * 3
    assert [Path(report.path) for report in reports] == missing


def test_several_processes_give_what_one_gives(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = packages_at([folder])
    told: list[tuple[int, int]] = []
    alone = validate_all(paths, progress=lambda *done: told.append(done))
    assert told == [(count, 4) for count in range(1, 5)]
    monkeypatch.setattr(batch, "_WORTH_A_PROCESS", 1)
    assert validate_all(paths) == alone
    assert [report.readable for report in alone] == [True, True, True, False]


def test_rules_are_chosen_by_their_beginning() -> None:
    every = {rule.id for rule in all_rules()}
    assert {rule.id for rule in chosen()} == every
    assert {rule.id for rule in chosen(["SOL4"])} == {id_ for id_ in every if id_.startswith("SOL4")}
    assert [rule.id for rule in chosen(["SOL404", "SOL405"], ["SOL405"])] == ["SOL404"]
    assert {rule.id for rule in chosen((), ["SOL"])} == set()
