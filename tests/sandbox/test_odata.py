"""The query language: what it means, and that nothing not understood is ignored."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.sandbox.odata.filters import Getter, parse_filter
from builder.sandbox.odata.literals import BadQuery, parse_guid
from builder.sandbox.odata.options import parse_options
from builder.sandbox.odata.path import parse_path

GUID = "886b280c-6396-4d56-a0a3-2c1b0a50ceb0"
TYPES = {"name": "String", "size": "Number", "when": "DateTimeOffset", "id": "Guid", "off": "Boolean", "nav": "Entity"}


class Model:
    def property(self, path: str) -> tuple[str, Getter]:
        if path not in TYPES:
            raise BadQuery(f"no {path}")
        return TYPES[path], lambda row: row.get(path)


ROW: dict[str, Any] = {"name": "O'Hara & Sons", "size": 61, "when": "2024-03-15T16:21:58Z", "id": GUID, "off": False}


def holds(text: str, row: dict[str, Any] = ROW) -> bool:
    return parse_filter(text, Model())(row)


@pytest.mark.parametrize(
    "text",
    [
        "name eq 'o''hara & sons'",
        "name ne 'other'",
        "contains(name,'HARA')",
        "startswith(name, 'O''h') and endswith(name,'sons')",
        "size eq 61 and size gt 7 and size ge 61 and size lt 62.5 and size le 61",
        "not (size eq 7)",
        "not size eq 7 and off eq false",
        "size eq 7 or size eq 8 or size eq 61",
        "size eq 7 and size eq 8 or size eq 61",
        "(size eq 7 or size eq 61) and off eq false",
        f"id eq {GUID.upper()}",
        "nav eq null and not (name eq null)",
        "name ne null",
        "when ge 2024-03-15T16:21:58Z and when lt 2024-03-15T18:21:59+01:00 and when gt 2024-01-01",
        "'O''Hara & Sons' eq name",
    ],
)
def test_what_holds(text: str) -> None:
    assert holds(text)


@pytest.mark.parametrize(
    "text",
    [
        "size eq 7",
        "name eq null",
        "contains(name,'x')",
        "size gt 61",
        "not (size eq 61)",
        "when lt 2024-03-15T16:21:58Z",
    ],
)
def test_what_does_not(text: str) -> None:
    assert not holds(text)


def test_nothing_is_greater_or_smaller_than_null() -> None:
    assert not any(holds(f"size {operator} 1", {"size": None}) for operator in ("gt", "ge", "lt", "le", "eq"))
    assert holds("size ne 1", {"size": None})
    assert not holds("contains(name,'a')", {"name": None})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name eq", "ends too early"),
        ("name eq 'open", "Syntax error"),
        ("name eq 'a' and", "ends too early"),
        ("(name eq 'a'", "')' was expected"),
        ("name eq 'a')", "was not expected"),
        ("name eq 5", "incompatible types"),
        ("id eq '" + GUID + "'", "incompatible types"),
        ("when eq 2024-13-45", "Syntax error"),
        ("colour eq 'red'", "no colour"),
        ("contains(size,'6')", "two strings"),
        ("size has 5", "not understood"),
        ("tolower(name) eq 'a'", "not understood"),
        ("(" * 5000 + "size eq 1" + ")" * 5000, "nested too deeply"),
    ],
)
def test_what_is_refused(text: str, words: str) -> None:
    with pytest.raises(BadQuery, match=words.replace("(", r"\(").replace(")", r"\)")):
        parse_filter(text, Model())


@given(st.text(alphabet="(),' abeqnortls01-$@/.", max_size=40))
def test_any_text_is_a_filter_or_a_bad_query(text: str) -> None:
    try:
        parse_filter(text, Model())(ROW)
    except BadQuery as refused:
        assert refused.message


@given(st.text(max_size=20))
def test_a_quoted_string_is_itself(text: str) -> None:
    quoted = text.replace("'", "''")
    assert holds(f"name eq '{quoted}'", {"name": text})


def test_options() -> None:
    options = parse_options(
        {
            "$select": "a, b",
            "$expand": "one($select=c,d;$filter=x eq 'a,;(b'),two",
            "$orderby": "a desc,b",
            "$top": "3",
            "$count": "true",
            "@p": "1",
        }
    )
    assert options.select == ("a", "b")
    assert [(expand.name, expand.options.select, expand.options.filter) for expand in options.expand] == [
        ("one", ("c", "d"), "x eq 'a,;(b'"),
        ("two", None, ""),
    ]
    assert options.order == (("a", True), ("b", False))
    assert (options.top, options.count, options.aliases) == (3, True, {"@p": "1"})
    assert parse_options({"$select": "*"}).select is None


@pytest.mark.parametrize(
    ("query", "supported"),
    [
        ({"$skip": "1"}, True),
        ({"$apply": "x"}, False),
        ({"top": "1"}, True),
        ({"$top": "-1"}, True),
        ({"$top": "x"}, True),
        ({"$count": "maybe"}, True),
        ({"$orderby": "a sideways"}, True),
        ({"$expand": "a($levels=2)"}, False),
        ({"$expand": "a/b"}, False),
        ({"$expand": "a($select=b"}, True),
    ],
)
def test_options_that_are_refused(query: dict[str, str], supported: bool) -> None:
    with pytest.raises(BadQuery) as refused:
        parse_options(query)
    assert refused.value.supported is supported


def test_paths() -> None:
    users, function = parse_path("systemusers(1)/Microsoft.Dynamics.CRM.RetrieveUserPrivileges()")
    assert (users.name, users.key, function.name, function.key) == ("systemusers", "1", "RetrieveUserPrivileges", "")
    (call,) = parse_path("RetrieveRolePrivilegesRole(RoleId=@r,Other=2)")
    assert call.arguments({"@r": "x"}) == {"RoleId": "x", "Other": "2"}
    (defined,) = parse_path("EntityDefinitions(LogicalName=%27account%27)")
    assert defined.key == "LogicalName='account'"
    for bad in ("a(b", "a b", "a)", "''"):
        with pytest.raises(BadQuery):
            parse_path(bad)
    with pytest.raises(BadQuery, match="no value"):
        call.arguments({})


def test_guids() -> None:
    assert parse_guid(f"'{{{GUID.upper()}}}'") == GUID
    with pytest.raises(BadQuery):
        parse_guid("account")
