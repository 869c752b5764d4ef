"""Remove a solution, and say what stands in the way."""

from typing import Any

from builder.sandbox.checks import HOLDING
from builder.sandbox.components import ROLE, key_of
from builder.sandbox.environment import Environment
from builder.sandbox.faults import coded
from builder.sandbox.installation import Installer, dependencies_exist
from builder.sandbox.records import Row


class Remover:
    """Removes solutions from one environment."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._store = environment.store
        self._roles = environment.roles
        self._installer = Installer(environment)

    def blocked_by(self, solution_id: str) -> list[dict[str, str]]:
        """What keeps a managed solution: components that another one needs, and (by switch) roles that are held."""
        solution = self._store.get("solution", solution_id)
        if not solution["ismanaged"]:
            return []
        components = self._installer.components
        found = [
            {"Type": entry.type, "ObjectName": ", ".join(sorted(entry.keys)), "DependentSolution": row["uniquename"]}
            for row, entry in components.dependents(solution_id)
        ]
        if self._environment.switches.held_role == "keeps-solution" and not self._is_holding(solution):
            found += [{"Type": "Role", "Id": role_id} for role_id in self._held_roles(solution_id)]
        return found

    def uninstall(self, solution_id: str) -> None:
        """Remove a solution, and what it brought where it is managed; raises 0x8004f01d where something needs that."""
        solution = self._store.get("solution", solution_id)
        blocked = self.blocked_by(solution_id)
        if blocked:
            raise dependencies_exist(blocked)
        rows = self._installer.components.of(solution_id)
        if solution["ismanaged"]:
            self._give_back(rows)
            self._installer.components.remove(rows)
        else:
            for row in rows:
                self._store.remove("solutioncomponent", row["solutioncomponentid"])
        self._store.remove("solution", solution_id)

    def by_name(self, unique_name: str) -> Row:
        """The solution of a unique name; raises 0x80048037."""
        solution = self._installer.installed(unique_name)
        if solution is None:
            raise coded("0x80048037")
        return solution

    def dependencies(self, unique_name: str) -> list[dict[str, Any]]:
        """What RetrieveDependenciesForUninstall lists: rows of `dependency` (members: documentation)."""
        solution = self.by_name(unique_name)
        found = []
        for row, entry in self._installer.components.dependents(solution["solutionid"]):
            kind, dependent = entry.type, entry.dependent
            found.append(
                {
                    "dependencytype": 2,
                    "requiredcomponenttype": int(kind) if kind.isdigit() else 0,
                    "requiredcomponentobjectid": entry.required.get("id", "").strip("{}") or None,
                    "requiredcomponentbasesolutionid": solution["solutionid"],
                    "dependentcomponenttype": int(dependent.get("type", "0") if dependent["type"].isdigit() else 0),
                    "dependentcomponentobjectid": dependent.get("id", "").strip("{}") or None,
                    "dependentcomponentbasesolutionid": row["solutionid"],
                }
            )
        return found

    @staticmethod
    def _is_holding(solution: Row) -> bool:
        return bool(solution["uniquename"].endswith(HOLDING))

    def _held_roles(self, solution_id: str) -> list[str]:
        ids = [key for kind, key in self._installer.components.keys_of(solution_id) if kind == ROLE]
        return [one for one in ids if self._store.find("role", one) and any(map(self._is_held, self._copies(one)))]

    def _copies(self, role_id: str) -> list[str]:
        return self._roles.copies(role_id)

    def _is_held(self, role_id: str) -> bool:
        return bool(self._roles.holders(role_id))

    def _give_back(self, rows: list[Row]) -> None:
        """A holding solution that goes without being promoted gives its roles back as they were."""
        for row in rows:
            kind, key = key_of(row)
            if kind == ROLE and row.get("before") and self._store.find("role", key):
                self._roles.install(key, row["before"], overwrite=False)
