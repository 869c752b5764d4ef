"""Plain data -> YAML as people write it by hand: lists indented, long lines folded, texts quoted only where need be."""

import textwrap
from typing import Any

import yaml

_WIDTH = 110


class _Dumper(yaml.SafeDumper):
    """A safe dumper that indents lists below their key."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002 - PyYAML's own
        super().increase_indent(flow, indentless=False)


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)


def yaml_text(data: Any, indent: int = 0) -> str:
    """Write data as YAML that ends with a line end, each line indented by some blanks."""
    text = yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_WIDTH - indent)
    return textwrap.indent(text, " " * indent)
