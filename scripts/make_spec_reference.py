"""Make docs/spec.md from schemas/solution.schema.json: `make_spec_reference.py [PAGE]`. A test holds it current."""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SCHEMA = ROOT / "schemas" / "solution.schema.json"
PAGE = ROOT / "docs" / "spec.md"

Schema = Mapping[str, Any]

_HEAD = """\
# The spec: every key

<!-- Made by scripts/make_spec_reference.py from schemas/solution.schema.json. Change the schema, not this page. -->

A spec says in one YAML file what a solution carries. `solsmith build` reads it, checks all of it, and tells every
fault at once with its line. This page names every key; [a spec that works](../examples/net-results/solution.yaml)
shows them together, and [the release engineer's page](how-to/release-engineer.md) shows what to do with it.

Editors complete and check a spec with the schema: begin the file with
`# yaml-language-server: $schema=PATH/TO/schemas/solution.schema.json`.

The file is UTF-8. Only `true`, `false`, `null` and whole numbers are more than text, so that a version `1.10` or the
country `NO` stay what they look like. Tags are refused, aliases are bounded, and nothing in it is ever run as a
template.
"""

_TITLES = {
    ("properties", "solution"): "`solution`",
    ("properties", "publisher"): "`publisher`",
    ("properties", "application"): "`application`",
    ("$defs", "table"): "`tables`: one entry",
    ("$defs", "role"): "`roles`: one entry",
    ("$defs", "grant"): "`grants`: one entry",
}

_TAIL = """
## How the words of a grant are read

* **Rights**: create, read, write, delete, append, append to, assign, share; in any case, `AppendTo` too.
* **Depths**: User, Business Unit, Parent: Child Business Unit, Organization; the XML's Basic, Local, Deep and Global
  mean the same. A depth stands in `allow`, else in the grant, else in the role.
* **Tables**: logical name, schema name or display name. One privilege can cover several tables (`activitypointer`
  covers every activity, `account` covers `customeraddress`): grant it once. Tables such as `opportunityproduct` have
  no privileges of their own: grant the parent table. `solsmith catalogue show TABLE` says what exists.
* **Permission sets** (`allow: Collaborate`) stand for all rights of a table. Microsoft describes them in words and
  does not say the depths: what they become is *inferred*, and printed so.

  | set | Read | every other right |
  |---|---|---|
  | Full access | Organization | Organization |
  | Collaborate | Organization | User |
  | Private | User | User |
  | Reference | Organization | none |

  Where a privilege has no such depth, the largest one below it counts; where there is none, the right is left out
  (Collaborate on a table that the organization owns is Read alone, and Private is refused there).
* **Your own tables** need their `schema_name` and `ownership`, in `tables` or in the grant. Ownership decides: `user`
  has all rights at every depth; `business-unit` has no Assign and Share, and no User depth; `organization` has no
  Assign and Share, and Organization only.
* **Letter case**: privilege names hold the table's schema name in its exact case. Where solsmith only guesses it, a
  spec has to say `schema_name`; `--guess-case` takes the guess, and the output says so.
* **`exact: true`** takes privilege names and depths as they are written, whatever the catalogue knows. It is for roles
  that exist already; the package is validated all the same.
"""


def text() -> str:
    """Return the page."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    parts = [_HEAD, "\n## The file\n\n", *_table(schema, schema)]
    for (place, name), title in _TITLES.items():
        parts += [f"\n## {title}\n\n", *_table(schema[place][name], schema)]
    return "".join([*parts, _TAIL])


def _table(owner: Schema, schema: Schema) -> Iterator[str]:
    about = owner.get("description", "")
    if about and owner is not schema:
        yield f"{about}\n\n"
    yield "| key | | meaning | value |\n|---|---|---|---|\n"
    for name, value in owner["properties"].items():
        target = _resolved(value, schema)
        need = "needed" if name in owner.get("required", []) else ""
        meaning = value.get("description") or target.get("description", "")
        yield f"| `{name}` | {need} | {_cell(meaning)} | {_cell(target.get('x-expects', ''))} |\n"


def _resolved(value: Schema, schema: Schema) -> Schema:
    if "$ref" not in value:
        return value
    target: Schema = schema["$defs"][value["$ref"].rsplit("/", 1)[-1]]
    return target


def _cell(words: str) -> str:
    return words.replace("|", "\\|").replace("<", "&lt;")


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else PAGE
    target.write_text(text(), encoding="utf-8", newline="\n")
