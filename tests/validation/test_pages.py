"""Each rule has its page, and the pages in docs/rules are those of the rules."""

import re
import subprocess
import sys

import pytest

from builder.catalogue.lookup import error_texts
from builder.validation.page import page_of
from builder.validation.registry import Rule, all_rules
from tests.support import REPOSITORY

RULES = all_rules()


def test_pages_are_current() -> None:
    script = REPOSITORY / "scripts" / "make_rule_pages.py"
    done = subprocess.run([sys.executable, str(script), "--check"], cwd=REPOSITORY, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_rule_says_why_and_how_to_mend_it(rule: Rule) -> None:
    page = page_of(rule)
    assert all((page.summary, page.why, page.fix, page.good, page.bad))
    assert re.fullmatch(r"SOL[1-9]\d\d", rule.id)
    assert (REPOSITORY / "docs" / "rules" / f"{rule.id}.md").is_file()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_rule_is_named_by_its_file_and_alone_in_it(rule: Rule) -> None:
    module = rule.check.__module__.rpartition(".")[2]
    assert module.startswith(f"{rule.id.lower()}_")
    assert [other.id for other in RULES].count(rule.id) == 1


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_error_codes_of_a_page_exist(rule: Rule) -> None:
    beyond = {"0x8004ed43"}  # named by the documentation, absent from the list of codes at hand
    for code in re.findall(r"0x[0-9a-f]{8}", rule.page):
        assert code in error_texts() or code in beyond, code
