"""`$filter`: text to a predicate over rows.

Understood: eq ne gt ge lt le, and or not, parentheses, contains startswith endswith, null, and a path of one
navigation property (`publisherid/uniquename`). Comparison of text ignores case, as the platform's database does (docs).
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from builder.sandbox.odata.literals import BadQuery, Literal, parse_literal

Predicate = Callable[[Any], bool]
Getter = Callable[[Any], Any]

_TOKEN = re.compile(r"\s*('(?:[^']|'')*'|[(),]|[^\s(),']+)")
_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda left, right: bool(left == right),
    "ne": lambda left, right: bool(left != right),
    "gt": lambda left, right: left is not None and right is not None and bool(left > right),
    "ge": lambda left, right: left is not None and right is not None and bool(left >= right),
    "lt": lambda left, right: left is not None and right is not None and bool(left < right),
    "le": lambda left, right: left is not None and right is not None and bool(left <= right),
}
_TEXT_FUNCTIONS: dict[str, Callable[[str, str], bool]] = {
    "contains": lambda text, part: part in text,
    "startswith": lambda text, part: text.startswith(part),
    "endswith": lambda text, part: text.endswith(part),
}

_LIST_FUNCTIONS = {"Microsoft.Dynamics.CRM.In": False, "Microsoft.Dynamics.CRM.NotIn": True}
_LIST_ARGUMENTS = re.compile(r"\s*PropertyName\s*=\s*'(\w+)'\s*,\s*PropertyValues\s*=\s*(\[[^\]]*\])\s*\)", re.DOTALL)


class Model(Protocol):
    """What the filter asks about names: their Edm type and how to get the value from a row; raises BadQuery."""

    def property(self, path: str) -> tuple[str, Getter]:
        """Resolve a property path."""


def parse_filter(text: str, model: Model) -> Predicate:
    """Read a filter; raises BadQuery with what is wrong."""
    parser = _Parser(text, model)
    try:
        predicate = parser.alternatives()
    except RecursionError:
        raise BadQuery("The filter is nested too deeply.") from None
    parser.expect_end()
    return predicate


def _tokens(text: str) -> list[tuple[int, str]]:
    tokens: list[tuple[int, str]] = []
    place = 0
    while text[place:].strip():
        match = _TOKEN.match(text, place)
        if match is None:
            raise BadQuery(f"Syntax error at position {place} in '{text}'.")
        tokens.append((match.start(1), match[1]))
        place = match.end()
    return tokens


@dataclass(frozen=True, slots=True)
class Equality:
    """`path eq constant`, as a predicate that says what it wants: text is folded."""

    path: str
    value: object
    left: Getter
    fold: Getter

    def __call__(self, row: Any) -> bool:
        """Whether it holds."""
        return bool(self.fold(self.left(row)) == self.value)


@dataclass(frozen=True, slots=True)
class Conjunction:
    """All of these."""

    parts: tuple[Predicate, ...]

    def __call__(self, row: Any) -> bool:
        """Whether all hold."""
        return all(part(row) for part in self.parts)


def equality_in(predicate: object) -> Equality | None:
    """The first `path eq constant` that every row of the answer must meet, so that an index may serve."""
    if isinstance(predicate, Equality):
        return predicate
    parts = predicate.parts if isinstance(predicate, Conjunction) else ()
    return next((found for part in parts if (found := equality_in(part))), None)


class _Parser:
    def __init__(self, text: str, model: Model) -> None:
        self._text = text
        self._starts = [start for start, _ in _tokens(text)]
        self._tokens = [token for _, token in _tokens(text)]
        self._place = 0
        self._model = model

    def alternatives(self) -> Predicate:
        parts = [self._conjunction()]
        while self._taken("or"):
            parts.append(self._conjunction())
        return parts[0] if len(parts) == 1 else lambda row: any(part(row) for part in parts)

    def expect_end(self) -> None:
        if self._place < len(self._tokens):
            raise BadQuery(f"Syntax error: '{self._tokens[self._place]}' was not expected in the filter.")

    def _conjunction(self) -> Predicate:
        parts = [self._negation()]
        while self._taken("and"):
            parts.append(self._negation())
        return parts[0] if len(parts) == 1 else Conjunction(tuple(parts))

    def _negation(self) -> Predicate:
        if self._taken("not"):
            inner = self._negation()
            return lambda row: not inner(row)
        if self._taken("("):
            inner = self.alternatives()
            self._demand(")")
            return inner
        return self._comparison()

    def _comparison(self) -> Predicate:
        word = self._next()
        if word in _TEXT_FUNCTIONS and self._taken("("):
            return self._text_function(word)
        if word in _LIST_FUNCTIONS and self._taken("("):
            return self._list_function(word)
        left_type, left = self._operand(word)
        operator = self._next()
        if operator not in _COMPARISONS:
            raise BadQuery(f"The operator '{operator}' is not understood.", supported=not operator.isalpha())
        other = self._next()
        right_type, right = self._operand(other)
        kind = _common_type(left_type, right_type, operator)
        compare, fold = _COMPARISONS[operator], _FOLDS.get(kind, _same)
        literal = parse_literal(other)
        if operator == "eq" and kind in _INDEXED and literal is not None and parse_literal(word) is None:
            return Equality(word, fold(literal.value), left, fold)
        return lambda row: compare(fold(left(row)), fold(right(row)))

    def _text_function(self, name: str) -> Predicate:
        left_type, left = self._operand(self._next())
        self._demand(",")
        right_type, right = self._operand(self._next())
        self._demand(")")
        if {left_type, right_type} != {"String"}:
            raise BadQuery(f"The function '{name}' takes two strings, not Edm.{left_type} and Edm.{right_type}.")
        test = _TEXT_FUNCTIONS[name]

        def predicate(row: Any) -> bool:
            text, part = left(row), right(row)
            return text is not None and part is not None and test(text.casefold(), part.casefold())

        return predicate

    def _list_function(self, name: str) -> Predicate:
        """`Microsoft.Dynamics.CRM.In(PropertyName='statecode',PropertyValues=["0","1"])` and NotIn."""
        match = _LIST_ARGUMENTS.match(self._text, self._starts[self._place])
        if match is None:
            raise BadQuery(f"Syntax error: the function '{name}' takes PropertyName and PropertyValues.")
        kind, getter = self._model.property(match[1])
        try:
            wanted = {_key_of(kind, value) for value in json.loads(match[2].replace("'", '"'))}
        except (ValueError, TypeError):
            raise BadQuery(f"The PropertyValues of '{name}' are no list of values.") from None
        while self._place < len(self._tokens) and self._starts[self._place] < match.end():
            self._place += 1
        outside = _LIST_FUNCTIONS[name]
        return lambda row: (_key_of(kind, getter(row)) in wanted) is not outside and getter(row) is not None

    def _operand(self, word: str) -> tuple[str, Getter]:
        literal = parse_literal(word)
        if literal is not None:
            return literal.type, _constant(literal)
        if self._place < len(self._tokens) and self._tokens[self._place] == "(":
            raise BadQuery(f"The function '{word}' is not understood in a filter.", supported=False)
        if not re.fullmatch(r"[A-Za-z_][\w./@]*", word):
            raise BadQuery(f"Syntax error near '{word}' in the filter.")
        return self._model.property(word)

    def _next(self) -> str:
        if self._place >= len(self._tokens):
            raise BadQuery("Syntax error: the filter ends too early.")
        self._place += 1
        return self._tokens[self._place - 1]

    def _taken(self, word: str) -> bool:
        if self._place < len(self._tokens) and self._tokens[self._place] == word:
            self._place += 1
            return True
        return False

    def _demand(self, word: str) -> None:
        if not self._taken(word):
            found = self._tokens[self._place] if self._place < len(self._tokens) else "the end"
            raise BadQuery(f"Syntax error: '{word}' was expected in the filter, found {found}.")


def _key_of(kind: str, value: Any) -> object:
    """A value as a list's member compares with it: the members come as text."""
    if value is None:
        return None
    if kind == "Number":
        return float(value)
    return str(value).casefold()


def _constant(literal: Literal) -> Getter:
    return lambda _row: literal.value


def _common_type(left: str, right: str, operator: str) -> str:
    if "Null" in (left, right):
        return "Null"
    if left != right:
        raise BadQuery(
            "A binary operator with incompatible types was detected. Found operand types "
            f"'Edm.{left}' and 'Edm.{right}' for operator kind '{operator}'."
        )
    return left


def _same(value: Any) -> Any:
    return value


def _fold_text(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value


def _moment(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    moment = datetime.fromisoformat(value)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


_INDEXED = ("String", "Guid")
_FOLDS: dict[str, Getter] = {"String": _fold_text, "DateTimeOffset": _moment}
