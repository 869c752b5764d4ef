"""The main input: the reference role, from its spec to the bytes of its package."""

import csv
import zipfile
from pathlib import Path

import pytest

from builder.catalogue import load
from builder.model import Depth
from builder.package.reader import read_package
from tests.support import REFERENCE_SPEC, SHARED, needs_corpus, needs_reference, reference_package, run_cli

# The rights that the vendor's page names, in its own terms.
FULL = ("Account", "Activity", "Contact", "Lead")
EXPECTED = sorted(
    [f"prv{right}{table}" for right in ("Create", "Read", "Write", "Append", "AppendTo") for table in FULL]
    + ["prvReadOpportunity", "prvReadTransactionCurrency", "prvReadUser", "prvReadAuditSummary"],
    key=str.lower,
)


def test_holds_exactly_the_24_privileges_in_the_order_of_exports(tmp_path: Path) -> None:
    package = read_package(reference_package(tmp_path))
    (role,) = package.packaged_roles
    assert len(EXPECTED) == 24
    assert [grant.privilege for grant in role.grants] == EXPECTED
    assert {grant.level for grant in role.grants} == {"Global"}
    assert (role.name, role.inherits, role.customizable) == ("Net-Results Sync for Dynamics 365", "1", "1")


def test_says_of_itself_what_the_vendors_page_says(tmp_path: Path) -> None:
    manifest = read_package(reference_package(tmp_path)).manifest
    assert manifest.unique_name == "NetResultsSyncforDynamics365"
    assert manifest.names == {1033: "Net-Results Sync for Dynamics 365"}
    assert manifest.descriptions == {1033: "This solution adds the 'Net-Results' application user."}
    assert (manifest.version, manifest.managed) == ("1.0.1.365", "1")
    assert manifest.publisher is not None
    assert manifest.publisher.names == {1033: "Net-Results, LLC."}


@needs_reference
def test_agrees_with_the_reference_table(tmp_path: Path) -> None:
    with (SHARED / "reference/privileges/reference_role.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    (role,) = read_package(reference_package(tmp_path)).roles
    assert [(grant.privilege, grant.depth.level) for grant in role.grants] == [
        (row["privilege"], row["level"]) for row in rows
    ]
    for row in rows:
        known = load().privilege(row["privilege"])
        assert known is not None
        assert known.id == row["privilege_id"]
        assert "".join(depth.letter for depth in known.depths) == row["allowed_depths"]


def test_two_builds_are_one_file(tmp_path: Path) -> None:
    first = reference_package(tmp_path / "a").read_bytes()
    (tmp_path / "elsewhere").mkdir()
    built = run_cli(
        "build", REFERENCE_SPEC, "-o", tmp_path / "elsewhere" / "b", cwd=tmp_path, TZ="Pacific/Auckland", LC_ALL="C",
        PYTHONHASHSEED="7",
    )  # fmt: skip
    assert built.returncode == 0, built.stderr
    (second,) = (tmp_path / "elsewhere" / "b").glob("*.zip")
    assert second.name == "NetResultsSyncforDynamics365_1_0_1_365_managed.zip"
    assert second.read_bytes() == first


def test_content_digest_is_stable(tmp_path: Path) -> None:
    """A change of this digest is a change of what customers install: say so in the changelog."""
    digest = "sha256:79e1fc6d01824b46be8ebcd155f0357612ba9290254c353f08528cfc2c5bea8a"
    assert read_package(reference_package(tmp_path)).digest == digest
    assert f"content {digest}" in run_cli("build", REFERENCE_SPEC, "-o", tmp_path).stdout


def test_source_date_epoch_sets_the_date_and_not_the_digest(tmp_path: Path) -> None:
    run_cli("build", REFERENCE_SPEC, "-o", tmp_path / "a", SOURCE_DATE_EPOCH="1700000000")
    (dated,) = (tmp_path / "a").glob("*.zip")
    with zipfile.ZipFile(dated) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(2023, 11, 14, 22, 13, 20)}
    assert read_package(dated).digest == read_package(reference_package(tmp_path / "b")).digest


@needs_corpus
def test_zip_is_made_as_real_exports_are(tmp_path: Path) -> None:
    real = SHARED / "corpus/zips/microsoft__PowerApps-Samples__ColumnLevelSecuritySampleSolution_managed.zip"

    def make(path: Path) -> set[tuple[object, ...]]:
        with zipfile.ZipFile(path) as archive:
            return {
                (e.compress_type, e.create_system, e.create_version, e.extract_version, e.flag_bits, e.external_attr,
                 e.extra, e.comment)
                for e in archive.infolist()
            }  # fmt: skip

    assert make(reference_package(tmp_path)) == make(real)


@needs_corpus
def test_members_have_the_form_of_real_exports(tmp_path: Path) -> None:
    """Everything around our own facts is byte for byte what a server writes."""
    real = SHARED / "corpus/zips/microsoft__PowerApps-Samples__ColumnLevelSecuritySampleSolution_managed.zip"
    theirs, ours = read_package(real).members, read_package(reference_package(tmp_path)).members
    for name in ("solution.xml", "customizations.xml"):
        assert not ours[name].startswith(b"\xef\xbb\xbf")
        assert b"\n" not in ours[name].replace(b"\r\n", b"")
        assert not ours[name].endswith(b"\n")
    addresses = [
        members["solution.xml"].split(b"<Addresses>")[1].split(b"</Addresses>")[0] for members in (ours, theirs)
    ]
    assert addresses[0] == addresses[1]
    assert ours["[Content_Types].xml"].startswith(theirs["[Content_Types].xml"][:60])


@pytest.mark.parametrize("depth", list(Depth))
def test_depth_words_round(depth: Depth) -> None:
    assert Depth.parse(depth.words) is Depth.parse(depth.level) is Depth.from_level(depth.level) is depth
