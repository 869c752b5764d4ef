"""Package -> the text of a spec that builds the same roles under the same manifest: the way back from a zip."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from builder.catalogue import Catalogue, load
from builder.catalogue.components import component_type
from builder.catalogue.lookup import added_by_platform
from builder.comparison.compare import compare_roles
from builder.errors import Fault, InputFaults, SolsmithError, UsageError
from builder.model import Application, Publisher, Role, Texts
from builder.package.contents import missing_dependencies
from builder.package.reader import CORE_MEMBERS, ROLE_TYPE, Manifest, Package
from builder.package.render import SOLUTION
from builder.solution.base_tables import packaged_tables, with_base_tables
from builder.solution.sentences import Sentences, most_common_depth
from builder.solution.spec import parse_spec
from builder.solution.yaml_text import yaml_text
from builder.text import number_in, printable

_INHERITANCE = {None: "Not stated", False: "Team privileges only"}
# What render writes into every address by itself.
_ADDRESS_DEFAULTS = {"AddressTypeCode": "1", "ShippingMethodCode": "1"}
_HEAD = "# The roles and the manifest of {source}, adopted as they are.\n"
_NO_REASONS = "# A package does not say why it grants what it grants: give each entry of `grants` a `reason`.\n"
_NO_APPLICATION = """
# Nor is the Entra application that will hold the role in a package:
# application:
#   app_id: 00000000-0000-0000-0000-000000000000
#   name: the application's name in Entra
"""
_PLATFORM = """\
      # The platform adds what follows to every role by itself; the package grants it, too.
"""
_TABLES = """
# Tables that only the package knows; who owns their rows is told from it, or from what it grants on them.
"""


@dataclass(frozen=True, slots=True)
class Adopted:
    """The text of a spec, and what a person should know: what the package has that the spec cannot carry."""

    text: str
    notes: tuple[str, ...]


def adopt(
    package: Package,
    roles: tuple[Role, ...] | None = None,
    application: Application | None = None,
    *,
    catalogue: Catalogue | None = None,
) -> Adopted:
    """Write the spec of a package; `roles` are its roles with the reasons that somebody states, where somebody does.

    Raises UsageError where the package has no role, and InputFaults where it says what no spec may say.
    """
    roles = package.roles if roles is None else roles
    if not roles:
        raise UsageError(
            f"{package.source} has no security role, and a spec is about roles",
            "Adopt a package that has one; `solsmith show` says what this one holds.",
        )
    catalogue = catalogue or load()
    sentences = Sentences(catalogue, with_base_tables(catalogue, roles, packaged_tables(package)))
    manifest = _Manifest(package)
    head = {"solution": manifest.solution(), "publisher": manifest.publisher()}
    blocks = [_role(role, sentences) for role in sorted(roles, key=lambda role: role.name.lower())]
    stated = any(grant.reason for role in roles for grant in role.grants)
    parts = [
        _HEAD.format(source=printable(package.manifest.unique_name or package.source)),
        "" if stated else _NO_REASONS,
        "\n",
        "\n".join(yaml_text({key: value}) for key, value in head.items()),
        "\n" + yaml_text({"application": _application(application)}) if application else _NO_APPLICATION,
        _TABLES + yaml_text({"tables": dict(sorted(sentences.tables.items()))}) if sentences.tables else "",
        "\nroles:\n" + "\n".join(blocks),
    ]
    text = "".join(parts)
    _prove(text, package, catalogue)
    return Adopted(text, (*manifest.notes, *_left_out(package)))


def _prove(text: str, package: Package, catalogue: Catalogue) -> None:
    """Read the spec as a build will; raises InputFaults for what a spec may not say, in the package's name."""
    try:
        spec = parse_spec(package.source, text.encode(), catalogue=catalogue)
    except InputFaults as error:
        faults = [replace(fault, where=SOLUTION, line=0) for fault in error.faults]
        raise InputFaults(package.source, faults) from error
    if compare_roles(package.roles, spec.solution.roles):
        raise SolsmithError(
            f"the spec of {package.source} would grant something else",
            "This is a fault of solsmith: please report it with the package.",
        )


