"""What counts as a difference between packages, and who has to care."""

from dataclasses import replace
from pathlib import Path

import pytest

from builder.catalogue import load
from builder.comparison.changes import Concern, FactChange, Kind, Side
from builder.comparison.compare import apply, compare, compare_roles
from builder.comparison.entries import entries
from builder.comparison.sides import side_of
from builder.errors import SolsmithError
from builder.model import Depth, Grant, Role, Solution, Version
from builder.package.opening import open_any
from builder.package.reader import Package, read_members
from builder.package.render import PROFILES, render
from builder.solution.spec import read_spec
from tests.support import REFERENCE_SPEC, SHARED, needs_corpus

CORPUS = SHARED / "corpus"
REFERENCE = read_spec(REFERENCE_SPEC).solution
ROLE = REFERENCE.roles[0]
OTHER_ID = "11111111-2222-4333-8444-555555555555"


def package_of(solution: Solution) -> Package:
    return read_members("package.zip", render(solution))


def facts_between(old: Solution, new: Solution) -> list[FactChange]:
    return list(compare(side_of(package_of(old)), side_of(package_of(new))).facts)


def attributes_between(old: Role, new: Role) -> list[FactChange]:
    (change,) = compare_roles([old], [new])
    assert not change.grants
    return list(change.attributes)


def test_roles_are_matched_by_id_then_by_name() -> None:
    renamed = replace(ROLE, name="Another name")
    (change,) = attributes_between(ROLE, renamed)
    assert (change.subject, change.after, change.concern) == ("name", "Another name", Concern.HARMLESS)
    moved = replace(ROLE, id=OTHER_ID, name=ROLE.name.upper())
    assert {change.subject: change.concern for change in attributes_between(ROLE, moved)} == {
        "id": Concern.MAY_BREAK,
        "name": Concern.HARMLESS,
    }


def test_two_roles_of_one_name_are_not_taken_for_a_third() -> None:
    twins = [replace(ROLE, id=f"{n}{OTHER_ID[1:]}") for n in (2, 3)]
    assert sorted(change.kind.value for change in compare_roles([ROLE], twins)) == ["added", "added", "removed"]


@pytest.mark.parametrize(
    ("old", "new", "kind", "concern"),
    [
        ({"inherits": False}, {"inherits": True}, Kind.WIDENED, Concern.APPROVAL),
        ({"inherits": None}, {"inherits": False}, Kind.NARROWED, Concern.MAY_BREAK),
        ({"auto_assigned": None}, {"auto_assigned": True}, Kind.WIDENED, Concern.APPROVAL),
        ({"customizable": True}, {"customizable": False}, Kind.CHANGED, Concern.APPROVAL),
        ({"customizable": False}, {"customizable": True}, Kind.CHANGED, Concern.HARMLESS),
        ({"description": ""}, {"description": "New"}, Kind.CHANGED, Concern.HARMLESS),
    ],
)
def test_attributes_of_a_role(old: dict[str, object], new: dict[str, object], kind: Kind, concern: Concern) -> None:
    (change,) = attributes_between(replace(ROLE, **old), replace(ROLE, **new))  # type: ignore[arg-type]
    assert (change.kind, change.concern) == (kind, concern)


def test_what_servers_leave_out_is_no_difference() -> None:
    old, new = (read_members("p", render(REFERENCE, profile)) for profile in PROFILES.values())
    assert not compare(side_of(old), side_of(new))


def test_a_role_without_grants_comes_and_goes() -> None:
    (added,) = compare_roles([], [replace(ROLE, grants=())])
    assert (added.kind, added.concern) == (Kind.ADDED, Concern.APPROVAL)
    (removed,) = compare_roles([ROLE], [])
    assert (removed.kind, removed.concern) == (Kind.REMOVED, Concern.MAY_BREAK)


def test_what_is_required_counts_and_not_what_is_optional() -> None:
    optional = Role(OTHER_ID, "Role", (Grant("prvReadAccount", Depth.GLOBAL, required=False),))
    required = replace(optional, grants=(Grant("prvReadAccount", Depth.GLOBAL),))
    narrower, none = (Grant("prvReadAccount", Depth.LOCAL),), ()
    for role, left, concern in (
        (optional, narrower, Concern.HARMLESS),
        (optional, none, Concern.HARMLESS),
        (required, narrower, Concern.MAY_BREAK),
        (required, none, Concern.BREAKS),
    ):
        (change,) = compare(Side((role,), stated=True), Side((replace(role, grants=left),))).roles
        assert change.grants[0].concern is concern


def test_a_changed_reason_is_told_where_both_sides_state_reasons() -> None:
    other = replace(ROLE, grants=tuple(replace(grant, reason="Because.") for grant in ROLE.grants))
    assert not compare(Side((ROLE,)), Side((other,), stated=True))
    (change,) = compare(Side((ROLE,), stated=True), Side((other,), stated=True)).roles
    assert {grant.kind for grant in change.grants} == {Kind.REASON}
    lines = entries(compare(Side((ROLE,), stated=True), Side((other,), stated=True)), load())
    assert list(lines) == [Concern.HARMLESS]
    assert {entry.after for entry in lines[Concern.HARMLESS]} == {"Because."}


def test_the_manifest() -> None:
    assert not facts_between(REFERENCE, replace(REFERENCE, version=Version((1, 0, 1, 365))))
    (lower,) = facts_between(REFERENCE, replace(REFERENCE, version=Version((1, 0, 1, 36))))
    assert (lower.concern, lower.remark) == (Concern.MAY_BREAK, "lower: an import refuses it")
    (kind,) = facts_between(REFERENCE, replace(REFERENCE, managed=False))
    assert (kind.area, kind.before, kind.after) == ("package type", "managed", "unmanaged")
    (prefix,) = facts_between(REFERENCE, replace(REFERENCE, publisher=replace(REFERENCE.publisher, prefix="other")))
    assert (prefix.area, prefix.subject, prefix.concern) == ("publisher", "prefix", Concern.APPROVAL)
    german = replace(REFERENCE, names={**REFERENCE.names, 1031: "Abgleich"})
    (name,) = facts_between(REFERENCE, german)
    assert (name.subject, name.kind) == ("display name (1031)", Kind.ADDED)


def test_a_role_that_is_no_root_component_is_told() -> None:
    members = dict(package_of(REFERENCE).members)
    solution = members["solution.xml"].decode()
    start = solution.index("      <RootComponent ")
    end = solution.index("\r\n", start) + 2
    lacking = read_members("p", {**members, "solution.xml": (solution[:start] + solution[end:]).encode()})
    (change,) = compare(side_of(package_of(REFERENCE)), side_of(lacking)).facts
    assert (change.subject, change.kind) == (f"Security role {ROLE.id}", Kind.ADDED)


def sides() -> list[Side]:
    found = []
    for path in [*sorted(CORPUS.glob("zips/*.zip")), *sorted(CORPUS.glob("unpacked/*/"))]:
        try:
            found.append(side_of(open_any(Path(path))))
        except SolsmithError:
            continue  # some are damaged on purpose
    return found


@needs_corpus
def test_the_laws_hold_of_real_packages() -> None:
    real = sides()
    assert len(real) > 60
    for old, new in zip(real, [*real[1:], real[0]], strict=True):
        assert not compare(old, old)
        changes, back = compare(old, new), compare(new, old)
        assert (changes.widens, changes.narrows) == (back.narrows, back.widens)
        assert len(list(changes.each())) == len(list(back.each()))
        assert not compare(apply(old, changes), new)
