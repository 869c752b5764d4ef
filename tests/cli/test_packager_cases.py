"""The recorded cases of Microsoft's SolutionPackager, through the real command line with --exact."""

import re
import shutil
import zipfile
from pathlib import Path

import pytest
from lxml import etree

from tests.package.packager.golden import PACKAGER, plain
from tests.support import needs_reference, run_cli

pytestmark = needs_reference
CASES = sorted(path for path in (PACKAGER / "cases").glob("*")) if (PACKAGER / "cases").is_dir() else []
# Microsoft's exit codes in ours: an exception of the input is 2, the root-component check 1 (docs/packager.md).
EXIT = {0: 0, 1: 2, 2: 2, 3: 1}
# A part of what is said in each case that is more than "done".
SAID = {
    "09_unpack_type_mismatch": "is unmanaged, and managed was asked for",
    "12_unpack_again_delete": "1 unnecessary: deleted",
    "13_unpack_again_keep": "1 unnecessary: left",
    "18_pack_managed_suffix": "the root component security role 00000002-0000-4000-8000-000000000000 is not in",
    "19_pack_role_without_root": "security role 00000002-0000-4000-8000-000000000000 is in the folder and is no root",
    "20_pack_root_without_role": "the root component security role 00000007-0000-4000-8000-000000000000 is not in",
    "21_pack_duplicate_root": "security role 00000001-0000-4000-8000-000000000000 is listed twice",
    "22_pack_inline_roles": "<Roles> has children: they are packed as they stand, and its files are not read",
    "24_pack_stray_in_roles": "Roles/.gitkeep:1: error: not well-formed: no element found",
    "25_pack_map_role": "the root component security role 00000001-0000-4000-8000-000000000000 is not in",
}
# What a Windows file name cannot hold becomes `_` (inferred): the recorded trees are Unix ones.
ON_WINDOWS = str.maketrans(dict.fromkeys('\\:*?"<>|', "_"))
# Files that a case's tree lacks and ours keeps: Microsoft's /allowDelete deletes what it never made.
NEVER_OURS = {
    ".hidden/config", "Foo/a.txt", "Other/extra.xml", "README.md", "Roles/notes.txt", "Roles/sub/x.xml",
}  # fmt: skip


def named(part: str) -> list[Path]:
    return [case for case in CASES if part in case.name]


def arguments(case: Path) -> list[str]:
    command = (case / "command.txt").read_text(encoding="utf-8")
    kind = re.search(r"/packagetype:(\w+)", command)
    asked = ["--package-type", kind[1].lower()] if kind else []
    return asked + (["--delete"] if "/allowDelete:Yes" in command else [])


def tree(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): plain(path.read_bytes()) for path in files}


def expected_code(case: Path) -> int:
    return EXIT[int((case / "exit.txt").read_text(encoding="utf-8"))]


@pytest.mark.parametrize("case", named("_unpack_"), ids=lambda case: case.name)
def test_unpack(case: Path, tmp_path: Path) -> None:
    if (case / "input-tree").is_dir():
        shutil.copytree(case / "input-tree", tmp_path / "tree")
    result = run_cli("unpack", case / "input.zip", "-o", tmp_path / "tree", "--exact", *arguments(case))
    assert result.returncode == expected_code(case), result.stderr
    assert SAID.get(case.name, "") in result.stderr
    expected = {path: data for path, data in tree(case / "tree").items() if not path.startswith("Resources/")}
    found = tree(tmp_path / "tree")
    if case.name.startswith("03_"):
        assert found.pop("Roles/a_b.xml") == expected["Roles/a:b.xml"]  # the later one of a/b and a:b
        del expected["Roles/a_b.xml"], expected["Roles/a:b.xml"]
    expected = {path.translate(ON_WINDOWS): data for path, data in expected.items()}
    if case.name.startswith("12_"):
        assert found.keys() - expected.keys() == NEVER_OURS
        found = {path: data for path, data in found.items() if path in expected}
    assert found == expected


