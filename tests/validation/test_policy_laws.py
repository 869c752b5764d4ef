"""What a policy calls widened is what a comparison calls added or widened, for any two states of a role."""

from dataclasses import replace
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from builder.comparison.changes import Kind
from builder.comparison.compare import compare_roles
from builder.model import Depth, Grant
from builder.package.reader import read_members
from builder.package.render import render
from builder.solution.spec import read_spec
from builder.validation.policy.model import Approval, Conditions, Policy, Predecessor
from builder.validation.registry import chosen
from builder.validation.validate import validate_package
from tests.support import REFERENCE_SPEC

SOLUTION = read_spec(REFERENCE_SPEC).solution
(ROLE,) = SOLUTION.roles
# Two of them are what the platform adds to every role by itself.
PRIVILEGES = (
    "prvReadAccount",
    "prvWriteAccount",
    "prvReadLead",
    "prvReadSdkMessage",
    "prvReadSharePointData",
    "prvReadX_y",
)
TODAY = date(2026, 11, 23)
grants = st.dictionaries(st.sampled_from(PRIVILEGES), st.sampled_from(Depth), min_size=1).map(
    lambda found: tuple(Grant(name, depth) for name, depth in found.items())
)


def told(before: tuple[Grant, ...], after: tuple[Grant, ...], *approvals: Approval) -> set[str]:
    old, new = (replace(SOLUTION, roles=(replace(ROLE, grants=each),)) for each in (before, after))
    package = read_members("after", render(new))
    previous = Predecessor("before", old.unique_name, old.version, old.roles)
    conditions = Conditions(Policy("law", no_widening=True, approvals=approvals), TODAY, (previous,))
    return {finding.privilege for finding in validate_package(package, chosen(["SOL908"]), conditions).findings}


@settings(max_examples=40)
@given(grants, grants)
def test_policy_and_comparison_agree(before: tuple[Grant, ...], after: tuple[Grant, ...]) -> None:
    changes = compare_roles([replace(ROLE, grants=before)], [replace(ROLE, grants=after)])
    wider = {
        each.grant.privilege for role in changes for each in role.grants if each.kind in (Kind.ADDED, Kind.WIDENED)
    }
    platform = {"prvReadSdkMessage", "prvReadSharePointData"}
    assert told(before, after) - platform == wider
    assert told(before, before) == set()


@settings(max_examples=20)
@given(grants, grants, st.sampled_from(Depth))
def test_an_approval_lets_pass_what_it_says_and_no_more(
    before: tuple[Grant, ...], after: tuple[Grant, ...], depth: Depth
) -> None:
    approval = Approval(ROLE.name, frozenset({"prvreadlead"}), depth, "Jo", "agreed", TODAY)
    approved = {grant.privilege for grant in after if grant.privilege == "prvReadLead" and grant.depth <= depth}
    assert told(before, after, approval) == told(before, after) - approved
