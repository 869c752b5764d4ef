"""The status page: what it shows, that 403s are explained, that no text becomes markup, how it looks in a browser."""

import subprocess
import tempfile
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest

from tests.chromium import CHROMIUM, needs_chromium
from tests.sandbox.client import Client, Role, bind, import_package, make_zip, root_unit
from tests.sandbox_process import RunningSandbox, running_sandbox

HOSTILE = "<img src=x onerror=alert(1)>\u202e"


@pytest.fixture(scope="module")
def visited() -> Iterator[RunningSandbox]:
    """A sandbox in which an application was refused twice."""
    with running_sandbox() as sandbox, Client(sandbox, sandbox.admin) as admin:
        made = Role("Sync", {"prvReadAccount": "Basic", "prvReadUser": "Global"})
        import_package(admin, make_zip(made, name="Brought"))
        unit = root_unit(admin)
        app = admin.make(
            "systemusers", applicationid=sandbox.app.client_id, businessunitid__bind=bind("businessunits", unit)
        )
        role = {"@odata.id": admin.address(f"roles({made.id})")}
        admin.post(f"systemusers({app})/systemuserroles_association/$ref", json=role)
        admin.make("systemusers", lastname=HOSTILE, businessunitid__bind=bind("businessunits", unit))
        foreign = admin.make("accounts", name="Not its own")
        with Client(sandbox, sandbox.app) as client:
            assert client.get("contacts").status_code == 403
            assert client.get(f"accounts({foreign})").status_code == 403
        yield sandbox


class Page(HTMLParser):
    """Rows of text, by the heading above them, and every tag."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.rows: list[list[str]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        if tag == "table":
            self.rows.append([])

    def handle_data(self, data: str) -> None:
        if self.rows and self.rows[-1]:
            self.rows[-1][-1] += data


def page_of(sandbox: RunningSandbox) -> httpx.Response:
    with httpx.Client(verify=sandbox.tls, trust_env=False) as client:
        return client.get(f"{sandbox.dataverse_url}/sandbox/")


def test_every_403_is_explained(visited: RunningSandbox) -> None:
    rows = [[cell.strip() for cell in row] for row in Page(page_of(visited).text).rows]
    explained = {row[3]: row[4:] for row in rows if len(row) == 6 and row[3].startswith("prv")}
    assert explained == {"prvReadContact": ["Basic", "none"], "prvReadAccount": ["Local", "Basic"]}
    assert any(row[:2] == ["Brought", "1.0.0.0"] for row in rows)
    assert any("System Administrator" in row for row in rows)


def test_nothing_a_row_says_becomes_markup(visited: RunningSandbox) -> None:
    answer = page_of(visited)
    assert not {"img", "script"} & set(Page(answer.text).tags)
    assert "\u202e" not in answer.text
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


@needs_chromium
def test_it_is_readable_in_a_browser(visited: RunningSandbox, tmp_path: Path) -> None:
    picture = tmp_path / "status.png"
    flags = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync")
    calls = ("--disable-background-networking", "--disable-component-update", "--ignore-certificate-errors")
    only_here = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [CHROMIUM, *flags, *calls, only_here, f"--user-data-dir={profile}", "--window-size=1200,1800"]
        address = f"{visited.dataverse_url}/sandbox/"
        subprocess.run([*command, f"--screenshot={picture}", address], capture_output=True, timeout=100, check=True)
    assert picture.stat().st_size > 50_000, "a page of tables"
