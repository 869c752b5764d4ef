"""What a brief says: what a role can not do, what is worth knowing of it, and why it grants what it grants."""

from dataclasses import replace

from builder.brief.content import RoleBrief
from builder.brief.lines import Line
from builder.brief.risks import Weight
from builder.model import Depth
from tests.brief.subjects import Subject, brief, reference, subject_of, with_grants

ORGANIZATION = Depth.GLOBAL


def role_of(subject: Subject) -> RoleBrief:
    (role,) = brief(subject).roles
    return role


def said(line: Line) -> str:
    return f"{line.text} {', '.join(line.names)}{line.note}".strip()


def limits(subject: Subject) -> list[str]:
    return [said(limit) for limit in role_of(subject).limits]


def risks(subject: Subject) -> list[str]:
    return [f"{risk.weight.value}: {said(risk.what)}" for risk in role_of(subject).risks]


def test_the_reference_role_in_plain_words() -> None:
    subject = subject_of(reference())
    assert limits(subject)[:5] == [
        "Delete rows, of any table",
        "Give rows to another owner, of any table",
        "Share rows with other users or teams, of any table",
        "Change anything of the tables that it only reads: "
        "Currency (transactioncurrency), Opportunity, User (systemuser)",
        "Read or change rows of a table that this page does not name, such as "
        "Note (annotation), Case (incident), Quote, Order (salesorder), Invoice, Contract",
    ]
    assert "Create, change or disable users, teams and business units" in limits(subject)
    assert "Erase the audit history" in limits(subject)
    assert risks(subject) == [
        "warning: May change every row of the environment, whoever owns it, of "
        "Account, Activity (activitypointer), Contact, Lead",
        "note: Reads personal data of the whole environment: Activity (e-mails among them), Contact, Lead, User",
    ]
    assert role_of(subject).tiles == (
        ("24", "privileges"), ("7", "tables"), ("4", "of them changed"), ("0", "of them deleted from"),
        ("Organization", "the furthest reach"),
    )  # fmt: skip


def test_what_it_can_do_is_not_among_what_it_can_not() -> None:
    everything = with_grants(
        *((f"prv{right}Account", ORGANIZATION) for right in ("Create", "Read", "Write", "Delete", "Assign", "Share")),
        ("prvWriteUser", ORGANIZATION), ("prvReadUser", ORGANIZATION), ("prvAssignRole", ORGANIZATION),
        ("prvActOnBehalfOfAnotherUser", ORGANIZATION), ("prvBulkDelete", ORGANIZATION),
        ("prvDeleteRecordChangeHistory", ORGANIZATION), ("prvWriteEntity", ORGANIZATION),
    )  # fmt: skip
    denied = " ".join(limits(everything))
    for words in ("users, teams", "security roles grant", "name of another", "audit history", "is built", "bulk"):
        assert words not in denied
    told = risks(everything)
    assert (
        "high: Holds what it takes, or part of it, to erase the audit history: Delete Audit Record Change History"
        in (told)
    )
    assert "high: May delete every row of the environment, whoever owns it, of Account" in told
    assert any(risk.rule == "SOL420" for risk in role_of(everything).risks)


def test_a_right_on_some_tables_is_denied_on_the_others() -> None:
    some = with_grants(
        ("prvReadAccount", ORGANIZATION), ("prvReadContact", ORGANIZATION), ("prvDeleteContact", ORGANIZATION)
    )
    assert "Delete rows, of any table but Contact" in limits(some)
    assert "Create rows, of any table" in limits(some)
    assert "Change rows, of any table" in limits(some)


def test_where_its_reach_ends() -> None:
    own = with_grants(("prvReadAccount", Depth.BASIC), ("prvWriteAccount", Depth.BASIC))
    assert "See or change rows that its user does not own and nobody shared with it" in limits(own)
    units = with_grants(
        ("prvReadAccount", ORGANIZATION), ("prvWriteAccount", Depth.LOCAL), ("prvReadTransactionCurrency", ORGANIZATION)
    )
    assert "Change rows of other business units, where rows have owners" in limits(units)
    assert not any(limit.startswith("See or change") for limit in limits(units))
    everywhere = with_grants(("prvWriteAccount", ORGANIZATION), ("prvReadAccount", ORGANIZATION))
    assert not any(limit.startswith(("See or change", "Change rows")) for limit in limits(everywhere))


def test_missing_partners_and_unknown_privileges_are_worth_knowing() -> None:
    odd = with_grants(("prvWriteAccount", ORGANIZATION), ("prvReadcontoso_Permit", ORGANIZATION))
    rules = {risk.rule: risk for risk in role_of(odd).risks}
    assert rules["SOL413"].what.note == "has Write on Account without Read"  # without the role's name before it
    assert rules["SOL413"].weight is Weight.WARNING
    assert "contoso_Permit" in rules["SOL502"].what.note


def test_says_why_by_right_where_reasons_differ() -> None:
    role = with_grants(("prvReadAccount", ORGANIZATION), ("prvWriteAccount", ORGANIZATION)).roles[0]
    read, write = role.grants
    differing = replace(role, grants=(read, replace(write, reason="", required=False)))
    (row,) = role_of(subject_of(replace(reference(), roles=(differing,)))).groups[0].rows
    assert [(why.what, why.reason, why.optional) for why in row.why] == [
        ("Read", "Because.", False),
        ("Write", "no reason stated", True),
    ]


def test_without_a_statement_nothing_is_made_up() -> None:
    bare = replace(subject_of(reference()), stated_by="", application=None)
    made = brief(bare)
    assert (made.stated, made.application, made.sign_in) == (False, None, ())
    assert ("Reasons", "not stated in the package") in made.facts
    assert all(row.why == () for row in made.roles[0].groups[0].rows)


def test_a_role_without_tables_and_a_package_without_roles() -> None:
    assert limits(with_grants(("prvReadAuditSummary", ORGANIZATION)))[0] == "Read or change rows of any table"
    made = brief(subject_of(replace(reference(), roles=())))
    assert made.roles == ()
    assert ("Roles", "none") in made.facts
