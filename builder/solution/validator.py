"""Validate whatever a path leads to: a zip, an unpacked folder or a spec."""

from dataclasses import dataclass
from pathlib import Path

from builder.package.limits import DEFAULT_LIMITS, Limits
from builder.solution.file_names import is_spec
from builder.validation.policy.model import Conditions
from builder.validation.registry import chosen
from builder.validation.report import Report
from builder.validation.validate import validate


@dataclass(frozen=True, slots=True)
class Validator:
    """Validates paths by the rules chosen and, where one is given, by a policy. It may go to another process."""

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    conditions: Conditions | None = None
    limits: Limits = DEFAULT_LIMITS

    def __call__(self, path: Path) -> Report:
        """Give the report on a zip, an unpacked folder or a spec."""
        rules = chosen(self.select, self.ignore)
        if is_spec(path) and not path.is_dir():
            from builder.solution.validated import validate_spec  # who has no spec need not read YAML

            return validate_spec(path, rules, self.conditions)
        return validate(path, self.limits, rules=rules, conditions=self.conditions)
