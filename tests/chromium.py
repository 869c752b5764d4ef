"""Headless Chromium, without a driver: a page's DOM after its scripts have run, a picture of it, or its print."""

import importlib.resources
import json
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), "")
needs_chromium = pytest.mark.skipif(not CHROMIUM, reason="there is no Chromium here")
DARK = "--blink-settings=preferredColorScheme=0"
_FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--virtual-time-budget=20000",
    "--host-resolver-rules=MAP * ~NOTFOUND",  # its own calls home, too, end here
)  # fmt: skip


def chromium(page: Path, *flags: str, width: int = 1200, height: int = 900) -> str:
    """Run Chromium on a page and give its output."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [CHROMIUM, *_FLAGS, f"--user-data-dir={profile}", f"--window-size={width},{height}", *flags]
        result = subprocess.run(
            [*command, page.resolve().as_uri()], capture_output=True, encoding="utf-8", timeout=100, check=True
        )
    return result.stdout


def dom(page: Path, *flags: str) -> str:
    """Give a page's DOM as markup, after its scripts have run."""
    return chromium(page, *flags, "--dump-dom")


def picture(page: Path, to: Path, *flags: str, width: int = 1200, height: int = 900) -> None:
    """Take a picture of a page."""
    chromium(page, *flags, f"--screenshot={to}", width=width, height=height)


def printed(page: Path, to: Path) -> None:
    """Print a page to a PDF file."""
    chromium(page, f"--print-to-pdf={to}", "--no-pdf-header-footer")


def with_script(html: str, script: str) -> str:
    """Give a page that allows scripts, and runs one at its end."""
    assert html.count("http-equiv=") == 1
    free = re.sub(r"<meta http-equiv=[^>]*>", "", html)
    return free.replace("</body>", f"<script>{script}</script></body>")


def evaluate(html: str, folder: Path, script: str, *flags: str) -> Any:
    """Run a script in a page and give the JSON value of its last line's promise or value, `result`."""
    page = folder / "with-script.html"
    tell = "(v) => document.documentElement.setAttribute('data-result', encodeURIComponent(JSON.stringify(v)))"
    page.write_text(with_script(html, f"{script};Promise.resolve(result).then({tell})"), encoding="utf-8")
    from urllib.parse import unquote

    found = re.search(r'data-result="([^"]*)"', dom(page, *flags))
    assert found, "the script did not come to its end"
    return json.loads(unquote(found[1]))


def axe(html: str, folder: Path, *flags: str) -> list[str]:
    """Give what axe-core finds wrong with a page: the rule and the elements."""
    source = importlib.resources.files("axe_core_python").joinpath("axe.min.js").read_text(encoding="utf-8")
    run = "const result = axe.run().then((r) => r.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html)}`))"
    found: list[str] = evaluate(html, folder, f"{source};{run}", *flags)
    return found
