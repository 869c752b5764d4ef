"""The words of a spec's grants: lists of names, rights and depths, each with the place where it stands."""

from builder.document import Document, Path_
from builder.model import ALL_RIGHTS, AccessRight, Depth
from builder.solution.permission_sets import PERMISSION_SETS, permission_set
from builder.text import printable

KNOWN_RIGHTS = f"Known: {', '.join(right.words for right in ALL_RIGHTS)}."


class Terms:
    """Reads such words from a document, noting in it what is at fault."""

    def __init__(self, document: Document) -> None:
        self._document = document

    def right(self, word: str, path: Path_) -> AccessRight | None:
        """Read a right."""
        try:
            return AccessRight.parse(word)
        except ValueError:
            message, hint = f"there is no right `{printable(word)}`", KNOWN_RIGHTS
            if permissions := permission_set(word):
                message, hint = f"`{permissions.name}` stands for all rights", "Write it alone, without other rights."
            self._document.fault(path, message, hint)
            return None

    def depth(self, *paths: Path_) -> Depth | None:
        """Read a depth at the first of the paths that has one."""
        for path in paths:
            text = self._document.get(*path)
            if text is None:
                continue
            try:
                return Depth.parse(text)
            except ValueError:
                known = ", ".join(depth.words for depth in Depth)
                self._document.fault(path, f"there is no depth `{printable(text)}`", f"Known: {known}.")
                self._document.unsound.add(path)
        return None

    def missing_depth(self, path: Path_, *paths: Path_) -> None:
        """Say that a grant has no depth, unless it has one that is at fault."""
        if not set(paths) & self._document.unsound:
            self._document.fault(path, "no `depth`: how far does this reach?", "Say it here, or for the whole role.")

    def rights(self, path: Path_, *depths: Path_) -> dict[AccessRight, Depth]:
        """Read `allow` of the grant at a path: rights with the depth at the first of `depths`, or with their own."""
        where = (*path, "allow")
        allow = self._document.get(*where)
        if allow is None:
            if where not in self._document.unsound:
                sets = ", ".join(permissions.name for permissions in PERMISSION_SETS)
                hint = f"{KNOWN_RIGHTS} Or a permission set: {sets}."
                self._document.fault(path, "`allow` is missing: which rights on these tables?", hint)
            return {}
        rights: dict[AccessRight, Depth] = {}
        if isinstance(allow, dict):
            for word in allow:
                right, own = self.right(word, (*where, word)), self.depth((*where, word))
                if right in rights:
                    self._document.fault((*where, word), f"{right.words} stands here twice", "Keep one of them.")
                if right and own:
                    rights[right] = own
            return rights
        depth = self.depth(*depths)
        if depth is None:
            self.missing_depth(path, *depths)
        for word, place in self._document.names(*where):
            if (right := self.right(word, place)) and depth:
                rights[right] = depth
        return rights
