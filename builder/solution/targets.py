"""What an overlay names -> the privileges that it means; everything that does not exist is a fault, told at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from builder.catalogue import Catalogue, Privilege
from builder.errors import Fault, InputFaults
from builder.model import AccessRight, Depth, Role
from builder.solution.overlay import Addition, DepthOf, Overlay, Place, Removal
from builder.text import printable

Keys = frozenset[str]
Added = Mapping[str, tuple[Addition, Privilege]]


@dataclass(frozen=True, slots=True)
class Targets:
    """What an overlay means, by lower-case privilege name: the roles it is for (by id), what it takes away, how far
    single privileges may reach, what it adds, and what a person should know.
    """

    roles: frozenset[str]
    removed: Keys
    depths: Mapping[str, Depth]
    added: Added
    notes: tuple[str, ...]


def targets(roles: Sequence[Role], overlay: Overlay, catalogue: Catalogue, source: str) -> Targets:
    """Resolve an overlay against the roles of its base; raises InputFaults with everything that cannot be."""
    return _Resolver(roles, overlay, catalogue, source).targets()


class _Resolver:
    def __init__(self, roles: Sequence[Role], overlay: Overlay, catalogue: Catalogue, source: str) -> None:
        self._roles = tuple(roles)
        self._overlay = overlay
        self._catalogue = catalogue
        self._source = source
        self._granted = frozenset(key for role in roles for key in role.by_privilege())
        self._faults: list[Fault] = []
        self._notes: dict[str, None] = {}  # each once, in order

    def targets(self) -> Targets:
        """Resolve everything."""
        chosen = self._chosen()
        added = self._additions(chosen)
        removed = self._removed()
        depths = self._depths()
        if clash := sorted(added.keys() & removed):
            self._faults.append(Fault(f"{clash[0]} is asked for and taken away", self._source, hint="Ask for one."))
        if self._faults:
            raise InputFaults(self._source, self._faults)
        return Targets(frozenset(role.id for role in chosen), removed, depths, added, tuple(self._notes))

    def _note(self, text: str) -> None:
        self._notes[text] = None

    def _chosen(self) -> tuple[Role, ...]:
        if not self._overlay.roles:
            return self._roles
        asked = {word.strip("{}").casefold(): word for word in self._overlay.roles}
        chosen = [role for role in self._roles if {role.id, role.name.casefold()} & asked.keys()]
        found = {word for role in chosen for word in (role.id, role.name.casefold())}
        names = ", ".join(printable(role.name) for role in self._roles) or "none"
        self._faults += [
            Fault(f'there is no role "{printable(word)}"', self._source, hint=f"There are: {names}.")
            for key, word in asked.items()
            if key not in found
        ]
        return tuple(chosen)

    def _keys(self, target: str, right: AccessRight | None, place: Place) -> Keys:
        """Give the privileges that a table (with a right) or the name of a privilege means."""
        table = self._catalogue.table(target)
        if table is None:
            return self._named_keys(target, right, place)
        rights = self._catalogue.on(table.name)
        if right is not None and right not in rights:
            known = ", ".join(known.words for known in rights) or "none"
            message = f"the table {table.name} has no right {right.words}"
            self._faults.append(place.fault(message, f"It has: {known}."))
            return frozenset()
        meant = [privilege for of, privilege in rights.items() if right in (None, of)]
        for privilege in meant:
            self._tell_shared(privilege, table.name)
        return frozenset(privilege.name.lower() for privilege in meant)

    def _named_keys(self, target: str, right: AccessRight | None, place: Place) -> Keys:
        privilege = self._catalogue.named(target)
        if privilege is not None and right is None:
            return frozenset([privilege.name.lower()])
        if target.lower() in self._granted and right is None:
            return frozenset([target.lower()])
        near = self._catalogue.nearest_table(target) or self._catalogue.nearest_named(target)
        hint = f"Did you mean {near}?" if near else "Give a table's logical name, such as account."
        self._faults.append(place.fault(f"there is no table or privilege `{printable(target)}`", hint))
        return frozenset()

    def _tell_shared(self, privilege: Privilege, table: str) -> None:
        others = [other for other in privilege.tables if other != table]
        if privilege.name.lower() in self._granted and others:
            more = f" and {len(others) - 3} more" if len(others) > 3 else ""
            self._note(f"{privilege.name} covers {', '.join(others[:3])}{more} as well as {table}")

    def _removed(self) -> Keys:
        return frozenset(key for removal in self._overlay.without for key in self._removal(removal))

    def _removal(self, removal: Removal) -> Keys:
        keys = self._keys(removal.target, removal.right, removal.place)
        if keys and not keys & self._granted:
            what = removal.right.words if removal.right else "any right"
            self._note(f"{removal.place.where}: no role grants {what} on {printable(removal.target)}")
        return keys

    def _depths(self) -> Mapping[str, Depth]:
        found: dict[str, Depth] = {}
        for asked in self._overlay.depths:
            keys = self._keys(asked.target, None, asked.place)
            self._tell_idle(asked, keys)
            for key in keys:
                found.setdefault(key, asked.depth)
        return found

    def _tell_idle(self, asked: DepthOf, keys: Keys) -> None:
        reached = [grant.depth for role in self._roles for grant in role.grants if grant.key in keys]
        target = printable(asked.target)
        if keys and not reached:
            self._note(f"{asked.place.where}: no role grants anything on {target}")
        elif reached and max(reached) < asked.depth and not self._overlay.allow_widening:
            self._note(f"{target} stays at {max(reached).words}: a depth only narrows without --allow-widening")

    def _additions(self, chosen: Sequence[Role]) -> dict[str, tuple[Addition, Privilege]]:
        if self._overlay.additions and len(chosen) > 1:
            names = ", ".join(f'"{printable(role.name)}"' for role in chosen)
            place = self._overlay.additions[0].place
            self._faults.append(place.fault("to which role is it to be added?", f"Name one with --role: {names}."))
        found: dict[str, tuple[Addition, Privilege]] = {}
        for addition in self._overlay.additions:
            if (privilege := self._added_privilege(addition)) is not None:
                found.setdefault(privilege.name.lower(), (addition, privilege))
        return found

    def _added_privilege(self, addition: Addition) -> Privilege | None:
        place, asked = addition.place, printable(addition.table)
        if addition.right is not AccessRight.READ and not self._overlay.allow_widening:
            hint = "An overlay adds Read and nothing else, unless --allow-widening is given."
            self._faults.append(place.fault(f"{addition.right.words} on {asked} would widen the role", hint))
            return None
        table = self._catalogue.table(addition.table)
        if table is None:
            near = self._catalogue.nearest_table(addition.table)
            own = f"For a table of your own give its exact name: --schema-name {asked}, capitals as in its properties."
            self._faults.append(
                place.fault(f"there is no table `{asked}`", f"Did you mean {near}? {own}" if near else own)
            )
            return None
        privilege = self._catalogue.on(table.name).get(addition.right)
        if privilege is None:
            self._faults.append(place.fault(f"the table {table.name} has no right {addition.right.words}"))
            return None
        self._tell_shared(privilege, table.name)
        return privilege if privilege.case_exact else self._in_case(addition, privilege, table.name)

    def _in_case(self, addition: Addition, privilege: Privilege, table: str) -> Privilege | None:
        """Settle the case of a name that the catalogue guesses: as it was typed with capitals, or as guessed."""
        typed = addition.table
        if typed.lower() == table and typed != typed.lower():
            return replace(privilege, name=f"prv{addition.right.token}{typed}", case_exact=True)
        if self._overlay.guess_case:
            self._note(f"{privilege.name}: its letter case is a guess")
            return privilege
        hint = f"Give the table's exact name (--schema-name, capitals as in {table}'s properties), or --guess-case."
        self._faults.append(addition.place.fault(f"the letter case of {privilege.name} is not certain", hint))
        return None
