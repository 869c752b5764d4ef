"""The only door to Jinja: strict about names, and nothing a value says can become markup."""

from collections.abc import Mapping
from functools import cache
from typing import Any
from xml.sax.saxutils import escape

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from builder.resources import resource
from builder.text import fits_xml

# What .NET's XML writer escapes, and how, since that is what real packages hold (measured).
_IN_ATTRIBUTE = {'"': "&quot;", "\t": "&#x9;", "\n": "&#xA;", "\r": "&#xD;"}
# A carriage return that stands as itself would be read as a line feed.
_IN_TEXT = {"\r": "&#xD;"}


def _xml_text(value: object) -> Markup:
    return Markup(escape(_checked(value), _IN_TEXT))  # noqa: S704 - this is the escaping


def _xml_attribute(value: object) -> Markup:
    return Markup(escape(_checked(value), _IN_ATTRIBUTE))  # noqa: S704 - this is the escaping


def _checked(value: object) -> str:
    text = str(value)
    if not fits_xml(text):
        raise ValueError(f"XML cannot hold every character of {text!r}")
    return text


@cache
def _environment(folder: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(resource("templates", folder)),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )
    environment.filters.update(text=_xml_text, attribute=_xml_attribute)
    return environment


def render(folder: str, template: str, values: Mapping[str, Any]) -> str:
    """Render templates/`folder`/`template`; raises ValueError where a value cannot stand in XML."""
    return _environment(folder).get_template(template).render(values)
