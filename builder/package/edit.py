"""Change roles and manifest in the bytes of a package's members: what is not changed stays byte for byte as it was.

Line ends, byte order mark, indentation, the order and layout of attributes, comments: all as the base has them. A new
privilege is laid out like the one beside it and stands where real exports have it: by lower-case name.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from builder.errors import Fault, InputFaults
from builder.model import Grant, Role, Texts, Version
from builder.package.render import CUSTOMIZATIONS, SOLUTION
from builder.package.spans import Span, Text, escape_attribute
from builder.text import number_in

ROLE_TYPE = "20"
_ROLE = "ImportExportXml/Roles/Role"
_MANIFEST = "ImportExportXml/SolutionManifest"


@dataclass(frozen=True, slots=True)
class ManifestChange:
    """What is to be written into a manifest; None for what stays. `role_ids` are old ids to new ones, `added_roles`
    the ids of roles that are to be root components, where they are none yet.
    """

    version: Version | None = None
    unique_name: str | None = None
    names: Texts | None = None
    role_ids: Mapping[str, str] | None = None
    added_roles: Sequence[str] = ()


def edit_roles(data: bytes, roles: Mapping[str, Role]) -> bytes:
    """Give customizations.xml with the grants, the id and the name of some roles changed; `roles` by their old id."""
    text = Text(CUSTOMIZATIONS, data, [f"{_ROLE}/RolePrivileges/RolePrivilege"])
    for span in text.root.all("Roles", "Role"):
        if (role := roles.get(bare_id(span.attributes.get("id", "")))) is not None:
            _edit_role(text, span, role)
    return text.result()


def edit_role_file(source: str, data: bytes, role: Role) -> bytes:
    """Do the same for a role file of a SolutionPackager folder, whose root is the role."""
    text = Text(source, data, ["Role/RolePrivileges/RolePrivilege"])
    _edit_role(text, text.root, role)
    return text.result()


def edit_manifest(data: bytes, change: ManifestChange, *, source: str = SOLUTION) -> bytes:
    """Give solution.xml with some facts changed; raises InputFaults where it has no place for one."""
    within = ("Version", "UniqueName", "LocalizedNames/LocalizedName", "RootComponents/RootComponent")
    text = Text(source, data, [f"{_MANIFEST}/{path}" for path in within])
    if change.version is not None:
        text.set_text(_the_one(text, "Version"), str(change.version))
    if change.unique_name is not None:
        text.set_text(_the_one(text, "UniqueName"), change.unique_name)
    for span in text.root.all("SolutionManifest", "LocalizedNames", "LocalizedName") if change.names else ():
        language = number_in(span.attributes.get("languagecode", ""))
        if "description" in span.attributes and language is not None and language in (change.names or {}):
            text.set_attribute(span, "description", (change.names or {})[language])
    components = text.root.all("SolutionManifest", "RootComponents", "RootComponent")
    for span in components:
        new_id = (change.role_ids or {}).get(_role_id(span))
        if new_id:
            text.set_attribute(span, "id", _spelt_like(span.attributes["id"], new_id))
    _add_root_components(text, components, change.added_roles)
    return text.result()


def bare_id(text: str) -> str:
    """Give an id without braces, in lower case."""
    return text.strip().strip("{}").lower()


def _the_one(text: Text, name: str) -> Span:
    found = text.root.all("SolutionManifest", name)
    if len(found) != 1:
        raise InputFaults(text.source, [Fault(f"{len(found)} <{name}> where there should be one", text.source)])
    return found[0]


def _role_id(component: Span) -> str:
    return bare_id(component.attributes.get("id", "")) if component.attributes.get("type") == ROLE_TYPE else ""


def _spelt_like(old: str, new: str) -> str:
    return f"{{{new}}}" if old.startswith("{") else new


def _edit_role(text: Text, span: Span, role: Role) -> None:
    if bare_id(span.attributes["id"]) != role.id:
        text.set_attribute(span, "id", _spelt_like(span.attributes["id"], role.id))
    if span.attributes.get("name") != role.name:
        text.set_attribute(span, "name", role.name)
    wanted = role.by_privilege()
    written = span.all("RolePrivileges", "RolePrivilege")
    kept = [item for item in written if _key(item) in wanted]
    for item in written:
        grant = wanted.get(_key(item))
        if grant is None:
            text.remove(item)
        elif item.attributes.get("level") != grant.depth.level:
            text.set_attribute(item, "level", grant.depth.level)
    known = {_key(item) for item in kept}
    added = sorted((grant for grant in role.grants if grant.key not in known), key=lambda grant: grant.key)
    if added and written:
        _insert_grants(text, written, added)
    elif added:
        lists = span.all("RolePrivileges")
        if not lists:
            raise InputFaults(text.source, [Fault(f'the role "{role.name}" has no <RolePrivileges>', text.source)])
        text.fill(lists[0], [_element(text, None, grant) for grant in added])


def _key(item: Span) -> str:
    return item.attributes.get("name", "").lower()


def _insert_grants(text: Text, written: Sequence[Span], added: Iterable[Grant]) -> None:
    model = next((item for item in written if set(item.attributes) == {"name", "level"}), None)
    for grant in added:
        successor = next((item for item in written if _key(item) > grant.key), None)
        element = _element(text, model, grant)
        text.insert(successor or written[-1], element, after=successor is None)


def _element(text: Text, model: Span | None, grant: Grant) -> bytes:
    """Write a grant as another is written."""
    if model is None:
        return text.encode(f'<RolePrivilege name="{escape_attribute(grant.privilege)}" level="{grant.depth.level}" />')
    values = {"name": grant.privilege, "level": grant.depth.level}
    places = sorted((text.attribute_value(model, name), value) for name, value in values.items())
    parts, done = [], model.start
    for (start, end), value in places:
        quote = text.data[start - 1 : start].decode()
        parts += [text.data[done:start], text.encode(escape_attribute(value, quote))]
        done = end
    return b"".join([*parts, text.data[done : model.end]])


def _add_root_components(text: Text, components: Sequence[Span], ids: Iterable[str]) -> None:
    listed = {_role_id(span) for span in components}
    added = [new_id for new_id in sorted(set(ids)) if new_id not in listed]
    if not added:
        return
    if not components:
        text.fill(_the_one(text, "RootComponents"), [_root_component(new_id) for new_id in added])
        return
    for new_id in added:
        anchor, after = _place(components, new_id)
        text.insert(anchor, _root_component(new_id), after=after)


def _root_component(role_id: str) -> bytes:
    return f'<RootComponent type="{ROLE_TYPE}" id="{{{role_id}}}" behavior="0" />'.encode()


def _place(components: Sequence[Span], role_id: str) -> tuple[Span, bool]:
    """Find the component beside which a role's belongs, and whether after it: roles stand together, by id; their kind
    stands where the list's own order has it, which is by number in exports, by text in folders (measured)."""
    roles = [span for span in components if span.attributes.get("type") == ROLE_TYPE]
    if roles:
        later = next((span for span in roles if _role_id(span) > role_id), None)
        return (later, False) if later else (roles[-1], True)
    kinds = [span.attributes.get("type", "") for span in components]
    by_text = kinds == sorted(kinds)

    def comes_later(kind: str) -> bool:
        return kind > ROLE_TYPE if by_text else (number_in(kind) or 0) > int(ROLE_TYPE)

    later = next((span for span in components if comes_later(span.attributes.get("type", ""))), None)
    return (later, False) if later else (components[-1], True)
