"""Security roles: one copy a business unit, privileges on the root copy, and who holds which copy."""

import contextlib
import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from builder.catalogue.lookup import added_by_platform
from builder.model import Depth
from builder.sandbox.faults import WebApiFault, coded, missing_row
from builder.sandbox.privileges import Privileges
from builder.sandbox.records import Reference, Row, Store, new_id
from builder.sandbox.security import united
from builder.sandbox.teams import ACCESS

Grants = dict[str, Depth]
"""Privilege id to depth."""


@dataclass(slots=True)
class Layers:
    """What a role grants: what its solution brought, and on top what was changed by hand (None: taken away)."""

    base: Grants = field(default_factory=dict)
    changes: dict[str, Depth | None] = field(default_factory=dict)

    def effective(self) -> Grants:
        """Both layers together."""
        merged = {**self.base, **self.changes}
        return {privilege: depth for privilege, depth in merged.items() if depth is not None}

    def set_by_hand(self, privilege: str, depth: Depth | None) -> None:
        """Change one privilege by hand; a change back to what the solution brought leaves no layer."""
        if self.base.get(privilege) == depth:
            self.changes.pop(privilege, None)
        else:
            self.changes[privilege] = depth


@dataclass(frozen=True, slots=True)
class NewRole:
    """A role to be made. `unit_id` is where its root copy stands."""

    name: str
    unit_id: str
    is_inherited: int = 1
    role_id: str | None = None
    template_id: str | None = None
    solution_id: str | None = None
    customizable: bool = True


