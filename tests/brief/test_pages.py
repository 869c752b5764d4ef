"""The brief as HTML, SVG and Markdown: well-formed, self-contained, and no foreign text becomes markup."""

import re
import time
from dataclasses import replace
from typing import Any

import html5lib
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from markdown_it import MarkdownIt

from builder.brief.content import brief_of, difference
from builder.brief.html import brief_page, difference_page
from builder.brief.markdown import brief_markdown
from builder.brief.svg import brief_picture
from builder.catalogue import load
from builder.comparison.changes import Side
from builder.comparison.compare import compare
from builder.model import Application, Depth, Grant, Role, Texts
from builder.templating import asset
from builder.text import fits_xml
from builder.validation.report import Finding, Severity
from tests.brief.subjects import Subject, brief, large, reference, subject_of

MARK = "zq9"
HOSTILE = (
    "<script>alert(1)</script>", "</style><img src=x onerror=alert(1)>", "]]>", "<!--", "-->", "</title>", "{{ 7 }}",
    '" onmouseover="x', "'", "&amp;", "[link](javascript:x)", "![i](http://x/y.png)", "http://x.example", "@someone",
    "www.x.example", "#1", "`", "``", "|", "\\", "**b**", "_i_", "~~s~~", "<b>", "\n# h", "\n- item", "\n::error::x",
    "##vso[task.setvariable]x", "##[group]", "\u202e", "\u200b", "\x00", "\x1b[31m", "\r\n", "\t", "\u2028", "$x$",
)  # fmt: skip
texts = st.lists(st.one_of(st.sampled_from(HOSTILE), st.text(max_size=8)), max_size=4).map(
    lambda p: "".join([*p, MARK])
)


def parsed(page: str) -> Any:
    return html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(page)


def skeleton(element: Any) -> list[Any]:
    """Element names and attributes, in order, and no text."""
    return [(str(each.tag), sorted(each.attrib.items())) for each in element.iter()]


def harmless(text: str) -> str:
    """A text of as many lines, none of which could be taken for anything."""
    return "\n".join("x" * len(line) for line in text.splitlines())


def shape(page: str) -> list[str]:
    """The tokens of Markdown with nothing of their text but what is not code."""
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(page)
    inner = [child for token in tokens for child in (token, *(token.children or ()))]
    assert all(MARK not in token.content for token in inner if token.type == "text")
    assert not {token.type for token in inner} & {"html_inline", "html_block", "link_open", "image", "fence"}
    return [token.type for token in inner]


def subject(name: str, description: str, reason: str, other: str, app: str) -> Subject:
    names: Texts = {1033: app}
    grants = tuple(  # both tables alike, since their names decide which comes first
        grant
        for table in ("Contact", other)
        for grant in (
            Grant(f"prvRead{table}", Depth.LOCAL, reason),
            Grant(f"prvWrite{table}", Depth.LOCAL, name, required=False),
        )
    )
    grants = (*grants, Grant("prvReadAuditSummary", Depth.GLOBAL, reason))
    role = Role("a" * 8, name, grants, description=description)
    package = subject_of(replace(reference(), names=names)).package
    return Subject(package, (role,), f"{app.replace('/', '')}.json", Application(app, app, app), app)


def pages(it: Subject, message: str) -> tuple[str, str, str, str]:
    old = Side((replace(it.roles[0], grants=(), description=""),), stated=True)
    changes = compare(old, Side(it.roles, stated=True))
    since = difference(changes, it.title, it.title, load())
    findings = [
        Finding("SOL501", Severity.NOTE, message, role=it.roles[0].name),
        Finding("SOL906", Severity.ERROR, message),
    ]
    made = brief_of(it, load(), findings, since)
    return brief_page(made), difference_page(since, [("Old", "sha256:0")]), brief_picture(made), brief_markdown(made)


@settings(max_examples=50)
@given(texts, texts, texts, texts, texts.map(lambda text: "".join(filter(fits_xml, text))))
def test_foreign_text_stays_text(name: str, description: str, reason: str, other: str, app: str) -> None:
    drawn = (name, description, reason, other, app)
    tame = tuple(map(harmless, drawn))
    page, diff, picture, markdown = pages(subject(*drawn), reason)
    tame_page, tame_diff, tame_picture, tame_markdown = pages(subject(*tame), tame[2])
    assert skeleton(parsed(page)) == skeleton(parsed(tame_page))
    assert skeleton(parsed(diff)) == skeleton(parsed(tame_diff))
    assert skeleton(etree.fromstring(picture.encode())) == skeleton(etree.fromstring(tame_picture.encode()))
    assert shape(markdown) == shape(tame_markdown)
    for text in (page, diff, picture, markdown):
        assert "##vso[" not in text
        assert "##[" not in text
        assert not re.search(r"^\s*::", text, re.MULTILINE)
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u200b\u2028\u202e]", text)


def test_the_page_loads_nothing_and_runs_nothing_but_its_own() -> None:
    page = brief_page(brief(large(200)))
    root = parsed(page)
    assert not re.search(r"(?:src|href)=\"(?!#)", page)
    assert "@import" not in page
    assert "url(" not in page
    (policy,) = root.iterfind(".//meta[@http-equiv]")
    assert policy.get("content").startswith("default-src 'none'; style-src 'sha256-")
    (script,) = root.iterfind(".//script")
    assert script.text == asset("brief", "filter.js")
    assert not [element for element in root.iter() if "style" in element.attrib]
    assert "<script" not in brief_page(brief(subject_of(reference())))  # nothing to search in


def test_the_matrix_is_a_table_with_words_in_every_cell() -> None:
    root = parsed(brief_page(brief(subject_of(reference()))))
    (table,) = root.iterfind(".//table[@class='matrix']")
    assert "".join(table.find("caption").itertext()).startswith("What Net-Results Sync")
    heads = ["".join(cell.itertext()) for cell in table.iterfind("thead/tr/th")]
    assert heads[:3] == ["Table", "Create", "Read"]
    assert all(cell.get("scope") == "col" for cell in table.iterfind("thead/tr/th"))
    for row in table.iterfind("tbody/tr"):
        assert row.find("th").get("scope") == "row"
        cells = ["".join(cell.itertext()) for cell in row.iterfind("td")]
        assert len(cells) == len(heads) - 1
        assert set(cells[:8]) <= {"Organization", "not granted"}
        assert all(cells)
    account = next(
        row for row in table.iterfind("tbody/tr") if "".join(row.find("th").itertext()).startswith("Account")
    )
    assert ["".join(cell.itertext()) for cell in account.iterfind("td")][3] == "not granted"  # Delete


def test_many_tables_stand_in_the_groups_of_the_admin_centre() -> None:
    root = parsed(brief_page(brief(large(600))))
    groups = ["".join(cell.itertext()) for cell in root.iterfind(".//th[@scope='rowgroup']")]
    assert {"Business Management", "Core Records", "Customization", "Sales", "Service"} <= set(groups)
    assert len(groups) == len(set(groups))


def test_the_same_brief_is_the_same_bytes() -> None:
    it = subject_of(reference())
    assert pages(it, "x") == pages(it, "x")


def test_three_thousand_privileges() -> None:
    it = large(3000)
    load()
    best = min(_timed(it) for _ in range(3))
    page = brief_page(brief(it))
    assert len(page.encode()) <= 1_000_000
    assert page.count('<use href="#d') >= 3000
    assert best <= 1.0


def _timed(it: Subject) -> float:
    start = time.process_time()
    brief_page(brief(it))
    return time.process_time() - start
