"""One sandbox for the tests that do not make the application's user, and its administrator."""

from collections.abc import Iterator

import pytest

from tests.sandbox.client import Client
from tests.sandbox_process import RunningSandbox, running_sandbox


@pytest.fixture(scope="session")
def sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox() as running:
        yield running


@pytest.fixture(scope="session")
def admin(sandbox: RunningSandbox) -> Iterator[Client]:
    with Client(sandbox, sandbox.admin) as client:
        yield client
