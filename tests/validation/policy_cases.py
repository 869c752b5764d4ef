"""Policies, and edits of the reference spec that break them, or nearly do. A new one is a new line."""

from typing import NamedTuple

# fmt: off
# ruff: noqa: E501
Swap = tuple[str, str]
RISE: Swap = ("version: 1.0.1.365", "version: 1.0.2.365")
NONE: Swap = ("", "")
READ_MORE: Swap = ("tables: opportunity, systemuser", "tables: opportunity, incident, systemuser")
NARROWER: Swap = ("append, append to", "append, append to\n        depth: Business Unit")
APPROVED = "no_widening: true\napprovals: [{{role: {role}, privileges: {privileges}, depth: {depth}, by: Jo, reason: agreed, until: {until}}}]"
ROLE = "Net-Results Sync for Dynamics 365"


def approval(*, role: str = ROLE, privileges: str = "prvReadIncident", depth: str = "Organization", until: str = "2030-01-01") -> str:
    return APPROVED.format(role=role, privileges=privileges, depth=depth, until=until)


class Case(NamedTuple):
    """A policy, what is changed in the spec, what the line the finding stands on says, and the spec before (None: not given)."""

    rule: str
    what: str
    policy: str
    change: Swap = NONE
    line: str = ""
    before: Swap | None = None


BAD = (
    Case("SOL901", "a role's depth", "max_depth: Business Unit", NONE, "    depth: Organization"),
    Case("SOL901", "a right's own depth", "max_depth: Business Unit\nmax_depth_except: [opportunity, systemuser]", ("allow: create, read, write, append, append to", "allow: {create: User, read: User, write: Organization}"), "allow: {create: User, read: User, write: Organization}"),
    Case("SOL901", "one of many covered tables excepted", "max_depth: User\nmax_depth_except: contact", NONE, "    depth: Organization"),
    Case("SOL902", "by name", "forbid: [{privileges: prvReadAuditSummary}]", NONE, "privileges: View Audit Summary"),
    Case("SOL902", "in words", "forbid: [{privileges: View Audit Summary, reason: no}]", NONE, "privileges: View Audit Summary"),
    Case("SOL902", "by pattern", "forbid: [{privileges: prv*AuditSummary}]", NONE, "privileges: View Audit Summary"),
    Case("SOL902", "to act for others", "extends: application-user", ("privileges: View Audit Summary", "privileges: Act on Behalf of Another User"), "privileges: Act on Behalf of Another User"),
    Case("SOL903", "anywhere", "forbid: [{rights: delete, tables: any}]", ("allow: read", "allow: read, delete"), "allow: read, delete"),
    Case("SOL903", "on a table", "forbid: [{rights: read, tables: opportunity}]", NONE, "allow: read"),
    Case("SOL903", "on a table that another's privilege covers", "forbid: [{rights: write, tables: email}]", NONE, "allow: create, read, write, append, append to"),
    Case("SOL904", "organization-wide write", "forbid: [{rights: write, tables: account, beyond: Business Unit}]", NONE, "    depth: Organization"),
    Case("SOL904", "the narrowest of two", "forbid: [{rights: read, tables: lead, beyond: Organization}, {rights: read, tables: any, beyond: User}]", NONE, "    depth: Organization"),
    Case("SOL905", "by name", "required_roles: [Contoso Sync]", NONE, "roles:"),
    Case("SOL906", "another one", "allowed_publishers: [contoso]", NONE, "unique_name: netresults"),
    Case("SOL907", "the same", "version_must_rise: true", NONE, "version: 1.0.1.365", NONE),
    Case("SOL907", "lower", "version_must_rise: true", NONE, "version: 1.0.1.365", RISE),
    Case("SOL908", "a table", "no_widening: true", READ_MORE, "tables: opportunity, incident, systemuser", NONE),
    Case("SOL908", "a right", "no_widening: true", ("append to", "append to, assign"), "append to, assign", NONE),
    Case("SOL908", "a depth", "no_widening: true", NONE, "    depth: Organization", NARROWER),
    Case("SOL908", "a privilege", "no_widening: true", ("privileges: View Audit Summary", "privileges: View Audit Summary, Print"), "privileges: View Audit Summary, Print", NONE),
    Case("SOL908", "inheritance", "no_widening: true", NONE, "- name: Net-Results Sync for Dynamics 365", ("Direct User (Basic) access level and Team privileges", "Team privileges only")),
    Case("SOL908", "a new role", "no_widening: true", ("key: sync ", "key: other "), ": ", ("name: Net-Results Sync for Dynamics 365\n    key", "name: Another\n    key")),
    Case("SOL908", "approved for another role", approval(role="Other"), READ_MORE, "tables: opportunity, incident", NONE),
    Case("SOL908", "approved for another privilege", approval(privileges="prvWriteIncident"), READ_MORE, "tables: opportunity, incident", NONE),
    Case("SOL908", "approved less deep", approval(depth="Business Unit"), READ_MORE, "tables: opportunity, incident", NONE),
    Case("SOL908", "approved in the past", approval(until="2026-11-22"), READ_MORE, "tables: opportunity, incident", NONE),
    Case("SOL909", "none given", "no_widening: true"),
    Case("SOL910", "renamed", "no_widening: true", ("unique_name: NetResultsSyncforDynamics365", "unique_name: Renamed"), "unique_name: Renamed", NONE),
)

GOOD = (
    Case("SOL901", "no narrower depth exists", "max_depth: Business Unit\nmax_depth_except: [account, activitypointer, contact, lead, opportunity, systemuser]"),
    Case("SOL902", "another privilege", "forbid: [{privileges: prvBulkDelete}]"),
    Case("SOL903", "no such right", "forbid: [{rights: delete, tables: any}]"),
    Case("SOL903", "beyond is another rule's", "forbid: [{rights: read, tables: any, beyond: User}]"),
    Case("SOL904", "as deep as allowed", "forbid: [{rights: write, tables: account, beyond: Organization}]"),
    Case("SOL905", "there, in another case", "required_roles: [NET-RESULTS Sync for Dynamics 365]"),
    Case("SOL906", "there, in another case", "allowed_publishers: [contoso, NetResults]"),
    Case("SOL907", "higher", "version_must_rise: true", RISE, before=NONE),
    Case("SOL908", "no change", "no_widening: true", before=NONE),
    Case("SOL908", "narrower", "no_widening: true", NARROWER, before=NONE),
    Case("SOL908", "fewer", "no_widening: true", before=READ_MORE),
    Case("SOL908", "renamed, with the same id", "no_widening: true", ("name: Net-Results Sync for Dynamics 365\n    key", "name: Another\n    key"), before=NONE),
    Case("SOL908", "approved", approval(), READ_MORE, before=NONE),
    Case("SOL908", "approved until today", approval(until="2026-11-23"), READ_MORE, before=NONE),
    Case("SOL909", "given", "no_widening: true", before=NONE),
    Case("SOL909", "not asked for", "forbid: [{rights: delete, tables: any}]"),
    Case("SOL910", "in another case", "no_widening: true", before=("unique_name: NetResultsSyncforDynamics365", "unique_name: netresultssyncfordynamics365")),
)
