"""The missing dependencies of solution.xml: what the package needs from other solutions."""

from collections.abc import Iterator

from lxml import etree

from builder.validation.subject import Subject


def dependencies(subject: Subject) -> Iterator[tuple[etree._Element, etree._Element, etree._Element]]:
    """Give each `<MissingDependency>` with its `<Required>` and `<Dependent>`, where it has both."""
    if subject.solution is None:
        return
    for item in subject.solution.iterfind("SolutionManifest/MissingDependencies/MissingDependency"):
        required, dependent = item.find("Required"), item.find("Dependent")
        if required is not None and dependent is not None:
            yield item, required, dependent


def component_of(end: etree._Element) -> str:
    """Name the component at one end of a dependency: schemaName, id, or a dotted one such as id.uniquename; "" if none.

    (Measured on 32,675 dependencies.)
    """
    names = [end.get("schemaName", ""), end.get("id", ""), *(v for k, v in end.items() if str(k).startswith("id."))]
    return next((str(name) for name in names if name), "")
