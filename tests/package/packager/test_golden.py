"""Real packages against what Microsoft's SolutionPackager makes of them, file by file."""

import hashlib
import sys
from collections import Counter
from pathlib import Path
from urllib.parse import unquote

import pytest
from lxml import etree

from builder.errors import SolsmithError
from builder.package.archive import Archive
from builder.package.packager.kinds import KEPT
from tests.package.packager.golden import (
    ZIPS,
    comparable,
    golden_files,
    golden_members,
    packed,
    unpacked,
    write_tree,
)
from tests.support import needs_corpus, needs_reference

pytestmark = [needs_corpus, needs_reference]
REFUSED = [name for name, files in golden_files().items() if any(path.startswith("!") for path in files)]
ACCEPTED = [name for name in golden_files() if name not in REFUSED]


@pytest.mark.parametrize("exact", [False, True], ids=["default", "exact"])
def test_unpacks_every_file_as_microsofts_tool(exact: bool, capsys: pytest.CaptureFixture[str]) -> None:
    counted: Counter[str] = Counter()
    for name in ACCEPTED:
        tree = unpacked(ZIPS / name, exact=exact)
        # Measured under Mono, which decodes %20 in member names: nothing that Windows is known to do.
        ours = {unquote(path): comparable(file.data) for path, file in tree.files.items()}
        kept = {path for path in ours if path.startswith(f"{KEPT}/")}
        assert not (kept and exact)
        assert {path: digest for path, digest in ours.items() if path not in kept} == golden_files()[name], name
        counted.update(file.kind or "core and copied" for path, file in tree.files.items() if unquote(path) not in kept)
        counted["kept, where Microsoft's tool loses it"] += len(kept)
    assert len(ACCEPTED) == 66
    assert sum(counted.values()) - counted["kept, where Microsoft's tool loses it"] == 1945
    show(counted, capsys)


def test_packs_every_member_as_microsofts_tool(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    counted: Counter[str] = Counter()
    for name in ACCEPTED:
        tree = unpacked(ZIPS / name, exact=True)
        folder = write_tree(tree, tmp_path / name)
        members = packed(folder, tree.manifest.package_type, exact=True).members
        ours = [
            (unquote(member), raw(data) if member == "[Content_Types].xml" else comparable(data))
            for member, data in members.items()
        ]
        assert ours == golden_members()[name], name
        counted.update(member if "/" not in member else member.split("/")[0] + "/" for member in members)
    show(counted, capsys)


def show(counted: Counter[str], capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        sys.stdout.write("\n" + "".join(f"{count:6}  {kind}\n" for kind, count in counted.most_common()))


def raw(data: bytes) -> str:
    """[Content_Types].xml is compared to the byte: it has no line ends."""
    return hashlib.sha256(data).hexdigest()


def test_nothing_is_lost_on_the_way_there_and_back(tmp_path: Path) -> None:
    """By our own defaults: every member, those that are copied to the byte, and all of the core but its order."""
    for name in ACCEPTED:
        original = Archive.open(ZIPS / name)
        tree = unpacked(ZIPS / name)
        members = packed(write_tree(tree, tmp_path / name), tree.manifest.package_type).members
        assert members.keys() == set(original), name
        for member in original:
            if member in ("customizations.xml", "solution.xml"):
                assert canonical(members[member]) == canonical(original[member]), (name, member)
            elif member != "[Content_Types].xml":
                assert members[member] == original[member], (name, member)


def canonical(data: bytes) -> object:
    """Give a document without white space between elements, and without the order of siblings, which both directions
    change for most kinds of components (measured)."""
    parser = etree.XMLParser(remove_comments=True, remove_blank_text=True)
    return _sorted(etree.fromstring(data, parser))


def _sorted(element: etree._Element) -> str:
    inside = sorted(_sorted(child) for child in element)
    text = (element.text or "").strip()
    # The namespaces of parts move to the root; their prefixes are the same.
    return f"<{element.tag} {sorted(element.attrib.items())}>{text}{''.join(inside)}{(element.tail or '').strip()}"


@pytest.mark.parametrize("name", REFUSED)
def test_refuses_what_microsofts_tool_refuses(name: str) -> None:
    with pytest.raises(SolsmithError):
        unpacked(ZIPS / name)
