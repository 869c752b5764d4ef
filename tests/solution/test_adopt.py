"""The way back: the spec of a package builds the same roles under the same manifest."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.catalogue import load
from builder.comparison.compare import compare
from builder.comparison.sides import side_of
from builder.errors import InputFaults, SolsmithError, UsageError
from builder.model import Depth, Grant, Publisher, Role, Solution, Version
from builder.package.archive import pack
from builder.package.opening import open_any
from builder.package.reader import Package, read_members
from builder.package.render import render
from builder.solution.adopt import adopt
from builder.solution.spec import parse_spec, read_spec
from tests.support import REFERENCE_SPEC, SHARED, needs_corpus, run_cli

CORPUS = SHARED / "corpus"
# What a spec cannot carry, and an adoption says so.
LEFT_OUT = {"root component", "missing dependency", "component", "member", "package type"}
ROLE_ID = "11111111-2222-4333-8444-555555555555"


def package_of(solution: Solution) -> Package:
    return read_members("package.zip", render(solution))


def rebuilt(package: Package) -> Package:
    return package_of(parse_spec("adopted.yaml", adopt(package).text.encode()).solution)


def roles_of(package: Package) -> list[Role]:
    """Roles in one order; the mark of automatic assignment, where it says no, is the profile's."""
    return sorted((replace(r, auto_assigned=r.auto_assigned or None) for r in package.roles), key=lambda r: r.id)


def packages_with_roles() -> list[Path]:
    found = []
    for path in [*sorted(CORPUS.glob("zips/*.zip")), *sorted(CORPUS.glob("unpacked/*/"))]:
        try:
            if open_any(path).packaged_roles:
                found.append(path)
        except SolsmithError:
            continue  # some are damaged on purpose
    return found


@needs_corpus
@pytest.mark.parametrize("path", packages_with_roles() if CORPUS.is_dir() else [], ids=lambda path: path.name[-48:])
def test_real_packages_come_back(path: Path) -> None:
    package = open_any(path)
    again = rebuilt(package)
    assert roles_of(again) == roles_of(package)
    assert [r.by_privilege().keys() for r in roles_of(again)] == [r.by_privilege().keys() for r in roles_of(package)]
    spelt = {(role.id, grant.privilege) for role in package.roles for grant in role.grants}
    assert {(role.id, grant.privilege) for role in again.roles for grant in role.grants} == spelt
    assert {change.area for change in compare(side_of(package), side_of(again)).facts} <= LEFT_OUT


@needs_corpus
def test_the_corpus_has_roles() -> None:
    assert len(packages_with_roles()) >= 15


def test_the_reference_comes_back_with_its_reasons() -> None:
    solution = read_spec(REFERENCE_SPEC).solution
    text = adopt(package_of(solution), solution.roles, solution.application).text
    again = parse_spec("adopted.yaml", text.encode()).solution
    assert again.application == solution.application
    (role,), (own,) = again.roles, solution.roles
    assert {(g.key, g.depth, g.reason, g.required) for g in role.grants} == {
        (g.key, g.depth, g.reason, g.required) for g in own.grants
    }
    assert "A package does not say why" not in text


def test_reads_like_the_spec_that_a_person_wrote() -> None:
    text = adopt(package_of(read_spec(REFERENCE_SPEC).solution)).text
    assert (
        """
    grants:
      - tables: account, activitypointer, contact, lead
        allow: create, read, write, append, append to
      - tables: opportunity, systemuser, transactioncurrency
        allow: read
      - privileges: View Audit Summary
"""
        in text
    )


