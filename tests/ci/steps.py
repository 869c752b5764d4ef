"""Runs the steps of a composite action as GitHub's runner does, as far as ours need it."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.support import REPOSITORY

_EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")
_TERM = re.compile(r"([\w.-]+)\s*(==|!=)\s*'([^']*)'")


@dataclass
class Result:
    """What a run came to: `code` of the last step that ran, all of stdout, and what was written for GitHub."""

    code: int = 0
    log: str = ""
    summary: str = ""
    outputs: dict[str, str] = field(default_factory=dict)
    ran: list[str] = field(default_factory=list)


def evaluate(text: str, context: dict[str, str]) -> str:
    """Fill the expressions of a value in: `a.b`, or the first of `a.b || c.d` that is not empty."""

    def value(match: re.Match[str]) -> str:
        return next((found for name in match[1].split("||") if (found := context.get(name.strip(), ""))), "")

    return _EXPRESSION.sub(value, text)


def holds(condition: str, context: dict[str, str]) -> bool:
    """Say whether an `if` of comparisons joined by && holds."""
    for term in condition.split("&&"):
        match = _TERM.fullmatch(term.strip())
        assert match, f"the runner of the tests cannot read {term}"
        if (context.get(match[1], "") == match[3]) != (match[2] == "=="):
            return False
    return True


def stubs(folder: Path, **scripts: str) -> Path:
    """Make a folder of commands: solsmith as it is here, and stubs that record what they are called with."""
    folder.mkdir()
    for name, script in {"solsmith": f'exec "{sys.executable}" -m cli "$@"', **scripts}.items():
        path = folder / name
        path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        path.chmod(0o755)
    return folder


def environment(commands: Path, temporary: Path, **more: str) -> dict[str, str]:
    """Give an environment that has nothing of the caller's but the programs."""
    return {
        "PATH": f"{commands}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(REPOSITORY),
        "HOME": str(temporary),
        "LANG": "C.UTF-8",
        "GIT_CONFIG_NOSYSTEM": "1",
        **more,
    }


def run_action(path: Path, workspace: Path, temporary: Path, commands: Path, **context: str) -> Result:
    """Run an action's steps one after another, in a repository; `inputs__x` in `context` is inputs.x."""
    action: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    known = {name.replace("__", ".").replace("_DASH_", "-"): value for name, value in context.items()}
    for name, given in action["inputs"].items():
        known.setdefault(f"inputs.{name}", evaluate(str(given.get("default", "")), known))
    result = Result()
    for step in action["runs"]["steps"]:
        if result.code or not holds(step.get("if", "inputs.path != ''"), known):
            continue
        files = {name: temporary / name for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_PATH")}
        for file in files.values():
            file.write_text("")
        variables = {name: evaluate(value, known) for name, value in step.get("env", {}).items()}
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step["run"]],
            cwd=workspace,
            env=environment(
                commands,
                temporary,
                RUNNER_TEMP=str(temporary),
                GITHUB_ACTION_PATH=str(REPOSITORY),
                **{name: str(file) for name, file in files.items()},
                **variables,
            ),
            capture_output=True,
            encoding="utf-8",
            timeout=60,
        )
        result.ran.append(step["name"])
        result.code, result.log = done.returncode, result.log + done.stdout + done.stderr
        result.summary += files["GITHUB_STEP_SUMMARY"].read_text(encoding="utf-8")
        for line in files["GITHUB_OUTPUT"].read_text(encoding="utf-8").splitlines():
            name, _, value = line.partition("=")
            known[f"steps.{step.get('id')}.outputs.{name}"] = value
            result.outputs[f"{step.get('id')}.{name}"] = value
    return result
