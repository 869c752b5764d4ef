"""An overlay applied to a base: a spec's Solution, or a package, whose bytes stay as they are but for what was asked.

The result keeps publisher, ids and every other component. As a variant it is a solution of its own beside the base's,
with roles of its own: both can be installed, and the vendor's next release leaves the variant alone.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from builder.catalogue import Catalogue, load
from builder.errors import Fault, InputFaults, SolsmithError, UsageError
from builder.model import Role, Solution, Texts, Version
from builder.package.edit import ManifestChange, edit_manifest, edit_roles
from builder.package.reader import ROLE_TYPE, Package, read_members
from builder.package.render import CUSTOMIZATIONS, SOLUTION
from builder.solution.base_tables import packaged_tables, with_base_tables
from builder.solution.narrowing import Narrowed, narrow
from builder.solution.overlay import Overlay
from builder.solution.spec import derive_role_id
from builder.solution.tables import with_declared_tables
from builder.solution.versions import bumped, completed
from builder.text import printable

_LONGEST_UNIQUE_NAME = 65
_LONGEST_ROLE_NAME = 100


@dataclass(frozen=True, slots=True)
class Overlaid:
    """A package made from another one: its members, what became of the roles, and what a person should know."""

    members: Mapping[str, bytes]
    unique_name: str
    version: Version
    managed: bool
    roles: Narrowed
    notes: tuple[str, ...]


def overlay_package(
    package: Package, overlay: Overlay, catalogue: Catalogue | None = None, *, stated: Sequence[Role] = ()
) -> Overlaid:
    """Apply an overlay to a package that validates; raises InputFaults and UsageError.

    `stated` are the package's roles with reasons, where an access statement gives them: the result's carry these on.
    """
    _refuse_idle(overlay)
    roles, manifest = stated or package.roles, package.manifest
    known = _knowing(overlay, with_base_tables(catalogue or load(), roles, packaged_tables(package)), roles)
    narrowed = narrow(roles, overlay, known, package.source)
    version = next_version(package.version, overlay)
    change = ManifestChange(version=version)
    notes: tuple[str, ...] = ()
    unique_name = manifest.unique_name
    if overlay.as_variant:
        unique_name = _variant_name(unique_name, overlay.as_variant)
        narrowed = replace(narrowed, after=_variant_roles(narrowed.after, unique_name, overlay.as_variant))
        change = ManifestChange(
            version=version,
            unique_name=unique_name,
            names=_variant_texts(manifest.names, overlay.as_variant),
            role_ids={old.id: new.id for old, new in zip(roles, narrowed.after, strict=True)},
        )
        notes = _shared_with_base(package)
    changed = {old.id: new for old, new in zip(roles, narrowed.after, strict=True) if old is not new}
    edited = {
        CUSTOMIZATIONS: edit_roles(package.members[CUSTOMIZATIONS], changed),
        SOLUTION: edit_manifest(package.members[SOLUTION], change),
    }
    members = {name: edited.get(name) or package.members[name] for name in package.members}
    _check(package, members, narrowed.after)
    return Overlaid(members, unique_name, version, package.managed, narrowed, (*narrowed.notes, *notes))


def overlay_solution(
    solution: Solution, overlay: Overlay, catalogue: Catalogue | None = None
) -> tuple[Solution, Narrowed]:
    """Apply an overlay to a solution that a spec describes; raises InputFaults and UsageError."""
    _refuse_idle(overlay)
    known = _knowing(overlay, with_base_tables(catalogue or load(), solution.roles), solution.roles)
    narrowed = narrow(solution.roles, overlay, known, solution.unique_name)
    changed = replace(solution, version=next_version(solution.version, overlay), roles=narrowed.after)
    if overlay.as_variant:
        unique_name = _variant_name(solution.unique_name, overlay.as_variant)
        narrowed = replace(narrowed, after=_variant_roles(narrowed.after, unique_name, overlay.as_variant))
        names = _variant_texts(solution.names, overlay.as_variant)
        changed = replace(changed, unique_name=unique_name, names=names, roles=narrowed.after)
    return changed, narrowed


def next_version(base: Version, overlay: Overlay) -> Version:
    """Give the result's version: the one asked for, else the base's with its fourth number raised by one.

    So it is above the release that it changes and below the vendor's next one. A variant may have any version.
    """
    if overlay.version is None:
        return bumped(base, "revision")
    if overlay.version <= base and not overlay.as_variant:
        raise UsageError(
            f"the version {overlay.version} is not above the base's, {base}",
            "An environment that has the base would not take it as an update: give a higher one, or none.",
        )
    return completed(overlay.version)


def _refuse_idle(overlay: Overlay) -> None:
    if not (overlay.asks_for_grants or overlay.as_variant or overlay.version):
        raise UsageError(
            "the overlay asks for nothing", "Say what to change: --depth, --read, --without, --as-variant."
        )


def _knowing(overlay: Overlay, catalogue: Catalogue, roles: Sequence[Role]) -> Catalogue:
    """Let a catalogue know what the overlay itself says of tables."""
    catalogue = with_base_tables(catalogue, roles, schema_names=overlay.schema_names)
    if overlay.document is None:
        return catalogue
    catalogue = with_declared_tables(overlay.document, catalogue)
    overlay.document.raise_faults()
    return catalogue


def _check(package: Package, members: Mapping[str, bytes], roles: Sequence[Role]) -> None:
    """Read the result back: what was not understood of the base's layout must not go unnoticed."""
    result = read_members(package.source, members).roles
    if [(role.id, role.name, role.by_privilege()) for role in result] != [
        (role.id, role.name, role.by_privilege()) for role in roles
    ]:
        raise SolsmithError(
            f"{package.source}: the roles could not be changed in place", "Please report it with the package."
        )


