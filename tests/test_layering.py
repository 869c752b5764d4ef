"""Who may import whom (docs/architecture.md): the order of the rooms holds, and heavy libraries stay in theirs."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import REPOSITORY

# A room may import the rooms named beside it (and itself), the command line all of them; `base` is the modules
# directly in builder/ that stand on nothing but each other.
BASE = {"document", "errors", "model", "text", "templating", "resources", "files", "settings"}
MAY_IMPORT = {
    "base": {"base"},
    "catalogue": {"base"},
    "matrix": {"base", "catalogue"},
    "package": {"base", "catalogue"},
    "comparison": {"base", "catalogue", "package", "matrix"},
    "validation": {"base", "catalogue", "package", "matrix", "comparison"},
    "brief": {"base", "catalogue", "package", "matrix", "validation", "comparison"},
    "solution": {"base", "catalogue", "package", "validation", "comparison", "matrix"},
    "build": {"base", "catalogue", "package", "validation", "solution"},
    "rebuild": {"base", "catalogue", "package", "validation", "comparison", "solution", "build"},
    "connection": {"base"},
    "dataverse": {"base", "connection"},
    "deployment": {"base", "catalogue", "package", "validation", "comparison", "connection", "dataverse", "matrix"},
    "sandbox": {"base", "catalogue"},
}
ONLY_IN = {
    "jinja2": {"builder/templating.py"},
    "markupsafe": {"builder/templating.py"},
    "lxml": {"builder/package/", "builder/validation/", "builder/deployment/explain.py", "builder/sandbox/"},
    "xmlschema": {"builder/validation/"},
    "msal": {"builder/connection/"},
    "requests": set(),
    "httpx": {"builder/connection/"},
    "click": {"cli/"},
    "rich": {"cli/"},
}


def modules() -> list[Path]:
    return sorted(path for top in ("builder", "cli") for path in (REPOSITORY / top).rglob("*.py"))


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield str(node.module)
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def room(module: str) -> str:
    """Name the room of a module such as builder.package.reader."""
    parts = module.split(".")
    if parts[0] == "cli":
        return "cli"
    if len(parts) == 1 or parts[1].startswith("_"):
        return "base"
    return "base" if parts[1] in BASE else parts[1]


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(REPOSITORY).with_suffix("").parts)


@pytest.mark.parametrize("path", modules(), ids=module_of)
def test_imports_only_what_its_room_may(path: Path) -> None:
    own = room(module_of(path))
    for imported in imports(path):
        top = imported.split(".")[0]
        if top in ("builder", "cli") and imported != "builder":
            other = room(imported)
            allowed_here = own in ("cli", other) or other in MAY_IMPORT[own]
            assert allowed_here, f"{own} may not import {imported}"
        if top in ONLY_IN:
            where = path.relative_to(REPOSITORY).as_posix()
            assert any(where.startswith(allowed) for allowed in ONLY_IN[top]), f"{top} has no place in {where}"


@pytest.mark.parametrize(
    "path", [path for path in modules() if path.parts[-2] != "cli" and "cli" not in path.parts], ids=module_of
)
def test_the_library_neither_prints_nor_exits_nor_reads_the_environment(path: Path) -> None:
    if path.name == "__main__.py":
        return  # a process of its own
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in ("print", "input", "exit", "quit"), f"{path}:{node.lineno}"
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            used = f"{node.value.id}.{node.attr}"
            assert used not in ("sys.exit", "sys.argv", "os.environ", "os.getenv"), f"{path}:{node.lineno}: {used}"