@pytest.mark.parametrize("case", named("_pack_"), ids=lambda case: case.name)
def test_pack(case: Path, tmp_path: Path) -> None:
    shutil.copytree(case, tmp_path / "case")
    mapping: list[str | Path] = ["--map", tmp_path / "case" / "map.xml"] if (case / "map.xml").is_file() else []
    output = tmp_path / "out.zip"
    result = run_cli("pack", tmp_path / "case" / "input-tree", "-o", output, "--exact", *arguments(case), *mapping)
    assert result.returncode == expected_code(case), result.stderr
    assert SAID.get(case.name, "") in result.stderr
    for expected, made in (("expected", output), ("expected_managed", tmp_path / "out_managed.zip")):
        assert made.exists() == (case / expected).is_dir()
        if made.exists():
            check_zip(made, case / expected, (case / f"{expected}.members.txt").read_text(encoding="utf-8").split("\n"))


def check_zip(path: Path, expected: Path, members: list[str]) -> None:
    with zipfile.ZipFile(path) as archive:
        assert archive.namelist() == [name for name in members if name]
        for name in archive.namelist():
            ours, theirs = archive.read(name), (expected / name).read_bytes()
            if name == "[Content_Types].xml":  # recorded in the form of another runtime
                assert types(ours) == types(theirs)
            else:
                assert plain(ours) == plain(theirs), name


def types(data: bytes) -> list[tuple[tuple[str, str], ...]]:
    items = (
        tuple(sorted((str(key), str(value)) for key, value in item.attrib.items())) for item in etree.fromstring(data)
    )
    return sorted(items)


def test_every_case_is_tried() -> None:
    assert len(CASES) == 25
    assert {*named("_unpack_"), *named("_pack_")} == set(CASES)


def test_by_default_no_role_is_lost(tmp_path: Path) -> None:
    """Where Microsoft's tool lets roles overwrite each other, each keeps a file of its own."""
    for number, roles in (("03", 18), ("04", 6)):
        [case] = named(f"{number}_unpack")
        folder, output = tmp_path / number, tmp_path / f"{number}.zip"
        result = run_cli("unpack", case / "input.zip", "-o", folder)
        assert result.returncode == 0, result.stderr
        assert len(list((folder / "Roles").iterdir())) == roles
        assert "lest it be lost" in result.stderr
        packed = run_cli("pack", folder, "-o", output)
        if number == "03":
            assert packed.returncode == 0, packed.stderr
            with zipfile.ZipFile(output) as archive:
                assert archive.read("customizations.xml").count(b"<Role ") == roles
        else:  # two of its roles have one id
            assert (packed.returncode, output.exists()) in ((0, True), (1, False))


def test_by_default_what_would_be_lost_is_refused(tmp_path: Path) -> None:
    [both] = named("11_unpack")
    result = run_cli("unpack", both / "input.zip", "-o", tmp_path / "tree", "--package-type", "both")
    assert result.returncode == 2
    assert "only the managed package has Roles/OnlyM.xml: it would be lost" in result.stderr
    assert "grants other privileges in the managed package" in result.stderr
    assert not (tmp_path / "tree").exists()
    [suffix] = named("18_pack")
    result = run_cli("pack", suffix / "input-tree", "-o", tmp_path / "out.zip")
    assert result.returncode == 2
    assert "leaves Roles/Team_managed.xml out of every package" in result.stderr
    assert not (tmp_path / "out.zip").exists()


def test_by_default_members_are_kept_that_microsofts_tool_drops(tmp_path: Path) -> None:
    [case] = named("08_unpack")
    assert run_cli("unpack", case / "input.zip", "-o", tmp_path / "tree").returncode == 0
    assert run_cli("pack", tmp_path / "tree", "-o", tmp_path / "out.zip").returncode == 0
    with zipfile.ZipFile(case / "input.zip") as before, zipfile.ZipFile(tmp_path / "out.zip") as after:
        assert set(before.namelist()) == set(after.namelist())
        for name in before.namelist():
            if name not in ("customizations.xml", "solution.xml", "[Content_Types].xml"):
                assert before.read(name) == after.read(name)


def test_hidden_folders_are_no_components_by_default(tmp_path: Path) -> None:
    [case] = named("23_pack")
    result = run_cli("pack", case / "input-tree", "-o", tmp_path / "out.zip")
    assert result.returncode == 0
    assert "the folder .hidden is not packed" in result.stderr
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        assert not [name for name in archive.namelist() if name.startswith(".")]
