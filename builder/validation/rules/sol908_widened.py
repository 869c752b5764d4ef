"""A role grants more than in the previous release.

Why: the policy that was asked for (`--policy`) says `no_widening`: who installed the last release approved what that
granted, and nothing more. Roles are compared by id, then by name; what the platform adds to every role by itself does
not count.

Fix: take the grant away; or have it approved, and record in the policy's `approvals` who approved it, why, and until
when.

Good: the grants of the previous release, or fewer.

Bad: `prvDeleteAccount`, which the previous release did not grant; or `prvReadLead` at Global, which was at Local.
"""

from collections.abc import Iterator

from builder.catalogue.lookup import added_by_platform
from builder.model import Depth, Role
from builder.validation.policy.judging import judged, right_of, tables_of
from builder.validation.policy.model import Conditions, Predecessor
from builder.validation.registry import rule
from builder.validation.report import Aspect, Problem, Severity
from builder.validation.subject import HeldGrant, HeldRole, Subject

_FLAGS = {"0": False, "1": True}


@rule("SOL908", Severity.ERROR, "A role grants more than in the previous release")
def widened(subject: Subject) -> Iterator[Problem]:
    """Compare every role with what it was."""
    conditions = subject.conditions
    if conditions is None or not conditions.policy.no_widening:
        return
    if before := conditions.predecessor(subject.package.manifest.unique_name):
        was = _by_id(before, subject.roles)
        for role in subject.roles:
            old = was.get(role.packaged.id)
            yield from _attributes(old, role)
            yield from _grants(conditions, old, role)


def _by_id(before: Predecessor, roles: tuple[HeldRole, ...]) -> dict[str, Role | None]:
    """Give what each role was, by its id now."""
    from builder.comparison.compare import pair_roles  # a comparison costs nothing where none is asked for

    return {new.id: old for old, new in pair_roles(before.roles, map(_role, roles)) if new}


def _role(held: HeldRole) -> Role:
    own = held.packaged
    inherits, assigned = _FLAGS.get(own.inherits or ""), _FLAGS.get(own.auto_assigned or "")
    return Role(own.id, own.name, (), inherits=inherits, auto_assigned=assigned)


def _attributes(old: Role | None, held: HeldRole) -> Iterator[Problem]:
    """Name what lets the role reach further beside its grants, such as that every user gets it."""
    from builder.comparison.changes import Kind
    from builder.comparison.concerns import of_attribute, role_attributes

    if old is None:
        return
    new = _role(held)
    was, now = role_attributes(old), role_attributes(new)
    for attribute in was:
        if was[attribute] != now[attribute]:
            kind, _, remark = of_attribute(attribute, old, new)
            if kind is Kind.WIDENED:
                yield held.problem(
                    f"{attribute} was {was[attribute]} and is {now[attribute]} in this release: {remark}",
                    hint="Take it back, or suppress the finding for this role, with a reason and until a day.",
                )


def _grants(conditions: Conditions, old: Role | None, held: HeldRole) -> Iterator[Problem]:
    was: dict[str, Depth] = {}
    for each in old.grants if old else ():
        was[each.key] = max(each.depth, was.get(each.key, each.depth))
    rights = {grant.key for grant in held.grants if grant.key in was and right_of(grant)}
    known_tables = {table for grant in held.grants if grant.key in rights for table in tables_of(grant)}
    platform = added_by_platform()
    for grant in held.grants:
        depth, before = grant.depth, was.get(grant.key)
        if depth is None or depth <= platform.get(grant.key, 0) or (before and depth <= before):
            continue
        message, aspect = _told(grant, depth, before, known_tables)
        yield judged(conditions, held, grant, message, aspect=aspect)


def _told(grant: HeldGrant, depth: Depth, before: Depth | None, known_tables: set[str]) -> tuple[str, Aspect]:
    """Say what is more, and which part of the grant is new: its depth, its right, or the table altogether."""
    if before:
        return f"{grant.name} reached {before.words} in the previous release, and reaches {depth.words} now", "depth"
    message = f"{grant.name} at {depth.words} was not granted in the previous release"
    return message, "right" if known_tables.intersection(tables_of(grant)) else ""
