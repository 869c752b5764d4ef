"""The only door to Jinja: strict about names, and nothing a value says can become markup."""

import base64
import hashlib
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from builder.resources import resource
from builder.text import fits_xml, printable

if TYPE_CHECKING:
    from jinja2 import Environment, Template

# What .NET's XML writer escapes, and how, since that is what real packages hold (measured).
_IN_ATTRIBUTE = {'"': "&quot;", "\t": "&#x9;", "\n": "&#xA;", "\r": "&#xD;"}
# A carriage return that stands as itself would be read as a line feed.
_IN_TEXT = {"\r": "&#xD;"}


# The same few hundred values come again and again over the packages of one run. Typed, since 1 and True are equal.
@lru_cache(maxsize=4096, typed=True)
def _xml_text(value: object) -> Markup:
    from xml.sax.saxutils import escape  # brings urllib along

    return Markup(escape(_checked(value), _IN_TEXT))  # noqa: S704 - this is the escaping


@lru_cache(maxsize=4096, typed=True)
def _xml_attribute(value: object) -> Markup:
    from xml.sax.saxutils import escape

    return Markup(escape(_checked(value), _IN_ATTRIBUTE))  # noqa: S704 - this is the escaping


def _checked(value: object) -> str:
    text = str(value)
    if not fits_xml(text):
        raise ValueError(f"XML cannot hold every character of {text!r}")
    return text


@cache
def _environment(folder: str) -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # only where something is rendered

    environment = Environment(
        loader=FileSystemLoader(resource("templates", folder)),
        undefined=StrictUndefined,
        autoescape=True,
        finalize=_shown if folder in _SHOWN else None,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )
    environment.filters.update(text=_xml_text, attribute=_xml_attribute)
    return environment


# Folders of templates that people look at: there control, bidirectional and other invisible characters are shown as
# escapes, and no value can bring one in.
_SHOWN = frozenset({"brief", "drift", "sandbox"})


def _shown(value: object) -> object:
    return _printable(value) if isinstance(value, str) and not isinstance(value, Markup) else value


_printable = lru_cache(maxsize=4096)(printable)  # a matrix says the same few words in every cell


def asset(folder: str, name: str) -> str:
    """Give a file of ours that stands in a page as it is, such as its style; it is markup to templates."""
    return Markup(resource("templates", folder, name).read_text(encoding="utf-8"))  # noqa: S704 - our own file


def asset_hash(folder: str, name: str) -> str:
    """Give what a page's Content-Security-Policy allows such a file by."""
    digest = hashlib.sha256(asset(folder, name).encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


@cache
def _template(folder: str, template: str) -> "Template":
    return _environment(folder).get_template(template)


def render(folder: str, template: str, values: Mapping[str, Any]) -> str:
    """Render templates/`folder`/`template`; raises ValueError where a value cannot stand in XML.

    What comes back is markup to other templates: it can be a value of theirs and stays as it is.
    """
    return Markup(_template(folder, template).render(values))  # noqa: S704 - rendered with all values escaped


def joined(parts: Iterable[str]) -> str:
    """Put what was rendered together, a line each; raises TypeError for anything that was not."""
    rendered = list(parts)
    if not all(isinstance(part, Markup) for part in rendered):
        raise TypeError("only what was rendered can be joined")
    return Markup("\n".join(rendered))  # noqa: S704 - each part is markup
