"""A brief, or a difference -> one self-contained HTML page."""

from collections.abc import Sequence
from typing import Any

from builder import __version__
from builder.brief.content import Brief, Difference
from builder.brief.words import DEPTHS, NOT_GRANTED, NOT_STATED, RIGHTS
from builder.model import ALL_RIGHTS, Depth
from builder.templating import asset, asset_hash, render

_FOLDER = "brief"


def brief_page(brief: Brief) -> str:
    """Give the page of a brief."""
    values = {
        "brief": brief,
        "rights": ALL_RIGHTS,
        "depths": tuple(Depth),
        "depth_meanings": tuple(DEPTHS.items()),
        "right_meanings": tuple(RIGHTS.items()),
        "not_stated": NOT_STATED,
        "not_granted": NOT_GRANTED,
    }
    return _page("brief.html.j2", values)


def difference_page(since: Difference, digests: Sequence[tuple[str, str]]) -> str:
    """Give the page of a difference; `digests` are the content digests of its sides, each with a label."""
    return _page("diff.html.j2", {"since": since, "digests": digests, "made_by": f"solsmith {__version__}"})


def _page(template: str, values: dict[str, Any]) -> str:
    dress = {
        "style": asset(_FOLDER, "style.css"),
        "style_hash": asset_hash(_FOLDER, "style.css"),
        "script": asset(_FOLDER, "filter.js"),
        "script_hash": asset_hash(_FOLDER, "filter.js"),
        "circles": {depth.words: depth.value for depth in Depth},
    }
    return str(render(_FOLDER, template, {**dress, **values})) + "\n"
