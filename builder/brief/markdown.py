"""A brief -> Markdown: the same content for a wiki or a pull request. Foreign text stands in code spans."""

from collections.abc import Iterable, Iterator

from builder.brief.content import Brief, Difference, OtherPrivilege, RoleBrief, Why
from builder.brief.lines import Line
from builder.brief.risks import Risk
from builder.brief.words import DEPTHS, NOT_GRANTED, NOT_STATED, RIGHTS
from builder.comparison.changes import Kind
from builder.model import ALL_RIGHTS, Depth
from builder.text import markdown_code

CIRCLES = {None: "○", Depth.BASIC: "◔", Depth.LOCAL: "◑", Depth.DEEP: "◕", Depth.GLOBAL: "●"}
_DEPTHS = {depth.words for depth in Depth}


def brief_markdown(brief: Brief) -> str:
    """Give the page of a brief, in GitHub's Markdown."""
    return "\n".join(_lines(brief)) + "\n"


def _lines(brief: Brief) -> Iterator[str]:
    yield f"# Access brief: {markdown_code(brief.name)}"
    yield ""
    yield f"{markdown_code(brief.title)}: what it can do in your environment, what it can not, and why."
    if brief.since:
        yield from _section("What is new", _difference(brief.since))
    yield from _section("The application", _application(brief))
    if not brief.roles:
        yield from ("", "The package holds no role: it grants nothing.")
    for role in brief.roles:
        yield from _section(f"Role {markdown_code(role.role.name)}", _role(role, stated=brief.stated))
    yield from _section("How to read it", _reading(brief))
    yield from _section("The package", _package(brief))


def _section(title: str, lines: Iterable[str]) -> Iterator[str]:
    yield from ("", f"## {title}", "")
    yield from lines


def _application(brief: Brief) -> Iterator[str]:
    if brief.application:
        yield f"- Name: {markdown_code(brief.application.name)}"
        yield f"- Application (client) id: {markdown_code(brief.application.app_id)}"
        if brief.application.publisher:
            yield f"- Verified publisher, as expected: {markdown_code(brief.application.publisher)}"
        for sentence in brief.sign_in:
            yield from ("", sentence)
    else:
        yield f"Which application will hold the role, and how it signs in, is {NOT_STATED}."
    if not brief.stated:
        yield from ("", f"Why each privilege is granted is {NOT_STATED}.")


def _role(each: RoleBrief, *, stated: bool) -> Iterator[str]:
    for text in each.role.description.splitlines():
        yield from (markdown_code(text), "")
    yield markdown_code(each.attributes)
    yield ""
    yield ", ".join(f"**{figure}** {label}" for figure, label in each.tiles) + "."
    yield from ("", "**Worth knowing**", "")
    yield from map(_risk, each.risks)
    if not each.risks:
        yield "Nothing that stands out."
    yield from ("", "**What it can not do**", "", *(f"- {_line(limit)}" for limit in each.limits))
    if each.groups:
        yield from ("", "**Tables**", "", *_matrix(each, stated=stated), "", _legend())
    for tab, others in each.others:
        yield from ("", f"**{tab}**", "", *_others(others, stated=stated))
    if each.covered:
        yield from ("", "**What these privileges also cover**", "")
        yield from (f"- {sentence}" for sentence in each.covered)  # the catalogue's words, no package's


def _risk(risk: Risk) -> str:
    rule = f" ({risk.rule})" if risk.rule else ""
    return f"- {risk.weight.value.capitalize()}: {_line(risk.what)}{rule}"


def _matrix(each: RoleBrief, *, stated: bool) -> Iterator[str]:
    heads = ["Table", *(right.words for right in ALL_RIGHTS), "Depth", *(["Why"] if stated else [])]
    yield _row(heads)
    yield _row(["---", *[":-:"] * len(ALL_RIGHTS), "---", *(["---"] if stated else [])])
    for group in each.groups:
        if group.title:
            yield _row([f"*{group.title}*", *[""] * (len(heads) - 1)])
        for row in group.rows:
            cells = (CIRCLES[depth] for depth in row.cells)
            yield _row([markdown_code(row.row.title), *cells, row.depth, *([_why(row.why)] if stated else [])])


def _others(others: Iterable[OtherPrivilege], *, stated: bool) -> Iterator[str]:
    yield _row(["Privilege", "Name", "Depth", *(["Why"] if stated else [])])
    yield _row(["---"] * (4 if stated else 3))
    for other in others:
        depth = f"{CIRCLES[other.depth]} {other.depth.words}"
        names = (markdown_code(other.label), markdown_code(other.privilege))
        yield _row([*names, depth, *([_why(other.why)] if stated else [])])


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _legend() -> str:
    return ", ".join([*(f"{CIRCLES[depth]} {depth.words}" for depth in Depth), f"{CIRCLES[None]} {NOT_GRANTED}"])


def _why(reasons: Iterable[Why]) -> str:
    return "; ".join(
        (f"{why.what}: " if why.what else "") + markdown_code(why.reason) + (" (optional)" if why.optional else "")
        for why in reasons
    )


def _line(said: Line) -> str:
    names = ", ".join(map(markdown_code, said.names)) + (f", and {said.more} more" if said.more else "")
    return " ".join(filter(None, (said.text, names, markdown_code(said.note) if said.note else "")))


def _difference(since: Difference) -> Iterator[str]:
    yield f"From {markdown_code(since.old)} to {markdown_code(since.new)}: {since.summary}."
    for concern, groups in since.concerns:
        for heading, found in groups:
            yield from ("", f"**{concern.value.capitalize()}**: {markdown_code(heading)}", "")
            yield _row(["Change", "What", "Old", "New", "Remark"])
            yield _row(["---"] * 5)
            for entry in found:
                yield _row(map(_cell, (entry.kind.value, entry.what, entry.before, entry.after, entry.remark)))
    for note in since.notes:
        yield from ("", f"Note: {markdown_code(note)}")


def _cell(text: str) -> str:
    """Write our own words as they are, and all other text as code."""
    ours = text in _DEPTHS or any(text == kind.value for kind in Kind)
    return text if not text or ours else markdown_code(text)


def _reading(brief: Brief) -> Iterator[str]:
    yield from (f"- {CIRCLES[depth]} {depth.words}: {meaning}" for depth, meaning in DEPTHS.items())
    yield ""
    yield from (f"- {right.words}: {meaning}" for right, meaning in RIGHTS.items())
    yield ""
    yield "The page speaks of the role alone: what else the same user is given adds to it. Dataverse by itself adds to"
    yield f"every role, at Organization: {', '.join(brief.platform)}."


def _package(brief: Brief) -> Iterator[str]:
    if brief.risks:
        yield from (*map(_risk, brief.risks), "")
    yield f"- File: {markdown_code(brief.source)}"
    yield from (f"- {label}: {markdown_code(' '.join(value.split()))}" for label, value in brief.facts)
    if brief.contents:
        yield f"- Also in it: {', '.join(map(markdown_code, brief.contents))}"
    yield ""
    yield f"This page was made from the package with the content digest `{brief.digest}`. `solsmith show` prints the"
    yield f"digest of the package that you received: they must be equal. Made by {brief.made_by}, offline."
