"""Faults of a folder as SolutionPackager unpacks it: (rule, what is wrong, what is done to the folder)."""

# ruff: noqa: E501
from collections.abc import Callable
from pathlib import Path

from tests.validation.edits import C, Members, S

Change = Callable[[Path], object]
ROLE_FILE = "Roles/Net-Results Sync for Dynamics 365.xml"


def unpacked(members: Members, folder: Path) -> Path:
    """Lay the members of the reference package out as SolutionPackager does."""
    text = members[C].decode()
    role = text[text.index("<Role id") : text.index("</Roles>")].strip()
    (folder / "Other").mkdir(parents=True)
    (folder / "Roles").mkdir()
    (folder / ROLE_FILE).write_text(role, encoding="utf-8")
    empty = text[: text.index("<Roles>")] + "<Roles />" + text[text.index("</Roles>") + 8 :]
    (folder / "Other/Customizations.xml").write_text(empty, encoding="utf-8")
    (folder / "Other/Solution.xml").write_bytes(members[S].replace(b"<Managed>1", b"<Managed>2"))
    return folder


def _in(name: str, old: str, new: str) -> Change:
    def change(folder: Path) -> None:
        text = (folder / name).read_text(encoding="utf-8")
        assert old in text
        (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")

    return change


def _moved(to: str) -> Change:
    def change(folder: Path) -> None:
        (folder / to).parent.mkdir(exist_ok=True)
        (folder / ROLE_FILE).rename(folder / to)

    return change


def _added(name: str, text: str) -> Change:
    def change(folder: Path) -> None:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")

    return change


def _inline(folder: Path) -> None:
    role = (folder / ROLE_FILE).read_text(encoding="utf-8")
    _in("Other/Customizations.xml", "<Roles />", f"<Roles>{role}</Roles>")(folder)


TABLE_ROOT = '<RootComponents><RootComponent type="1" schemaName="netr_permit" behavior="0" />'
FOLDERS: list[tuple[str, str, Change]] = [
    ("SOL100", "no Other/Solution.xml", lambda folder: (folder / "Other/Solution.xml").unlink()),
    ("SOL101", "no Other/Customizations.xml", lambda folder: (folder / "Other/Customizations.xml").unlink()),
    ("SOL102", "a malformed role file", _in(ROLE_FILE, "</Role>", "")),
    ("SOL102", "a stray file in Roles/", _added("Roles/.gitkeep", "")),
    ("SOL102", "a malformed table file", _added("Entities/a_b/Entity.xml", "<Entity>")),
    ("SOL103", "a level that does not exist, in a role file", _in(ROLE_FILE, 'level="Global"', 'level="All"')),
    ("SOL103", "something else in Roles/", _added("Roles/Form.xml", "<Form />")),
    ("SOL301", "a second role file without root component", _added("Roles/New.xml", f'<Role id="{{{"1" * 8}-1111-4111-8111-{"1" * 12}}}" name="New"><RolePrivileges><RolePrivilege name="prvReadAccount" level="Basic" /></RolePrivileges></Role>')),
    ("SOL302", "a role file removed", lambda folder: (folder / ROLE_FILE).unlink()),
    ("SOL303", "a table file without root component", _added("Entities/netr_Permit/Entity.xml", "<Entity><Name>netr_Permit</Name></Entity>")),
    ("SOL304", "a table's file removed from its folder", lambda folder: (_added("Entities/readme.md", "")(folder), _in("Other/Solution.xml", "<RootComponents>", TABLE_ROOT)(folder))),
    ("SOL305", "a role file called _managed", _moved("Roles/Sync_managed.xml")),
    ("SOL305", "a role file in a folder below", _moved("Roles/old/Sync.xml")),
    ("SOL305", "no place for role files", _in("Other/Customizations.xml", "<Roles />", "")),
    ("SOL305", "roles in Customizations.xml beside role files", _inline),
    ("SOL306", "a role file under an older name", _moved("Roles/Sync.xml")),
    ("SOL404", "a privilege twice, in a role file", _in(ROLE_FILE, '<RolePrivilege name="prvReadLead" level="Global" />', '<RolePrivilege name="prvReadLead" level="Global" />' * 2)),
    ("SOL408", "users at Basic, in a role file", _in(ROLE_FILE, 'name="prvReadUser" level="Global"', 'name="prvReadUser" level="Basic"')),
    ("SOL501", "a table's file that no role covers", lambda folder: (_added("Entities/netr_Permit/Entity.xml", '<Entity><Name>netr_Permit</Name><EntityInfo><entity Name="netr_Permit"><OwnershipTypeMask>UserOwned</OwnershipTypeMask></entity></EntityInfo></Entity>')(folder), _in("Other/Solution.xml", "<RootComponents>", TABLE_ROOT)(folder))),
]  # fmt: skip
