"""Application users when things go wrong: looked up first, never made twice, never revived."""

import json
from typing import Any

import httpx
import pytest

from builder.deployment import application_user
from builder.deployment.application_user import RoleWanted, Wish
from builder.errors import OutcomeUnknown, Refused, UsageError
from builder.model import Depth, Grant
from tests.fake_api import ORIGIN, FakeApi, Scripted, ok, refusal

APP = "F41ADF61-824B-41BA-8C81-0F17FE22B244"
ROOT, CHILD = "10000000-0000-4000-8000-000000000001", "10000000-0000-4000-8000-000000000002"
USER, ROLE, COPY = (f"20000000-0000-4000-8000-00000000000{digit}" for digit in "123")
WANTED = RoleWanted("Sync", ROLE, (Grant("prvReadAccount", Depth.GLOBAL),))
HELD = f"GET systemusers({USER})/systemuserroles_association"
GIVE = f"POST systemusers({USER})/systemuserroles_association/$ref"


def rows(*found: dict[str, Any]) -> httpx.Response:
    return ok({"value": list(found)})


def user(**changes: Any) -> dict[str, Any]:
    plain = {"systemuserid": USER, "applicationid": APP, "fullname": "# Sync", "isdisabled": False, "deletedstate": 0}
    return {**plain, "_businessunitid_value": ROOT, **changes}


def role(role_id: str = COPY, unit: str = ROOT, template: str | None = None) -> dict[str, Any]:
    return {
        "roleid": role_id, "name": "Sync", "_businessunitid_value": unit, "_parentrootroleid_value": ROLE,
        "_roletemplateid_value": template,
    }  # fmt: skip


def environment(*found_users: Scripted, held: Scripted | None = None) -> FakeApi:
    unit = rows({"businessunitid": ROOT, "name": "root"})
    api = FakeApi().on("GET businessunits", unit).on("GET roles", rows(role()))
    return api.on("GET systemusers", *found_users).on(HELD, held or rows())


def run(api: FakeApi, wanted: RoleWanted = WANTED, unit: str = "") -> application_user.Plan:
    with api.connection() as connection:
        plan = application_user.plan(connection, APP, [wanted], Wish(unit=unit))
        if not plan.nothing_to_do:
            application_user.carry_out(connection, plan)
        return plan


def writes(api: FakeApi) -> list[str]:
    return [call for call in api.calls() if not call.startswith("GET")]


def test_a_user_is_made_in_the_root_unit_and_given_the_units_copy_of_the_role() -> None:
    api = environment(rows(), rows(), rows(user()))
    api.on("POST systemusers", ok(OData_EntityId=f"{ORIGIN}/api/data/v9.2/systemusers({USER})"))
    api.on(HELD, rows(), rows(), rows(role())).on(GIVE, ok())
    plan = run(api)
    assert plan.user is None and [missing.id for missing in plan.missing] == [COPY]
    made, given = (json.loads(request.content) for request in api.requests if request.method == "POST")
    assert made == {
        "applicationid": APP.lower(),
        "businessunitid@odata.bind": f"/businessunits({ROOT})",
        "accessmode": 4,
    }
    assert given == {"@odata.id": f"{ORIGIN}/api/data/v9.2/roles({COPY})"}


def test_a_second_run_writes_nothing() -> None:
    api = environment(rows(user()), held=rows(role()))
    assert run(api).nothing_to_do and writes(api) == []


def test_a_user_that_is_there_is_adopted_and_its_other_roles_are_named() -> None:
    own = "30000000-0000-4000-8000-000000000001"
    admin = {**role(own, template="627090FF-40A3-4053-8790-584EDC5BE201"), "_parentrootroleid_value": own}
    api = environment(rows(user()), held=rows(admin))
    api.on(HELD, rows(admin), rows(admin, role())).on(GIVE, ok())
    plan = run(api)
    assert writes(api) == [GIVE] and [extra.is_system_administrator for extra in plan.extra] == [True]


