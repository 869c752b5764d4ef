"""XML in the form in which SolutionPackager writes it (measured on its trees, file by file).

Two blanks of indentation, no line end at the end, attributes in their order and in double quotes, white space between
elements dropped, `<a></a>` and `<a />` each kept as they were. The writer follows .NET's XmlWriter: from the first text
in an element on, nothing in it is indented.
"""

from dataclasses import dataclass
from xml.parsers import expat

from builder.errors import Fault, InputFaults
from builder.package.render import CUSTOMIZATIONS
from builder.package.spans import is_self_closed

BOM = b"\xef\xbb\xbf"
_DECLARATION = '<?xml version="1.0" encoding="utf-8"?>'
_TEXT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_VALUE = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\t": "&#x9;", "\n": "&#xA;", "\r": "&#xD;"}
)


@dataclass(frozen=True, slots=True)
class FileStyle:
    """How the files of a folder are written: their line end, and whether they begin with a byte order mark."""

    newline: str = "\r\n"
    bom: bool = True

    @classmethod
    def of(cls, data: bytes) -> "FileStyle":
        """Tell the style of a file."""
        return cls("\r\n" if b"\r\n" in data else "\n", data.startswith(BOM))


def role_files(customizations: bytes, style: FileStyle) -> list[bytes]:
    """Give the file of each role of a customizations.xml, in its order: `ImportExportXml/Roles/*` (measured).

    The namespace declarations of the document's root are appended to the role's own attributes.
    """
    texts = _RoleWriter(customizations, style.newline).read()
    return [(BOM if style.bom else b"") + text.encode() for text in texts]


@dataclass(slots=True)
class _Frame:
    """An open element: whether there was text around it, whether it keeps white space, and is written `<a />`."""

    mixed_outside: bool
    preserve: bool
    self_closed: bool
    filled: bool = False


class _RoleWriter:
    """Takes expat's events and writes those inside of roles."""

    def __init__(self, data: bytes, newline: str) -> None:
        self._data = data
        self._newline = newline
        self._files: list[str] = []
        self._path: list[str] = []
        self._namespaces: list[tuple[str, str]] = []
        self._out: list[str] = []
        self._frames: list[_Frame] = []
        self._text = ""
        self._mixed = False
        self._parser = expat.ParserCreate()
        self._parser.ordered_attributes = True
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._parser.CommentHandler = self._comment
        self._parser.ProcessingInstructionHandler = self._instruction
        self._parser.StartCdataSectionHandler = self._start_cdata
        self._parser.EndCdataSectionHandler = self._end_cdata

    def read(self) -> list[str]:
        """Give the text of each role's file; raises InputFaults."""
        try:
            self._parser.Parse(self._data, True)
        except expat.ExpatError as error:
            raise InputFaults(CUSTOMIZATIONS, [Fault(f"not well-formed: {error}", "", error.lineno)]) from None
        return self._files

    def _start(self, name: str, attributes: list[str]) -> None:
        pairs = list(zip(attributes[::2], attributes[1::2], strict=True))
        if not self._path:
            self._namespaces = [pair for pair in pairs if pair[0].split(":")[0] == "xmlns"]
        self._path.append(name)
        if len(self._path) == 3 and self._path[:2] == ["ImportExportXml", "Roles"]:
            own = {key for key, _ in pairs}
            pairs += [pair for pair in self._namespaces if pair[0] not in own]
            self._out, self._text, self._mixed = [_DECLARATION], "", False
            self._open(name, pairs)
        elif self._frames:
            self._flush()
            self._open(name, pairs)

    def _open(self, name: str, pairs: list[tuple[str, str]]) -> None:
        self._indent()
        preserve = dict(pairs).get("xml:space", "preserve" if self._keeps_blanks() else "") == "preserve"
        tag = f"<{name}" + "".join(f' {key}="{value.translate(_VALUE)}"' for key, value in pairs)
        self_closed = is_self_closed(self._data, self._parser.CurrentByteIndex)
        self._out.append(f"{tag} />" if self_closed else f"{tag}>")
        self._frames.append(_Frame(self._mixed, preserve, self_closed))

    def _end(self, name: str) -> None:
        self._path.pop()
        if not self._frames:
            return
        self._flush()
        frame = self._frames.pop()
        if not frame.self_closed:
            if frame.filled:
                self._indent(closing=True)
            self._out.append(f"</{name}>")
        self._mixed = frame.mixed_outside
        if not self._frames:
            self._files.append("".join(self._out))

    def _indent(self, *, closing: bool = False) -> None:
        """Begin a line, unless there is text around; and note that the element around holds something."""
        if not closing and self._frames:
            self._frames[-1].filled = True
        if not self._mixed:
            self._out.append(self._newline + "  " * len(self._frames))

    def _keeps_blanks(self) -> bool:
        return bool(self._frames) and self._frames[-1].preserve

    def _characters(self, text: str) -> None:
        if self._frames:
            self._text += text

    def _flush(self) -> None:
        """Write the text that has come together; mere white space only where it is to be preserved."""
        text, self._text = self._text, ""
        if text.strip(" \t\r\n") or (text and self._keeps_blanks()):
            self._out.append(self._lines(text).translate(_TEXT))
            self._mixed = True

    def _start_cdata(self) -> None:
        self._flush()

    def _end_cdata(self) -> None:
        if self._frames:
            text, self._text = self._text, ""
            self._out.append(f"<![CDATA[{self._lines(text)}]]>")
            self._mixed = True

    def _comment(self, text: str) -> None:
        if self._frames:
            self._flush()
            self._indent()
            self._out.append(f"<!--{self._lines(text)}-->")

    def _instruction(self, target: str, text: str) -> None:
        if self._frames:
            self._flush()
            self._indent()
            self._out.append(f"<?{target} {self._lines(text)}?>" if text else f"<?{target}?>")

    def _lines(self, text: str) -> str:
        """Give a text the line ends of the files; a lone CR, from a reference, becomes one too (measured)."""
        return text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", self._newline)
