"""A brief -> an SVG picture of its matrices, for a page, a slide or a ticket. It scales, and follows light and dark."""

from collections.abc import Iterator
from dataclasses import dataclass

from builder.brief.content import Brief, RoleBrief
from builder.brief.words import NOT_GRANTED
from builder.model import ALL_RIGHTS, Depth
from builder.templating import asset, render

_FOLDER = "brief"
_WIDTH = 960
_NAMES, _CELL, _LINE = 330, 52, 26
_DEPTHS = _NAMES + _CELL * len(ALL_RIGHTS) + 16
_MOST_LETTERS = 44  # what fits before the first circle


@dataclass(frozen=True, slots=True)
class Text:
    """A text at a place; `kind` is its class in the style."""

    x: int
    y: int
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Circle:
    """A depth at a place; None is not granted."""

    x: int
    y: int
    depth: Depth | None


def brief_picture(brief: Brief) -> str:
    """Give the picture: each role's matrix, a legend and the digest."""
    drawing = _Drawing()
    drawing.text(20, "title", f"{brief.name}", 34)
    drawing.text(20, "soft", brief.title)
    for role in brief.roles:
        drawing.role(role)
    drawing.foot(brief)
    values = {
        "title": f"Access of {brief.title}",
        "description": _description(brief),
        "width": _WIDTH,
        "height": drawing.y + 20,
        "style": asset(_FOLDER, "picture.css"),
        "texts": drawing.texts,
        "circles": drawing.circles,
        "lines": drawing.lines,
        "far": _WIDTH - 20,
    }
    return str(render(_FOLDER, "picture.svg.j2", values)) + "\n"


def _description(brief: Brief) -> str:
    """Say in words what the picture shows."""
    return " ".join(sentence for role in brief.roles for sentence in _sentences(role))


def _sentences(each: RoleBrief) -> Iterator[str]:
    yield f"Role {each.role.name}, {each.count}."
    for group in each.groups:
        for row in group.rows:
            rights = (f"{right.words} {depth.words}" for right, depth in row.row.depths.items())
            yield f"{row.row.title}: {', '.join(rights)}."
    for _, others in each.others:
        for other in others:
            yield f"{other.label}: {other.depth.words}."


class _Drawing:
    """What stands where, from the top down."""

    def __init__(self) -> None:
        self.y = 14
        self.texts: list[Text] = []
        self.circles: list[Circle] = []
        self.lines: list[int] = []

    def text(self, x: int, kind: str, text: str, height: int = _LINE) -> None:
        """Write a line of its own."""
        self.y += height
        self.texts.append(Text(x, self.y, kind, text))

    def role(self, each: RoleBrief) -> None:
        """Draw a role: its name, the matrix, and the privileges about no table."""
        self.y += 12
        self.text(20, "head", f"Role {each.role.name} ({each.count})", 32)
        if each.groups:
            self.y += 16
            self.text(20, "right", "Table")
            for column, right in enumerate(ALL_RIGHTS):
                lines = right.words.split()
                for above, word in enumerate(reversed(lines)):
                    self.texts.append(Text(_center(column), self.y - 15 * above, "column", word))
            self.texts.append(Text(_DEPTHS, self.y, "right", "Depth"))
            self.rule()
        for group in each.groups:
            if group.title:
                self.text(20, "group", group.title)
            for row in group.rows:
                self.text(20, "name", _cut(row.row.title, _MOST_LETTERS))
                self.circles += [Circle(_center(column), self.y - 5, depth) for column, depth in enumerate(row.cells)]
                self.texts.append(Text(_DEPTHS, self.y, "soft", _cut(row.depth, 28)))
        for tab, others in each.others:
            self.text(20, "group", tab)
            for other in others:
                self.text(20, "name", _cut(other.label, _MOST_LETTERS))
                self.circles.append(Circle(_DEPTHS + 8, self.y - 5, other.depth))
                self.texts.append(Text(_DEPTHS + 22, self.y, "soft", other.depth.words))

    def rule(self) -> None:
        """Draw a line across."""
        self.y += 8
        self.lines.append(self.y)

    def foot(self, brief: Brief) -> None:
        """Draw the legend and the digest."""
        self.y += 12
        self.rule()
        self.y += _LINE
        x = 28
        for depth, words in [*((depth, depth.words) for depth in Depth), (None, NOT_GRANTED)]:
            self.circles.append(Circle(x, self.y - 5, depth))
            self.texts.append(Text(x + 14, self.y, "soft", words))
            x += 50 + 8 * len(words)
        self.text(20, "soft", f"Content {brief.digest}")


def _center(column: int) -> int:
    return _NAMES + _CELL * column + _CELL // 2


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
