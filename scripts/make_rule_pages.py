"""Make docs/rules/ from the docstrings of the rules: a page for each, and README.md, their index.

`make_rule_pages.py` writes them; `make_rule_pages.py --check` says whether they are current (exit code 1: no).
"""

import sys
from pathlib import Path

from builder.validation.page import page_of
from builder.validation.registry import all_rules

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "rules"
FAMILIES = {
    "SOL1": "The package: its zip, members and content types",
    "SOL2": "The manifest: solution.xml",
    "SOL3": "Root components and content",
    "SOL4": "Roles",
    "SOL5": "Tables and coverage",
    "SOL6": "Dependencies",
    "SOL9": "The policy that was asked for (`--policy`)",
}
INTRODUCTION = """# Rules

What `solsmith validate` looks for. An error would fail at import or breaks the policy, a warning may hurt or widen, a
note is worth knowing. `solsmith explain RULE` prints a page. Findings are suppressed, with a reason and until a day, in
`solsmith.toml`:

```toml
[[suppressions]]
rule = "SOL410"
role = "Contoso *"        # optional, as are member and privilege; * and ? match
reason = "all our environments have these depths"
expires = 2027-06-30
```

In `pyproject.toml` the table is `[[tool.solsmith.suppressions]]`. These pages are made by scripts/make_rule_pages.py.
"""


def pages() -> dict[str, str]:
    """Give the text of every page by its file name."""
    made = {f"{rule.id}.md": f"{page_of(rule).markdown()}\n" for rule in all_rules()}
    made["README.md"] = "\n".join([INTRODUCTION, *(_family(prefix, title) for prefix, title in FAMILIES.items())])
    return made


def _family(prefix: str, title: str) -> str:
    rows = [
        f"| [{rule.id}]({rule.id}.md) | {rule.severity.value} | {rule.title} |"
        for rule in all_rules()
        if rule.id.startswith(prefix)
    ]
    return "\n".join([f"## {title}\n", "| rule | severity | what |", "|---|---|---|", *rows, ""])


def main(arguments: list[str]) -> int:
    """Write the pages, or compare them."""
    made = pages()
    there = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.md")} if FOLDER.is_dir() else {}
    if arguments == ["--check"]:
        stale = sorted(name for name in made.keys() | there.keys() if made.get(name) != there.get(name))
        for name in stale:
            print(f"docs/rules/{name} is not current: run scripts/make_rule_pages.py")
        return int(bool(stale))
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in there.keys() - made.keys():
        (FOLDER / name).unlink()
    for name, text in made.items():
        (FOLDER / name).write_text(text, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
