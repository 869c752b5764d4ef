"""Settings of a repository: `solsmith.toml`, or `[tool.solsmith]` of `pyproject.toml`.

The nearest one counts, looked for in the folder of what is worked on and upwards; in one folder solsmith.toml counts.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from builder.errors import Fault, InputFaults, UnreadableInput
from builder.text import printable

# Every key that some command reads; another one is a mistake, and told.
KEYS = ("name-pattern", "platform", "policy", "suppressions")


@dataclass(frozen=True, slots=True)
class Settings:
    """What a file sets, as TOML's plain data; `source` is None and `values` empty where there is no file."""

    source: Path | None = None
    values: Mapping[str, Any] = field(default_factory=dict)

    def text(self, key: str, default: str) -> str:
        """Give a setting that is a text; raises InputFaults where it is something else."""
        value = self.values.get(key, default)
        if not isinstance(value, str) or not value:
            raise InputFaults(str(self.source), [Fault(f"`{key}` is no text", hint=f'Write {key} = "...".')])
        return value


def find_settings(start: Path) -> Settings:
    """Read the settings that hold for a file or folder; raises UnreadableInput and InputFaults."""
    start = start.resolve()
    for folder in (start, *start.parents):
        own, project = folder / "solsmith.toml", folder / "pyproject.toml"
        if own.is_file():
            return _settings(own, _read(own))
        if project.is_file():
            values = _read(project).get("tool", {}).get("solsmith")
            if values is not None:
                return _settings(project, values)
    return Settings()


def _read(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            return tomllib.load(file)
    except OSError as error:
        raise UnreadableInput(f"{path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UnreadableInput(f"{path}: not TOML: {printable(str(error))}") from None


def _settings(path: Path, values: object) -> Settings:
    if not isinstance(values, dict):
        raise InputFaults(path, [Fault("`tool.solsmith` is no table", hint="Write [tool.solsmith] above the keys.")])
    unknown = [Fault(f"unknown key `{printable(key)}`", hint=_known()) for key in values if key not in KEYS]
    if unknown:
        raise InputFaults(path, unknown)
    return Settings(path, values)


def _known() -> str:
    return f"Known: {', '.join(KEYS)}."
