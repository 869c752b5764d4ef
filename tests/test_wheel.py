"""The distribution: installed into an empty environment, away from the checkout, it does the main job."""

import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from tests.support import REPOSITORY, reference_package


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel, install it into a new environment, and give that environment's scripts folder.

    The dependencies are those of this environment, lent by a path file: tests fetch nothing.
    """
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=REPOSITORY, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    environment = folder / "env"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(environment)], check=True)
    scripts = environment / ("Scripts" if os.name == "nt" else "bin")
    install = ["install", "--quiet", "--no-deps", "--no-index", "--disable-pip-version-check", str(wheel)]
    subprocess.run([sys.executable, "-m", "pip", "--python", str(scripts / "python"), *install], check=True)
    (site_packages,) = (environment / "lib").glob("python*/site-packages")
    (site_packages / "lent.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    return scripts


def solsmith(installed: Path, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "COV"))}
    command = [str(installed / "solsmith"), *arguments]
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, encoding="utf-8", timeout=90)


def test_holds_the_code_and_its_data_and_nothing_else(installed: Path) -> None:
    (wheel,) = installed.parent.parent.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"builder", "cli"}
    assert "builder/_data/schemas/solution.xsd" in names
    assert "builder/_data/templates/solution/solution.xml.j2" in names
    assert not [name for name in names if "__pycache__" in name or "tests" in name]


def test_runs_from_its_own_files(installed: Path, tmp_path: Path) -> None:
    where = subprocess.run(
        [str(installed / "python"), "-c", "import builder; print(builder.__file__)"],
        cwd=tmp_path, capture_output=True, encoding="utf-8", check=True,
    )  # fmt: skip
    assert str(installed.parent) in where.stdout


def test_validates(installed: Path, tmp_path: Path) -> None:
    result = solsmith(installed, "validate", str(reference_package(tmp_path)), cwd=tmp_path)
    assert result.returncode == 0, result.stderr


def test_demo_does_the_main_job(installed: Path, tmp_path: Path) -> None:
    result = solsmith(installed, "demo", cwd=tmp_path)
    assert result.returncode == 0, result.stdout + result.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"dist"}
