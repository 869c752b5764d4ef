"""A policy in sentences: what it forbids, what it asks for, and what is approved all the same."""

from collections.abc import Iterator
from datetime import date

from builder.catalogue import Catalogue
from builder.model import Depth
from builder.validation.policy.model import Approval, ForbiddenPrivileges, ForbiddenRights, Policy

NOT, MUST, APPROVED = "A package may not", "A package must", "Approved all the same"


def sentences(policy: Policy, catalogue: Catalogue, today: date) -> dict[str, tuple[str, ...]]:
    """Give the policy's sentences by their headings, each with the rule that checks it; headings without any are left
    out. A policy that forbids nothing gives nothing.
    """
    found = {
        NOT: tuple(_forbidden(policy, catalogue)),
        MUST: tuple(_required(policy)),
        APPROVED: tuple(_approved(approval, catalogue, today) for approval in policy.approvals),
    }
    return {heading: texts for heading, texts in found.items() if texts}


def _forbidden(policy: Policy, catalogue: Catalogue) -> Iterator[str]:
    if policy.max_depth and policy.max_depth is not Depth.GLOBAL:
        exceptions = ", ".join(_table(name, catalogue) for name in policy.max_depth_except)
        but = f"on {exceptions}, and " if exceptions else ""
        yield (
            f"grant anything deeper than {policy.max_depth.words}, but for privileges {but}that exist at no narrower "
            "depth (SOL901)"
        )
    for privileges in policy.forbidden_privileges:
        yield _because(f"grant {_privileges(privileges, catalogue)}", privileges.reason, "SOL902")
    for rights in policy.forbidden_rights:
        yield _because(_rights(rights, catalogue), rights.reason, "SOL904" if rights.beyond else "SOL903")
    if policy.no_widening:
        yield "grant anything that the previous release (--previous) did not grant, or more deeply than it did (SOL908)"
    if policy.compares:
        yield "take the place of a solution of another unique name (SOL910)"


def _required(policy: Policy) -> Iterator[str]:
    for role in policy.required_roles:
        yield f"have the role {role} (SOL905)"
    if policy.allowed_publishers:
        yield f"be published by {' or '.join(policy.allowed_publishers)} (SOL906)"
    if policy.version_must_rise:
        yield "have a higher version than the previous release (--previous) (SOL907)"


def _because(what: str, reason: str, rule: str) -> str:
    return f"{what} ({rule})" + (f": {reason}" if reason else "")


def _privileges(forbidden: ForbiddenPrivileges, catalogue: Catalogue) -> str:
    return ", ".join(word if "*" in word else _privilege(word, catalogue) for word in forbidden.words)


def _privilege(word: str, catalogue: Catalogue) -> str:
    known = catalogue.named(word)
    if known is None:
        return word
    return f"{known.display} ({known.name})" if known.display and known.right is None else known.name


def _rights(forbidden: ForbiddenRights, catalogue: Catalogue) -> str:
    rights = ", ".join(right.words for right in forbidden.rights)
    if forbidden.tables is None:
        tables = "any table"
    else:
        tables = ", ".join(_table(name, catalogue) for name in forbidden.tables)
    beyond = f" beyond {forbidden.beyond.words}" if forbidden.beyond else ""
    return f"grant {rights} on {tables}{beyond}"


def _table(name: str, catalogue: Catalogue) -> str:
    table = catalogue.table(name)
    return f"{table.display} ({name})" if table and table.display and table.display.lower() != name else name


def _approved(approval: Approval, catalogue: Catalogue, today: date) -> str:
    names = ", ".join(_privilege(word, catalogue) for word in sorted(approval.privileges))
    ended = ", which is over" if approval.until < today else ""
    return (
        f"{approval.role} may hold {names} up to {approval.depth.words} until {approval.until.isoformat()}{ended}: "
        f"{approval.reason} (approved by {approval.by})"
    )
