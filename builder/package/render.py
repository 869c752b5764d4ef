"""Solution -> the members of its package, in the form in which Dataverse itself exports them.

That form (measured on 422 server exports): UTF-8 without byte order mark or XML declaration, CR LF, two blanks of
indentation, no line end at the end; roles by name, their root components by id, privileges by lower-case name;
members in the order customizations.xml, solution.xml, [Content_Types].xml (since server 9.2.25081).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from builder.model import Depth, Grant, Publisher, Role, Solution
from builder.package.core import CONTENT_TYPES as CONTENT_TYPES
from builder.package.core import CUSTOMIZATIONS as CUSTOMIZATIONS
from builder.package.core import SOLUTION as SOLUTION
from builder.templating import joined
from builder.templating import render as render_template

# The children of <Address>, in their order (measured: 1,234 of 1,234).
ADDRESS_FIELDS = tuple(
    """
    AddressNumber AddressTypeCode City County Country Fax FreightTermsCode ImportSequenceNumber Latitude Line1 Line2
    Line3 Longitude Name PostalCode PostOfficeBox PrimaryContactName ShippingMethodCode StateOrProvince Telephone1
    Telephone2 Telephone3 TimeZoneRuleVersionNumber UPSZone UTCOffset UTCConversionTimeZoneCode
    """.split()
)


@dataclass(frozen=True, slots=True)
class Profile:
    """Which servers a package is written for: what it says of its origin, and which of two marks its roles carry."""

    server_version: str
    package_version: str
    isinherited: bool
    is_auto_assigned: bool


# Exports carry `isinherited` up to 9.2.23103 and IsAutoAssigned from 9.2.24084 on, never both (measured). Newer
# servers still import the packages of older ones, and no older one knows IsAutoAssigned: so the attribute is what
# imports on both, and the member's privilege inheritance is stated where it is still read.
PROFILES = {
    "any": Profile("9.2.23103.0", "9.2", isinherited=True, is_auto_assigned=False),
    "9.2.24084": Profile("9.2.24084.0", "9.2", isinherited=False, is_auto_assigned=True),
}


def render(solution: Solution, profile: Profile = PROFILES["any"]) -> dict[str, bytes]:
    """Give the members by name, in the order in which they go into the zip."""
    roles = sorted(solution.roles, key=lambda role: role.name.lower())
    values = {
        "solution": solution,
        "profile": profile,
        "roles": roles,
        "privileges": {role.id: joined(_privileges(role)) for role in roles},
        "root_roles": sorted(roles, key=lambda role: role.id),
        "names": _texts("LocalizedName", tuple(solution.names.items()), "    "),
        "descriptions": _texts("Description", tuple(solution.descriptions.items()), "    "),
        "publisher": _publisher(_PublisherKey(solution.publisher)),
    }
    return {
        CUSTOMIZATIONS: _lines(render_template("solution", "customizations.xml.j2", values)),
        SOLUTION: _lines(render_template("solution", "solution.xml.j2", values)),
        CONTENT_TYPES: _content_types(),
    }


def _privileges(role: Role) -> Iterator[str]:
    return (_privilege(grant.privilege, grant.depth) for grant in in_export_order(role.grants))


# What follows is the same in many packages of one run, and most of the work.
@lru_cache(maxsize=4096)
def _privilege(name: str, depth: Depth) -> str:
    return render_template("solution", "privilege.xml.j2", {"name": name, "level": depth.level})


@lru_cache(maxsize=256)
def _texts(item: str, texts: tuple[tuple[int, str], ...], indent: str) -> str:
    return render_template("solution", "texts.xml.j2", {"item": item, "texts": texts, "indent": indent})


@cache
def _content_types() -> bytes:
    return b"\xef\xbb\xbf" + render_template("solution", "content_types.xml.j2", {}).encode()


class _PublisherKey:
    """A publisher as the key of a cache: its mappings cannot be hashed."""

    def __init__(self, publisher: Publisher) -> None:
        self.publisher = publisher

    def __hash__(self) -> int:
        return hash((self.publisher.unique_name, self.publisher.prefix))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, _PublisherKey):
            return NotImplemented
        return self.publisher is other.publisher or repr(self.publisher) == repr(other.publisher)


@lru_cache(maxsize=16)
def _publisher(key: _PublisherKey) -> str:
    publisher = key.publisher
    values = {
        "publisher": publisher,
        "names": _texts("LocalizedName", tuple(publisher.names.items()), "      "),
        "descriptions": _texts("Description", tuple(publisher.descriptions.items()), "      "),
        "addresses": _addresses(publisher),
    }
    return render_template("solution", "publisher.xml.j2", values)


def in_export_order(grants: tuple[Grant, ...]) -> tuple[Grant, ...]:
    """Sort grants as exports do: by name, lower-case, ordinal (measured: 234 of 234 roles)."""
    return tuple(sorted(grants, key=lambda grant: grant.key))


def _addresses(publisher: Publisher) -> list[dict[str, str]]:
    """Every publisher has exactly two addresses, nearly all of whose fields are nil (measured: 616 of 619)."""
    given = [*publisher.addresses, {}, {}][:2]
    defaults = {"AddressTypeCode": "1", "ShippingMethodCode": "1"}
    return [
        {name: {**defaults, **address, "AddressNumber": str(number)}.get(name, "") for name in ADDRESS_FIELDS}
        for number, address in enumerate(given, start=1)
    ]


def _lines(text: str) -> bytes:
    return str(text).replace("\n", "\r\n").encode()
