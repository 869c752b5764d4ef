"""Package -> Side: everything that a package says, as roles and as facts that can be compared one by one."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import replace

from builder.catalogue.components import component_type
from builder.comparison.changes import Fact, Side
from builder.model import Grant, Publisher, Role, Texts, Version
from builder.package.contents import components, identity, missing_dependencies
from builder.package.reader import CORE_MEMBERS, ROLE_TYPE, Manifest, Package, RootComponent
from builder.package.render import CUSTOMIZATIONS, SOLUTION

_BEHAVIOURS = {"": "with all its parts", "0": "with all its parts", "1": "with chosen parts", "2": "as a shell"}
_MANAGED = {"0": "unmanaged", "1": "managed"}
# What an address says where nobody chose anything (measured: 1,086 of 1,234); the others say nothing.
_ADDRESS_DEFAULTS = {"AddressTypeCode": "1", "ShippingMethodCode": "1"}
# A folder keeps the components beside its roles in files of their own, whose layout is not the zip's.
_FOLDERS_KEEP_APART = frozenset({"component", "member"})


def side_of(package: Package, roles: tuple[Role, ...] | None = None) -> Side:
    """Give a package's side; `roles` are its roles with their reasons and requirements, where these are stated.

    Raises InputFaults where a role has a level that does not exist, UnreadableInput where a member is damaged.
    """
    unsaid = set(_FOLDERS_KEEP_APART if package.unpacked else ())
    if package.manifest.managed not in _MANAGED:
        unsaid.add("package type")
    for area, member in (("component", CUSTOMIZATIONS), ("missing dependency", SOLUTION)):
        if member not in package.trees:
            unsaid.add(area)
    return Side(
        roles=package.roles if roles is None else roles,
        facts=dict(_facts(package, unsaid)),
        stated=roles is not None,
        unsaid=frozenset(unsaid),
    )


def with_reasons(roles: Iterable[Role], stated: Iterable[Role]) -> tuple[Role, ...]:
    """Give roles with the reasons and requirements that are stated of their grants; roles are matched by id."""
    known = {role.id: role.by_privilege() for role in stated}

    def with_reason(role: Role, grant: Grant) -> Grant:
        own = known.get(role.id, {}).get(grant.key)
        return replace(grant, reason=own.reason, required=own.required) if own else grant

    return tuple(replace(role, grants=tuple(with_reason(role, grant) for grant in role.grants)) for role in roles)


def _facts(package: Package, unsaid: set[str]) -> Iterator[tuple[Fact, str]]:
    manifest = package.manifest
    yield from ((("solution", subject), value) for subject, value in _solution(package) if value)
    if "package type" not in unsaid:
        yield ("package type", ""), _MANAGED[manifest.managed]
    if manifest.publisher:
        yield from ((("publisher", subject), value) for subject, value in _publisher(manifest.publisher) if value)
    yield from _root_components(manifest, {role.id for role in package.packaged_roles})
    yield from _dependencies(package)
    if "component" not in unsaid:
        yield from ((("component", name), digest) for name, digest in components(package).items())
    if "member" not in unsaid:
        yield from (
            (("member", name), f"sha256:{hashlib.sha256(data).hexdigest()}")
            for name, data in package.members.items()
            if name not in CORE_MEMBERS
        )


def _solution(package: Package) -> Iterator[tuple[str, str]]:
    manifest = package.manifest
    yield "unique name", manifest.unique_name
    yield "version", _version(package)
    yield from _texts("display name", manifest.names)
    yield from _texts("description", manifest.descriptions)
    yield "base language", manifest.language


def _version(package: Package) -> str:
    """Fill a version of two or three numbers up: 1.0 is no other version than 1.0.0.0."""
    written = package.manifest.version
    try:
        return ".".join(map(str, Version.parse(written).padded))
    except ValueError:
        return written


def _publisher(publisher: Publisher) -> Iterator[tuple[str, str]]:
    yield "unique name", publisher.unique_name
    yield from _texts("display name", publisher.names)
    yield from _texts("description", publisher.descriptions)
    yield "prefix", publisher.prefix
    yield "option value prefix", str(publisher.option_value_prefix or "")
    yield "e-mail", publisher.email
    yield "website", publisher.website
    for number, address in enumerate(publisher.addresses, start=1):
        for name, value in address.items():
            if name != "AddressNumber" and _ADDRESS_DEFAULTS.get(name) != value:
                yield f"address {address.get('AddressNumber', number)}, {name}", value


def _texts(what: str, texts: Texts) -> Iterator[tuple[str, str]]:
    for language, text in texts.items():
        yield f"{what} ({language})", text.strip()


def _root_components(manifest: Manifest, roles: set[str]) -> Iterator[tuple[Fact, str]]:
    """Give the root components; a role's own goes without saying, and its lack does not."""
    named: dict[str, list[str]] = {}
    for component in manifest.root_components:
        if component.type == ROLE_TYPE and component.id in roles:
            continue
        named.setdefault(_component_name(component), []).append(
            _BEHAVIOURS.get(component.behavior, f"behavior {component.behavior}")
        )
    for name, behaviours in named.items():
        yield ("root component", name), ", ".join(sorted(behaviours))
    listed = {component.id for component in manifest.root_components if component.type == ROLE_TYPE}
    for role_id in sorted(roles - listed):
        yield ("root component", f"Security role {role_id}"), "absent, though the package has the role"


def _component_name(component: RootComponent) -> str:
    name = component.schema_name.lower() or component.id
    return " ".join(filter(None, (component_type(component.type).name, name)))


def _dependencies(package: Package) -> Iterator[tuple[Fact, str]]:
    found: dict[str, set[str]] = {}
    for each in missing_dependencies(package):
        needed, by = (
            f"{component_type(one.get('type', '')).name} {identity(one)}".strip()
            for one in (each.required, each.dependent)
        )
        found.setdefault(f"{needed}, needed by {by}", set()).add(each.required.get("solution", ""))
    for subject, solutions in found.items():
        yield ("missing dependency", subject), ", ".join(sorted(solutions))
