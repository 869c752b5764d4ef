"""Making a plan: every question that can be asked of the environment without writing, each asked once."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from builder.catalogue import load
from builder.catalogue.lookup import added_by_platform
from builder.comparison.changes import GrantChange
from builder.comparison.compare import compare_roles
from builder.connection.http import Connection
from builder.dataverse import jobs, layers, metadata, privileges, roles, solutions, users
from builder.dataverse.organization import Caller, who_am_i
from builder.dataverse.privileges import EnvironmentPrivilege
from builder.dataverse.solutions import InstalledSolution
from builder.deployment.candidate import Candidate
from builder.deployment.plan import Action, Options, Place, Plan, RolePlan
from builder.model import Role

# What an import asks of its user: documented of ImportSolution; the two on roles by the error 0x80048018.
_NEEDED = ("prvImportCustomization", "prvCreateRole", "prvWriteRole")


def make_plan(
    connection: Connection,
    candidate: Candidate,
    options: Options | None = None,
    previous: Sequence[Role] | None = None,
) -> Plan:
    """Compare a package with an environment; nothing is written.

    `previous` are the roles of the package that is installed, where it is at hand: they tell what the customer changed.
    Raises Refused and Unreachable where the environment does not answer what is asked.
    """
    options = options or Options()
    caller = who_am_i(connection)
    place = Place(connection.origin, caller.organization_id.lower(), connection.tenant, caller.user_id.lower())
    installed, left = solutions.with_holding(connection, candidate.unique_name)
    known = privileges.named(connection, (grant.privilege for role in candidate.roles for grant in role.grants))
    if previous is None and installed is not None and installed.version == candidate.version:
        previous = candidate.roles
    compared = tuple(_role_plan(connection, role, previous) for role in candidate.roles)
    refusals = (
        *_by_version(connection, candidate, installed, left),
        *_by_privileges(candidate, known),
        *_by_requirements(connection, candidate),
        *_by_names(connection, compared),
    )
    gone = _gone(connection, candidate, installed) if installed and installed.managed else ()
    plan = Plan(
        action=Action.REFUSED,
        candidate=candidate,
        options=options,
        place=place,
        installed=installed,
        roles=compared,
        gone=gone,
        refusals=refusals,
        warnings=(*_rights(connection, caller), *_case(candidate, known)),
        running=jobs.running(connection),
    )
    return plan if refusals else _decided(plan)


def _decided(plan: Plan) -> Plan:
    """Decide by version and grants: an upgrade where something goes away, else an update, which is quicker."""
    installed, candidate = plan.installed, plan.candidate
    if installed is None:
        return replace(plan, action=Action.INSTALL)
    loses = bool(plan.gone) or any(role.loses for role in plan.roles)
    if candidate.version > installed.version:
        return replace(plan, action=Action.UPGRADE if candidate.managed and loses else Action.UPDATE)
    if plan.options.reinstall:
        return replace(plan, action=Action.REINSTALL)
    if not any(role.changes for role in plan.roles):
        return replace(plan, action=Action.NOTHING)
    text = (
        f"{installed.unique_name} {installed.version} is installed already, and its roles grant something else: they "
        "were changed by hand, or this is other content under the same version; raise the version, or say --reinstall"
    )
    return replace(plan, refusals=(text,))


def _by_version(
    connection: Connection, candidate: Candidate, there: InstalledSolution | None, left: InstalledSolution | None
) -> Iterator[str]:
    if left is not None:
        yield (
            f"an upgrade of {candidate.unique_name} was begun and never finished: {left.unique_name} {left.version} is "
            "there; apply or delete that upgrade in the maker portal (Solutions) first"
        )
    if there is None:
        return
    if candidate.version < there.version:
        yield (
            f"{connection.origin} has {there.unique_name} {there.version}, which is newer than {candidate.version}; "
            "going back needs an uninstall first"
        )
    if candidate.managed != there.managed:
        here, given = ("managed", "unmanaged") if there.managed else ("unmanaged", "managed")
        yield f"{there.unique_name} is {here} in {connection.origin}, the package is {given}: give the same kind"
    if candidate.publisher and there.publisher and candidate.publisher.lower() != there.publisher.lower():
        ours, theirs = candidate.publisher, there.publisher
        yield f"{there.unique_name} is of publisher {theirs}, the package of {ours} (0x8004801c)"


def _by_privileges(candidate: Candidate, known: dict[str, EnvironmentPrivilege]) -> Iterator[str]:
    """Check every (privilege, depth) against the environment's own privileges."""
    for role in candidate.roles:
        for grant in role.grants:
            privilege = known.get(grant.key)
            if privilege is None:
                shipped = load().privilege(grant.privilege)
                tables = f" (of {', '.join(shipped.tables[:3])})" if shipped and shipped.tables else ""
                yield (
                    f"role {role.name}: the environment has no privilege {grant.privilege}{tables}; "
                    "install what brings it first, or leave the grant out"
                )
            elif privilege.depths and grant.depth not in privilege.depths:
                words = ", ".join(depth.words for depth in sorted(privilege.depths))
                yield (
                    f"role {role.name}: {grant.privilege} cannot be granted at {grant.depth.words} in this environment "
                    f"(0x8004140b); it can at: {words}"
                )


