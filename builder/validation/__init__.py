"""What is wrong with a package, by rules with stable ids."""

from builder.validation.report import Finding, Report, Severity
from builder.validation.validate import validate

__all__ = ["Finding", "Report", "Severity", "validate"]
