"""Acting on behalf of another user: both must be allowed what is asked (docs: the intersection of both)."""

import dataclasses
from collections.abc import Mapping

from builder.sandbox.environment import Environment
from builder.sandbox.faults import WebApiFault, coded
from builder.sandbox.odata.literals import BadQuery, parse_guid
from builder.sandbox.records import Row
from builder.sandbox.security import Principal

_PRIVILEGE = "prvActOnBehalfOfAnotherUser"


def impersonated(environment: Environment, caller: Principal, headers: Mapping[str, str]) -> Principal:
    """Give whom the caller speaks for: itself without a header. `CallerObjectId` holds an id from Entra and wins over
    `MSCRMCallerID`, which holds a user's id. The privilege must be held by a role of one's own, not by a team's (docs,
    live); raises 0x8004a110 without it.
    """
    user = _named(environment, headers)
    if user is None or user["systemuserid"] == caller.user_id:
        return caller
    privilege = environment.privileges.id(environment.privileges.known(_PRIVILEGE))
    if privilege not in environment.roles.granted_to(caller.user_id):
        text = f"User does not have sufficient privileges to impersonate: the user {caller.user_id} is missing "
        text += f"{_PRIVILEGE} and cannot act on behalf of the user with id {user['systemuserid']}."
        raise WebApiFault(403, "0x8004a110", text)
    return dataclasses.replace(environment.admitted(user), behind=caller, _reaches={})


def _named(environment: Environment, headers: Mapping[str, str]) -> Row | None:
    for header, column in (("callerobjectid", "azureactivedirectoryobjectid"), ("mscrmcallerid", "systemuserid")):
        text = headers.get(header)
        if text is None:
            continue
        try:
            wanted = parse_guid(text)
        except BadQuery as error:
            raise WebApiFault(400, "0x80040203", f"The header {header}: {error.message}") from None
        for user in environment.store.all("systemuser"):
            if user[column] == wanted:
                return user
        raise coded("0x80072560", status=403)
    return None
