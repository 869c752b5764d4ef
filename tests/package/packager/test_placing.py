"""Unpacking over a folder that is there: only what changed, nothing that is not ours, all or nothing."""

import os
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from builder import files as builder_files
from builder.errors import InputFaults, UsageError
from builder.package.archive import pack
from builder.package.packager.placing import Placing, newline_of, plan
from builder.package.packager.tree import UnpackOptions
from builder.package.packager.unpacking import unpack_members
from tests.package.packager.golden import packed, write_tree
from tests.package.packager.test_names import package, unpack
from tests.support import REPOSITORY, run_cli


def state(folder: Path) -> dict[str, tuple[bytes, int]]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): (path.read_bytes(), path.stat().st_mtime_ns) for path in found}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    plan(tmp_path / "tree", unpack(["One", "Two"])).write()
    return tmp_path / "tree"


def test_writes_only_what_changed(folder: Path) -> None:
    before = state(folder)
    placing = plan(folder, unpack(["One", "Two"]))
    assert not placing.written
    placing.write()
    assert state(folder) == before
    members = package(["One", "Two"])
    members["customizations.xml"] = members["customizations.xml"].replace(b"<RolePrivileges />", b"<New />", 1)
    plan(folder, unpack_members("test", members)).write()
    changed = {name for name, was in state(folder).items() if before[name] != was}
    assert changed == {"Roles/One.xml"}