class _Manifest:
    """Writes a manifest's sections; `notes` say what of it a spec cannot say."""

    def __init__(self, package: Package) -> None:
        self._source = package.source
        self._manifest: Manifest = package.manifest
        self._language = number_in(self._manifest.language) or 1033
        self.notes: list[str] = []

    def solution(self) -> dict[str, Any]:
        """Give `solution`."""
        own = self._manifest
        if own.managed == "2":
            self.notes.append("the folder packs managed and unmanaged packages; the spec says managed")
        return _filled(
            unique_name=own.unique_name,
            display_name=self._texts("the solution's display name", own.names) or own.unique_name,
            description=self._texts("the solution's description", own.descriptions),
            version=own.version,
            managed=False if own.managed == "0" else None,
            language=None if self._language == 1033 else self._language,
        )

    def publisher(self) -> dict[str, Any]:
        """Give `publisher`."""
        own = self._manifest.publisher
        if own is None:
            raise InputFaults(self._source, [Fault("there is no Publisher", SOLUTION)])
        return _filled(
            unique_name=own.unique_name,
            display_name=self._texts("the publisher's display name", own.names) or own.unique_name,
            description=self._texts("the publisher's description", own.descriptions),
            prefix=own.prefix,
            option_value_prefix=own.option_value_prefix,
            email=own.email,
            website=own.website,
            addresses=self._addresses(own),
        )

    def _texts(self, what: str, texts: Texts) -> Any:
        """Give a text, or one per language; the base language comes first, and a spec must have it."""
        said = {language: text.strip() for language, text in texts.items() if text.strip()}
        if not said or set(said) == {self._language}:
            return next(iter(said.values()), None)
        if self._language not in said:
            self.notes.append(f"{what} lacks the base language {self._language}: the spec repeats another one there")
        return {self._language: said.get(self._language, next(iter(said.values()))), **said}

    def _addresses(self, own: Publisher) -> list[dict[str, str]]:
        addresses = [
            {name: value for name, value in address.items() if _ADDRESS_DEFAULTS.get(name) != value}
            for address in own.addresses
        ]
        for address in addresses:
            address.pop("AddressNumber", None)
        while addresses and not addresses[-1]:
            addresses.pop()
        return addresses


def _application(application: Application) -> dict[str, Any]:
    return _filled(app_id=application.app_id, name=application.name, publisher=application.publisher)


def _role(role: Role, sentences: Sentences) -> str:
    grants = _once(role)
    default = most_common_depth(grants)
    platform = [grant for grant in grants if grant.key in added_by_platform()]
    own = sentences.write((grant for grant in grants if grant.key not in added_by_platform()), default)
    head = _filled(
        name=role.name,
        id=role.id,
        description=role.description,
        customizable=None if role.customizable else False,
        auto_assigned=role.auto_assigned or None,
        member_inheritance=_INHERITANCE.get(role.inherits),
        depth=default.words,
    )
    text = yaml_text([head], 2) + "    grants:\n" + (yaml_text(own, 6) if own else "")
    return text + (_PLATFORM + yaml_text(sentences.write(platform, default), 6) if platform else "")


def _once(role: Role) -> list[Any]:
    """Give each privilege once, as far as it reaches."""
    found: dict[str, Any] = {}
    for grant in role.grants:
        if grant.key not in found or found[grant.key].depth < grant.depth:
            found[grant.key] = grant
    return list(found.values())


def _filled(**values: Any) -> dict[str, Any]:
    """Leave out what is not stated."""
    return {key: value for key, value in values.items() if value is not None and value not in ("", [])}


def _left_out(package: Package) -> Iterator[str]:
    """Say what the package has that the spec does not carry."""
    kinds = Counter(component.type for component in package.manifest.root_components if component.type != ROLE_TYPE)
    for number, count in kinds.items():
        kind = component_type(number)
        yield f"not carried: {count} {(kind.name if count == 1 else kind.plural).lower()}"
    if members := [name for name in package.members if name not in CORE_MEMBERS]:
        yield f"not carried: {len(members)} other {'member' if len(members) == 1 else 'members'}"
    if count := len(missing_dependencies(package)):
        yield f"not carried: {count} missing {'dependency' if count == 1 else 'dependencies'}"
