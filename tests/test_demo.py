"""The demo, as the README shows it: it ends well, says what it did, and leaves nothing behind."""

import re
import socket
import time
from pathlib import Path

from tests.support import run_cli


def test_ends_verified_and_leaves_only_the_package(tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    start = time.monotonic()
    result = run_cli("demo", "-o", tmp_path / "dist", TMPDIR=str(scratch))
    assert result.returncode == 0, result.stdout + result.stderr
    assert time.monotonic() - start < 30
    steps = re.findall(r"^\[(\d)/(\d)\] (\w[\w ]*):", result.stdout, re.MULTILINE)
    assert [name for *_, name in steps] == ["build", "validate", "sandbox", "import", "application user", "verify"]
    assert result.stdout.rstrip().endswith("verified")
    assert "not verified" not in result.stdout
    assert {path.suffix for path in (tmp_path / "dist").iterdir()} == {".json", ".zip"}
    assert list(scratch.iterdir()) == []


def test_table_says_what_works_and_what_is_refused(tmp_path: Path) -> None:
    lines = run_cli("demo", "-o", tmp_path).stdout.splitlines()
    account = next(line for line in lines if line.startswith("Account "))
    assert re.split(r" {2,}", account) == ["Account", "Create, Read, Write, Append, Append To", "Delete"]
    opportunity = next(line for line in lines if line.startswith("Opportunity "))
    assert re.split(r" {2,}", opportunity) == ["Opportunity", "Read", "Write, Delete"]


def test_its_sandbox_has_ended(tmp_path: Path) -> None:
    port = re.search(r"127\.0\.0\.1:(\d+)", run_cli("demo", "-o", tmp_path).stdout)
    assert port is not None
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", int(port[1]))) != 0


def test_says_what_is_wrong_where_it_may_not_write(tmp_path: Path) -> None:
    (tmp_path / "dist").write_text("a file in the way", encoding="utf-8")
    result = run_cli("demo", "-o", tmp_path / "dist")
    assert result.returncode == 2
    assert "Traceback" not in result.stderr


def test_uses_no_place_but_its_own(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    result = run_cli("demo", cwd=tmp_path / "elsewhere")
    assert result.returncode == 0, result.stderr
    assert [path.name for path in (tmp_path / "elsewhere").iterdir()] == ["dist"]
