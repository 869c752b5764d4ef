"""How a verification is shown: a table for people, JSON for programs."""

import re
from typing import TYPE_CHECKING, Any

import click
from rich.table import Table
from rich.text import Text

from builder.text import printable
from cli.output import show as show_table
from cli.output import tell

if TYPE_CHECKING:
    from builder.deployment.checks import Check
    from builder.deployment.verify import Reach, Verification


def show(found: "Verification") -> None:
    """Print what was found: problems, shortfalls, the table of what was tried, and the verdict."""
    for line in _lines(found):
        click.echo(printable(line))
    if found.checks:
        show_table(checks_table(found.checks))
    else:
        tell("the application did not sign in: nothing was tried as itself")
    click.echo("verified" if found.passed else "not verified")


def checks_table(checks: "tuple[Check, ...]") -> Table:
    """Lay out what was tried, one row a request; what contradicts the expectation stands out."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("grant or request", "expected", "came of it", "detail"):
        table.add_column(heading, overflow="fold")
    for check in checks:
        style = "" if check.ok else "bold red"
        cells = (check.name, check.expectation.value, check.outcome.value, _detail(check))
        table.add_row(*(Text(printable(cell)) for cell in cells), style=style)
    return table


def as_json(found: "Verification", environment: str) -> dict[str, Any]:
    """Give the document of --format json, without its version."""
    user = found.user
    return {
        "environment": environment,
        "application_id": found.application_id,
        "verified": found.passed,
        "user": {"id": user.id, "name": user.name, "roles": [role.name for role in user.roles]} if user else None,
        "problems": list(found.problems),
        "missing": [
            {
                "privilege": one.grant.privilege,
                "required": one.grant.depth.level,
                "held": one.held.level if one.held else None,
            }
            for one in found.compared.missing
        ],
        "extra": [{"privilege": grant.privilege, "depth": grant.depth.level} for grant in found.compared.extra],
        "extra_roles": [role.name for role in found.extra_roles],
        "checks": [
            {
                "name": check.name,
                "expected": check.expectation.value,
                "outcome": check.outcome.value,
                "ok": check.ok,
                "detail": check.detail,
            }
            for check in found.checks
        ],
        "left": list(found.left),
        "business_unit": found.unit,
        "reach": [
            {"privileges": list(one.privileges), "business_units": None if one.units is None else list(one.units)}
            for one in found.reach
        ],
        "team_roles": None
        if found.team_roles is None
        else [{"team": one.team, "role": one.role.name} for one in found.team_roles],
        "remedies": list(found.remedies),
    }


def _lines(found: "Verification") -> list[str]:
    extra = [grant.privilege for grant in found.compared.extra]
    return [
        *(f"problem: {problem}" for problem in found.problems),
        *(f"required: {shortfall}" for shortfall in found.compared.missing),
        *(f"would give it: {remedy}" for remedy in found.remedies),
        *(f"by its team {one.team}: role {one.role.name}" for one in found.team_roles or ()),
        *(_reached(one) for one in found.reach),
        *([f"more than the package grants: {len(extra)} privileges ({_some(extra)})"] if extra else []),
        *(f"left behind: {url}" for url in found.left),
    ]


def _reached(reach: "Reach") -> str:
    where = "its own rows only" if reach.units is None else f"rows of {_some(list(reach.units))}"
    return f"in reach, {where}: {_some(list(reach.privileges))}"


def _some(names: list[str]) -> str:
    return ", ".join(names[:5]) + (", ..." if len(names) > 5 else "")


def _detail(check: "Check") -> str:
    """Shorten a refusal that was expected to its privilege; the full text is in the JSON."""
    if check.ok and check.outcome.value == "refused":
        named = re.search(r"\bprv\w+", check.detail)
        return f"{named.group()} is missing" if named else check.detail[:60]
    return check.detail
