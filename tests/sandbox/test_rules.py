"""The rules without HTTP: who reaches what, the layers of a role, packages, switches, and what a bug does."""

import asyncio
import dataclasses
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.catalogue import load
from builder.model import AccessRight, Depth
from builder.sandbox import package as package_module
from builder.sandbox import records
from builder.sandbox.certificates import make_application_certificate
from builder.sandbox.checks import ImportSettings
from builder.sandbox.entra import Tenant
from builder.sandbox.environment import Environment
from builder.sandbox.faults import WebApiFault
from builder.sandbox.jobs import ImportJobs
from builder.sandbox.package import read_package
from builder.sandbox.privileges import privileges
from builder.sandbox.roles import Layers
from builder.sandbox.schema import schema
from builder.sandbox.security import Guard, Holding, Place, Principal, UnitTree
from builder.sandbox.switches import Switches
from builder.sandbox.web import app as app_module
from tests.sandbox.client import Role, make_zip
from tests.support import REPOSITORY, SHARED, needs_corpus

TREE = UnitTree({"root": None, "a": "root", "a1": "a", "a2": "a", "a11": "a1", "b": "root"})
ACCOUNT_READ = "886b280c-6396-4d56-a0a3-2c1b0a50ceb0"
UNITS = ("root", "a", "a1", "a2", "a11", "b")


def principal(unit: str = "a1", **held: Depth) -> Principal:
    ids = {privileges().id(privileges().known(name)): depth for name, depth in held.items()}
    own = frozenset({"me"})
    return Principal("me", unit, (Holding(ids, unit, own),), TREE, own, 1)


def reaches(depth: Depth, unit: str, place: Place) -> bool:
    reach = principal(unit, prvReadAccount=depth).reach(ACCOUNT_READ)
    assert reach is not None
    return reach.covers(place)


@pytest.mark.parametrize(
    ("depth", "units"),
    [
        (Depth.BASIC, set()),
        (Depth.LOCAL, {"a1"}),
        (Depth.DEEP, {"a1", "a11"}),
        (Depth.GLOBAL, set(UNITS)),
    ],
)
def test_depths_reach(depth: Depth, units: set[str]) -> None:
    assert {unit for unit in UNITS if reaches(depth, "a1", Place("other", unit))} == units
    assert all(reaches(depth, "a1", Place("me", unit)) for unit in UNITS), "own rows, wherever"
    without_owner = {unit for unit in UNITS if reaches(depth, "a1", Place(None, unit))}
    assert without_owner == units


@given(st.sampled_from(UNITS), st.sampled_from(UNITS), st.sampled_from(["me", "other"]))
def test_a_wider_depth_reaches_no_less(own: str, unit: str, owner: str) -> None:
    reached = [reaches(depth, own, Place(owner, unit)) for depth in sorted(Depth)]
    assert reached == sorted(reached)


def test_the_guard_names_what_is_missing() -> None:
    guard, accounts = Guard(privileges()), schema()["account"]
    ((_, reach),) = guard.demand(principal(prvReadAccount=Depth.BASIC), accounts, AccessRight.READ).parts
    assert reach.depth is Depth.BASIC
    with pytest.raises(WebApiFault, match="is missing prvDeleteAccount privilege") as refused:
        guard.demand(principal(prvReadAccount=Depth.BASIC), accounts, AccessRight.DELETE)
    assert (refused.value.status, refused.value.code, refused.value.signed) == (403, "0x80040220", -2147220960)
    with pytest.raises(WebApiFault, match="does not support entities of type 'transactioncurrency'") as impossible:
        guard.demand(principal(), schema()["transactioncurrency"], AccessRight.SHARE)
    assert impossible.value.status == 405


def test_activities_and_audits_go_by_their_own_privileges() -> None:
    for table in ("email", "task", "phonecall", "activitypointer"):
        assert privileges().guarding(schema()[table], AccessRight.READ) == load().privilege("prvReadActivity")
    assert privileges().guarding(schema()["audit"], AccessRight.READ) == load().privilege("prvReadAuditSummary")
    assert privileges().guarding(schema()["audit"], AccessRight.WRITE) is None


def test_layers_of_a_role() -> None:
    layers = Layers({"a": Depth.GLOBAL, "b": Depth.LOCAL})
    layers.set_by_hand("a", Depth.BASIC)
    layers.set_by_hand("b", None)
    layers.set_by_hand("c", Depth.DEEP)
    assert layers.effective() == {"a": Depth.BASIC, "c": Depth.DEEP}
    layers.set_by_hand("a", Depth.GLOBAL)
    layers.set_by_hand("c", None)
    assert layers.changes == {"b": None}, "what the solution brought, and what it did not, leaves no layer"


def test_ids_of_the_catalogue_are_kept_and_none_is_given_twice() -> None:
    ids = [privileges().id(privilege) for privilege in privileges()]
    assert len(ids) == len(set(ids))
    assert privileges().id(privileges().known("prvReadAccount")) == "886b280c-6396-4d56-a0a3-2c1b0a50ceb0"


