"""The settings of a repository: `[tool.solsmith]` of pyproject.toml, or solsmith.toml, which has the same keys."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from builder.errors import Fault, InputFaults, UnreadableInput
from builder.text import printable

# Every key that some command reads; another one is a mistake, and told.
KEYS = ("name-pattern", "platform", "policy", "limits", "suppressions")
OWN_FILE, PROJECT_FILE = "solsmith.toml", "pyproject.toml"


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings as they are written; `text` is the file's, to find lines in, which tomllib does not tell."""

    path: Path
    values: Mapping[str, Any]
    text: str

    def text_of(self, key: str, default: str = "") -> str:
        """Give a setting that is a text; raises InputFaults where it is something else."""
        value = self.values.get(key, default)
        if not isinstance(value, str) or not value:
            raise InputFaults(self.path, [Fault(f"`{key}` is no text", str(self.path), hint=f'Write {key} = "...".')])
        return value

    def line_of_table(self, name: str, index: int) -> int:
        """Give the line of the header of the n-th `[[name]]`, counted from 0; 0 where it is written otherwise."""
        header = re.compile(rf"^[ \t]*\[\[[ \t]*(?:tool\.solsmith\.)?{re.escape(name)}[ \t]*\]\]", re.MULTILINE)
        found = [match.start() for match in header.finditer(self.text)]
        return self.text.count("\n", 0, found[index]) + 1 if index < len(found) else 0


def find_settings(start: Path) -> Path | None:
    """Find the settings that hold in a folder: in it or the nearest folder above, up to the root of its repository.

    Where a package lies plays no part: a foreign folder cannot bring settings that pass its own faults over.
    """
    for folder in (start, *start.parents):
        own, project = folder / OWN_FILE, folder / PROJECT_FILE
        if own.is_file():
            return own
        if project.is_file() and _is_ours(project):
            return project
        if (folder / ".git").exists():
            return None
    return None


def read_settings(path: Path) -> Settings:
    """Read a settings file; raises UnreadableInput, and InputFaults where it is not TOML or has unknown keys."""
    values, text = _load(path)
    own = values.get("tool", {}).get("solsmith", {}) if path.name == PROJECT_FILE else values
    if not isinstance(own, dict):
        raise InputFaults(path, [Fault("tool.solsmith is no table", str(path))])
    unknown = [
        Fault(f"unknown key `{printable(key)}`", str(path), hint=f"The settings are: {', '.join(KEYS)}.")
        for key in own
        if key not in KEYS
    ]
    if unknown:
        raise InputFaults(path, unknown)
    return Settings(path, own, text)


def _is_ours(project: Path) -> bool:
    """Say whether a pyproject.toml has settings for us; one that cannot be read is somebody else's affair."""
    try:
        return b"solsmith" in project.read_bytes() and "solsmith" in _load(project)[0].get("tool", {})
    except (OSError, UnreadableInput, InputFaults):
        return False


def _load(path: Path) -> tuple[dict[str, Any], str]:
    import tomllib  # most folders have no settings

    try:
        text = path.read_text(encoding="utf-8-sig")
        return tomllib.loads(text), text
    except OSError as error:
        raise UnreadableInput(f"{path}: {error.strerror}", "Name a TOML file.") from error
    except UnicodeDecodeError as error:
        raise UnreadableInput(f"{path}: not UTF-8", "Save it as UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        fault = Fault(f"not TOML: {printable(str(error))}", str(path), int(line[1]) if line else 0)
        raise InputFaults(path, [fault]) from error
    except RecursionError:
        raise UnreadableInput(f"{path}: nested too deeply", "Write it flatter.") from None
