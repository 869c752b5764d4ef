"""The permission sets of the admin centre's role editor, as the depths that stand behind them.

Microsoft documents what each set means to a user, but not its depths: these are *inferred* from the words (Full
access "view and edit all", Collaborate "view all, edit own", Private "view and edit own", Reference "view only").
Whoever prints an expansion has to say so.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from builder.catalogue import Privilege
from builder.model import AccessRight, Depth, plain_words


@dataclass(frozen=True, slots=True)
class PermissionSet:
    """A set by the depth of Read and that of every other right; None grants it not at all."""

    name: str
    read: Depth | None
    others: Depth | None


PERMISSION_SETS = (
    PermissionSet("Full access", Depth.GLOBAL, Depth.GLOBAL),
    PermissionSet("Collaborate", Depth.GLOBAL, Depth.BASIC),
    PermissionSet("Private", Depth.BASIC, Depth.BASIC),
    PermissionSet("Reference", Depth.GLOBAL, None),
)
_BY_WORD = {plain_words(permissions.name): permissions for permissions in PERMISSION_SETS}


def permission_set(text: str) -> PermissionSet | None:
    """Find a set by its name, however it is spelt; None where it is none."""
    return _BY_WORD.get(plain_words(text))


def expand(permissions: PermissionSet, rights: Mapping[AccessRight, Privilege]) -> dict[AccessRight, Depth]:
    """Give the depth of each right of a table that a set grants: the largest one not above the set's own.

    A right that exists only at larger depths is left out: a table that an organization owns has no "own" rows, so
    that Collaborate is Read alone on it, and Private nothing.
    """
    granted = {}
    for right, privilege in rights.items():
        asked = permissions.read if right is AccessRight.READ else permissions.others
        reachable = [depth for depth in privilege.depths if asked is not None and depth <= asked]
        if reachable:
            granted[right] = max(reachable)
    return granted
