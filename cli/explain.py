"""solsmith explain."""

import re
from pathlib import Path

import click

from builder.errors import UsageError
from builder.text import printable


@click.command(short_help="Say what a rule or an error code means.")
@click.argument("what", required=False, metavar="[RULE|CODE|FILE]")
def explain(what: str | None) -> int | None:
    """Explain a validation rule, one of Dataverse's error codes, or a saved log; without any, list the rules.

    A FILE is the log of an import job (XML), an answer of the Web API (JSON), or any text with error codes in it. Exit
    code 1 where it tells of errors.

    \b
    Examples:
      solsmith explain SOL404
      solsmith explain 0x8004801d
      solsmith explain import-log.xml
    """
    if what is None:
        _list()
    elif Path(what).is_file():
        return _explain_file(Path(what))
    elif code := _code(what):
        _explain_code(code)
    else:
        _explain_rule(what)
    return None


def _list() -> None:
    from builder.validation.registry import all_rules

    for rule in all_rules():
        click.echo(f"{rule.id} {rule.severity.value:7} {rule.title}")


def _explain_rule(text: str) -> None:
    from builder.validation.page import page_of
    from builder.validation.registry import all_rules

    rules = {rule.id: rule for rule in all_rules()}
    rule = rules.get(text.strip().upper())
    if rule is None:
        import difflib

        near = difflib.get_close_matches(text.upper(), rules, n=1)
        hint = f"Did you mean {near[0]}?" if near else "`solsmith explain` lists the rules."
        raise UsageError(f"there is no rule or error code {printable(text)}", hint)
    page = page_of(rule)
    click.echo(f"{rule.id} ({rule.severity.value}): {rule.title}")
    for head, paragraph in (("Why", page.why), ("Fix", page.fix), ("Good", page.good), ("Bad", page.bad)):
        click.echo(f"\n{head}: {paragraph}")


def _explain_file(path: Path) -> int:
    from builder.deployment.saved_log import problems_of
    from cli.explaining import show_problems

    problems = problems_of(path)
    if not problems:
        click.echo(f"{printable(str(path))} tells of no error")
        return 0
    show_problems(problems, click.echo)
    return int(any(problem.severity == "error" for problem in problems))


def _code(text: str) -> str:
    """Give a Dataverse error code as 0x and 8 hexadecimal digits; "" for anything else.

    Dataverse writes codes in hexadecimal, and at times as a signed number of 32 bits.
    """
    word = text.strip().lower()
    if re.fullmatch(r"(0x)?[0-9a-f]{8}", word):
        return f"0x{word.removeprefix('0x')}"
    if re.fullmatch(r"-[0-9]{1,10}", word):
        return f"0x{int(word) & 0xFFFFFFFF:08x}"
    return ""


def _advise(code: str) -> None:
    from builder.deployment.advice import advise
    from builder.deployment.explain import Problem

    advice = advise(Problem(code, "", ""))
    if advice:
        click.echo(f"\nCause: {advice.cause}\nDo: {advice.remedy}")


def _explain_code(code: str) -> None:
    from builder.catalogue.lookup import error_texts
    from builder.validation.registry import all_rules

    known = error_texts().get(code)
    if known is None:
        raise UsageError(
            f"the error code {code} is not known here", "Look it up in the Dataverse web service error codes."
        )
    name, meaning = known
    click.echo(f"{code} {name}\n\n{meaning}")
    _advise(code)
    rules = [rule for rule in all_rules() if code in rule.page.lower()]
    if rules:
        click.echo("\nRules that find its causes before an import does:")
        for rule in rules:
            click.echo(f"  {rule.id} {rule.title}")