def _variant_name(unique_name: str, word: str) -> str:
    ascii_word = unicodedata.normalize("NFKD", word).encode("ascii", "ignore").decode()
    suffix = re.sub(r"[^A-Za-z0-9]+", "_", ascii_word).strip("_")
    if printable(word) != word:
        raise UsageError(f"--as-variant {printable(word)}: not one line of plain text", "Give a word such as Contoso.")
    if not suffix:
        raise UsageError(
            f"--as-variant {printable(word)}: no letter or digit for a unique name", "Give a word such as Contoso."
        )
    name = f"{unique_name}_{suffix}"
    if len(name) > _LONGEST_UNIQUE_NAME:
        raise UsageError(
            f"the variant's unique name {name} has more than {_LONGEST_UNIQUE_NAME} characters", "Give a shorter word."
        )
    return name


def _variant_texts(texts: Texts, word: str) -> dict[int, str]:
    return {language: f"{text} ({word})" for language, text in texts.items()}


def _variant_roles(roles: Sequence[Role], unique_name: str, word: str) -> tuple[Role, ...]:
    """Give the roles ids and names of their own; the same variant of the same base always has the same ids."""
    named = [replace(role, id=derive_role_id(unique_name, role.id), name=f"{role.name} ({word})") for role in roles]
    faults = [
        Fault(f'the variant\'s role name "{printable(role.name)}" has more than {_LONGEST_ROLE_NAME} characters')
        for role in named
        if len(role.name) > _LONGEST_ROLE_NAME
    ]
    if faults:
        raise InputFaults("--as-variant", faults)
    return tuple(named)


def _shared_with_base(package: Package) -> tuple[str, ...]:
    """Tell what a variant has in common with the solution that it is to stand beside."""
    notes = []
    others = sum(component.type != ROLE_TYPE for component in package.manifest.root_components)
    if others:
        notes.append(
            f"the variant holds {others} other components, which are the base's too: where both are installed, the one "
            "installed last counts"
        )
    text = package.members[CUSTOMIZATIONS].lower()
    references = sum(text.count(role.id.encode()) - 1 for role in package.roles)
    if references > 0:
        notes.append(f"{references} references to the base's roles (from forms, apps or tables) still mean those")
    return tuple(notes)
