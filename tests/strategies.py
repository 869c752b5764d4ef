"""What hypothesis makes of our model: solutions that a spec could say."""

from hypothesis import strategies as st

from builder.catalogue import load
from builder.model import Application, Depth, Grant, Publisher, Role, Solution, Version

_NAMES = sorted(privilege.name for privilege in load() if privilege.case_exact)
_IN_XML = st.characters(
    exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff", include_characters="<>&\"'\t\n]"
)
_WORD = st.from_regex("[A-Za-z_][A-Za-z0-9_]{0,30}", fullmatch=True)

guids = st.uuids().map(str)
line = st.text(_IN_XML.filter(lambda c: c not in "\t\n"), min_size=1, max_size=60).map(str.strip).filter(bool)
paragraph = st.text(st.one_of(_IN_XML, st.just("\r")), min_size=1, max_size=80)
depths = st.sampled_from(list(Depth))
grants = st.builds(
    Grant, privilege=st.sampled_from(_NAMES), depth=depths, reason=line | st.just(""), required=st.booleans()
)
roles = st.builds(
    Role,
    id=guids,
    name=line,
    grants=st.lists(grants, min_size=1, max_size=12, unique_by=lambda grant: grant.key).map(tuple),
    inherits=st.sampled_from([True, False, None]),
    customizable=st.booleans(),
    description=paragraph | st.just(""),
)
texts = st.dictionaries(st.integers(1025, 9999), line, min_size=1, max_size=3)
publishers = st.builds(
    Publisher,
    unique_name=_WORD,
    names=texts,
    prefix=st.from_regex("[a-z][a-z0-9]{1,7}", fullmatch=True),
    option_value_prefix=st.integers(10000, 99999),
    descriptions=st.dictionaries(st.integers(1025, 9999), paragraph, max_size=2),
    email=line | st.just(""),
    website=line | st.just(""),
    addresses=st.lists(
        st.dictionaries(st.sampled_from(["City", "Line1", "Country", "Telephone1"]), line), max_size=2
    ).map(tuple),
)
solutions = st.builds(
    Solution,
    unique_name=_WORD,
    names=texts,
    version=st.lists(st.integers(0, 2**31 - 1), min_size=4, max_size=4).map(lambda parts: Version(tuple(parts))),
    publisher=publishers,
    roles=st.lists(roles, min_size=1, max_size=4, unique_by=(lambda role: role.id, lambda role: role.name.lower())).map(
        tuple
    ),
    managed=st.booleans(),
    descriptions=st.dictionaries(st.integers(1025, 9999), paragraph, max_size=2),
    application=st.none() | st.builds(Application, app_id=guids, name=line, publisher=line | st.just("")),
    language=st.just(1033),
)