class Roles:
    """The roles of an environment."""

    def __init__(self, store: Store, privileges: Privileges, organization_id: str, default_solution_id: str) -> None:
        self._store = store
        self._privileges = privileges
        self._organization_id = organization_id
        self._default_solution_id = default_solution_id
        self._layers: dict[str, Layers] = {}
        self._held: dict[str, dict[str, str]] = {}
        self.revision = 0

    # -- roles and their copies

    def create(self, new: NewRole, by: str | None) -> str:
        """Make a role in its unit, and its copies in the units below; gives the id of the root copy.

        Raises 0x80041403 where the unit has a role of that name.
        """
        twin = self.find_by_name(new.name, new.unit_id)
        if twin:
            solution = twin["solutionid"] or self._default_solution_id
            raise coded("0x80041403", new.name, new.unit_id, twin["roleid"], solution)
        self.revision += 1
        root_id = new.role_id or new_id()
        self._layers[root_id] = Layers()
        self._add_copy(new, new.unit_id, root_id, root_id, None, by)
        for unit_id, parent in self._units_below(new.unit_id):
            self._add_copy(new, unit_id, new_id(), root_id, self.copy_in(root_id, parent), by)
        return root_id

    def copy_into_unit(self, unit_id: str, parent_unit_id: str, by: str | None) -> None:
        """Give a unit its copies of all roles that its parent unit has and it has not."""
        self.revision += 1
        there = {self.root_of(role["roleid"]) for role in self._store.all("role") if _in_unit(role, unit_id)}
        for role in list(self._store.all("role")):
            if _in_unit(role, parent_unit_id) and self.root_of(role["roleid"]) not in there:
                template = role["roletemplateid"]
                new = NewRole(
                    name=role["name"],
                    unit_id=unit_id,
                    is_inherited=role["isinherited"],
                    template_id=template and template.id,
                    solution_id=role["solutionid"] if role["ismanaged"] else None,
                    customizable=role["iscustomizable"]["Value"],
                )
                self._add_copy(new, unit_id, new_id(), self.root_of(role["roleid"]), role["roleid"], by)

    def delete(self, role_id: str) -> None:
        """Remove a role with all its copies; raises 0x8004140c for an inherited copy."""
        if self.root_of(role_id) != role_id:
            raise coded("0x8004140c")
        for copy_id in self.copies(role_id):
            self._remove_copy(copy_id)
        del self._layers[role_id]

    def _remove_copy(self, role_id: str) -> None:
        self.revision += 1
        for held in self._held.values():
            held.pop(role_id, None)
        self._store.remove("role", role_id)

    def move_unit(self, unit_id: str, old_above: set[str], by: str | None) -> None:
        """Bring the copies in a unit that was moved, and in those below, in line with what now stands above: copies of
        roles from above that are no longer above go, with who held them; those of the new parents come (unconfirmed).
        """
        above = set(self._units_above(unit_id))
        moved = [(unit_id, self._parent(unit_id)), *self._units_below(unit_id)]
        for unit, _ in moved:
            for role in list(self._store.all("role")):
                home = self._store.get("role", self.root_of(role["roleid"]))["businessunitid"].id
                if role["businessunitid"].id == unit and home in old_above - above:
                    self._remove_copy(role["roleid"])
        for unit, parent in moved:
            self.copy_into_unit(unit, parent, by)

    def drop_unit(self, unit_id: str) -> None:
        """Remove a unit's roles and copies, as the unit goes."""
        for role in list(self._store.all("role")):
            if role["businessunitid"].id == unit_id:
                root_id = self.root_of(role["roleid"])
                self._remove_copy(role["roleid"])
                if root_id == role["roleid"]:
                    self._layers.pop(root_id, None)

    def root_of(self, role_id: str) -> str:
        """The root copy of a role; raises 404."""
        root: Reference = self._store.get("role", role_id)["parentrootroleid"]
        return root.id

    def copies(self, root_id: str) -> list[str]:
        """All copies of a role, the root copy first."""
        rows = self._store.all("role")
        return [row["roleid"] for row in rows if row["parentrootroleid"] == Reference("role", root_id)]

    def copy_in(self, root_id: str, unit_id: str) -> str | None:
        """The copy of a role in a unit."""
        for role_id in self.copies(root_id):
            if self._store.get("role", role_id)["businessunitid"].id == unit_id:
                return role_id
        return None

    def find_by_name(self, name: str, unit_id: str) -> Row | None:
        """The role of that name in a unit; names are compared without case."""
        for row in self._store.all("role"):
            if row["businessunitid"].id == unit_id and row["name"].casefold() == name.casefold():
                return row
        return None

    # -- what a role grants

    def grants(self, role_id: str) -> Grants:
        """What a role grants; a copy grants what its root does."""
        return self._layers[self.root_of(role_id)].effective()

    def install(self, root_id: str, grants: Grants, overwrite: bool) -> None:
        """Set what a solution brings. Without `overwrite` what was changed by hand stays on top."""
        self.revision += 1
        layers = self._layers[root_id]
        layers.base = {**grants, **self.platform_additions(at_import=True)}
        layers.changes = {} if overwrite else {k: v for k, v in layers.changes.items() if layers.base.get(k) != v}

    def base(self, root_id: str) -> Grants:
        """What solutions brought, without what was changed by hand."""
        return dict(self._layers[root_id].base)

    def forget_unknown(self) -> None:
        """Take privileges away that are gone with their tables."""
        self.revision += 1
        for layers in self._layers.values():
            layers.base = {key: depth for key, depth in layers.base.items() if self._privileges.by_id(key)}
            layers.changes = {key: depth for key, depth in layers.changes.items() if self._privileges.by_id(key)}

    def change(self, role_id: str, grants: Mapping[str, Depth | None], replace: bool = False) -> None:
        """Change a role by hand; `replace` takes away what is not named. Raises 0x80044152 for an inherited copy and
        0x8004140b for a depth that a privilege does not have.
        """
        root_id = self.root_of(role_id)
        if root_id != role_id:
            raise coded("0x80044152")
        self.revision += 1
        layers = self._layers[root_id]
        for privilege_id, depth in grants.items():
            if depth is not None:
                check_depth(self._privileges, privilege_id, depth, role_id)
        wanted = dict(grants)
        if any(depth is not None for depth in grants.values()):
            wanted = {**wanted, **self.platform_additions(at_import=True)}
        gone = set(layers.effective()) - set(wanted) if replace else set()
        for privilege_id, depth in {**dict.fromkeys(gone), **wanted}.items():
            layers.set_by_hand(privilege_id, depth)

    def platform_additions(self, at_import: bool) -> Grants:
        """What the platform adds by itself: nine to a new role, of which the SharePoint ones come at an import too."""
        return {
            self._privileges.id(self._privileges.known(name)): depth
            for name, depth in added_by_platform().items()
            if not at_import or "sharepoint" in name
        }

    # -- who holds it: users, and teams

    def held_by(self, holder_id: str) -> dict[str, str]:
        """The roles of a user or team itself: role id to the id of the association's row."""
        return self._held.get(holder_id, {})

    def holders(self, role_id: str) -> list[str]:
        """The users and teams that hold this copy of a role."""
        return [holder_id for holder_id, held in self._held.items() if role_id in held]

    def give(self, holder_id: str, role_id: str) -> None:
        """Let a user or team hold a role; raises 0x80041409 or 0x8004140d for a role of another unit than theirs, and
        0x80048331 for an access team.
        """
        team = self._store.find("team", holder_id)
        holder, role = team or self._store.get("systemuser", holder_id), self._store.get("role", role_id)
        if team and team["teamtype"] == ACCESS:
            raise WebApiFault(400, "0x80048331", f"Security roles cannot be given to an access team (id={holder_id}).")
        unit, role_unit = holder["businessunitid"].id, role["businessunitid"].id
        if unit != role_unit:
            raise coded("0x8004140d" if team else "0x80041409", holder_id, unit, role_id, role_unit)
        self.revision += 1
        self._held.setdefault(holder_id, {}).setdefault(role_id, new_id())

    def take(self, holder_id: str, role_id: str) -> None:
        """Take a role from a user or team."""
        self.revision += 1
        self._held.get(holder_id, {}).pop(role_id, None)

    def take_all(self, holder_id: str) -> None:
        """Take every role from a user or team, as a move to another unit does (docs)."""
        self.revision += 1
        self._held.pop(holder_id, None)

    def granted_to(self, holder_id: str) -> Grants:
        """What the roles that a user or team holds itself grant together: each privilege at the widest depth."""
        return dict(united(self.grants(role_id) for role_id in self.held_by(holder_id)))

    @contextlib.contextmanager
    def all_or_nothing(self) -> Iterator[None]:
        """Take back who holds what, and what roles grant, if what is done within raises."""
        before = copy.deepcopy((self._held, self._layers))
        try:
            yield
        except BaseException:
            self._held, self._layers = before
            self.revision += 1
            raise

    def _parent(self, unit_id: str) -> str:
        parent: Reference = self._store.get("businessunit", unit_id)["parentbusinessunitid"]
        return parent.id

    def _units_above(self, unit_id: str) -> Iterator[str]:
        parent = self._store.get("businessunit", unit_id)["parentbusinessunitid"]
        while parent:
            yield parent.id
            parent = self._store.get("businessunit", parent.id)["parentbusinessunitid"]

    def _units_below(self, unit_id: str) -> Iterator[tuple[str, str]]:
        for unit in self._store.all("businessunit"):
            parent = unit["parentbusinessunitid"]
            if parent and parent.id == unit_id:
                yield unit["businessunitid"], unit_id
                yield from self._units_below(unit["businessunitid"])

    def _add_copy(
        self, new: NewRole, unit_id: str, role_id: str, root_id: str, parent_id: str | None, by: str | None
    ) -> None:
        self._store.add(
            "role",
            {
                "roleid": role_id,
                "name": new.name,
                "businessunitid": Reference("businessunit", unit_id),
                "organizationid": self._organization_id,
                "parentrootroleid": Reference("role", root_id),
                "parentroleid": parent_id and Reference("role", parent_id),
                "roletemplateid": new.template_id and Reference("roletemplate", new.template_id),
                "isinherited": new.is_inherited,
                "ismanaged": new.solution_id is not None,
                "solutionid": new.solution_id or self._default_solution_id,
                "roleidunique": new_id(),
                "iscustomizable": _managed_property("iscustomizableanddeletable", new.customizable),
                "canbedeleted": _managed_property("canbedeleted", new.template_id is None),
            },
            by,
        )


def check_depth(privileges: Privileges, privilege_id: str, depth: Depth, role_id: str) -> None:
    """Refuse an unknown privilege (404) and a depth that it does not have (0x8004140b, text recorded)."""
    privilege = privileges.by_id(privilege_id)
    if privilege is None:
        raise missing_row("privilege", privilege_id)
    if depth not in privilege.depths:
        text = f"The privilege {privilege.name} with id = {privilege_id} can't have depth = {depth.level}"
        raise WebApiFault(400, "0x8004140b", f"{text}, RoleId = {role_id}")


def _in_unit(role: Row, unit_id: str) -> bool:
    return bool(role["businessunitid"].id == unit_id)


def _managed_property(name: str, value: bool) -> dict[str, object]:
    return {"Value": value, "CanBeChanged": True, "ManagedPropertyLogicalName": name}
