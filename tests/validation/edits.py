"""How a fault is planted: an edit takes the members of a package and gives those of the faulty one."""

import io
import re
import zipfile
from collections.abc import Callable, Mapping

Members = dict[str, bytes]
Edit = Callable[[Members], Members]
RawEdit = Callable[[bytes], bytes]
C, S, T = "customizations.xml", "solution.xml", "[Content_Types].xml"


def swap(member: str, old: str, new: str) -> Edit:
    """Replace the first occurrence of a text."""
    return sub(member, re.escape(old), lambda _: new)


def sub(member: str, pattern: str, new: str | Callable[[re.Match[str]], str]) -> Edit:
    """Replace the first match of a pattern; `new` may refer to its groups."""

    def edit(members: Members) -> Members:
        text = members[member].decode("utf-8", "surrogateescape")
        changed, count = re.subn(pattern, new, text, count=1)
        assert count == 1, f"{pattern} is not in {member}"
        return {**members, member: changed.encode("utf-8", "surrogateescape")}

    return edit


def twice(member: str, pattern: str) -> Edit:
    """Write the first match of a pattern twice."""
    return sub(member, pattern, lambda match: match[0] + match[0])


def drop(member: str, pattern: str) -> Edit:
    """Remove the first match of a pattern."""
    return sub(member, pattern, "")


def put(name: str, data: bytes | str = b"x") -> Edit:
    """Add a member, or replace its content."""
    return lambda members: {**members, name: data.encode() if isinstance(data, str) else data}


def remove(name: str) -> Edit:
    return lambda members: {other: data for other, data in members.items() if other != name}


def rename(name: str, to: str) -> Edit:
    return lambda members: {to if other == name else other: data for other, data in members.items()}


def into(folder: str) -> Edit:
    return lambda members: {f"{folder}/{name}": data for name, data in members.items()}


def data(member: str, change: Callable[[bytes], bytes]) -> Edit:
    """Change the bytes of a member."""
    return lambda members: {**members, member: change(members[member])}


def both(*edits: Edit) -> Edit:
    def edit(members: Members) -> Members:
        for one in edits:
            members = one(members)
        return members

    return edit


# Parts that every real role package has in this form.
GRANT = r'\s*<RolePrivilege name="[^"]+" level="[^"]+" />'
ROLE = r"\s*<Role id=[\s\S]*?</Role>"
ROLE_ROOT = r'\s*<RootComponent type="20" [^>]*/>'


def grant(name: str, level: str = "Global") -> Edit:
    """Put a privilege where its name sorts, in the first role."""

    def edit(members: Members) -> Members:
        text = members[C].decode()
        start = text.index("<RolePrivileges>")
        end = text.index("</RolePrivileges>", start)
        later = (m for m in re.finditer(GRANT, text[start:end]) if _name(m[0]).lower() > name.lower())
        place = start + next((m.start() for m in later), len(text[start:end].rstrip()))
        new = f'\n        <RolePrivilege name="{name}" level="{level}" />'
        return {**members, C: (text[:place] + new + text[place:]).encode()}

    return edit


def revoke(name: str) -> Edit:
    return drop(C, rf'\s*<RolePrivilege name="{name}" level="[^"]+" />')


def level(name: str, new: str) -> Edit:
    return sub(C, rf'name="{name}" level="[^"]+"', f'name="{name}" level="{new}"')


def role_id(members: Members) -> str:
    return members[C].decode().split('<Role id="{')[1].split("}")[0]


def role_name(members: Members) -> str:
    return members[C].decode().split('<Role id="')[1].split('name="')[1].split('"')[0]


def second_role(name: str, id_: str = "11111111-2222-4333-8444-555555555555") -> Edit:
    """Add a copy of the first role under another name and id, with its root component."""

    def edit(members: Members) -> Members:
        text, roots = members[C].decode(), members[S].decode()
        role, root = re.search(ROLE, text), re.search(ROLE_ROOT, roots)
        assert role and root
        copy = re.sub(r'id="\{[^}]*\}" name="[^"]*"', lambda _: f'id="{{{id_}}}" name="{name}"', role[0], count=1)
        more = re.sub(r'id="\{[^}]*\}"', f'id="{{{id_}}}"', root[0])
        return {
            **members,
            C: (text[: role.end()] + copy + text[role.end() :]).encode(),
            S: (roots[: root.end()] + more + roots[root.end() :]).encode(),
        }

    return edit


def named(name: str) -> Edit:
    return sub(C, r'(<Role id="[^"]*" name=")[^"]*', lambda match: match[1] + name)


def dependency(required: str, dependent: str = 'type="60" displayName="x" id="{a}"', count: int = 1) -> Edit:
    one = f"<MissingDependency><Required {required} /><Dependent {dependent} /></MissingDependency>"
    return sub(
        S,
        r"<MissingDependencies(?: />|>[\s\S]*</MissingDependencies>)",
        f"<MissingDependencies>{one * count}</MissingDependencies>",
    )


def zipped(members: Mapping[str, bytes]) -> bytes:
    from builder.package.archive import pack

    return pack(members)


def written(members: Mapping[str, bytes], change: Callable[[zipfile.ZipInfo], None], name: str = S) -> bytes:
    """Zip the members, with one entry's header changed."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, content in members.items():
            entry = zipfile.ZipInfo(member)
            entry.compress_type = zipfile.ZIP_DEFLATED
            if member == name:
                change(entry)
            archive.writestr(entry, content)
    return buffer.getvalue()


def _name(text: str) -> str:
    return text.split('name="')[1].split('"')[0]