def _by_requirements(connection: Connection, candidate: Candidate) -> Iterator[str]:
    for name in candidate.unbound:
        yield f"{name} needs a value, which solsmith does not give; import this package in the maker portal"
    wanted = [one for one in candidate.requirements if one.table]
    there = metadata.tables(connection, [one.table for one in wanted])
    for one in wanted:
        if one.table not in there:
            source = f"; it comes with {one.solution}" if one.solution else ""
            yield f"the environment has no table {one.name}, which the package needs (0x8004801d){source}"


def _by_names(connection: Connection, compared: Sequence[RolePlan]) -> Iterator[str]:
    """Find roles of the same name under another id: an import refuses those (0x80048017)."""
    new = [one.role for one in compared if one.live is None]
    for role in new:
        for twin in roles.called(connection, role.name):
            if twin.root_id != role.id:
                yield (
                    f"the environment has another role {role.name} ({twin.root_id}, the package's is {role.id}): "
                    "rename that one first (0x80048017)"
                )
                break


def _role_plan(connection: Connection, role: Role, previous: Sequence[Role] | None) -> RolePlan:
    live = roles.live(connection, role.id)
    if live is None:
        return RolePlan(role, None, grant_changes(replace(role, grants=()), role))
    brought = next((one for one in previous or () if one.id == role.id), None)
    packaged = {grant.key for grant in role.grants}
    return RolePlan(
        role=role,
        live=live,
        changes=grant_changes(live, role),
        by_hand=None if brought is None else grant_changes(brought, live),
        platform=tuple(
            grant for grant in live.grants if grant.key in added_by_platform() and grant.key not in packaged
        ),
        layered=layers.has_unmanaged(connection, role.id),
        holders=roles.holders(connection, roles.copies(connection, role.id)),
    )


def grant_changes(old: Role, new: Role) -> tuple[GrantChange, ...]:
    """Give what differs in the grants of two roles, whatever their names and ids."""
    return tuple(change for role in compare_roles([old], [replace(new, id=old.id)]) for change in role.grants)


def _gone(connection: Connection, candidate: Candidate, installed: InstalledSolution) -> tuple[str, ...]:
    """Name the roles that the installed solution has and the package has not: an upgrade removes them."""
    kept = {role.id for role in candidate.roles}
    ids = [role_id for role_id in solutions.roles_of(connection, installed.id) if role_id not in kept]
    lost = (roles.live(connection, role_id) for role_id in ids)
    return tuple(role.name for role in lost if role)


def _rights(connection: Connection, caller: Caller) -> Iterator[str]:
    held = users.privilege_names(connection, caller.user_id)
    lacking = [name for name in _NEEDED if name.lower() not in held]
    if lacking:
        yield (
            f"the user that signs in lacks {', '.join(lacking)} as far as its own roles tell, and an import asks for "
            "that; System Administrator and System Customizer have it"
        )


def _case(candidate: Candidate, known: dict[str, EnvironmentPrivilege]) -> Iterator[str]:
    names = {grant.privilege for role in candidate.roles for grant in role.grants}
    for name in sorted(names):
        privilege = known.get(name.lower())
        if privilege and privilege.name != name:
            yield f"{name} is spelt {privilege.name} there; whether an import minds the case is unconfirmed"
