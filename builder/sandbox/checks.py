"""What an import checks before anything is changed, and what is there already."""

from dataclasses import dataclass

from lxml import etree

from builder.model import Depth
from builder.sandbox.components import ENTITY, ROLE, Components, Requirement
from builder.sandbox.environment import Environment
from builder.sandbox.faults import WebApiFault, coded, missing_row
from builder.sandbox.package import Package, PackagedRole, version_numbers
from builder.sandbox.privileges import Privileges
from builder.sandbox.records import Row
from builder.sandbox.roles import Grants, check_depth
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


class Checker:
    """Looks at one environment; changes nothing."""

    def __init__(self, environment: Environment) -> None:
        self.environment = environment
        self.store = environment.store
        self.roles = environment.roles
        self.components = Components(environment)

    # -- what is there

    def installed(self, unique_name: str) -> Row | None:
        """The installed solution of a unique name (compared without case)."""
        rows = self.store.all("solution")
        return next((row for row in rows if row["uniquename"].lower() == unique_name.lower()), None)

    def publisher(self, unique_name: str) -> Row | None:
        """The publisher of a unique name."""
        rows = self.store.all("publisher")
        return next((row for row in rows if row["uniquename"].lower() == unique_name.lower()), None)

    def publisher_of(self, solution: Row) -> Row:
        """The publisher of an installed solution."""
        return self.store.get("publisher", solution["publisherid"].id)

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
        if older and self.environment.switches.lower_version == "refuse":
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
            if self.environment.switches.upgrade_without_base == "refuse":
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
            unknown_role = kind == ROLE and name not in ids and self.store.find("role", name) is None
            unknown_table = kind == ENTITY and name not in whole and name not in self.environment.schema.tables
            if unknown_role or unknown_table:
                raise coded("0x8004801f", f"{{{name}}}" if unknown_role else name, kind)
        for table in package.tables:
            if not table.whole and table.name not in self.environment.schema.tables:
                raise coded("0x8004801f", table.name, ENTITY)

    def _check_right_to_import_roles(self, principal: Principal) -> None:
        privileges = self.environment.privileges
        for name in ("prvCreateRole", "prvWriteRole"):
            if self.environment.guard.holds(principal, privileges.known(name)) is None:
                raise coded("0x80048018")

    def _privileges_with(self, package: Package) -> Privileges:
        """The privileges as they will be with the package's tables."""
        present = self.environment.privileges
        if not package.tables:
            return present
        made = present.copied()
        made.set_tables({**self.environment.brought, **{table.name: table for table in package.tables}}.values())
        return made

    def _grants(self, role: PackagedRole, package: Package, present: Row | None, known: Privileges) -> Grants:
        there = self.store.find("role", role.id)
        twin = self.roles.find_by_name(role.name, self.environment.root_unit_id)
        foreign = there and (present is None or there["solutionid"] != present["solutionid"]) and package.managed
        if foreign or (twin and twin["roleid"] != role.id) or (there and self.roles.root_of(role.id) != role.id):
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
        switches = self.environment.switches
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


def missing_dependencies_xml(missing: list[Requirement]) -> str:
    """The list of missing dependencies as import errors carry it (layout: public logs)."""
    root = etree.Element("MissingDependencies")
    for entry in missing:
        element = etree.SubElement(root, "MissingDependency")
        etree.SubElement(element, "Required", entry.required)
        etree.SubElement(element, "Dependent", entry.dependent)
    return etree.tostring(root, encoding="unicode")
