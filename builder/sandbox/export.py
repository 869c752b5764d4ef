"""Export an unmanaged solution: the package it came with, its roles and its version as they are now."""

import io
import zipfile

from lxml import etree

from builder.sandbox.components import ROLE, Components
from builder.sandbox.environment import Environment
from builder.sandbox.faults import coded, not_here
from builder.sandbox.records import Row

_STAMP = (2020, 1, 1, 0, 0, 0)


def export_solution(environment: Environment, solution: Row, managed: bool) -> bytes:
    """Give the zip; raises 0x80048036 for a managed solution."""
    if solution["ismanaged"]:
        raise coded("0x80048036")
    if not solution.get("content"):
        raise not_here("exporting a solution that was described and not imported")
    with zipfile.ZipFile(io.BytesIO(solution["content"])) as archive:
        members = {info.filename: archive.read(info) for info in archive.infolist() if not info.is_dir()}
    members["solution.xml"] = _manifest(members["solution.xml"], solution, managed)
    members["customizations.xml"] = _customizations(members["customizations.xml"], environment, solution)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            info = zipfile.ZipInfo(name, _STAMP)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, data)
    return file.getvalue()


def _manifest(data: bytes, solution: Row, managed: bool) -> bytes:
    root = etree.fromstring(data)
    manifest = root.find("SolutionManifest")
    if manifest is None:
        raise TypeError("what was imported has a manifest")
    for name, value in (("Version", solution["version"]), ("Managed", str(int(managed)))):
        element = manifest.find(name)
        if element is not None:
            element.text = value
    return etree.tostring(root, encoding="utf-8")


def _customizations(data: bytes, environment: Environment, solution: Row) -> bytes:
    root = etree.fromstring(data)
    holder = root.find("Roles")
    if holder is None:
        return data
    keys = Components(environment).keys_of(solution["solutionid"])
    roles = [environment.store.get("role", key) for kind, key in keys if kind == ROLE]
    for element in list(holder):
        holder.remove(element)
    for role in sorted(roles, key=lambda row: row["name"]):
        holder.append(_role(environment, role))
    return etree.tostring(root, encoding="utf-8")


def _role(environment: Environment, role: Row) -> etree._Element:
    element = etree.Element("Role", id=f"{{{role['roleid']}}}", name=role["name"])
    etree.SubElement(element, "IsCustomizable").text = str(int(role["iscustomizable"]["Value"]))
    privileges = etree.SubElement(element, "RolePrivileges")
    known = environment.privileges
    named = ((known.by_id(key), depth) for key, depth in environment.roles.grants(role["roleid"]).items())
    for name, level in sorted(((p.name, depth.level) for p, depth in named if p), key=lambda pair: pair[0].lower()):
        etree.SubElement(privileges, "RolePrivilege", name=name, level=level)
    return element