def test_every_table_has_its_own_set() -> None:
    assert len(schema().by_set) == len(schema().tables)
    for table in schema().tables.values():
        assert table.primary_id in table.columns
        assert not table.primary_name or table.primary_name in table.columns


def test_switches() -> None:
    assert Switches.parse([]) == Switches()
    assert Switches.parse(["metadata-privileges=required"]).metadata_privileges == "required"
    for switch in dataclasses.fields(Switches):
        values = switch.metadata["values"]
        assert getattr(Switches(), switch.name) == values[0]
        assert len(values) > 1
    with pytest.raises(ValueError, match="there is no switch 'colour'; there are: metadata-privileges"):
        Switches.parse(["colour=red"])
    with pytest.raises(ValueError, match="is one of refuse, accept, not 'maybe'"):
        Switches.parse(["lower-version=maybe"])


def test_every_switch_is_documented() -> None:
    text = (REPOSITORY / "docs" / "sandbox.md").read_text(encoding="utf-8")
    for switch in dataclasses.fields(Switches):
        for value in switch.metadata["values"]:
            assert f"`{value}`" in text
        assert f"`{switch.name.replace('_', '-')}`" in text


# -- packages


def test_a_package_is_read() -> None:
    role = Role("R & D", {"prvReadAccount": "Basic"}, extra=' isinherited="0"')
    found = read_package(make_zip(Role(role.name.replace("&", "&amp;"), role.privileges, role.id, role.extra)))
    assert (found.unique_name, found.name, found.numbers, found.managed) == ("Trial", "Trial shown", (1, 0, 0, 0), True)
    (read,) = found.roles
    assert (read.id, read.name, read.is_inherited, read.customizable) == (role.id, "R & D", 0, True)
    assert read.privileges == (("prvReadAccount", "Basic"),)


def test_a_member_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package_module, "MAX_MEMBER", 100)
    with pytest.raises(WebApiFault) as refused:
        read_package(make_zip(Role("R", {})))
    assert refused.value.code == "0x80048000"


@given(st.integers(0, 2000), st.binary(min_size=1, max_size=4))
def test_a_damaged_zip_is_refused_or_read(position: int, garbage: bytes) -> None:
    content = bytearray(make_zip(Role("R", {"prvReadAccount": "Basic"}, id="d0000000-0000-4000-8000-000000000001")))
    position %= len(content)
    content[position : position + len(garbage)] = garbage
    try:
        assert read_package(bytes(content)).roles is not None
    except WebApiFault as refused:
        assert refused.code


@needs_corpus
@pytest.mark.parametrize("path", sorted((SHARED / "corpus" / "zips").glob("*.zip")), ids=lambda path: path.stem[:60])
def test_real_packages_are_read_or_refused_by_a_code(path: Path) -> None:
    try:
        found = read_package(path.read_bytes())
    except WebApiFault as refused:
        assert refused.code in ("0x80048060", "0x80048013", "0x8004f002")
        return
    assert found.unique_name
    declared = {name for kind, name in found.root_components if kind == "20"}
    assert {role.id for role in found.roles} == declared


# -- time, and bugs


class Clock(records.Clock):
    def __init__(self) -> None:
        super().__init__()
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    url = "https://127.0.0.1:1"
    tenant = Tenant("tenant", url, url, Clock(), timedelta(hours=1))
    tenant.register("admin", "Administrator", make_application_certificate("admin", tmp_path / "admin.pem"))
    made = Environment(tenant, tenant.clock)
    user = made.add_application_user(tenant.applications["admin"], made.root_unit_id, None)
    made.roles.give(user["systemuserid"], made.administrator_role_id)
    return made


def test_a_job_takes_its_time_and_no_more(environment: Environment) -> None:
    clock = environment.clock
    assert isinstance(clock, Clock)
    jobs = ImportJobs(environment, timedelta(seconds=9))
    (user,) = (row["systemuserid"] for row in environment.store.all("systemuser"))
    job = jobs.start("job", make_zip(Role("R", {})), ImportSettings(), user)
    seen = []
    for seconds in (0, 2.9, 3, 5.9, 6, 8.9, 9, 100):
        clock.now = job.started + timedelta(seconds=seconds)
        jobs.settle()
        seen.append(environment.store.get("asyncoperation", job.async_id)["statuscode"])
    assert seen == [0, 0, 20, 20, 20, 20, 30, 30]


def test_a_bug_answers_500_and_is_logged(
    environment: Environment, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_exchange: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(app_module, "entity_request", fail)
    web = app_module.application(environment, ImportJobs(environment, timedelta(0)))
    token = environment.tenant.issue(environment.tenant.applications["admin"], environment.tenant.resource)

    async def call() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(web), base_url="https://127.0.0.1:1") as client:
            headers = {"Authorization": f"Bearer {token['access_token']}"}
            return await client.get("/api/data/v9.2/accounts", headers=headers)

    answer = asyncio.run(call())
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "0x80040216")
    assert "ZeroDivisionError: a bug" in caplog.text
    assert token["access_token"] not in caplog.text
