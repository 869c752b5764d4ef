"""Whether an application user may do what its package grants: as the administrator sees it, and as it is itself."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from builder.catalogue import load
from builder.connection.http import Connection
from builder.dataverse import business_units, organization, users
from builder.dataverse import roles as roles_of_environment
from builder.dataverse.business_units import BusinessUnit
from builder.dataverse.roles import RoleCopy
from builder.dataverse.users import ApplicationUser, TeamRole
from builder.deployment import trials
from builder.deployment.checks import Check, Expectation, Outcome, Trying
from builder.deployment.effective import Comparison, compare
from builder.deployment.reach import units_in_reach
from builder.deployment.waiting import pauses
from builder.deployment.write_trials import WriteTrials
from builder.errors import Refused
from builder.model import AccessRight, Depth, Grant, Role

_ARRIVING = 60.0
_NOT_YET = {"0x80072560", "0x80042f09"}  # no member of the organization, no role: a new user's first minute
_NEEDS_A_ROW = {AccessRight.CREATE, AccessRight.WRITE, AccessRight.APPEND, AccessRight.APPEND_TO, AccessRight.DELETE}


@dataclass(frozen=True, slots=True)
class Reach:
    """Privileges to read that reach the same rows: those of `units`, or one's own only (None)."""

    privileges: tuple[str, ...]
    units: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Verification:
    """What verifying found. `checks` is empty where the application did not sign in; `left` are addresses of probe rows
    that could not be removed. `unit` is the user's business unit, `team_roles` what it has by its teams (None: the
    environment does not tell), `remedies` what would give it what it lacks.
    """

    application_id: str
    user: ApplicationUser | None
    problems: tuple[str, ...]
    compared: Comparison
    extra_roles: tuple[RoleCopy, ...]
    checks: tuple[Check, ...] = ()
    left: tuple[str, ...] = ()
    unit: str = ""
    reach: tuple[Reach, ...] = ()
    team_roles: tuple[TeamRole, ...] | None = ()
    remedies: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether all that is required is there and works, and nothing was left behind."""
        return not (self.problems or self.compared.missing or self.left) and all(check.ok for check in self.checks)


def verify(
    administrator: Connection,
    application_id: str,
    roles: Sequence[Role],
    application: Connection | None = None,
    *,
    write_probe: bool = False,
    report_left: Callable[[str], None] = lambda _: None,
) -> Verification:
    """Verify an application user against the roles of its package.

    With `application` it signs in as the application and tries what can be tried without writing; with `write_probe` it
    makes rows too, and removes them; `report_left` is told at once of one that stays. Raises Refused and Unreachable
    where the administrator's own requests fail.
    """
    required = tuple({grant.key: grant for role in roles for grant in sorted(role.grants, key=_narrow_first)}.values())
    user = users.of_application(administrator, application_id)
    if user is None:
        gone = f"there is no application user for {application_id} in {administrator.origin}"
        return Verification(application_id, None, (gone,), compare(required, ()), ())
    by_team = users.team_roles(administrator, user.id)
    effective = (*users.effective_privileges(administrator, user.id), *_of_teams(administrator, by_team or ()))
    ids = {role.id for role in roles}
    units = business_units.every(administrator)
    unit = next((one.name for one in units if one.id == user.business_unit_id), "")
    compared = compare(required, effective)
    found = Verification(
        application_id=application_id,
        user=user,
        problems=_problems(user),
        compared=compared,
        extra_roles=tuple(role for role in user.roles if role.root_id not in ids),
        unit=unit,
        reach=_reach(required, effective, user.business_unit_id, units),
        team_roles=by_team,
        remedies=_remedies(roles, user, unit, compared),
    )
    if application is None or found.problems:
        return found
    return _try_all(found, administrator, application, required, effective, write_probe, report_left)


def _of_teams(administrator: Connection, held: Sequence[TeamRole]) -> tuple[Grant, ...]:
    """Give what roles of teams grant; at the depth User they reach rows of the team only, and do not count (docs)."""
    grants = (grant for one in held for grant in roles_of_environment.grants(administrator, one.role.root_id))
    return tuple(grant for grant in grants if grant.depth is not Depth.BASIC)


def _reach(
    required: Sequence[Grant], effective: Sequence[Grant], unit_id: str, units: Sequence[BusinessUnit]
) -> tuple[Reach, ...]:
    held: dict[str, Grant] = {}
    for grant in effective:
        held[grant.key] = max(held.get(grant.key, grant), grant, key=lambda one: one.depth)
    found: dict[tuple[str, ...] | None, list[str]] = {}
    for grant in required:
        privilege = load().privilege(grant.privilege)
        if grant.key in held and privilege and privilege.right is AccessRight.READ:
            found.setdefault(units_in_reach(held[grant.key], unit_id, units), []).append(grant.privilege)
    return tuple(Reach(tuple(names), reached) for reached, names in found.items())


def _remedies(roles: Sequence[Role], user: ApplicationUser, unit: str, compared: Comparison) -> tuple[str, ...]:
    """Say which role, of which unit, would give what is missing."""
    said = []
    held = {role.root_id for role in user.roles}
    missing = {one.grant.key for one in compared.missing}
    for role in roles:
        lacking = [grant.privilege for grant in role.grants if grant.key in missing]
        if not lacking:
            continue
        given = f"{', '.join(lacking[:5])}{', ...' if len(lacking) > 5 else ''}: by the role {role.name}"
        if role.id in held:
            said.append(f"{given}, which the user holds; the environment's role grants less: solsmith import --enforce")
        else:
            said.append(f"{given} of business unit {unit}: solsmith app-user create --package PACKAGE")
    return tuple(said)


def _narrow_first(grant: Grant) -> int:
    return grant.depth


def _problems(user: ApplicationUser) -> tuple[str, ...]:
    states = (("disabled", user.disabled), ("soft-deleted", user.deleted))
    return tuple(f"the application user {user.name} ({user.id}) is {state}" for state, holds in states if holds)


def _try_all(
    found: Verification,
    administrator: Connection,
    application: Connection,
    required: Sequence[Grant],
    effective: Sequence[Grant],
    write_probe: bool,
    report_left: Callable[[str], None],
) -> Verification:
    trying = Trying()
    left: list[str] = []
    assert found.user is not None  # noqa: S101 - nothing is tried without a user
    if _arrives(application, trying, found.user.id, _ARRIVING if effective else 0):
        tables = trials.known_tables(administrator, required)
        trials.try_reading(application, trying, required, tables)
        if write_probe:
            held = {grant.key for grant in effective}
            writing = WriteTrials(application, administrator, trying, tables, held, left)
            writing.run(required, report_left)
        trials.try_refusals(application, trying, effective, tables)
    _note_untried(trying, required, write_probe)
    return replace(found, checks=tuple(trying.checks), left=tuple(left))


def _arrives(application: Connection, trying: Trying, user_id: str, patience: float) -> bool:
    """Sign in as the application and see that it is its user; one that may be new is waited for."""

    def sign_in() -> None:
        caller = _patiently(application, patience)
        if caller.user_id.lower() != user_id:
            raise Refused(f"the application signs in as user {caller.user_id}, not as {user_id}")

    return trying.attempt("sign-in", Expectation.GRANTED, sign_in)


def _patiently(application: Connection, patience: float) -> organization.Caller:
    for pause in pauses(patience):
        try:
            return organization.who_am_i(application)
        except Refused as refused:
            if refused.code not in _NOT_YET:
                raise
        application.sleep(pause)
    return organization.who_am_i(application)


def _note_untried(trying: Trying, required: Sequence[Grant], write_probe: bool) -> None:
    """Name every grant that nothing tried: none goes unmentioned."""
    tried = {check.name for check in trying.checks}
    for grant in required:
        if grant.privilege in tried:
            continue
        privilege = load().privilege(grant.privilege)
        right = privilege.right if privilege else None
        by_a_row = right in _NEEDS_A_ROW and right is not None and trials.table_of(grant, right) in trials.PROBED
        shown_by = "no row or lookup that could be made shows it" if write_probe else "only making rows shows it"
        why = shown_by if by_a_row else "no harmless request shows it"
        trying.note(Check(grant.privilege, Expectation.GRANTED, Outcome.NOT_TRIED, why))
