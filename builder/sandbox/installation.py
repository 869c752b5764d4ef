"""Install a package: every check first, then everything at once, so that no import is ever half done."""

from builder.sandbox.checks import HOLDING, Checker, ImportSettings
from builder.sandbox.components import ROLE, Key, key_of
from builder.sandbox.faults import WebApiFault, coded
from builder.sandbox.package import Package, PackagedRole
from builder.sandbox.records import Reference, Row
from builder.sandbox.roles import Grants, NewRole


class Installer(Checker):
    """Installs into one environment what was checked."""

    def install(
        self, package: Package, grants: dict[str, Grants], settings: ImportSettings, by: str, content: bytes = b""
    ) -> Row:
        """Carry out a checked import; gives the solution's row."""
        present = self.installed(package.unique_name)
        beside = present is not None and (settings.holding or settings.upgrade)
        publisher = self._put_publisher(package, by)
        solution = self._put_solution(package, publisher, by, HOLDING if beside else "", content)
        solution_id = solution["solutionid"]
        self.environment.bring_tables(package.tables)
        for kind, name in package.root_components:
            self.components.add(solution_id, (kind, name))
        for key in package.inside:
            self.components.add(solution_id, key, behavior=1)
        for role in package.roles:
            row = self.components.add(solution_id, (ROLE, role.id))
            if beside:
                before = self.roles.base(role.id) if self.store.find("role", role.id) else None
                self.store.change("solutioncomponent", row["solutioncomponentid"], {"before": before})
            owner = present["solutionid"] if beside and present else solution_id
            self._put_role(role, package, owner, by)
            self.roles.install(role.id, grants[role.id], settings.overwrite)
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
        self.store.remove("solution", base["solutionid"])
        for row in self.components.of(holding["solutionid"]):
            self.store.change("solutioncomponent", row["solutioncomponentid"], {"before": None})
        changes = {"uniquename": base["uniquename"], "updatedon": self.store.now()}
        return self.store.change("solution", holding["solutionid"], changes, by)

    def _hand_over_roles(self, old_id: str, new_id: str, kept: set[Key]) -> None:
        for row in list(self.store.all("role")):
            root = self.roles.root_of(row["roleid"])
            if row["solutionid"] == old_id and (ROLE, root) in kept:
                self.store.change("role", row["roleid"], {"solutionid": new_id})

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
            "organizationid": self.environment.organization,
        }
        there = self.publisher(publisher.unique_name)
        return there or self.store.add("publisher", values, by)

    def _put_solution(self, package: Package, publisher: Row, by: str, suffix: str, content: bytes) -> Row:
        now = self.store.now()
        unique_name = f"{package.unique_name}{suffix}"
        values: Row = {
            "uniquename": unique_name,
            "friendlyname": package.name,
            "description": package.description or None,
            "version": package.version,
            "ismanaged": package.managed,
            "solutionpackageversion": "9.2",
            "publisherid": Reference("publisher", publisher["publisherid"]),
            "organizationid": self.environment.organization,
            "requires": [[entry.required, entry.dependent] for entry in package.requirements],
            "described": False,
            "content": content if not package.managed else b"",
        }
        there = self.installed(unique_name)
        if there:
            return self.store.change("solution", there["solutionid"], {**values, "updatedon": now}, by)
        return self.store.add("solution", {**values, "installedon": now}, by)

    def _put_role(self, role: PackagedRole, package: Package, solution_id: str, by: str) -> None:
        honoured = self.environment.switches.import_isinherited == "honoured" and role.is_inherited is not None
        if self.store.find("role", role.id):
            for copy_id in self.roles.copies(role.id):
                changes: Row = {"name": role.name}
                if honoured:
                    changes["isinherited"] = role.is_inherited
                self.store.change("role", copy_id, changes, by)
            return
        new = NewRole(
            name=role.name,
            unit_id=self.environment.root_unit_id,
            is_inherited=role.is_inherited if honoured and role.is_inherited is not None else 1,
            role_id=role.id,
            solution_id=solution_id if package.managed else None,
            customizable=role.customizable,
        )
        self.roles.create(new, by)


def dependencies_exist(required: list[dict[str, str]]) -> WebApiFault:
    """The answer where components are needed elsewhere (text: a public issue, shortened)."""
    fault = coded("0x8004f01d")
    listed = "; ".join(", ".join(f"{name}: {value}" for name, value in entry.items()) for entry in required)
    fault.message += f" DependencyCount : {len(required)} RequiredComponentObject details: {listed}"
    return fault