def test_git_line_ends_and_a_missing_mark_are_no_change(folder: Path) -> None:
    for path in folder.rglob("*.xml"):
        path.write_bytes(path.read_bytes().removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n"))
    assert newline_of(folder) == "\n"
    assert not plan(folder, unpack(["One", "Two"]), any_newline=True).written
    assert len(plan(folder, unpack(["One", "Two"])).written) == 4  # the line ends were asked for


def test_deletes_only_what_an_unpack_made_and_only_when_told(folder: Path) -> None:
    strangers = {
        ".git/config": "git", "README.md": "hello", "Roles/notes.txt": "no xml", "Roles/sub/x.xml": "<x/>",
        "Other/extra.xml": "<x/>", "docs/a.md": "a",
    }  # fmt: skip
    for name, text in strangers.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    placing = plan(folder, unpack(["One"]))
    assert placing.unnecessary == ("Roles/Two.xml",)
    placing.write()
    assert (folder / "Roles" / "Two.xml").exists()
    placing.write(delete=True)
    left = set(state(folder))
    assert left == {*strangers, "Roles/One.xml", "Other/Customizations.xml", "Other/Solution.xml"}


def test_stale_members_beside_those_of_the_package_are_named(tmp_path: Path) -> None:
    members = {**package(["r"]), "bots/a/bot.xml": b"<a/>", "bots/b/bot.xml": b"<b/>"}
    plan(tmp_path / "tree", unpack_members("test", members)).write()
    del members["bots/b/bot.xml"]
    placing = plan(tmp_path / "tree", unpack_members("test", members))
    assert placing.unnecessary == ("bots/b/bot.xml",)
    placing.write(delete=True)
    assert not (tmp_path / "tree" / "bots" / "b").exists()


def test_a_folder_that_is_not_ours_is_left_alone(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "letter.txt").write_text("dear", encoding="utf-8")
    with pytest.raises(UsageError, match="no unpacked solution"):
        plan(tmp_path / "home", unpack(["One"]))
    plan(tmp_path / "home", unpack(["One"]), force=True).write()
    assert (tmp_path / "home" / "letter.txt").read_text(encoding="utf-8") == "dear"
    solution = folder / "Other" / "Solution.xml"
    solution.write_bytes(solution.read_bytes().replace(b">Some<", b">Else<"))
    with pytest.raises(UsageError, match="holds the solution Else, not Some"):
        plan(folder, unpack(["One"]))


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
@pytest.mark.parametrize("place", ["Roles", "Roles/One.xml", "Other/Solution.xml"])
def test_writes_through_no_link(tmp_path: Path, folder: Path, place: str) -> None:
    target = tmp_path / "target"
    (folder / place).rename(target)
    (folder / place).symlink_to(target)
    before = target.read_bytes() if target.is_file() else state(target)
    with pytest.raises(InputFaults):
        plan(folder, unpack(["One", "Two", "Three"]), force=True)
    assert (target.read_bytes() if target.is_file() else state(target)) == before


def test_a_failure_leaves_the_old_tree(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = {name: data for name, (data, _) in state(folder).items()}
    members = {**package(["One", "Four", "Five"]), "bots/x/bot.xml": b"<a/>"}
    placing = plan(folder, unpack_members("test", members))
    real, calls = builder_files._put, []

    def put(path: Path, beside: Path | None) -> None:
        calls.append(path)
        if len(calls) == 3:
            raise KeyboardInterrupt
        real(path, beside)

    monkeypatch.setattr(builder_files, "_put", put)
    with pytest.raises(KeyboardInterrupt):
        placing.write(delete=True)
    assert {name: data for name, (data, _) in state(folder).items()} == before
    assert not (folder / "bots").exists()


def test_a_failure_leaves_no_new_tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    placing = Placing(tmp_path / "deep" / "tree", {"a/b": b"1", "a": b"2"}, (), ())
    with pytest.raises(UsageError, match="cannot write"):
        placing.write()
    assert [path.name for path in tmp_path.rglob("*")] == ["deep"]


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_ctrl_c_leaves_the_old_tree(tmp_path: Path) -> None:
    """Interrupted at whatever moment, the folder is the old one or the new one."""
    path, folder = tmp_path / "x.zip", tmp_path / "tree"
    path.write_bytes(pack({**package(["A"]), **{f"bots/{n}/bot.xml": b"<a/>" for n in range(150)}}))
    assert run_cli("unpack", path, "-o", folder).returncode == 0
    old = set(state(folder))
    path.write_bytes(pack({**package(["A"]), **{f"bots/{n}/bot.json": b"{}" for n in range(150)}}))
    # JSON has no content type there, so that it is kept where Microsoft's tool would lose it.
    new = old | {f"Other/Members/bots/{n}/bot.json" for n in range(150)}
    for wait in (0.1, 0.2, 0.25, 0.3, 0.4):
        command = [sys.executable, "-m", "cli", "unpack", str(path), "-o", str(folder)]
        with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            time.sleep(wait)
            process.send_signal(signal.SIGINT)
            process.wait(timeout=30)
        now = set(state(folder))
        assert now in (old, new)


def test_says_what_it_did(tmp_path: Path) -> None:
    path, folder = tmp_path / "x.zip", tmp_path / "tree"
    path.write_bytes(pack(package(["One", "Two"])))
    for encoding in ("utf-8", "cp1252", "ascii"):
        result = run_cli("unpack", path, "-o", folder, PYTHONIOENCODING=encoding)
        assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == f"{folder}: 0 files written, 4 as they were\n"
    path.write_bytes(pack(package(["One", "Three\u202e"])))
    result = run_cli("unpack", path, "-o", folder)
    assert "1 unnecessary: left" in result.stderr
    assert "  Roles/Two.xml" in result.stderr
    result = run_cli("unpack", path, "-o", folder, "--delete")
    assert "1 unnecessary: deleted" in result.stderr
    assert not (folder / "Roles" / "Two.xml").exists()
    result = run_cli("pack", folder, "-o", tmp_path / "y.zip")
    assert result.returncode == 0
    assert result.stdout.startswith(f"{tmp_path / 'y.zip'}\ncontent sha256:")


def test_the_tree_of_both_types_packs_to_both(tmp_path: Path) -> None:
    members = package(["One"])
    (tmp_path / "x.zip").write_bytes(pack(members))
    members["solution.xml"] = members["solution.xml"].replace(b"<Managed>0", b"<Managed>1")
    (tmp_path / "x_managed.zip").write_bytes(pack(members))
    tree = tmp_path / "tree"
    assert run_cli("unpack", tmp_path / "x.zip", "-o", tree, "--package-type", "both").returncode == 0
    assert b"<Managed>2</Managed>" in (tree / "Other" / "Solution.xml").read_bytes()
    result = run_cli("pack", tree, "-o", tmp_path / "out" / "y.zip")
    assert result.returncode == 0, result.stderr
    for name, managed in (("y.zip", b"<Managed>0<"), ("y_managed.zip", b"<Managed>1<")):
        with zipfile.ZipFile(tmp_path / "out" / name) as archive:
            assert managed in archive.read("solution.xml")
    twin = run_cli("unpack", tmp_path / "x_managed.zip", "-o", tmp_path / "t2", "--package-type", "both")
    assert (twin.returncode, "name the unmanaged one" in twin.stderr) == (2, True)


def test_packing_is_deterministic_and_in_either_flavour(tmp_path: Path) -> None:
    folder = write_tree(unpack_members("t", package(["One"]), UnpackOptions("\n")), tmp_path / "tree")
    outputs = []
    for name, more in (("a.zip", []), ("b.zip", []), ("s.zip", ["--like", "server"])):
        assert run_cli("pack", folder, "-o", tmp_path / name, *more).returncode == 0
        outputs.append((tmp_path / name).read_bytes())
    assert outputs[0] == outputs[1]
    with zipfile.ZipFile(tmp_path / "s.zip") as server, zipfile.ZipFile(tmp_path / "a.zip") as packager:
        assert server.read("solution.xml").startswith(b"<ImportExportXml ")
        assert b'"xml" ContentType="application/octet-stream"' in server.read("[Content_Types].xml")
        assert packager.read("solution.xml").startswith(
            b'\xef\xbb\xbf<?xml version="1.0" encoding="utf-8"?>\r\n<Import'
        )
        assert b'"xml" ContentType="text/xml"' in packager.read("[Content_Types].xml")
    (tmp_path / "other.zip").write_bytes(b"not a zip")
    assert run_cli("pack", folder, "-o", tmp_path / "other.zip").returncode == 2
    assert (tmp_path / "other.zip").read_bytes() == b"not a zip"


def test_a_map_names_files_that_are_built_elsewhere(tmp_path: Path) -> None:
    flow = "<Workflows><Workflow WorkflowId='{00000001-0000-4000-8000-000000000000}'>"
    flow += "<JsonFileName>/Workflows/f.json</JsonFileName></Workflow></Workflows>"
    root = b'<RootComponent type="29" id="{00000001-0000-4000-8000-000000000000}" />'
    members = package([])
    members["solution.xml"] = members["solution.xml"].replace(b"</RootComponents>", root + b"</RootComponents>")
    members["customizations.xml"] = f"<ImportExportXml>{flow}</ImportExportXml>".encode()
    members["[Content_Types].xml"] = members["[Content_Types].xml"].replace(
        b"</Types>", b'<Default Extension="json" ContentType="x" /></Types>'
    )
    members["Workflows/f.json"] = b"old"
    (tmp_path / "x.zip").write_bytes(pack(members))
    (tmp_path / "built").mkdir()
    (tmp_path / "built" / "f.json").write_bytes(b"new")
    for directive in (
        '<FileToFile map="Workflows\\f.json" to="built/f.json" />',
        '<FileToPath map="Workflows\\*.json" to="built" />',
        '<Folder map="Workflows" to="built" />',
    ):
        mapping = tmp_path / "map.xml"
        mapping.write_text(f'<Mapping>{directive}<Folder map="x" to="nowhere" /></Mapping>', encoding="utf-8")
        folder = tmp_path / directive[1:9]
        result = run_cli("unpack", tmp_path / "x.zip", "-o", folder, "--map", mapping)
        assert result.returncode == 0, result.stderr
        assert "nowhere does not exist: the mapping is ignored" in result.stderr
        assert not (folder / "Workflows" / "f.json").exists()
        assert run_cli("pack", folder, "-o", tmp_path / "none.zip").returncode == 2  # it is named, and not there
        assert run_cli("pack", folder, "-o", tmp_path / "y.zip", "--map", mapping, "--force").returncode == 0
        with zipfile.ZipFile(tmp_path / "y.zip") as archive:
            assert archive.read("Workflows/f.json") == b"new"
    assert packed(write_tree(unpack_members("t", members), tmp_path / "plain")).members["Workflows/f.json"] == b"old"


def test_the_zip_does_not_become_a_part_of_the_next_one(folder: Path) -> None:
    for place, code in (("dist/x.zip", 2), ("Roles/x.zip", 2), ("bin/x.zip", 0), ("x.zip", 0)):
        assert run_cli("pack", folder, "-o", folder / place).returncode == code
        assert (folder / place).exists() == (code == 0)
    assert run_cli("pack", folder, "-o", folder / "y.zip").returncode == 0
    assert (folder / "x.zip").read_bytes() == (folder / "y.zip").read_bytes()
