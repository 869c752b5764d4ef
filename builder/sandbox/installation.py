"""Install a package: every check first, then everything at once, so that no import is ever half done."""

from dataclasses import dataclass

from lxml import etree

from builder.model import Depth
from builder.sandbox.components import ENTITY, ROLE, Components, Key, Requirement, key_of
from builder.sandbox.environment import Environment
from builder.sandbox.faults import WebApiFault, coded, missing_row
from builder.sandbox.package import Package, PackagedRole, version_numbers
from builder.sandbox.privileges import Privileges
from builder.sandbox.records import Reference, Row
from builder.sandbox.roles import Grants, NewRole, check_depth
from builder.sandbox.security import Principal

HOLDING = "_Upgrade"


@dataclass(frozen=True, slots=True)
class ImportSettings:
    """What the caller of an import chose. `holding` keeps the new version beside the old one, as `NAME_Upgrade`, until
    it is promoted; `upgrade` does both in one go.
    """

    overwrite: bool = False
    publish_workflows: bool = False
    holding: bool = False
    upgrade: bool = False


class Installer:
    """Installs into one environment."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._store = environment.store
        self._roles = environment.roles
        self.components = Components(environment)

    # -- what is there

    def installed(self, unique_name: str) -> Row | None:
        """The installed solution of a unique name (compared without case)."""
        rows = self._store.all("solution")
        return next((row for row in rows if row["uniquename"].lower() == unique_name.lower()), None)

    def publisher(self, unique_name: str) -> Row | None:
        """The publisher of a unique name."""
        rows = self._store.all("publisher")
        return next((row for row in rows if row["uniquename"].lower() == unique_name.lower()), None)

    def publisher_of(self, solution: Row) -> Row:
        """The publisher of an installed solution."""
        return self._store.get("publisher", solution["publisherid"].id)

    def missing(self, package: Package) -> list[Requirement]:
        """The stated requirements that neither this environment nor the package itself meets."""
        own = {*package.root_components, *package.inside}
        return [
            entry
            for entry in package.requirements
            if not self.components.here(entry) and not any((entry.type, key) in own for key in entry.keys)
        ]

    # -- checks

    def check_manifest(self, package: Package) -> None:
        """What can be said without looking at the components: staging checks this too; raises WebApiFault."""
        missing = self.missing(package)
        if missing:
            fault = coded("0x8004801d", package.unique_name)
            listing = missing_dependencies_xml(missing)
            fault.message += f" The missing dependencies are : {listing} , ProductUpdatesOnly : False"
            raise fault
        present = self.installed(package.unique_name)
        if present is None:
            return
        if present["ismanaged"] != package.managed:
            raise coded("0x80048040" if package.managed else "0x80048041")
        publisher = self.publisher_of(present)
        if package.managed and publisher["uniquename"] != package.publisher.unique_name:
            raise coded("0x8004801c", package.unique_name, publisher["uniquename"], package.publisher.unique_name)

    def check(self, package: Package, principal: Principal, settings: ImportSettings) -> dict[str, Grants]:
        """Everything an import checks; gives what each role will grant. Raises WebApiFault."""
        self.check_manifest(package)
        present = self.installed(package.unique_name)
        if settings.holding or settings.upgrade:
            self._check_upgrade(package, present)
        older = present and package.numbers < version_numbers(present["version"])
        if older and self._environment.switches.lower_version == "refuse":
            raise coded("0x80048541")
        self._check_components(package)
        if package.roles:
            self._check_right_to_import_roles(principal)
        known = self._privileges_with(package)
        grants: dict[str, Grants] = {}
        for role in package.roles:
            try:
                grants[role.id] = self._grants(role, package, present, known)
            except WebApiFault as fault:
                fault.role_id = role.id
                raise
        return grants

    def _check_upgrade(self, package: Package, present: Row | None) -> None:
        """An upgrade takes the place of an older managed version (texts: public issues; codes unconfirmed)."""
        holding = f"{package.unique_name}{HOLDING}"
        if self.installed(holding):
            raise WebApiFault(400, "0x80048539", f"Holding solution {holding} already exists.")
        if present is None:
            if self._environment.switches.upgrade_without_base == "refuse":
                text = f"The solution {package.unique_name} is not installed, so that it cannot be upgraded."
                raise WebApiFault(400, "0x80048033", f"ImportAsHolding failed with exception :{text}")
            return
        if not (package.managed and present["ismanaged"]):
            text = "The imported solution and the existing solution must both be managed for upgrade."
            raise WebApiFault(400, "0x80048033", f"ImportAsHolding failed with exception :{text}")
        if package.numbers <= version_numbers(present["version"]):
            raise coded("0x80048541")

    def _check_components(self, package: Package) -> None:
        declared = {name for kind, name in package.root_components if kind == ROLE}
        ids = [role.id for role in package.roles]
        for role_id in ids:
            if role_id not in declared:
                raise coded("0x8004803a", f"{{{role_id}}}", ROLE)
        if len(ids) != len(set(ids)):
            raise coded("0x80071153")
        whole = {table.name for table in package.tables if table.whole}
        for kind, name in package.root_components:
            unknown_role = kind == ROLE and name not in ids and self._store.find("role", name) is None
            unknown_table = kind == ENTITY and name not in whole and name not in self._environment.schema.tables
            if unknown_role or unknown_table:
                raise coded("0x8004801f", f"{{{name}}}" if unknown_role else name, kind)
        for table in package.tables:
            if not table.whole and table.name not in self._environment.schema.tables:
                raise coded("0x8004801f", table.name, ENTITY)

    def _check_right_to_import_roles(self, principal: Principal) -> None:
        privileges = self._environment.privileges
        for name in ("prvCreateRole", "prvWriteRole"):
            if self._environment.guard.holds(principal, privileges.known(name)) is None:
                raise coded("0x80048018")

    def _privileges_with(self, package: Package) -> Privileges:
        """The privileges as they will be with the package's tables."""
        present = self._environment.privileges
        if not package.tables:
            return present
        made = present.copied()
        made.set_tables({**self._environment.brought, **{table.name: table for table in package.tables}}.values())
        return made

    def _grants(self, role: PackagedRole, package: Package, present: Row | None, known: Privileges) -> Grants:
        there = self._store.find("role", role.id)
        twin = self._roles.find_by_name(role.name, self._environment.root_unit_id)
        foreign = there and (present is None or there["solutionid"] != present["solutionid"]) and package.managed
        if foreign or (twin and twin["roleid"] != role.id) or (there and self._roles.root_of(role.id) != role.id):
            raise coded("0x80048017")
        grants: Grants = {}
        for name, level in role.privileges:
            privilege_id = self._privilege_id(name, role, package, known)
            if privilege_id is None:
                continue
            if privilege_id in grants:
                raise coded("0x8004140f", name)
            depth = Depth.from_level(level)
            check_depth(known, privilege_id, depth, role.id)
            grants[privilege_id] = depth
        return grants

    def _privilege_id(self, name: str, role: PackagedRole, package: Package, known: Privileges) -> str | None:
        """The id of a named privilege; what an import does with an unknown one is unconfirmed, hence by switch."""
        switches = self._environment.switches
        privilege = known.named(name)
        exact = privilege is None or privilege.name == name or not privilege.case_exact
        if privilege and (exact or switches.privilege_case == "any"):
            return known.id(privilege)
        if switches.unknown_privilege == "drop":
            return None
        if switches.unknown_privilege == "missing-dependency":
            raise coded("0x8004801d", package.unique_name)
        fault = missing_row("privilege", name)
        fault.message = f"The privilege {name} does not exist in this organization, RoleId = {role.id}"
        raise fault

    # -- changes

    def install(
        self, package: Package, grants: dict[str, Grants], settings: ImportSettings, by: str, content: bytes = b""
    ) -> Row:
        """Carry out a checked import; gives the solution's row."""
        present = self.installed(package.unique_name)
        beside = present is not None and (settings.holding or settings.upgrade)
        publisher = self._put_publisher(package, by)
        solution = self._put_solution(package, publisher, by, HOLDING if beside else "", content)
        solution_id = solution["solutionid"]
        self._environment.bring_tables(package.tables)
        for kind, name in package.root_components:
            self.components.add(solution_id, (kind, name))
        for key in package.inside:
            self.components.add(solution_id, key, behavior=1)
        for role in package.roles:
            row = self.components.add(solution_id, (ROLE, role.id))
            if beside:
                before = self._roles.base(role.id) if self._store.find("role", role.id) else None
                self._store.change("solutioncomponent", row["solutioncomponentid"], {"before": before})
            owner = present["solutionid"] if beside and present else solution_id
            self._put_role(role, package, owner, by)
            self._roles.install(role.id, grants[role.id], settings.overwrite)
        if beside and settings.upgrade:
            return self.promote(package.unique_name, by)
        return solution

    def promote(self, unique_name: str, by: str) -> Row:
        """Let the holding solution take the old one's place: what the new version lacks is removed, with its data.

        That the solution's id is then the holding one's is unconfirmed. Raises 0x8004853b where nothing is held, and
        0x8004f01d where another solution needs what would go.
        """
        base, holding = self.installed(unique_name), self.installed(f"{unique_name}{HOLDING}")
        if base is None or holding is None:
            raise coded("0x8004853b", unique_name)
        kept = self.components.keys_of(holding["solutionid"])
        leaving = {key_of(row) for row in self.components.of(base["solutionid"])} - kept
        blocked = [
            requirement
            for _, requirement in self.components.dependents(base["solutionid"])
            if any((requirement.type, key) in leaving for key in requirement.keys)
        ]
        if blocked:
            raise dependencies_exist([requirement.required for requirement in blocked])
        self._hand_over_roles(base["solutionid"], holding["solutionid"], kept)
        self.components.remove(self.components.of(base["solutionid"]))
        self._store.remove("solution", base["solutionid"])
        for row in self.components.of(holding["solutionid"]):
            self._store.change("solutioncomponent", row["solutioncomponentid"], {"before": None})
        changes = {"uniquename": base["uniquename"], "updatedon": self._store.now()}
        return self._store.change("solution", holding["solutionid"], changes, by)

    def _hand_over_roles(self, old_id: str, new_id: str, kept: set[Key]) -> None:
        for row in list(self._store.all("role")):
            root = self._roles.root_of(row["roleid"])
            if row["solutionid"] == old_id and (ROLE, root) in kept:
                self._store.change("role", row["roleid"], {"solutionid": new_id})

    def _put_publisher(self, package: Package, by: str) -> Row:
        publisher = package.publisher
        values = {
            "uniquename": publisher.unique_name,
            "friendlyname": publisher.name or publisher.unique_name,
            "description": publisher.description or None,
            "emailaddress": publisher.email or None,
            "supportingwebsiteurl": publisher.website or None,
            "customizationprefix": publisher.prefix,
            "customizationoptionvalueprefix": publisher.option_value_prefix,
            "organizationid": self._environment.organization,
        }
        there = self.publisher(publisher.unique_name)
        return there or self._store.add("publisher", values, by)

    def _put_solution(self, package: Package, publisher: Row, by: str, suffix: str, content: bytes) -> Row:
        now = self._store.now()
        unique_name = f"{package.unique_name}{suffix}"
        values: Row = {
            "uniquename": unique_name,
            "friendlyname": package.name,
            "description": package.description or None,
            "version": package.version,
            "ismanaged": package.managed,
            "solutionpackageversion": "9.2",
            "publisherid": Reference("publisher", publisher["publisherid"]),
            "organizationid": self._environment.organization,
            "requires": [[entry.required, entry.dependent] for entry in package.requirements],
            "described": False,
            "content": content if not package.managed else b"",
        }
        there = self.installed(unique_name)
        if there:
            return self._store.change("solution", there["solutionid"], {**values, "updatedon": now}, by)
        return self._store.add("solution", {**values, "installedon": now}, by)

    def _put_role(self, role: PackagedRole, package: Package, solution_id: str, by: str) -> None:
        honoured = self._environment.switches.import_isinherited == "honoured" and role.is_inherited is not None
        if self._store.find("role", role.id):
            for copy_id in self._roles.copies(role.id):
                changes: Row = {"name": role.name}
                if honoured:
                    changes["isinherited"] = role.is_inherited
                self._store.change("role", copy_id, changes, by)
            return
        new = NewRole(
            name=role.name,
            unit_id=self._environment.root_unit_id,
            is_inherited=role.is_inherited if honoured and role.is_inherited is not None else 1,
            role_id=role.id,
            solution_id=solution_id if package.managed else None,
            customizable=role.customizable,
        )
        self._roles.create(new, by)


def dependencies_exist(required: list[dict[str, str]]) -> WebApiFault:
    """The answer where components are needed elsewhere (text: a public issue, shortened)."""
    fault = coded("0x8004f01d")
    listed = "; ".join(", ".join(f"{name}: {value}" for name, value in entry.items()) for entry in required)
    fault.message += f" DependencyCount : {len(required)} RequiredComponentObject details: {listed}"
    return fault


def missing_dependencies_xml(missing: list[Requirement]) -> str:
    """The list of missing dependencies as import errors carry it (layout: public logs)."""
    root = etree.Element("MissingDependencies")
    for entry in missing:
        element = etree.SubElement(root, "MissingDependency")
        etree.SubElement(element, "Required", entry.required)
        etree.SubElement(element, "Dependent", entry.dependent)
    return etree.tostring(root, encoding="unicode")
