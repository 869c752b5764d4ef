"""What the tests of connected commands share: packages to import, and the environment as its administrator."""

import dataclasses
import json
import subprocess
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import jsonschema

from builder.build import build_solution
from builder.connection.credentials import CertificateFile, Identity, Tokens
from builder.connection.http import Connection
from builder.deployment import application_user, importer
from builder.deployment.candidate import candidate_of
from builder.model import Grant, Version
from builder.package.reader import read_package
from builder.solution.spec import read_spec
from tests.sandbox_process import RunningSandbox
from tests.support import REFERENCE_SPEC, REPOSITORY, run_cli


def package(folder: Path, *, version: str = "1.0.1.365", more: tuple[Grant, ...] = ()) -> Path:
    """Build the reference package, in another version or with more grants."""
    solution = read_spec(REFERENCE_SPEC).solution
    role = dataclasses.replace(solution.roles[0], grants=(*solution.roles[0].grants, *more))
    changed = dataclasses.replace(solution, version=Version.parse(version), roles=(role,))
    return build_solution(changed, folder / f"{version}-{len(more)}").path


def with_text(source: Path, target: Path, member: str, old: str, new: str) -> Path:
    """Copy a package with a text of one member replaced."""
    with zipfile.ZipFile(source) as before, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            content = before.read(name).decode("utf-8")
            if name == member:
                assert old in content
                content = content.replace(old, new)
            after.writestr(name, content)
    return target


def solsmith(
    sandbox: RunningSandbox, *arguments: str | Path, expect: int = 0, **changes: str
) -> subprocess.CompletedProcess[str]:
    """Run a command against a sandbox, and see that it ends as it should and never with a traceback."""
    done = run_cli(*arguments, cwd=REPOSITORY, timeout=60, **{**sandbox.environment_variables(), **changes})
    assert done.returncode == expect, done.stdout + done.stderr
    assert "Traceback" not in done.stderr and "should not" not in done.stderr
    return done


def document(done: subprocess.CompletedProcess[str]) -> Any:
    """Read the JSON a command wrote to stdout, all of it."""
    found = json.loads(done.stdout)
    assert found["version"] == 1
    return found


def conforming(schema: str, done: subprocess.CompletedProcess[str]) -> Any:
    """Read the JSON a command wrote, and check it against the schema of its kind."""
    found = document(done)
    rules = json.loads((REPOSITORY / "schemas" / f"{schema}.schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(found, rules)
    return found


@contextmanager
def administrator(sandbox: RunningSandbox) -> Iterator[Connection]:
    """Connect to a sandbox as its administrator."""
    credential = CertificateFile(sandbox.admin.certificate_path)
    who = Identity(sandbox.tenant_id, sandbox.admin.client_id, credential, sandbox.authority_host)
    tokens = Tokens(who, sandbox.dataverse_url, sandbox.ca_file)
    with Connection(sandbox.dataverse_url, tokens, ca_file=sandbox.ca_file) as connection:
        yield connection


def bring(sandbox: RunningSandbox, zip_file: Path) -> None:
    """Import a package through the library, which is faster than by a process."""
    read = read_package(zip_file)
    candidate = candidate_of(read, zip_file.read_bytes())
    with administrator(sandbox) as connection:
        importer.carry_out(connection, candidate)


def bring_user(sandbox: RunningSandbox, zip_file: Path) -> None:
    """Make the application user with the package's roles, through the library."""
    wanted = [application_user.RoleWanted(role.name, role.id) for role in read_package(zip_file).roles]
    with administrator(sandbox) as connection:
        application_user.carry_out(connection, application_user.plan(connection, sandbox.app.client_id, wanted))
