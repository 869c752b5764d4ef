"""The pages as a browser shows them: accessible, searchable, in light and dark, narrow and on paper."""

from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from builder.brief.content import difference
from builder.brief.html import brief_page, difference_page
from builder.catalogue import load
from builder.comparison.compare import compare
from builder.model import Depth
from builder.package.opening import read_any
from builder.package.reader import read_members
from builder.solution.overlay import Overlay
from builder.solution.overlaying import overlay_package
from cli.sides import Opened
from tests.brief.subjects import brief, large, reference, subject_of
from tests.chromium import DARK, axe, dom, evaluate, needs_chromium, printed
from tests.support import SHARED, needs_corpus

pytestmark = needs_chromium
LARGEST = SHARED / "corpus/unpacked/microsoft__Power-CAT-Copilot-Studio-Kit__CopilotStudioAccelerator"


@cache
def reference_page() -> str:
    return brief_page(brief(subject_of(reference())))


@cache
def overlaid_pages() -> tuple[str, str]:
    """The brief of the vendor's package down to the business unit, since the vendor's; and the difference alone."""
    vendor = subject_of(reference())
    overlay = Overlay(depth=Depth.LOCAL)
    made = overlay_package(vendor.package, overlay, stated=vendor.roles)
    package = read_members("overlaid.zip", made.members)
    overlaid = Opened(package, made.roles.after, "overlaid.access.json", vendor.application)
    changes = compare(Opened(vendor.package, vendor.roles, "vendor.access.json").side(), overlaid.side())
    since = difference(changes, "Vendor's 1.0", "Ours 1.1", load())
    found = replace(brief(replace(vendor, package=package, roles=made.roles.after)), since=since)
    return brief_page(found), difference_page(since, [("Old", vendor.package.digest), ("New", package.digest)])


@pytest.mark.parametrize("flags", [(), (DARK,)], ids=["light", "dark"])
def test_axe_finds_nothing_in_the_brief(tmp_path: Path, flags: tuple[str, ...]) -> None:
    assert axe(reference_page(), tmp_path, *flags) == []


@pytest.mark.parametrize("flags", [(), (DARK,)], ids=["light", "dark"])
def test_axe_finds_nothing_in_an_overlaid_one_and_in_a_diff(tmp_path: Path, flags: tuple[str, ...]) -> None:
    for page in overlaid_pages():
        assert axe(page, tmp_path, *flags) == []


@needs_corpus
def test_axe_finds_nothing_in_the_largest_role_of_the_corpus(tmp_path: Path) -> None:
    package = read_any(LARGEST)
    role = max(package.roles, key=lambda role: len(role.grants))
    assert len(role.grants) == 1464
    page = brief_page(brief(replace(subject_of(reference()), package=package, roles=(role,), stated_by="")))
    assert axe(page, tmp_path) == []


def test_axe_would_find_something(tmp_path: Path) -> None:
    page = reference_page().replace("--soft: #525d69", "--soft: #b9c0c7").replace('<html lang="en">', "<html>")
    found = " ".join(axe(page, tmp_path))
    assert "color-contrast" in found
    assert "html-has-lang" in found


def test_the_page_runs_under_its_own_policy(tmp_path: Path) -> None:
    page = tmp_path / "brief.html"
    page.write_text(brief_page(brief(large(400))), encoding="utf-8")
    shown = dom(page)
    assert 'aria-label="Find in the matrices">' in shown  # no longer hidden: the script ran
    assert " rows</output>" in shown


FILTER = """
const form = document.getElementById("filter");
const visible = () => [...document.querySelectorAll("table.matrix > tbody > tr")].filter((row) => row.offsetParent)
  .map((row) => row.querySelector("th").textContent);
const choose = (name, value) => {
  form.elements[name].value = value;
  form.dispatchEvent(new Event("input", { bubbles: true }));
};
const all = visible().length;
choose("words", "knowledge art");
const found = visible();
choose("words", "");
choose("right", "1");
choose("depth", "#d8");
const deep = [...document.querySelectorAll("table.matrix > tbody > tr:not([hidden]) > td:nth-child(2) > i")]
  .filter((cell) => cell.offsetParent).map((cell) => cell.textContent);
choose("right", "");
choose("depth", "");
const result = { all, found, deep, back: visible().length, said: form.querySelector("output").textContent };
"""


def test_rows_can_be_searched_and_filtered(tmp_path: Path) -> None:
    result = evaluate(brief_page(brief(large(3000))), tmp_path, FILTER)
    assert result["found"]
    assert any("Knowledge Article" in row for row in result["found"])
    assert len(result["found"]) < result["all"] == result["back"]
    assert set(result["deep"]) == {"Organization"}
    rows = result["said"].split(" of ")
    assert rows[0] + " rows" == rows[1]


def test_nothing_sticks_out_of_a_narrow_window(tmp_path: Path) -> None:
    for page in (reference_page(), *overlaid_pages()):
        script = "const result = [innerWidth, document.documentElement.scrollWidth]"
        inner, needed = evaluate(page, tmp_path, script, "--window-size=500,900")
        assert inner == 500
        assert needed <= inner


def test_prints_on_paper(tmp_path: Path) -> None:
    page, paper = tmp_path / "brief.html", tmp_path / "brief.pdf"
    page.write_text(reference_page(), encoding="utf-8")
    printed(page, paper)
    count = paper.read_bytes().count(b"/Type /Page\n") or paper.read_bytes().count(b"/Type /Page ")
    assert paper.read_bytes().startswith(b"%PDF")
    assert 1 <= count <= 4
