"""Why Dataverse refused, and what to do: for a code, or for a text that says more than its code."""

import re
from dataclasses import dataclass

from builder.deployment.explain import Problem


@dataclass(frozen=True, slots=True)
class Advice:
    """A cause and a remedy, in a sentence each."""

    cause: str
    remedy: str


def advise(problem: Problem) -> Advice | None:
    """Give what is known of a problem; the text counts before the code, which is often a general one."""
    for pattern, cause, remedy in _TEXTS:
        found = pattern.search(problem.text)
        if found:
            named = {name: value or "?" for name, value in found.groupdict().items()}
            return Advice(cause.format(**named), remedy.format(**named))
    if problem.text.startswith("is missing"):
        return Advice(*_ABSENT)
    return Advice(*_CODES[problem.code]) if problem.code in _CODES else None


_ABSENT = (
    "The environment does not have a component that the package needs.",
    "Install the solution that brings it (it is named where the package states it), then import again.",
)
_NARROW_ROLE = (
    "Give that user a role with the privilege (System Administrator and System Customizer have it), or sign in as "
    "another one."
)

# A text, its cause and its remedy; names of groups may stand in both. Texts: public logs, but for SDK lists.
_TEXTS = (
    (
        re.compile(
            r"SecLib::CheckPrivilege failed.*?User: (?P<user>[\w-]+).*?PrivilegeName: (?P<privilege>\w+)"
            r"(?:.*?Required Depth: (?P<depth>\w+))?(?:.*?BusinessUnitId: (?P<unit>[\w-]+))?",
            re.DOTALL,
        ),
        "The user {user} that imports lacks {privilege} at depth {depth} in business unit {unit}.",
        _NARROW_ROLE,
    ),
    (
        re.compile(
            r"Principal (?P<kind>\w+) \(Id=(?P<user>[\w-]+).*?missing (?P<privilege>prv\w+) privilege", re.DOTALL
        ),
        "The {kind} {user} lacks {privilege}.",
        "Give it a role that grants the privilege: solsmith app-user verify names the one of the package.",
    ),
    (
        re.compile(r"privilege (?P<privilege>prv\w+) with id = [\w-]+ can't have depth = (?P<depth>\w+)"),
        "This environment does not have {privilege} at depth {depth}: which depths there are differs by environment.",
        "Grant it at a depth that solsmith plan shows, or leave it out of the role.",
    ),
    (
        re.compile(r"Holding solution (?P<name>\S+) already exists"),
        "An upgrade was begun and never finished: {name} was left behind.",
        "Apply or delete that upgrade in the maker portal (Solutions), then import again.",
    ),
    (
        re.compile(r"must both be managed for upgrade"),
        "An upgrade was asked for, and the package or the installed solution is unmanaged.",
        "Import a package of the kind that is installed.",
    ),
    (
        re.compile(r"Solution dependencies exist, cannot uninstall"),
        "Something in the environment uses what the solution brought; the text names it.",
        "Take it away first: a user or team that holds the role, an app or another solution that needs it.",
    ),
    (
        re.compile(r"privilege (?P<privilege>prv\w+) does not exist", re.IGNORECASE),
        "The environment does not have {privilege}: its table is not installed there, or the name is misspelt.",
        "Install what brings the table, or leave the grant out; solsmith plan checks all of them beforehand.",
    ),
)
_PACKAGE = "Run solsmith validate on the package: it names the place."
_CODES = {
    "0x8004801d": (
        "Components that the package needs are not in the environment.",
        "Install what brings them first; each is named below, with its solution where the package states it.",
    ),
    "0x8004801f": (
        "The manifest lists a component that neither the package nor the environment has.",
        "Have the package built anew with the component in it, or without its root component.",
    ),
    "0x8004803a": (
        "The package holds a component that its manifest does not list.",
        f"Have it listed as a root component. {_PACKAGE}",
    ),
    "0x80048033": ("The import failed for a reason that this code does not tell.", "Read the other lines of the log."),
    "0x8004801a": ("A member of the package does not follow its schema.", _PACKAGE),
    "0x8004802c": ("A member of the package is no valid XML.", _PACKAGE),
    "0x80048013": ("A member of the package is not well formed.", _PACKAGE),
    "0x80048060": (
        "The file is no solution: solution.xml, customizations.xml and [Content_Types].xml must lie at its top.",
        "Zip what lies in the folder, not the folder. " + _PACKAGE,
    ),
    "0x80048000": ("The file is no solution that can be imported.", _PACKAGE),
    "0x80048017": (
        "A role of the same name and another id is there, or the role with this id is not this solution's.",
        "Rename the other role in the environment (solsmith plan names it), then import again.",
    ),
    "0x80048018": ("The user that imports may not bring security roles.", _NARROW_ROLE),
    "0x8004802f": ("The user that imports may not bring roles of relationships.", _NARROW_ROLE),
    "0x8004801c": (
        "The solution is installed from another publisher.",
        "Take the package of that publisher, or uninstall the solution first.",
    ),
    "0x80048040": (
        "The package is managed, and the installed solution is not.",
        "Delete the unmanaged solution first (its components stay), or import the unmanaged package.",
    ),
    "0x80048041": (
        "The package is unmanaged, and the installed solution is managed.",
        "Import the managed package, or uninstall the solution first.",
    ),
    "0x80048066": ("The package is made for a newer platform.", "Have it exported for this environment's version."),
    "0x80048067": ("The package is made for a platform that this one cannot read.", "Have it exported anew."),
    "0x80048068": ("The package is made for a newer platform.", "Have it exported for this environment's version."),
    "0x80048541": (
        "An upgrade needs a higher version than the installed one.",
        "Raise the version: solsmith version bump. Going back needs an uninstall.",
    ),
    "0x8004f01e": ("The version of the package is none.", _PACKAGE),
    "0x80048034": ("The package needs other solutions that are not installed.", "Install them first; they are named."),
    "0x80071151": ("Another import or uninstall runs in the environment.", "Wait for its end: solsmith plan shows it."),
    "0x80071154": ("Another import or uninstall runs in the environment.", "Wait for its end: solsmith plan shows it."),
    "0x80048543": ("Another import or uninstall runs in the environment.", "Wait for its end: solsmith plan shows it."),
    "0x80071153": ("The package holds a component twice.", _PACKAGE),
    "0x80071155": ("A job of this id was begun before.", "Look what became of it: solsmith import --resume JOB."),
    "0x8004140b": (
        "A privilege was asked for at a depth that it does not have in this environment.",
        "solsmith plan shows which, and the depths it has there.",
    ),
    "0x8004140f": ("A role names a privilege twice.", _PACKAGE),
    "0x80041409": (
        "A user was to get the copy of a role that belongs to another business unit.",
        "solsmith app-user create finds the copy of the user's own unit.",
    ),
    "0x80044152": ("The copy of a role in a business unit cannot be changed.", "Change the role in the root unit."),
    "0x8004f510": (
        "The application has no service principal in the tenant.",
        "Add it to Entra first (admin consent), wait some minutes, then create the application user.",
    ),
    "0x8004f511": ("The application has a user already.", "solsmith app-user create adopts it."),
    "0x8004f066": ("The uploaded package is not there any more.", "Import again: it is uploaded anew."),
    "0x80072560": (
        "The application that signs in has no user in the environment.",
        "solsmith app-user create makes it, run by an administrator; a new one can take a minute to show.",
    ),
    "0x80072031": ("The platform did not tell what became of the request.", "Look, then run the command again."),
    "0x80097376": ("A gateway of the platform failed for a moment.", "Run the command again in some minutes."),
}
