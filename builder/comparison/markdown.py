"""Changes -> Markdown for the comment on a pull request. Foreign text stands in code spans, where it stays text."""

from collections.abc import Iterator

from builder.catalogue import Catalogue
from builder.comparison.changes import Changes, Concern, Kind
from builder.comparison.entries import HEADINGS, ROLE, Entry, entries
from builder.model import Depth
from builder.text import markdown_code

_MOST_ROWS = 100
_OUR_WORDS = {*HEADINGS.values(), *(kind.value for kind in Kind), *(depth.words for depth in Depth)}
_COUNTED = (Kind.ADDED, Kind.WIDENED, Kind.REMOVED, Kind.NARROWED, Kind.REASON)


def as_markdown(changes: Changes, old: str, new: str, catalogue: Catalogue) -> str:
    """Give a page with a table for each concern; `old` and `new` say what was compared."""
    return "\n".join(_lines(changes, old, new, catalogue)) + "\n"


def summary(changes: Changes) -> str:
    """Count the grants' changes in words: `2 grants added, 1 narrowed`."""
    kinds = changes.count_kinds()
    counted = [(kinds[kind], kind.value) for kind in _COUNTED if kinds[kind]]
    if not counted:
        return "No grant differs" if changes else "No difference"
    (first, word), *rest = counted
    head = f"{first} {'grant' if first == 1 else 'grants'} {word}"
    return ", ".join([head, *(f"{count} {word}" for count, word in rest)])


def _lines(changes: Changes, old: str, new: str, catalogue: Catalogue) -> Iterator[str]:
    yield "### What the change grants and takes away"
    yield ""
    yield f"From {markdown_code(old)} to {markdown_code(new)}: **{summary(changes)}**"
    for concern, found in entries(changes, catalogue).items():
        yield ""
        yield f"**{_title(concern)}** ({len(found)})"
        yield ""
        yield "| In | Change | What | Old | New | Remark |"
        yield "|---|---|---|---|---|---|"
        yield from map(_row, found[:_MOST_ROWS])
        if len(found) > _MOST_ROWS:
            yield ""
            yield f"and {len(found) - _MOST_ROWS} more; `solsmith diff` shows them all."
    for note in changes.notes:
        yield ""
        yield f"Note: {markdown_code(note)}"


def _title(concern: Concern) -> str:
    return concern.value[0].upper() + concern.value[1:]


def _row(entry: Entry) -> str:
    role = entry.group.removeprefix(ROLE)
    group = _cell(entry.group) if role == entry.group else ROLE + markdown_code(role)
    cells = (entry.kind.value, entry.what, entry.before, entry.after, entry.remark)
    return "| " + " | ".join([group, *map(_cell, cells)]) + " |"


def _cell(text: str) -> str:
    """Write our own words as they are, and all other text as code."""
    return text if not text or text in _OUR_WORDS else markdown_code(text)
