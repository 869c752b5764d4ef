"""A policy file, or the name of a policy that solsmith brings -> Policy.

Its form is schemas/policy.schema.json. A word that the catalogue does not know is a fault: a policy with a slip of the
pen would forbid nothing, and nobody would notice.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path

from builder.catalogue import Catalogue, load
from builder.document import Document, Path_, read_document
from builder.errors import UsageError
from builder.model import ALL_RIGHTS, AccessRight, Depth
from builder.text import printable
from builder.validation.policy.model import Approval, ForbiddenPrivileges, ForbiddenRights, Policy

SCHEMA = "policy.schema.json"
ANY = "any"
_BROUGHT = Path(__file__).resolve().parent / "brought"


def brought_policies() -> dict[str, Path]:
    """Give the policies that solsmith brings, by name."""
    return {path.stem: path for path in sorted(_BROUGHT.glob("*.yaml"))}


def find_policy(text: str, folder: Path) -> Policy:
    """Read the policy of a name, or the file that a path from a folder leads to; raises as read_policy does."""
    brought = brought_policies()
    path = brought.get(text) or folder / text
    if text not in brought and not path.exists():
        raise UsageError(
            f"there is no policy {printable(text)}", f"Name a file, or one of those brought: {', '.join(brought)}."
        )
    return read_policy(path)


def read_policy(path: Path) -> Policy:
    """Read a policy file; raises UnreadableInput, and InputFaults with every fault."""
    document = read_document(path, SCHEMA)
    policy = _Reader(document, load()).read()
    document.raise_faults()
    return policy


class _Reader:
    def __init__(self, document: Document, catalogue: Catalogue) -> None:
        self._document = document
        self._catalogue = catalogue

    def read(self) -> Policy:
        """Give what the file says, on top of the policies that it extends; faults are noted in the document."""
        get = self._document.get
        forbid = [self._forbidden(path) for path in self._document.each("forbid")]
        own = Policy(
            name=get("name", default=Path(self._document.source).stem),
            description=get("description", default=""),
            max_depth=self._depth("max_depth"),
            max_depth_except=tuple(self._tables("max_depth_except")),
            forbidden_privileges=tuple(item for item in forbid if isinstance(item, ForbiddenPrivileges)),
            forbidden_rights=tuple(item for item in forbid if isinstance(item, ForbiddenRights)),
            required_roles=tuple(get("required_roles", default=())),
            allowed_publishers=tuple(get("allowed_publishers", default=())),
            version_must_rise=get("version_must_rise", default=False),
            no_widening=get("no_widening", default=False),
            approvals=tuple(filter(None, map(self._approval, self._document.each("approvals")))),
        )
        for word, where in self._document.names("extends"):
            own = self._extended(own, word, where)
        return own

    def _extended(self, own: Policy, word: str, where: Path_) -> Policy:
        path = brought_policies().get(word)
        if path is None:
            known = ", ".join(brought_policies())
            self._document.fault(where, f"there is no policy `{printable(word)}` to extend", f"Known: {known}.")
            return own
        return _stricter(own, read_policy(path))

    def _forbidden(self, path: Path_) -> ForbiddenPrivileges | ForbiddenRights | None:
        entry = self._document.get(*path, default={})
        reason = str(entry.get("reason") or "")
        if ("privileges" in entry) == ("rights" in entry):
            self._document.fault(path, "what is forbidden names either `privileges`, or `rights` on `tables`")
            return None
        if "privileges" in entry:
            for key in ("tables", "beyond"):
                if key in entry:
                    self._document.fault((*path, key), f"`{key}` goes with `rights`", "Remove it, or name `rights`.")
            words = tuple(word for word, _ in self._document.names(*path, "privileges"))
            return ForbiddenPrivileges(frozenset(self._privileges(*path, "privileges")), words, reason)
        if "tables" not in entry:
            self._document.fault(path, "`tables` is missing", f"Name tables by logical name, or write `{ANY}`.")
        everywhere = str(entry.get("tables", "")).strip().lower() == ANY
        tables = None if everywhere else tuple(self._tables(*path, "tables"))
        return ForbiddenRights(tuple(self._rights(*path, "rights")), tables, self._depth(*path, "beyond"), reason)

    def _privileges(self, *path: str | int) -> Iterator[str]:
        """Give the lower-case names of privileges: named in full, in the admin centre's words, or with `*`."""
        for word, where in self._document.names(*path):
            known = self._catalogue.named(word)
            if "*" in word:
                found = [each.name.lower() for each in self._catalogue if fnmatchcase(each.name.lower(), word.lower())]
                if not found:
                    self._document.fault(where, f"no privilege is called like `{printable(word)}`")
                yield from found
            elif known:
                yield known.name.lower()
            elif word.lower().startswith("prv") and "_" in word:  # a custom table's, which nobody can look up here
                yield word.lower()
            else:
                near = self._catalogue.nearest_privilege(word) or self._catalogue.nearest_named(word)
                hint = f"Did you mean {near}?" if near else "`solsmith catalogue show` lists what can be granted."
                self._document.fault(where, f"there is no privilege `{printable(word)}`", hint)

    def _tables(self, *path: str | int) -> Iterator[str]:
        for word, where in self._document.names(*path):
            table = self._catalogue.table(word)
            if table:
                yield table.name
            elif "_" in word:  # a custom table's logical name
                yield word.lower()
            else:
                near = self._catalogue.nearest_table(word)
                self._document.fault(
                    where, f"there is no table `{printable(word)}`", f"Did you mean {near}?" if near else ""
                )

    def _rights(self, *path: str | int) -> Iterator[AccessRight]:
        for word, where in self._document.names(*path):
            try:
                yield AccessRight.parse(word)
            except ValueError:
                known = ", ".join(right.words for right in ALL_RIGHTS)
                self._document.fault(where, f"there is no right `{printable(word)}`", f"Known: {known}.")

    def _depth(self, *path: str | int) -> Depth | None:
        text = self._document.get(*path)
        try:
            return None if text is None else Depth.parse(text)
        except ValueError:
            known = ", ".join(depth.words for depth in Depth)
            self._document.fault(path, f"there is no depth `{printable(text)}`", f"Known: {known}.")
            return None

    def _approval(self, path: Path_) -> Approval | None:
        entry = self._document.get(*path, default={})
        depth, privileges = self._depth(*path, "depth"), frozenset(self._privileges(*path, "privileges"))
        try:
            until = date.fromisoformat(str(entry.get("until", "")))
        except ValueError:
            if "until" in entry and (*path, "until") not in self._document.unsound:
                self._document.fault((*path, "until"), "`until` is no day of the calendar", "Write 2030-12-31.")
            return None
        if not (depth and privileges and {"role", "by", "reason"} <= entry.keys()):
            return None  # told above, or by the schema
        role = str(entry["role"]).strip().strip("{}")
        return Approval(role, privileges, depth, entry["by"], entry["reason"], until)


def _stricter(own: Policy, base: Policy) -> Policy:
    """Join two policies: what either forbids is forbidden. Exceptions and approvals are those of the first."""
    depths = [policy.max_depth for policy in (own, base) if policy.max_depth]
    return replace(
        own,
        max_depth=min(depths, default=None),
        forbidden_privileges=(*own.forbidden_privileges, *base.forbidden_privileges),
        forbidden_rights=(*own.forbidden_rights, *base.forbidden_rights),
        required_roles=tuple(dict.fromkeys((*own.required_roles, *base.required_roles))),
        allowed_publishers=own.allowed_publishers or base.allowed_publishers,
        version_must_rise=own.version_must_rise or base.version_must_rise,
        no_widening=own.no_widening or base.no_widening,
    )