@pytest.mark.parametrize(("state", "told"), [({"isdisabled": True}, "disabled"), ({"deletedstate": 1}, "soft-deleted")])
def test_a_user_that_was_switched_off_or_deleted_stays_so(state: dict[str, Any], told: str) -> None:
    api = environment(rows(user(**state)))
    with pytest.raises(Refused, match=told) as caught:
        run(api)
    assert caught.value.hint and writes(api) == []


@pytest.mark.parametrize("lost", [httpx.ReadTimeout("slow"), refusal(503), refusal(500)])
def test_a_lost_answer_is_looked_up_and_no_second_user_is_made(lost: Scripted) -> None:
    api = environment(rows(), rows(), rows(user())).on("POST systemusers", lost)
    api.on(HELD, rows(), rows(role())).on(GIVE, lost)
    run(api)
    assert writes(api) == ["POST systemusers", GIVE]


def test_a_user_that_never_shows_is_unknown() -> None:
    api = environment(rows()).on("POST systemusers", httpx.ReadTimeout("slow"))
    with pytest.raises(OutcomeUnknown, match="does not show"):
        run(api)
    assert writes(api) == ["POST systemusers"]


def test_a_role_that_never_shows_is_unknown() -> None:
    api = environment(rows(user())).on(GIVE, httpx.ReadTimeout("slow"))
    with pytest.raises(OutcomeUnknown, match="does not show"):
        run(api)
    assert writes(api) == [GIVE]


def test_what_was_refused_is_refused() -> None:
    api = environment(rows()).on("POST systemusers", refusal(400, "0x8004f510", "We didn't find that application ID"))
    with pytest.raises(Refused) as caught:
        run(api)
    assert "service principal" in caught.value.hint and len(writes(api)) == 1


def test_a_role_that_is_not_there_is_told_before_a_user_is_made() -> None:
    api = environment(rows()).on("GET roles", rows())
    with pytest.raises(Refused, match="has no role Sync") as caught:
        run(api)
    assert "import" in caught.value.hint and writes(api) == []


def test_a_copy_that_has_not_spread_yet_is_waited_for() -> None:
    api = environment(rows(user()), held=rows(role())).on("GET roles", rows(), rows(role()), rows(), rows(role()))
    assert run(api).nothing_to_do and api.slept


def test_two_roles_of_one_name_need_the_package() -> None:
    api = environment(rows(user())).on("GET roles", rows(role(), role(ROLE)))
    with pytest.raises(UsageError, match="2 roles"):
        run(api, RoleWanted("Sync"))


def test_a_user_of_another_unit_is_not_moved() -> None:
    def unit(request: httpx.Request) -> httpx.Response:
        child = CHILD in request.url.params["$filter"]
        return rows({"businessunitid": CHILD, "name": "child"} if child else {"businessunitid": ROOT, "name": "root"})

    api = environment(rows(user(_businessunitid_value=CHILD))).on("GET businessunits", unit)
    with pytest.raises(Refused, match="stands in business unit child"):
        run(api, unit="root")


@pytest.mark.parametrize("count", [0, 2])
def test_a_unit_must_be_one(count: int) -> None:
    api = environment(rows()).on("GET businessunits", rows(*({"businessunitid": ROOT, "name": "x"},) * count))
    with pytest.raises(UsageError, match="O'Neil"):
        run(api, unit="O'Neil")
    assert api.requests[-1].url.params["$filter"] == "name eq 'O''Neil'"


NARROW = RoleWanted("Sync", ROLE, (Grant("prvReadAccount", Depth.GLOBAL), Grant("prvReadLead", Depth.LOCAL)))


def test_a_role_that_reaches_less_than_the_organization_needs_a_unit() -> None:
    api = environment(rows())
    with pytest.raises(UsageError, match="prvReadLead: Business Unit") as caught:
        run(api, NARROW)
    assert "--business-unit" in caught.value.hint and writes(api) == []
    there = environment(rows(user()), held=rows(role()))
    assert run(there, NARROW).nothing_to_do  # it stands somewhere already


def test_another_one_made_at_the_same_time_is_looked_up() -> None:
    api = environment(rows(), rows(user())).on("POST systemusers", refusal(400, "0x8004f511", "already exists"))
    api.on(HELD, rows(role()))
    api.on(GIVE, ok())
    assert run(api).user is None and writes(api).count("POST systemusers") == 1