KNOWN = [privilege.name for privilege in load() if privilege.case_exact][::37]
names = st.one_of(
    st.sampled_from(KNOWN),
    st.sampled_from(["prvReadcontoso_Permit", "prvAssigncontoso_Permit", "prvReadcontoso_permit", "prvReadAcCount"]),
    st.sampled_from(
        ["prvContosoDoesThings", "PrvReadAnalyticalDataflowsData", "prvReadSdkMessage", "prvAppendToTopic"]
    ),
)
line = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=20)
texts = st.one_of(
    line, st.sampled_from(["yes", "1.10", "a: b", "# x", "- x", "'quoted'", '"x"', "{{ x }}", "&a", "[]"])
)
roles = st.builds(
    Role,
    id=st.just(ROLE_ID),
    name=texts,
    grants=st.lists(
        st.builds(Grant, names, st.sampled_from(Depth)), min_size=1, max_size=12, unique_by=lambda g: g.key
    ).map(tuple),
    inherits=st.sampled_from([True, False, None]),
    customizable=st.booleans(),
    auto_assigned=st.none(),
    description=st.one_of(st.just(""), texts, st.just("Two\nlines")),
)
solutions = st.builds(
    Solution,
    unique_name=st.sampled_from(["Product", "net_results"]),
    names=texts.map(lambda text: {1033: text}),
    version=st.builds(Version, st.tuples(*[st.integers(0, 70000)] * 4)),
    publisher=st.builds(
        Publisher,
        unique_name=st.just("contoso"),
        names=st.tuples(texts, texts).map(lambda pair: {1033: pair[0], 1031: pair[1]}),
        prefix=st.just("contoso"),
        option_value_prefix=st.integers(10000, 99999),
        email=st.sampled_from(["", "a@b.example"]),
        addresses=st.sampled_from([(), ({"City": "007"},), ({"City": "Ulm"}, {"Line1": "1"}), ({}, {"City": "Bonn"})]),
    ),
    roles=roles.map(lambda role: (role,)),
    managed=st.booleans(),
    descriptions=st.one_of(st.just({}), texts.map(lambda text: {1033: text})),
)


@given(solutions)
def test_whatever_a_package_grants_comes_back(solution: Solution) -> None:
    package = package_of(solution)
    again = rebuilt(package)
    assert roles_of(again) == roles_of(package)
    assert [grant.privilege for grant in again.roles[0].grants] == [g.privilege for g in package.roles[0].grants]
    assert not compare(side_of(package), side_of(again))


def test_a_package_without_a_role_has_nothing_to_adopt() -> None:
    solution = read_spec(REFERENCE_SPEC).solution
    with pytest.raises(UsageError, match="has no security role"):
        adopt(package_of(replace(solution, roles=())))


def test_what_no_spec_may_say_is_told_and_not_written() -> None:
    solution = read_spec(REFERENCE_SPEC).solution
    reserved = replace(solution, publisher=replace(solution.publisher, prefix="mscrmx"))
    with pytest.raises(InputFaults) as raised:
        adopt(package_of(reserved))
    assert "mscrm" in str(raised.value.faults[0])


def test_writes_a_file_once(tmp_path: Path) -> None:
    built = run_cli("build", REFERENCE_SPEC, "-o", tmp_path)
    assert built.returncode == 0, built.stderr
    package, spec = next(tmp_path.glob("*.zip")), tmp_path / "solution.yaml"
    result = run_cli("adopt", package, "-o", spec)
    assert (result.returncode, result.stdout) == (0, f"{spec}\n"), result.stderr
    assert run_cli("diff", "--exit-code", package, spec).returncode == 0
    before = spec.read_bytes()
    assert b"reason: Deals are reported on" in before  # from the access statement beside the package
    refused = run_cli("adopt", package, "-o", spec)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "is there already" in refused.stderr
    assert run_cli("adopt", package, "-o", spec, "--force").returncode == 0
    assert spec.read_bytes() == before
    assert run_cli("adopt", package).stdout.encode() == before


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_prints_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    result = run_cli("adopt", REFERENCE_SPEC, PYTHONIOENCODING=encoding)
    assert (result.returncode, result.stderr) == (0, "")


def test_names_that_a_pipeline_would_obey_are_not_printed(tmp_path: Path) -> None:
    solution = read_spec(REFERENCE_SPEC).solution
    hostile = replace(solution, roles=(replace(solution.roles[0], name="x ##vso[task.complete]"),))
    package, spec = tmp_path / "hostile.zip", tmp_path / "solution.yaml"
    package.write_bytes(pack(render(hostile)))
    result = run_cli("adopt", package)
    assert (result.returncode, result.stdout) == (2, "")
    assert "##vso[" not in result.stderr
    assert run_cli("adopt", package, "-o", spec).returncode == 0
    for shown in (run_cli("show", package), run_cli("diff", REFERENCE_SPEC, package)):
        assert "##vso[" not in shown.stdout + shown.stderr
        assert "\\x23#vso[" in shown.stdout


@needs_corpus
def test_tells_what_it_leaves_behind() -> None:
    result = run_cli("adopt", CORPUS / "zips/pnp__powerplatform-samples__termbuddy.zip")
    assert result.returncode == 0
    assert "note: not carried: 2 tables\n" in result.stderr
    assert "note: not carried: 2 processes\n" in result.stderr
