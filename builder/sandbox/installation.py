"""Install a package: every check first, then everything at once, so that no import is ever half done."""

from dataclasses import dataclass

from lxml import etree

from builder.model import Depth
from builder.sandbox.environment import Environment
from builder.sandbox.faults import WebApiFault, coded, missing_row
from builder.sandbox.package import Package, PackagedRole, RequiredComponent, version_numbers
from builder.sandbox.records import Reference, Row
from builder.sandbox.roles import Grants, NewRole
from builder.sandbox.security import Principal

ROLE_COMPONENT, ENTITY_COMPONENT = "20", "1"


@dataclass(frozen=True, slots=True)
class ImportSettings:
    """What the caller of an import chose."""

    overwrite: bool = False
    publish_workflows: bool = False


class Installer:
    """Installs into one environment and removes from it."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._store = environment.store
        self._roles = environment.roles

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

    def missing(self, package: Package) -> list[RequiredComponent]:
        """The stated requirements that this environment does not meet."""
        return [entry for entry in package.requirements if not self._is_here(entry.required)]

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

    def check(self, package: Package, principal: Principal) -> dict[str, Grants]:
        """Everything an import checks; gives what each role will grant. Raises WebApiFault."""
        self.check_manifest(package)
        present = self.installed(package.unique_name)
        older = present and package.numbers < version_numbers(present["version"])
        if older and self._environment.switches.lower_version == "refuse":
            raise coded("0x80048541")
        self._check_components(package)
        if package.roles:
            self._check_right_to_import_roles(principal)
        grants: dict[str, Grants] = {}
        for role in package.roles:
            try:
                grants[role.id] = self._grants(role, package, present)
            except WebApiFault as fault:
                fault.role_id = role.id
                raise
        return grants

    def _check_components(self, package: Package) -> None:
        declared = {name for kind, name in package.root_components if kind == ROLE_COMPONENT}
        for role in package.roles:
            if role.id not in declared:
                raise coded("0x8004803a", f"{{{role.id}}}", ROLE_COMPONENT)
        for kind, name in package.root_components:
            if kind != ROLE_COMPONENT:
                text = f"The sandbox installs security roles only; this package holds {name} of type {kind}."
                raise WebApiFault(400, "0x80048033", f"{coded('0x80048033').message} {text}")
            if name not in {role.id for role in package.roles} and self._store.find("role", name) is None:
                raise coded("0x8004801f", f"{{{name}}}", kind)
        ids = [role.id for role in package.roles]
        if len(ids) != len(set(ids)):
            raise coded("0x80071153")

    def _check_right_to_import_roles(self, principal: Principal) -> None:
        privileges = self._environment.privileges
        for name in ("prvCreateRole", "prvWriteRole"):
            if self._environment.guard.holds(principal, privileges.known(name)) is None:
                raise coded("0x80048018")

    def _grants(self, role: PackagedRole, package: Package, present: Row | None) -> Grants:
        there = self._store.find("role", role.id)
        twin = self._roles.find_by_name(role.name, self._environment.root_unit_id)
        foreign = there and (present is None or there["solutionid"] != present["solutionid"]) and package.managed
        if foreign or (twin and twin["roleid"] != role.id) or (there and self._roles.root_of(role.id) != role.id):
            raise coded("0x80048017")
        grants: Grants = {}
        for name, level in role.privileges:
            privilege_id = self._privilege_id(name, role, package)
            if privilege_id is None:
                continue
            if privilege_id in grants:
                raise coded("0x8004140f", name)
            depth = Depth.from_level(level)
            self._roles.check_depth(privilege_id, depth, role.id)
            grants[privilege_id] = depth
        return grants

    def _privilege_id(self, name: str, role: PackagedRole, package: Package) -> str | None:
        """The id of a named privilege; what an import does with an unknown one is unconfirmed, hence by switch."""
        privileges, switches = self._environment.privileges, self._environment.switches
        privilege = privileges.named(name)
        exact = privilege is None or privilege.name == name or not privilege.case_exact
        if privilege and (exact or switches.privilege_case == "any"):
            return privileges.id(privilege)
        if switches.unknown_privilege == "drop":
            return None
        if switches.unknown_privilege == "missing-dependency":
            raise coded("0x8004801d", package.unique_name)
        fault = missing_row("privilege", name)
        fault.message = f"The privilege {name} does not exist in this organization, RoleId = {role.id}"
        raise fault

    # -- changes

    def install(self, package: Package, grants: dict[str, Grants], settings: ImportSettings, by: str) -> Row:
        """Carry out a checked import; gives the solution's row."""
        publisher = self._put_publisher(package, by)
        solution = self._put_solution(package, publisher, by)
        for role in package.roles:
            self._put_role(role, package, solution["solutionid"], by)
            self._roles.install(role.id, grants[role.id], settings.overwrite)
            self._put_component(solution["solutionid"], role.id)
        return solution

    def uninstall(self, solution_id: str) -> None:
        """Remove a solution, and what it brought where it is managed.

        Whether a role that users still hold keeps the solution is unconfirmed, hence by switch.
        """
        solution = self._store.get("solution", solution_id)
        components = [row for row in self._store.all("solutioncomponent") if row["solutionid"].id == solution_id]
        if solution["ismanaged"]:
            role_ids = [row["objectid"] for row in components]
            held = [role_id for role_id in role_ids if any(map(self._roles.holders, self._roles.copies(role_id)))]
            if held and self._environment.switches.held_role == "keeps-solution":
                fault = coded("0x8004f01d")
                fault.message += (
                    f" DependencyCount : {len(held)} RequiredComponentObject details: Type: Role, Id: {held}"
                )
                raise fault
            for role_id in role_ids:
                self._roles.delete(role_id)
        for row in components:
            self._store.remove("solutioncomponent", row["solutioncomponentid"])
        self._store.remove("solution", solution_id)

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

    def _put_solution(self, package: Package, publisher: Row, by: str) -> Row:
        now = self._store.now()
        values = {
            "uniquename": package.unique_name,
            "friendlyname": package.name,
            "description": package.description or None,
            "version": package.version,
            "ismanaged": package.managed,
            "solutionpackageversion": "9.2",
            "publisherid": Reference("publisher", publisher["publisherid"]),
            "organizationid": self._environment.organization,
        }
        there = self.installed(package.unique_name)
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

    def _put_component(self, solution_id: str, role_id: str) -> None:
        solution = Reference("solution", solution_id)
        rows = self._store.all("solutioncomponent")
        if not any(row["objectid"] == role_id and row["solutionid"] == solution for row in rows):
            values = {"componenttype": 20, "objectid": role_id, "rootcomponentbehavior": 0, "solutionid": solution}
            self._store.add("solutioncomponent", values)

    def _is_here(self, required: dict[str, str]) -> bool:
        """Whether a required component exists here: tables of the catalogue and roles; nothing else is known."""
        kind = required.get("type")
        if kind == ENTITY_COMPONENT:
            return required.get("schemaName", "").lower() in self._environment.schema.tables
        if kind == ROLE_COMPONENT:
            return self._store.find("role", required.get("id", "").strip("{}").lower()) is not None
        return False


def missing_dependencies_xml(missing: list[RequiredComponent]) -> str:
    """The list of missing dependencies as import errors carry it (layout: public logs)."""
    root = etree.Element("MissingDependencies")
    for entry in missing:
        element = etree.SubElement(root, "MissingDependency")
        etree.SubElement(element, "Required", entry.required)
        etree.SubElement(element, "Dependent", entry.dependent)
    return etree.tostring(root, encoding="unicode")
