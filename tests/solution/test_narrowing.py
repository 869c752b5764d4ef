"""Overlays on roles: the laws that a customer relies on."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.catalogue import Catalogue, load
from builder.errors import InputFaults
from builder.model import AccessRight, Depth, Grant, Role
from builder.solution.base_tables import BaseTable, with_base_tables
from builder.solution.narrowing import Narrowed, narrow
from builder.solution.overlay import Overlay, overlay_from_options

CATALOGUE = load()
TABLES = ["account", "contact", "systemuser", "transactioncurrency", "businessunit", "userquery", "activitypointer"]
KNOWN = [privilege for table in TABLES for privilege in CATALOGUE.on(table).values()]
OTHERS = ["prvExportToExcel", "prvReadAuditSummary", "prvReadcontoso_Permit", "prvAssigncontoso_Permit", "prvFoo"]
depths = st.sampled_from(Depth)


@st.composite
def roles(draw: st.DrawFn) -> Role:
    """A role whose grants could stand in a real one: each at a depth at which it exists."""
    grants = [
        Grant(privilege.name, draw(st.sampled_from(privilege.depths)), "why")
        for privilege in draw(st.lists(st.sampled_from(KNOWN), unique_by=lambda privilege: privilege.name, max_size=12))
    ]
    grants += [Grant(name, draw(depths)) for name in draw(st.lists(st.sampled_from(OTHERS), unique=True))]
    return Role("00000001-0000-4000-8000-000000000000", "Role", (*grants, Grant("prvReadTeam", Depth.GLOBAL)))


@st.composite
def overlays(draw: st.DrawFn, *, reads: bool = True, widening: bool = False) -> Overlay:
    """An overlay as its options say it; it never takes away what it adds."""
    table = st.sampled_from(TABLES)
    words = {depth: depth.words.replace(": ", "-") for depth in Depth}
    at = st.sampled_from(sorted(words.values()))
    of_tables = draw(st.dictionaries(table, at, max_size=2))
    read = draw(st.dictionaries(table, st.one_of(st.just(""), at), max_size=2)) if reads else {}
    removed = draw(st.sets(table, max_size=2)) - read.keys()
    overlay = overlay_from_options(
        depth=[*draw(st.lists(at, max_size=1)), *(f"{name}={depth}" for name, depth in of_tables.items())],
        read=[f"{name}:{depth}" if depth else name for name, depth in read.items()],
        without=[f"{name}:write" for name in removed],
    )
    return replace(overlay, allow_widening=widening)


def knowing(role: Role) -> Catalogue:
    return with_base_tables(CATALOGUE, [role])


def apply(role: Role, overlay: Overlay) -> Role:
    return narrow([role], overlay, knowing(role), "test").after[0]


def is_within(one: Role, other: Role) -> bool:
    held = other.by_privilege()
    return all(key in held and grant.depth <= held[key].depth for key, grant in one.by_privilege().items())


@given(roles(), overlays(reads=False))
def test_an_overlay_without_reads_is_a_subset_of_its_base(role: Role, overlay: Overlay) -> None:
    assert is_within(apply(role, overlay), role)


@given(roles(), overlays())
def test_reads_are_all_that_an_overlay_adds(role: Role, overlay: Overlay) -> None:
    after = apply(role, overlay)
    named = {CATALOGUE.on(addition.table)[AccessRight.READ].name.lower() for addition in overlay.additions}
    assert is_within(replace(after, grants=tuple(g for g in after.grants if g.key not in named)), role)
    assert named <= after.by_privilege().keys()
    held = role.by_privilege()
    assert all(after.by_privilege()[key].depth <= held[key].depth for key in named & held.keys())


@given(roles(), overlays())
def test_applying_it_twice_is_applying_it_once(role: Role, overlay: Overlay) -> None:
    once = apply(role, overlay)
    assert apply(once, overlay).by_privilege() == once.by_privilege()


@given(roles(), overlays(widening=True))
def test_with_widening_too(role: Role, overlay: Overlay) -> None:
    once = apply(role, overlay)
    assert apply(once, overlay).by_privilege() == once.by_privilege()


@given(roles(), depths)
def test_the_depth_rule(role: Role, asked: Depth) -> None:
    after = apply(role, Overlay(depth=asked)).by_privilege()
    for grant in role.grants:
        known = CATALOGUE.privilege(grant.privilege)
        reached = after[grant.key].depth
        if grant.depth <= asked:
            assert reached == grant.depth
        elif known:
            within = [depth for depth in known.depths if depth <= asked]
            assert reached == min(grant.depth, max(within) if within else min(known.depths))


@given(roles(), overlays())
def test_reasons_and_what_is_not_asked_about_stay(role: Role, overlay: Overlay) -> None:
    after = apply(role, overlay)
    before = role.by_privilege()
    assert replace(after, grants=()) == replace(role, grants=())
    assert all(grant.reason == before[key].reason for key, grant in after.by_privilege().items() if key in before)


def role_of(**grants: Depth) -> Role:
    return Role("00000001-0000-4000-8000-000000000000", "Sync", tuple(Grant(name, at) for name, at in grants.items()))


def narrowed(role: Role, overlay: Overlay) -> Narrowed:
    return narrow([role], overlay, knowing(role), "vendor.zip")


def test_what_cannot_be_narrower_is_told() -> None:
    role = role_of(prvReadAccount=Depth.GLOBAL, prvReadTransactionCurrency=Depth.GLOBAL, prvReadUser=Depth.GLOBAL)
    result = narrowed(role, overlay_from_options(depth=["user"]))
    assert [grant.depth for grant in result.after[0].grants] == [Depth.BASIC, Depth.GLOBAL, Depth.LOCAL]
    assert result.notes == (
        "at Business Unit, the smallest depth at which they exist: prvReadUser",
        "at Organization, the smallest depth at which they exist: prvReadTransactionCurrency",
    )


def test_a_read_is_added_at_organization_in_its_exact_case() -> None:
    result = narrowed(role_of(prvReadAccount=Depth.GLOBAL), overlay_from_options(read=["MSDYN_aibdatasetrecord"]))
    [_, added] = result.after[0].grants
    assert (added.privilege, added.depth) == ("prvReadmsdyn_AIBDatasetRecord", Depth.GLOBAL)
    assert not added.required


def test_a_read_is_never_made_wider() -> None:
    role = role_of(prvReadAccount=Depth.BASIC)
    result = narrowed(role, overlay_from_options(read=["account:organization"]))
    assert result.after == (role,)
    assert result.notes == (
        "prvReadAccount covers customeraddress as well as account",
        "prvReadAccount stays at User: --allow-widening would widen it",
    )
    wider = narrowed(role, replace(overlay_from_options(read=["account:organization"]), allow_widening=True))
    assert wider.after[0].grants[0].depth is Depth.GLOBAL


def test_the_depth_of_all_grants_is_not_for_a_read_that_is_asked_for() -> None:
    role = role_of(prvReadAccount=Depth.GLOBAL, prvWriteAccount=Depth.GLOBAL)
    after = narrowed(role, overlay_from_options(depth=["business-unit"], read=["account"])).after[0]
    assert [grant.depth for grant in after.grants] == [Depth.GLOBAL, Depth.LOCAL]


def test_a_table_of_the_base_is_known_by_its_own_spelling() -> None:
    role = role_of(prvWritecontoso_Permit=Depth.BASIC)
    after = narrowed(role, overlay_from_options(read=["contoso_permit:business-unit"])).after[0]
    assert Grant("prvReadcontoso_Permit", Depth.LOCAL) in after.grants


def test_a_table_that_the_package_brings_tells_who_owns_it() -> None:
    role = role_of(prvReadcontoso_Rate=Depth.GLOBAL)
    known = with_base_tables(CATALOGUE, [role], [BaseTable("contoso_Rate", "organization")])
    result = narrow([role], overlay_from_options(depth=["user"]), known, "vendor.zip")
    assert result.after == (role,)
    unknown = narrow([role], overlay_from_options(depth=["user"]), knowing(role), "vendor.zip")
    assert unknown.after[0].grants[0].depth is Depth.BASIC
    assert "if an import refuses one" in unknown.notes[0]


GUESSED = next(privilege for privilege in CATALOGUE if not privilege.case_exact and privilege.right is AccessRight.READ)


def test_an_uncertain_letter_case_has_to_be_settled() -> None:
    table = GUESSED.tables[0]
    role = role_of(prvReadAccount=Depth.GLOBAL)
    with pytest.raises(InputFaults) as caught:
        narrowed(role, overlay_from_options(read=[table]))
    assert "is not certain" in caught.value.faults[0].message
    spelt = table.title()
    by_word = narrowed(role, overlay_from_options(read=[spelt])).after[0]
    known = with_base_tables(CATALOGUE, [role], schema_names=[spelt])
    by_option = narrow([role], overlay_from_options(read=[table]), known, "x").after[0]
    assert by_word == by_option
    assert f"prvRead{spelt}" in [grant.privilege for grant in by_word.grants]
    guessed = narrowed(role, replace(overlay_from_options(read=[table]), guess_case=True))
    assert guessed.notes == (f"{GUESSED.name}: its letter case is a guess",)


@pytest.mark.parametrize(
    ("options", "message", "hint"),
    [
        ({"read": ["acount"]}, "there is no table `acount`", "Did you mean account?"),
        ({"read": ["zz_nothing_like_it"]}, "there is no table `zz_nothing_like_it`", "--schema-name"),
        ({"without": ["acount:delete"]}, "there is no table or privilege `acount`", "Did you mean account?"),
        ({"without": ["transactioncurrency:share"]}, "has no right Share", "It has: "),
        ({"depth": ["acount=user"]}, "there is no table or privilege `acount`", "Did you mean account?"),
        ({"grant": ["account:write"]}, "Write on account would widen the role", "--allow-widening"),
        ({"read": ["account"], "without": ["account:read"]}, "is asked for and taken away", ""),
        ({"without": ["account"]}, 'nothing would be left of the role "Sync"', ""),
    ],
)
def test_what_cannot_be_is_told(options: dict[str, list[str]], message: str, hint: str) -> None:
    with pytest.raises(InputFaults) as caught:
        narrowed(role_of(prvReadAccount=Depth.GLOBAL), overlay_from_options(**options))
    assert message in caught.value.faults[0].message
    assert hint in caught.value.faults[0].hint


def test_of_several_roles_one_has_to_be_named() -> None:
    both = [role_of(prvReadAccount=Depth.GLOBAL), replace(role_of(prvReadLead=Depth.GLOBAL), id="2", name="Other")]
    read = overlay_from_options(read=["contact"])
    with pytest.raises(InputFaults) as caught:
        narrow(both, read, CATALOGUE, "x")
    assert caught.value.faults[0].hint == 'Name one with --role: "Sync", "Other".'
    with pytest.raises(InputFaults, match="1 fault"):
        narrow(both, replace(read, roles=("Nobody",)), CATALOGUE, "x")
    after = narrow(both, replace(read, roles=("other",)), CATALOGUE, "x").after
    assert after[0] == both[0]
    assert [grant.privilege for grant in after[1].grants] == ["prvReadContact", "prvReadLead"]


def test_an_idle_wish_is_told() -> None:
    role = role_of(prvReadAccount=Depth.BASIC)
    result = narrowed(role, overlay_from_options(without=["lead:delete"], depth=["account=organization"]))
    assert result.after == (role,)
    assert result.notes[0] == "--without: no role grants Delete on lead"
    assert "account stays at User: a depth only narrows without --allow-widening" in result.notes
