"""What a table's folder, Other/Relationships and the texts of e-mail templates hold, back in their places."""

from pathlib import PurePosixPath

from builder.errors import Fault
from builder.package.packager.kinds import ENTITY_PARTS, Nested
from builder.package.packager.nodes import Element
from builder.package.packager.parts import PartFiles, by_name
from builder.package.packager.tree import RELATIONSHIPS_FILE, check_path
from builder.text import printable


def fill_table(parts: PartFiles, entity: Element, folder: str) -> None:
    """Load the nested parts of a table."""
    nested = {part.element: part for part in ENTITY_PARTS}
    for index, child in enumerate(entity.children):
        if isinstance(child, Element) and child.name in nested and not child.elements:
            entity.children[index] = _nested(parts, nested[child.name], child, folder)


def _nested(parts: PartFiles, nested: Nested, element: Element, folder: str) -> Element:
    if not nested.item:
        file = f"{folder}/{nested.place}"
        part = parts.part(file) if parts.files.has(file) else None
        return part if part is not None else element
    place = nested.place.partition("/")[0]
    depth = nested.place.count("/") * "/*"
    pattern = f"{folder}/{place}{depth}.xml"
    found = parts.choose(f"{folder}/{place}", pattern, apart="{managed}" in nested.place)
    groups: dict[str, Element] = {}
    for file in by_name(found):
        if (root := parts.part(file)) is None:
            continue
        if not nested.root:
            element.children.append(root)
            continue
        kind = PurePosixPath(file).parent.name if "group@" in nested.place else ""
        if kind not in groups:
            groups[kind] = Element(nested.root, {"type": kind} if kind else {})
            element.children.append(groups[kind])
        groups[kind].children += root.children
    return element


def fill_relationships(parts: PartFiles, element: Element) -> None:
    """Put the full relationships into the order of the list."""
    listed = parts.parse(RELATIONSHIPS_FILE) if parts.files.has(RELATIONSHIPS_FILE) else None
    full: dict[str, Element] = {}
    for file in parts.files.below("Other/Relationships"):
        if (document := parts.parse(file)) is not None:
            parts.hoisted(document.root)
            full.update({item.attributes.get("Name", ""): item for item in document.root.elements})
    for child in listed.root.children if listed else ():
        element.children.append(_full(parts, child, full) if isinstance(child, Element) else child)
    if listed:
        parts.hoisted(listed.root)
    for name, item in full.items():
        if not parts.options.exact:
            message = f"the relationship {printable(name)} is not in the list, which gives the order: it goes last"
            parts.notes.append(Fault(message, RELATIONSHIPS_FILE, item.line))
            element.children.append(item)


def _full(parts: PartFiles, listed: Element, full: dict[str, Element]) -> Element:
    """Take the full form of a listed relationship."""
    name = listed.attributes.get("Name", "")
    if name not in full:
        message = f"the relationship {printable(name)} is listed, and in no file of Other/Relationships"
        parts.faults.append(Fault(message, RELATIONSHIPS_FILE, listed.line))
    return full.pop(name, listed)


# The texts of an e-mail template, in files of Templates/EmailDocuments/LANGUAGE/ID (measured on 2 packages).
_TEMPLATE_TEXTS = {
    "subject": "subject.xsl",
    "body": "body.xsl",
    "subjectpresentationxml": "subjectpresentationxml.xml",
    "presentationxml": "presentationxml.xml",
}


def fill_template(parts: PartFiles, part: Element) -> None:
    """Put the texts of e-mail templates back into the elements that they were taken out of."""
    for template in part.walk():
        identity, language = template.text("templateid"), template.text("languagecode")
        if not identity or not language:
            continue
        for child in template.elements:
            file = f"Templates/EmailDocuments/{language}/{identity}/{_TEMPLATE_TEXTS.get(child.name, '')}"
            if child.name in _TEMPLATE_TEXTS and not child.children and parts.files.has(file):
                check_path(file, file)
                parts.used.add(file)
                child.children = [parts.files.read(file).decode("utf-8-sig", "replace").replace("\r\n", "\n")]
