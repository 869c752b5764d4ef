"""How an outcome is written down: one file a format, each with a `render(outcome) -> str`."""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from builder.validation.suppressions import Outcome

# Format to the module that writes it; the command line offers these.
FORMATS = {
    "text": "builder.validation.formats.text",
    "json": "builder.validation.formats.as_json",
    "sarif": "builder.validation.formats.sarif",
    "junit": "builder.validation.formats.junit",
    "github": "builder.validation.formats.github",
    "azure": "builder.validation.formats.azure",
}


def render(name: str, outcome: "Outcome") -> str:
    """Write an outcome down in a format, without a line end at the end."""
    written: str = importlib.import_module(FORMATS[name]).render(outcome)
    return written
