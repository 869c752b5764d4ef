"""overlay.yaml -> Overlay."""

from collections.abc import Iterator
from pathlib import Path

from builder.document import Document, Path_, read_document
from builder.model import AccessRight, Depth, Version
from builder.solution.overlay import ALL, Addition, DepthOf, Overlay, Place, Removal, items, known_depths
from builder.text import printable

SCHEMA = "overlay.schema.json"


def read_overlay(path: Path) -> Overlay:
    """Read an overlay file; raises UnreadableInput, and InputFaults with every fault of its form."""
    document = read_document(path, SCHEMA)
    reader = _FileReader(document)
    overlay = reader.read()
    document.raise_faults()
    return overlay


class _FileReader:
    def __init__(self, document: Document) -> None:
        self._document = document
        self._get = document.get

    def read(self) -> Overlay:
        """Give what the file says, noting faults in the document."""
        version = self._get("version")
        return Overlay(
            depth=self._depth("depth"),
            depths=tuple(self._depths()),
            without=tuple(self._without()),
            additions=(*self._read(), *self._grant()),
            roles=tuple(_words(self._get("roles"))),
            allow_widening=self._get("allow_widening", default=False),
            as_variant=self._get("as_variant", default=""),
            version=Version.parse(version) if version else None,
            document=self._document,
        )

    def _place(self, *path: str | int) -> Place:
        return Place(self._document.source, self._document.line(path))

    def _keys(self, *path: str) -> list[str]:
        return [key for key in self._get(*path, default={}) if (*path, key) not in self._document.unsound]

    def _depth(self, *path: str | int) -> Depth | None:
        text = self._get(*path)
        if text is None:
            return None
        try:
            return Depth.parse(str(text))
        except ValueError:
            self._document.fault(path, f"there is no depth `{printable(str(text))}`", known_depths())
            return None

    def _right(self, text: str, path: Path_) -> AccessRight | None:
        try:
            return AccessRight.parse(text)
        except ValueError:
            self._document.fault(path, f"there is no right `{printable(text)}`", "Such as read, write, delete.")
            return None

    def _depths(self) -> Iterator[DepthOf]:
        for target in self._keys("depths"):
            if (depth := self._depth("depths", target)) is not None:
                yield DepthOf(target, depth, self._place("depths", target))

    def _read(self) -> Iterator[Addition]:
        if isinstance(self._get("read"), str):
            for word in _words(self._get("read")):
                yield Addition(word, AccessRight.READ, None, self._place("read"))
        for path in self._document.each("read"):
            item = self._get(*path)
            about = item if isinstance(item, dict) else {"table": item}
            depth = self._depth(*path, "depth") if isinstance(item, dict) else None
            reason = str(about.get("reason") or "")
            yield Addition(str(about["table"]), AccessRight.READ, depth, self._place(*path), reason)

    def _without(self) -> Iterator[Removal]:
        for target in self._keys("without"):
            place = self._place("without", target)
            for word in _words(self._get("without", target)):
                if word.lower() == ALL:
                    yield Removal(target, None, place)
                elif (right := self._right(word, ("without", target))) is not None:
                    yield Removal(target, right, place)

    def _grant(self) -> Iterator[Addition]:
        for table in self._keys("grant"):
            for word in self._keys("grant", table):
                path = ("grant", table, word)
                right, depth = self._right(word, path), self._depth(*path)
                if right is not None and depth is not None:
                    yield Addition(table, right, depth, self._place(*path))


def _words(value: str | list[str] | None) -> list[str]:
    return items([value]) if isinstance(value, str) else items(value or [])
