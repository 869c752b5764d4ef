"""solsmith validate."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from builder.text import printable
from builder.validation.formats import FORMATS
from cli.output import columns, tell

if TYPE_CHECKING:
    from datetime import date

    from builder.package.limits import Limits
    from builder.settings import Settings
    from builder.validation.policy.model import Conditions
    from builder.validation.suppressions import Outcome, Suppression

_SEVERITIES = ("error", "warning", "note")


@click.command(short_help="Say what is wrong with a package, offline.")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(list(FORMATS)), default="text", show_default=True)
@click.option(
    "--fail-on",
    type=click.Choice(_SEVERITIES),
    default="error",
    show_default=True,
    help="The least severe finding that makes the exit code 1.",
)
@click.option("--select", multiple=True, metavar="RULES", help="Only these rules: SOL404, or SOL4 for a family.")
@click.option("--ignore", multiple=True, metavar="RULES", help="Not these rules.")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Write to a file instead of stdout.")
@click.option("--policy", metavar="FILE|NAME", help="What the packages may never do: a file, or application-user.")
@click.option(
    "--previous",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="PACKAGE",
    help="The release before, which the policy compares with: a zip, a folder or a spec. Once for each solution.",
)
@click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The settings (suppressions, policy); else solsmith.toml or pyproject.toml here or above.",
)
def validate(
    paths: tuple[Path, ...],
    form: str,
    fail_on: str,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    output: Path | None,
    policy: str | None,
    previous: tuple[Path, ...],
    config: Path | None,
) -> int:
    """Validate solution packages: zips, folders that SolutionPackager unpacked, folders of either, patterns, and specs
    (.yaml), which are built in memory, so that each finding stands on the spec's line.

    Exit code 0 where nothing is as bad as --fail-on says, 1 where something is, 2 where something cannot be read.

    \b
    Examples:
      solsmith validate dist/*.zip
      solsmith validate src/solution --format sarif --output solution.sarif
      solsmith validate solution.yaml --policy application-user --previous last_release.zip
    """
    from builder.solution.validator import Validator
    from builder.validation.batch import validate_all
    from builder.validation.report import Severity
    from builder.validation.targets import packages_at

    settings = _settings(config)
    suppressed = _suppressing(settings)
    conditions = _conditions(policy, previous, settings)
    chosen, unwanted = _rules(select, "--select"), _rules(ignore, "--ignore")
    validator = Validator(chosen, unwanted, conditions, _limits(settings))
    packages = packages_at(paths)
    with _progress(len(packages)) as progress:
        reports = validate_all(packages, validator, progress=progress)
    outcome = replace(suppressed(reports), threshold=Severity(fail_on))
    _write(outcome, form, output)
    if form == "text":
        _summarise(outcome)
    _tell_useless(outcome, partial=bool(chosen or unwanted))
    if not all(report.readable for report in reports):
        return 2
    return int(any(report.fails(outcome.threshold) for report in outcome.reports))


def _settings(config: Path | None) -> "Settings | None":
    from builder.settings import find_settings, read_settings

    path = config or find_settings(Path.cwd())
    return read_settings(path) if path else None


def _limits(settings: "Settings | None") -> "Limits":
    """Give what a package may cost to read: the defaults, or what `[limits]` of the settings says."""
    from builder.errors import Fault, InputFaults
    from builder.package.limits import DEFAULT_LIMITS, limits_from

    if settings is None or "limits" not in settings.values:
        return DEFAULT_LIMITS
    values = settings.values["limits"]
    if not isinstance(values, dict):
        raise InputFaults(settings.path, [Fault("`limits` is no table", str(settings.path), hint="Write [limits].")])
    return limits_from(str(settings.path), values)


def _suppressing(settings: "Settings | None") -> Callable[..., "Outcome"]:
    """Give what applies the suppressions of the settings to reports; reads them at once."""
    from functools import partial

    from builder.validation.suppressions import Outcome, read_suppressions, suppress

    if settings is None:
        return lambda reports: Outcome(tuple(reports))
    return partial(suppress, suppressions=read_suppressions(settings), today=_today(), source=str(settings.path))


def _conditions(policy: str | None, previous: tuple[Path, ...], settings: "Settings | None") -> "Conditions | None":
    """Read the policy that is asked for, here or in the settings (whose paths start where they lie)."""
    folder = Path()
    if policy is None and settings and "policy" in settings.values:
        folder, policy = settings.path.parent, settings.text_of("policy")
    if policy is None:
        if previous:
            tell("note: no policy is asked for (--policy), so that nothing compares with --previous")
        return None
    from builder.solution.validated import predecessor
    from builder.validation.policy.model import Conditions
    from builder.validation.policy.reading import find_policy

    return Conditions(find_policy(policy, folder), _today(), tuple(map(predecessor, previous)))


def _today() -> "date":
    from datetime import UTC, datetime

    return datetime.now(UTC).date()


def _rules(given: tuple[str, ...], option: str) -> tuple[str, ...]:
    from builder.validation.registry import all_rules

    known = [rule.id for rule in all_rules()] if given else []
    wanted = tuple(word.strip().upper() for text in given for word in text.split(",") if word.strip())
    for word in wanted:
        if not any(id_.startswith(word) for id_ in known):
            raise click.BadParameter(
                f"there is no rule {printable(word)}; `solsmith explain` lists them.", param_hint=option
            )
    return wanted


@contextmanager
def _progress(total: int) -> Iterator[Callable[[int, int], None] | None]:
    """Draw a bar on stderr where that is a terminal and there is something to wait for."""
    import sys

    if total < 2 or not sys.stderr.isatty():
        yield None
        return
    from rich.progress import Progress

    from cli.output import console

    with Progress(console=console(sys.stderr), transient=True) as bar:
        task = bar.add_task("Validating", total=total)
        yield lambda done, _: bar.update(task, completed=done)


def _write(outcome: "Outcome", form: str, output: Path | None) -> None:
    from builder.files import write_whole
    from builder.validation.formats import render

    text = render(form, outcome)
    if output:
        write_whole(output, f"{text}\n".encode("utf-8", "backslashreplace") if text else b"")
    elif form == "text" and columns():
        from cli.findings import show_findings

        show_findings(text)
    elif text:
        click.echo(text)


def _summarise(outcome: "Outcome") -> None:
    """Count the findings of each package, and of all where there are many."""
    from builder.validation.report import Severity

    for report in outcome.reports:
        counts = {severity.value: report.count(severity) for severity in Severity}
        words = [f"{n} {word}{'s' * (n != 1)}" for word, n in counts.items() if n] or ["no findings"]
        words += [f"{len(report.suppressed)} suppressed"] if report.suppressed else []
        tell(f"{printable(report.path)}: {', '.join(words)}")


def _tell_useless(outcome: "Outcome", *, partial: bool) -> None:
    def name(item: "Suppression") -> str:
        place = f"{outcome.source}:{item.line}" if item.line else outcome.source
        return printable(f"{place}: the suppression of {item.rule}")

    for item in outcome.expired:
        tell(f"{name(item)} expired on {item.expires.isoformat()} and counts no longer: {printable(item.reason)}")
    for item in () if partial else outcome.idle:
        tell(f"{name(item)} matches nothing here: remove it if it is of no more use")
