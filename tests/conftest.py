"""Settings of the test suite."""

import os

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("default", max_examples=50, derandomize=True, deadline=None)
settings.register_profile("soak", max_examples=5000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the long campaigns to `make soak`."""
    if "soak" not in (config.option.markexpr or ""):
        skipped = [item for item in items if "soak" in item.keywords]
        items[:] = [item for item in items if "soak" not in item.keywords]
        config.hook.pytest_deselected(items=skipped)
