"""Required grants against effective privileges."""

from builder.deployment.effective import compare
from builder.model import Depth, Grant


def test_missing_and_narrower_grants_are_named() -> None:
    required = [
        Grant("prvReadAccount", Depth.GLOBAL),
        Grant("prvReadLead", Depth.GLOBAL),
        Grant("prvReadUser", Depth.LOCAL),
    ]
    effective = [Grant("PRVREADACCOUNT", Depth.DEEP), Grant("prvReadUser", Depth.GLOBAL)]
    found = compare(required, effective)
    assert [str(one) for one in found.missing] == [
        "prvReadAccount reaches Parent: Child Business Unit only, not Organization",
        "prvReadLead (Organization) is missing",
    ]


def test_what_goes_beyond_is_extra_unless_the_platform_adds_it() -> None:
    effective = [
        Grant("prvDeleteAccount", Depth.BASIC),
        Grant("prvReadSharePointData", Depth.GLOBAL),
        Grant("prvReadUser", Depth.GLOBAL),
        Grant("prvReadLead", Depth.LOCAL),
    ]
    found = compare([Grant("prvReadUser", Depth.LOCAL), Grant("prvReadLead", Depth.LOCAL)], effective)
    assert [grant.privilege for grant in found.extra] == ["prvDeleteAccount", "prvReadUser"]
    assert found.missing == ()


def test_of_two_roles_that_require_the_same_the_broader_counts() -> None:
    required = [Grant("prvReadLead", Depth.GLOBAL), Grant("prvreadlead", Depth.BASIC)]
    assert [one.held for one in compare(required, [Grant("prvReadLead", Depth.BASIC)]).missing] == [Depth.BASIC]
