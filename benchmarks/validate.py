"""solsmith validate, as ratios to what no validator can do without, each measured in a process of its own.

- the whole corpus of real packages: against zipfile reading the same members and lxml parsing the core ones
- a customizations.xml of 60 MB: against lxml parsing it and libxml2 validating it; and the peak of memory
- starting: `validate` of the reference package and `--version`, against importing click and lxml

Times are those of the processor (user and system), the least of several runs; runs of both sides alternate.
"""

import os
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CORPUS = ROOT.parent / "shared" / "corpus" / "zips"
MEGABYTE = 1_000_000
SOLSMITH = [sys.executable, "-m", "cli"]
BARE_CORPUS = """
import sys, zipfile
from lxml import etree
for path in sys.argv[1:]:
    try:
        archive = zipfile.ZipFile(path)
        for name in archive.namelist():
            data = archive.read(name)
            if name in ("customizations.xml", "solution.xml", "[Content_Types].xml"):
                etree.fromstring(data)
    except (zipfile.BadZipFile, ValueError, etree.XMLSyntaxError):
        pass
"""
BARE_LARGE = """
import sys
from lxml import etree
schema = etree.XMLSchema(etree.parse(sys.argv[2]))
assert schema.validate(etree.fromstring(open(sys.argv[1], "rb").read()))
"""
ENTITY = """    <Entity>
      <Name LocalizedName="Sample {n}" OriginalName="Sample {n}">sample_Thing{n}</Name>
      <EntityInfo>
        <entity Name="sample_Thing{n}">
          <LocalizedNames>
            <LocalizedName description="Sample {n}" languagecode="1033" />
          </LocalizedNames>
          <attributes>
{attributes}
          </attributes>
          <IsDuplicateCheckSupported>0</IsDuplicateCheckSupported>
        </entity>
      </EntityInfo>
      <RibbonDiffXml>
        <CustomActions />
        <Templates>
          <RibbonTemplates Id="Mscrm.Templates"></RibbonTemplates>
        </Templates>
      </RibbonDiffXml>
    </Entity>
"""
ROOT_COMPONENT = '<RootComponent type="1" schemaName="sample_Thing{n}" behavior="0" />'
ATTRIBUTE = """            <attribute PhysicalName="sample_Column{n}">
              <Type>nvarchar</Type>
              <Name>sample_column{n}</Name>
              <LogicalName>sample_column{n}</LogicalName>
              <RequiredLevel>none</RequiredLevel>
              <DisplayMask>ValidForAdvancedFind|ValidForForm|ValidForGrid</DisplayMask>
              <ImeMode>auto</ImeMode>
              <ValidForUpdateApi>1</ValidForUpdateApi>
              <IsCustomField>1</IsCustomField>
              <MaxLength>{n}</MaxLength>
              <displaynames>
                <displayname description="Column {n}" languagecode="1033" />
              </displaynames>
            </attribute>"""


@dataclass(frozen=True)
class Cost:
    """Seconds of processor time, and bytes of memory at the peak."""

    seconds: float
    peak: int


@dataclass(frozen=True)
class Result:
    name: str
    ratio: float
    limit: float
    detail: str


def cost(command: Sequence[str]) -> Cost:
    """Run a command to its end, its output thrown away."""
    actions = [(os.POSIX_SPAWN_OPEN, stream, os.devnull, os.O_WRONLY, 0) for stream in (1, 2)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    child = os.posix_spawn(command[0], command, environment, file_actions=actions)
    _, _, used = os.wait4(child, 0)
    return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss * 1024)


def least(commands: Sequence[Sequence[str]], runs: int) -> list[Cost]:
    """Run the commands in turn, several times, and give the least of each."""
    taken = [[cost(command) for command in commands] for _ in range(runs)]
    return [Cost(min(c.seconds for c in each), min(c.peak for c in each)) for each in zip(*taken, strict=True)]


def compared(name: str, limit: float, ours: Cost, bare: Cost) -> Result:
    detail = f"{ours.seconds:.2f} s against {bare.seconds:.2f} s"
    return Result(name, ours.seconds / bare.seconds, limit, detail)


def corpus() -> list[Result]:
    paths = sorted(map(str, CORPUS.glob("*.zip")))
    if not paths:
        print("the corpus of real packages is not here: left out")
        return []
    bare = [sys.executable, "-c", BARE_CORPUS, *paths]
    ours, without = least([[*SOLSMITH, "validate", *paths], bare], 5)
    return [compared(f"{len(paths)} real packages", 5, ours, without)]


def write_large(folder: Path) -> tuple[Path, Path]:
    """Write a customizations.xml of 60 MB, and the reference package with it in its place."""
    with zipfile.ZipFile(reference(folder)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    entities, size, number = [], 0, 0
    while size < 60 * MEGABYTE:
        attributes = "\n".join(ATTRIBUTE.format(n=number * 100 + n) for n in range(100))
        entities.append(ENTITY.format(n=number, attributes=attributes).replace("\n", "\r\n").encode())
        size, number = size + len(entities[-1]), number + 1
    xml = members["customizations.xml"]
    start = xml.index(b"<Entities>") + len(b"<Entities>")
    members["customizations.xml"] = xml[:start] + b"\r\n" + b"".join(entities) + xml[start:]
    roots = "".join(ROOT_COMPONENT.format(n=n) for n in range(number)).encode()
    members["solution.xml"] = members["solution.xml"].replace(b"<RootComponents>", b"<RootComponents>" + roots)
    plain, packed = folder / "customizations.xml", folder / "large.zip"
    plain.write_bytes(members["customizations.xml"])
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return plain, packed


def large(folder: Path) -> list[Result]:
    plain, packed = write_large(folder)
    bare = [sys.executable, "-c", BARE_LARGE, str(plain), str(ROOT / "schemas" / "customizations.xsd")]
    ours, without = least([[*SOLSMITH, "validate", str(packed)], bare], 3)
    size = plain.stat().st_size
    peak = f"{ours.peak / MEGABYTE:.0f} MB against {without.peak / MEGABYTE:.0f} MB of the bare parse"
    return [
        compared("customizations.xml of 60 MB", 3, ours, without),
        Result("  peak of memory, as a multiple of the file", ours.peak / size, 8, peak),
    ]


def reference(folder: Path) -> Path:
    """Build the reference package."""
    spec = ROOT / "examples" / "net-results" / "solution.yaml"
    cost([*SOLSMITH, "build", str(spec), "-o", str(folder)])
    return next(folder.glob("NetResults*.zip"))


def starting(folder: Path) -> list[Result]:
    package = str(reference(folder))
    bare = [sys.executable, "-c", "import click, lxml.etree"]
    ours, version, without = least([[*SOLSMITH, "validate", package], [*SOLSMITH, "--version"], bare], 15)
    return [
        compared("validate of the reference package, cold", 6, ours, without),
        compared("--version, cold", 2, version, without),
    ]


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        results = [*corpus(), *starting(Path(folder)), *large(Path(folder))]
    for result in results:
        verdict = "ok" if result.ratio <= result.limit else "TOO MUCH"
        print(f"{result.ratio:6.2f} of {result.limit:g}  {verdict:8}  {result.name} ({result.detail})")
    return int(any(result.ratio > result.limit for result in results))


if __name__ == "__main__":
    raise SystemExit(main())
