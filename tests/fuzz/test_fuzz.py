"""Whatever the bytes are: an answer within a time limit and within bounded memory, and never an unexpected error."""

import contextlib
import os
import random
import resource
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from builder.errors import SolsmithError, UnreadableInput
from builder.package.archive import Archive, pack
from builder.package.reader import CORE_MEMBERS, Package, read_members
from builder.package.render import CONTENT_TYPES, CUSTOMIZATIONS, SOLUTION
from builder.validation.report import Report
from builder.validation.validate import validate_package
from tests.fuzz.mutations import mutate
from tests.support import SHARED, reference_package

SECONDS = 2.0
GROWTH = 192 << 20
SOAK_SECONDS = float(os.environ.get("SOLSMITH_SOAK_SECONDS", "600"))


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, bytes]]:
    """The reference package, and small real ones with roles where they are here."""
    paths = [reference_package(tmp_path_factory.mktemp("fuzz"))]
    paths += sorted((SHARED / "corpus" / "zips").glob("*ColumnLevel*.zip"))
    found = []
    for path in paths:
        with zipfile.ZipFile(path) as archive:
            found.append({name: archive.read(name) for name in archive.namelist()})
    return found


def answer_on(package: Package) -> Report:
    """Ask everything of a package that commands ask."""
    for question in (lambda: package.roles, lambda: package.version, lambda: package.managed, lambda: package.digest):
        with contextlib.suppress(SolsmithError):
            question()
    return validate_package(package)


def answer_on_zip(data: bytes) -> None:
    started = time.process_time()
    try:
        archive = Archive("fuzz.zip", data)
        archive.verify()
        report = answer_on(read_members("fuzz.zip", archive))
        assert all(finding.message for finding in report.findings)
    except UnreadableInput as error:
        assert error.message.startswith("fuzz.zip: ")
        assert error.hint
    assert time.process_time() - started < SECONDS


def answer_on_members(members: dict[str, bytes]) -> None:
    started = time.process_time()
    report = answer_on(read_members("fuzz", members))
    assert all(finding.message for finding in report.findings)
    assert time.process_time() - started < SECONDS


def fuzz_zips(packages: list[dict[str, bytes]], seed: int) -> None:
    chance = random.Random(seed)
    answer_on_zip(mutate(pack(chance.choice(packages)), chance))


def fuzz_members(packages: list[dict[str, bytes]], seed: int) -> None:
    chance = random.Random(seed)
    members = dict(chance.choice(packages))
    name = chance.choice(CORE_MEMBERS)
    answer_on_members({**members, name: mutate(members[name], chance)})


@pytest.mark.parametrize("fuzz", [fuzz_zips, fuzz_members])
def test_bytes_gone_wrong_are_answered(
    fuzz: Callable[[list[dict[str, bytes]], int], None], packages: list[dict[str, bytes]]
) -> None:
    fuzz(packages, -1)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for seed in range(250):
        fuzz(packages, seed)
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024 < GROWTH


@pytest.mark.soak
@pytest.mark.parametrize("fuzz", [fuzz_zips, fuzz_members])
def test_bytes_gone_wrong_are_answered_for_long(
    fuzz: Callable[[list[dict[str, bytes]], int], None], packages: list[dict[str, bytes]]
) -> None:
    before, end = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic() + SOAK_SECONDS / 2
    seed = first = random.SystemRandom().randrange(1 << 40)
    while time.monotonic() < end:
        seed += 1
        try:
            fuzz(packages, seed)
        except Exception as error:
            raise AssertionError(f"{fuzz.__name__}(packages, {seed}) of {first}") from error
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024 < GROWTH


@given(st.binary(max_size=400))
@example(b"PK\x05\x06" + bytes(18))
def test_any_bytes_are_answered(data: bytes) -> None:
    answer_on_zip(data)


# Texts as XML can hold them, in every place of a package where a text may stand.
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=120)
PLACES = {
    'name="Net-Results Sync for Dynamics 365"': CUSTOMIZATIONS,
    'name="prvAppendAccount"': CUSTOMIZATIONS,
    'level="Global"': CUSTOMIZATIONS,
    "<UniqueName>NetResultsSyncforDynamics365</UniqueName>": SOLUTION,
    "<Version>1.0.1.365</Version>": SOLUTION,
    'languagecode="1033"': SOLUTION,
    'type="20"': SOLUTION,
    "<CustomizationOptionValuePrefix>36500</CustomizationOptionValuePrefix>": SOLUTION,
    'Extension="xml"': CONTENT_TYPES,
}


@given(st.sampled_from(sorted(PLACES)), TEXTS)
@example('languagecode="1033"', "²")
@example("<CustomizationOptionValuePrefix>36500</CustomizationOptionValuePrefix>", "٣" * 5)
@example("<CustomizationOptionValuePrefix>36500</CustomizationOptionValuePrefix>", "9" * 5000)
@example('languagecode="1033"', "9" * 5000)
@example('name="prvAppendAccount"', "prvReadA" + "a" * 10_000)
@example("<Version>1.0.1.365</Version>", "1." * 3000)
def test_any_text_in_any_place_is_answered(packages: list[dict[str, bytes]], place: str, text: str) -> None:
    member = PLACES[place]
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    if place.startswith("<"):
        new = place[: place.index(">") + 1] + escaped + place[place.index("</") :]
    else:
        new = f'{place.partition("=")[0]}="{escaped}"'
    data = packages[0][member].decode()
    assert place in data
    answer_on_members({**packages[0], member: data.replace(place, new).encode()})


@pytest.mark.parametrize("suffix", [".zip", ".txt", ""])
def test_the_command_answers_on_what_is_no_package(tmp_path: Path, suffix: str) -> None:
    from tests.support import run_cli

    path = tmp_path / f"a{suffix}"
    path.write_bytes(bytes(range(256)) * 10)
    done = run_cli("validate", path)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr + done.stdout
