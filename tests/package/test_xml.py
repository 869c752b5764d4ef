"""Lines, texts and depth of what is parsed."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.package.xml import MalformedXml, line_of, parse


def document(line_end: bytes, lines_before: int) -> bytes:
    head = [b"<r>"] + [b'  <e name="a" level="b" />'] * lines_before
    body = [
        b"  <Roles>",
        b'    <p name="a" />',
        b'    <p name="a"></p>',
        b"    <q>text</q>",
        b"    <s><t/></s>",
        b"  </Roles>",
    ]
    return line_end.join([*head, *body, b"</r>"])


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("before", [3, 65_531, 65_533, 65_540, 70_000])
def test_lines_are_right_beyond_what_libxml2_counts(line_end: bytes, before: int) -> None:
    root = parse("m", document(line_end, before))
    *elements, roles = root
    assert [line_of(element) for element in elements] == list(range(2, before + 2))
    assert [line_of(each) - before for each in (roles, *roles, roles[3][0])] == [2, 3, 4, 5, 6, 6]


@given(
    st.integers(65_520, 65_560),
    st.lists(st.sampled_from([b"<a/>", b"<a b='c'/>", b"<a>x</a>", b"<a>\n<b/>\n</a>", b"<a/><a/>", b"<a><b/></a>"])),
)
def test_lines_are_right_for_any_mixture(before: int, elements: list[bytes]) -> None:
    data = b"<r>" + b"\n" * before + b"\n".join(elements) + b"\n</r>"
    lines = [data.count(b"\n", 0, found.start()) + 1 for found in re.finditer(rb"<[a-z]", data)]
    assert [line_of(element) for element in parse("m", data).iter()] == lines


def test_comments_and_instructions_leave_texts_whole() -> None:
    root = parse("m", b"<!-- a --><?b c?><a>1.0<!-- x -->.<?y z?>0<![CDATA[<]]></a>")
    assert root.text == "1.0.0<"
    assert len(root) == 0


def test_a_text_longer_than_the_parser_likes_is_read() -> None:
    assert len(parse("m", b"<a b='" + b"x" * 11_000_000 + b"'>" + b"y" * 11_000_000 + b"</a>").text or "") == 11_000_000


def test_a_byte_order_mark_and_a_declaration_of_utf_8_are_fine() -> None:
    text = '\ufeff<?xml version="1.0" encoding="UTF-8"?>\r\n<a b="ä">€</a>'
    assert parse("m", text.encode()).text == "€"


def test_nothing_is_included_or_fetched() -> None:
    data = b'<a xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="file:///etc/passwd"/></a>'
    (include,) = parse("m", data)
    assert len(include) == 0 and not include.text


def test_a_fault_names_member_and_line() -> None:
    with pytest.raises(MalformedXml) as caught:
        parse("solution.xml", b"<a>\n<b>\n</a>")
    assert str(caught.value) == "solution.xml:3: not well-formed: Opening and ending tag mismatch: b line 2 and a"
