"""Roles and sides for hypothesis: few ids, names and privileges, so that two drawn sides have much in common."""

from dataclasses import replace

from hypothesis import strategies as st

from builder.comparison.changes import Side
from builder.model import Depth, Grant, Role

IDS = [f"{number:08x}-0000-4000-8000-000000000000" for number in range(5)]
PRIVILEGES = ["prvReadAccount", "prvWriteAccount", "prvReadContact", "prvReadcontoso_Permit", "prvExportToExcel"]
BY_PLATFORM = ["prvReadSdkMessage", "prvReadPluginType"]
depths = st.sampled_from(Depth)
grants = st.builds(
    Grant, st.sampled_from(PRIVILEGES + BY_PLATFORM), depths, st.sampled_from(["", "Why", "Why else"]), st.booleans()
)
roles = st.builds(
    Role,
    id=st.sampled_from(IDS),
    name=st.sampled_from(["Sync", "Reader", "Writer", "Clerk"]),
    grants=st.lists(grants, max_size=6, unique_by=lambda grant: grant.key).map(tuple),
    inherits=st.sampled_from([None, True, False]),
    customizable=st.booleans(),
    auto_assigned=st.sampled_from([None, True, False]),
    description=st.sampled_from(["", "Synchronises"]),
)
facts = st.dictionaries(
    st.tuples(st.sampled_from(["solution", "publisher", "member"]), st.sampled_from(["version", "prefix", "a.txt"])),
    st.sampled_from(["1.0.0.0", "1.0.1.0", "netr"]),
)
sides = st.builds(
    Side,
    roles=st.lists(roles, max_size=4, unique_by=(lambda role: role.id, lambda role: role.name)).map(tuple),
    facts=facts,
    stated=st.just(True),
)


@st.composite
def respelt(draw: st.DrawFn, side: Side) -> Side:
    """The same side in another order, another case of privilege names, and with what the platform adds."""

    def other(role: Role) -> Role:
        names = {grant.key for grant in role.grants}
        extra = [Grant(name, Depth.GLOBAL) for name in draw(st.sets(st.sampled_from(BY_PLATFORM))) - names]
        spelt = [
            replace(grant, privilege=draw(st.sampled_from([name, name.upper(), name.lower()])))
            for grant in role.grants
            for name in [grant.privilege]
        ]
        return replace(role, grants=tuple(draw(st.permutations(spelt + extra))))

    roles_ = draw(st.permutations([other(role) for role in side.roles]))
    return replace(side, roles=tuple(roles_), facts=dict(draw(st.permutations(list(side.facts.items())))))
