"""What holds of every comparison, whatever is compared."""

from hypothesis import given
from hypothesis import strategies as st

from builder.comparison.changes import Changes, Concern, FactChange, GrantChange, Kind, Side
from builder.comparison.compare import apply, compare
from tests.comparison.strategies import respelt, sides

MIRRORED = {
    Kind.ADDED: Kind.REMOVED,
    Kind.REMOVED: Kind.ADDED,
    Kind.WIDENED: Kind.NARROWED,
    Kind.NARROWED: Kind.WIDENED,
    Kind.REASON: Kind.REASON,
    Kind.CHANGED: Kind.CHANGED,
}


def grant_row(change: GrantChange) -> tuple[object, ...]:
    return change.grant.key, change.kind, change.before and change.before.depth, change.after and change.after.depth


def fact_row(change: FactChange) -> tuple[object, ...]:
    return change.area, change.subject, change.kind, change.before, change.after


def content(changes: Changes) -> set[object]:
    """What changes say, without who has to care."""
    roles = {
        (
            role.kind,
            role.before and role.before.id,
            role.after and role.after.id,
            frozenset(map(fact_row, role.attributes)),
            frozenset(map(grant_row, role.grants)),
        )
        for role in changes.roles
    }
    return {*roles, *map(fact_row, changes.facts)}


def mirrored(changes: Changes) -> set[object]:
    def fact(change: FactChange) -> tuple[object, ...]:
        return change.area, change.subject, MIRRORED[change.kind], change.after, change.before

    def grant(change: GrantChange) -> tuple[object, ...]:
        key, _, before, after = grant_row(change)
        return key, MIRRORED[change.kind], after, before

    roles = {
        (
            MIRRORED[role.kind],
            role.after and role.after.id,
            role.before and role.before.id,
            frozenset(map(fact, role.attributes)),
            frozenset(map(grant, role.grants)),
        )
        for role in changes.roles
    }
    return {*roles, *map(fact, changes.facts)}


@given(sides)
def test_nothing_differs_from_itself(side: Side) -> None:
    assert not compare(side, side)


@given(sides, sides)
def test_the_way_back_is_the_mirror(old: Side, new: Side) -> None:
    assert content(compare(new, old)) == mirrored(compare(old, new))


@given(sides, sides)
def test_applying_the_changes_gives_the_new_side(old: Side, new: Side) -> None:
    made = apply(old, compare(old, new))
    assert dict(made.facts) == dict(new.facts)
    assert {role.id for role in made.roles} == {role.id for role in new.roles}
    assert not compare(made, new)


@given(st.data(), sides, sides)
def test_order_case_and_what_the_platform_adds_are_no_difference(data: st.DataObject, old: Side, new: Side) -> None:
    other = data.draw(respelt(new))
    assert not compare(new, other)
    assert content(compare(old, other)) == content(compare(old, new))


@given(sides, sides)
def test_what_widens_one_way_narrows_the_other(old: Side, new: Side) -> None:
    there, back = compare(old, new), compare(new, old)
    assert (there.widens, there.narrows) == (back.narrows, back.widens)


@given(sides, sides)
def test_only_a_loss_of_what_is_required_breaks(old: Side, new: Side) -> None:
    for role in compare(old, new).roles:
        for change in role.grants:
            required = change.before is not None and change.before.required
            assert (change.concern is Concern.BREAKS) == (change.kind is Kind.REMOVED and required)
            assert (change.concern is Concern.APPROVAL) == (change.kind in (Kind.ADDED, Kind.WIDENED))
