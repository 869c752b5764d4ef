"""`solsmith brief`, and `solsmith diff --format html`, as people call them."""

import re
from html import unescape
from pathlib import Path

import pytest

from tests.support import REFERENCE_SPEC, SHARED, needs_corpus, reference_package, run_cli

SPEC = REFERENCE_SPEC.read_text(encoding="utf-8")


def words(page: str) -> str:
    """The text of a page, in one line."""
    body = re.sub(r"<(style|script)>.*?</\1>", "", page, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", body)).split())


def test_writes_each_format_by_name(tmp_path: Path) -> None:
    package = reference_package(tmp_path)
    for name, start in (("b.html", "<!DOCTYPE html>"), ("b.svg", "<svg "), ("b.md", "# Access brief: ")):
        result = run_cli("brief", package, "-o", tmp_path / name)
        assert (result.returncode, result.stdout) == (0, "")
        assert f"Wrote {tmp_path / name} (" in result.stderr
        assert (tmp_path / name).read_text(encoding="utf-8").startswith(start)


def test_agrees_with_show_on_every_word(tmp_path: Path) -> None:
    package = reference_package(tmp_path)
    told = words(run_cli("brief", package).stdout)
    shown = [" ".join(line.split()) for line in run_cli("show", package).stdout.splitlines()]
    for line in shown[1:9]:  # the facts
        assert line.replace(f"{tmp_path}/", "") in told
    for line in shown:
        if " covers Address" in line or line.startswith("id "):
            assert line in told
    for reason in ("The sync creates and updates", "Deletions are found in the audit history"):
        assert any(reason in line for line in shown)
        assert reason in told
    matrix = [line for line in shown if line.endswith("● Organization") and not line.startswith("●")]
    assert len(matrix) == 8
    for line in matrix:
        assert re.split(r" [●·]", line)[0] in told


def test_says_what_is_new(tmp_path: Path) -> None:
    more = SPEC.replace("opportunity, systemuser, trans", "opportunity, systemuser, annotation, trans")
    newer = tmp_path / "solution.yaml"
    newer.write_text(more.replace("1.0.1.365", "1.0.2.365"), encoding="utf-8")
    for form in ("html", "markdown"):
        result = run_cli("brief", newer, "--since", reference_package(tmp_path), "--format", form)
        assert (result.returncode, result.stderr) == (0, "")
        told = words(result.stdout).replace("`", "")
        assert "What is new" in told
        assert "1 grant added" in told
        assert "Needs the customer's approval" in told
        assert "Note (annotation): Read" in told


def test_without_a_statement_says_so(tmp_path: Path) -> None:
    package = reference_package(tmp_path)
    package.with_suffix(".access.json").unlink()
    told = words(run_cli("brief", package).stdout)
    assert "how it signs in, is not stated in the package" in told
    assert "Why each privilege is granted is not stated in the package" in told
    stated = words(run_cli("brief", package, "--spec", REFERENCE_SPEC).stdout)
    assert "It signs in as itself" in stated
    assert "f41adf61-824b-41ba-8c81-0f17fe22b244" in stated


def test_tells_what_is_against_a_policy(tmp_path: Path) -> None:
    deleting = tmp_path / "solution.yaml"
    deleting.write_text(SPEC.replace("create, read, write,", "create, read, write, delete,"), encoding="utf-8")
    told = words(run_cli("brief", deleting, "--policy", "application-user").stdout)
    assert "SOL903" in told
    assert "SOL903" not in words(run_cli("brief", deleting).stdout)


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
@pytest.mark.parametrize("form", ["html", "svg", "markdown"])
def test_is_utf_8_whatever_the_terminal_speaks(tmp_path: Path, encoding: str, form: str) -> None:
    spec = tmp_path / "solution.yaml"
    spec.write_text(SPEC.replace("Net-Results Sync for Dynamics 365", "Zürich 東京"), encoding="utf-8")
    result = run_cli("brief", spec, "--format", form, PYTHONIOENCODING=encoding)
    assert (result.returncode, result.stderr) == (0, "")
    assert "Zürich 東京" in result.stdout


@pytest.mark.parametrize(
    ("options", "hint"),
    [
        (("-o", "PACKAGE"), "end in .html"),
        (("-o", "brief.svg", "--format", "html"), "end in .html or .htm"),
        (("-o", "brief"), "end in .html"),
    ],
)
def test_never_writes_over_a_package(tmp_path: Path, options: tuple[str, ...], hint: str) -> None:
    package = reference_package(tmp_path)
    before = package.read_bytes()
    result = run_cli("brief", package, *(str(package) if o == "PACKAGE" else o for o in options), cwd=tmp_path)
    assert result.returncode == 2
    assert hint in result.stderr
    assert package.read_bytes() == before
    assert not (tmp_path / "brief.svg").exists()


def test_what_cannot_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "no.zip").write_bytes(b"no zip")
    for arguments in (("no.zip",), ("absent.zip",), (REFERENCE_SPEC, "--since", "no.zip")):
        result = run_cli("brief", *arguments, "-o", "b.html", cwd=tmp_path)
        assert result.returncode == 2
        assert "Traceback" not in result.stderr
        assert not (tmp_path / "b.html").exists()


@needs_corpus
@pytest.mark.parametrize("form", ["html", "svg", "markdown"])
def test_briefs_of_real_packages(form: str) -> None:
    path = SHARED / "corpus/unpacked/microsoft__powercat-automation-kit__AutomationCoEMain"
    result = run_cli("brief", path, "--since", f"{path}__old", "--format", form)
    assert (result.returncode, result.stderr) == (0, "")
    assert "Automation Project Contributor" in result.stdout


def test_diff_as_a_page(tmp_path: Path) -> None:
    newer = tmp_path / "solution.yaml"
    newer.write_text(SPEC.replace("opportunity, systemuser", "systemuser"), encoding="utf-8")
    page = run_cli("diff", "--format", "html", "--fail-on", "removed", REFERENCE_SPEC, newer, PYTHONIOENCODING="ascii")
    assert page.returncode == 1
    assert page.stdout.startswith("<!DOCTYPE html>")
    assert "Breaks the application : Role Net-Results" in words(page.stdout)
    assert "removed Opportunity: Read Organization" in words(page.stdout)
    same = run_cli("diff", "--format", "html", REFERENCE_SPEC, REFERENCE_SPEC)
    assert "No difference" in words(same.stdout)
