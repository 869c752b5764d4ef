"""Overlays as options and files say them."""

from pathlib import Path

import pytest

from builder.errors import InputFaults, SolsmithError, UsageError
from builder.model import AccessRight, Depth, Version
from builder.solution.overlay import Overlay, Removal, overlay_from_options
from builder.solution.overlay_file import read_overlay


def test_options_say_it_as_people_do() -> None:
    overlay = overlay_from_options(
        depth=["business-unit", "account=parent-child,contact=User"],
        read=["msdyn_aibdatasetrecord, lead:Business Unit"],
        without=["account:delete,share,contact:append to", "View Audit Summary", "lead:all"],
        grant=["account:write:user"],
    )
    assert overlay.depth is Depth.LOCAL
    assert [(asked.target, asked.depth) for asked in overlay.depths] == [
        ("account", Depth.DEEP),
        ("contact", Depth.BASIC),
    ]
    assert [(a.table, a.right, a.depth) for a in overlay.additions] == [
        ("msdyn_aibdatasetrecord", AccessRight.READ, None),
        ("lead", AccessRight.READ, Depth.LOCAL),
        ("account", AccessRight.WRITE, Depth.BASIC),
    ]
    assert [(removal.target, removal.right) for removal in overlay.without] == [
        ("account", AccessRight.DELETE),
        ("account", AccessRight.SHARE),
        ("contact", AccessRight.APPEND_TO),
        ("View Audit Summary", None),
        ("lead", None),
    ]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"depth": ["everywhere"]}, "--depth: there is no depth `everywhere`"),
        ({"depth": ["user", "organization"]}, "--depth is given twice for all grants: user, organization"),
        ({"depth": ["account=far"]}, "--depth: there is no depth `far`"),
        ({"read": ["account:far"]}, "--read: there is no depth `far`"),
        ({"without": ["account:fly"]}, "--without: there is no right `fly`"),
        ({"grant": ["account"]}, "--grant: there is no right ``"),
        ({"grant": ["account:wr\x1b[31mite"]}, r"--grant: there is no right `wr\x1b[31mite`"),
    ],
)
def test_options_that_make_no_sense(options: dict[str, list[str]], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        overlay_from_options(**options)
    assert caught.value.message == message


FILE = """
depth: Business Unit
depths:
  account: "Parent: Child Business Unit"
read:
  - lead
  - table: contoso_permit
    depth: User
    reason: Permits are matched.
without:
  account: delete, share
  prvReadAuditSummary: all
grant:
  contact:
    write: User
allow_widening: true
roles: Sync
as_variant: Contoso
version: 1.0.1.400
tables:
  contoso_permit:
    schema_name: contoso_Permit
    ownership: user
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "overlay.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_says_all_of_it(tmp_path: Path) -> None:
    overlay = read_overlay(written(tmp_path, FILE))
    assert (overlay.depth, overlay.version) == (Depth.LOCAL, Version((1, 0, 1, 400)))
    assert [(asked.target, asked.depth) for asked in overlay.depths] == [("account", Depth.DEEP)]
    assert [(a.table, a.depth, a.reason) for a in overlay.additions[:2]] == [
        ("lead", None, ""),
        ("contoso_permit", Depth.BASIC, "Permits are matched."),
    ]
    assert [removal.right for removal in overlay.without] == [AccessRight.DELETE, AccessRight.SHARE, None]
    assert (overlay.roles, overlay.as_variant, overlay.allow_widening) == (("Sync",), "Contoso", True)
    assert overlay.additions[1].place.line == 7


def test_options_count_before_the_file(tmp_path: Path) -> None:
    file = read_overlay(written(tmp_path, FILE))
    both = overlay_from_options(depth=["user", "account=user"]).over(file)
    assert both.depth is Depth.BASIC
    assert [asked.depth for asked in both.depths] == [Depth.BASIC, Depth.DEEP]
    assert both.version == file.version
    assert file == Overlay().over(file)


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("deep: user", 1, "unknown key `deep`"),
        ("depth: far", 1, "there is no depth `far`"),
        ("depth: user\nwithout:\n  account: fly", 3, "there is no right `fly`"),
        ("read: []", 1, "read: expected a table's name"),
        ("read:\n  - table: account\n    at: user", 3, "unknown key `at`"),
        ("version: one", 1, "version: expected a version"),
        ("as_variant: ''", 1, "as_variant: expected one line"),
        ("tables:\n  x: {schema_name: X}", 2, "`ownership` is missing"),
        ("depth: !!python/object:os.system x", 1, "tag"),
        ("- depth", 1, "the file: expected a mapping"),
    ],
)
def test_faults_of_a_file_have_their_lines(text: str, line: int, message: str, tmp_path: Path) -> None:
    with pytest.raises(InputFaults) as caught:
        read_overlay(written(tmp_path, text))
    assert any(message in fault.message and fault.line == line for fault in caught.value.faults), caught.value.faults


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SolsmithError):
        read_overlay(tmp_path / "absent.yaml")


def test_a_removal_keeps_where_it_was_asked_for(tmp_path: Path) -> None:
    path = written(tmp_path, "without:\n  account: delete")
    [removal] = read_overlay(path).without
    assert isinstance(removal, Removal)
    assert (removal.place.where, removal.place.line) == (str(path), 2)
