"""A connection opened: the environment's tenant is asked for before any token is sent to it."""

import base64
import binascii
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from builder.connection.credentials import Identity, Tokens
from builder.connection.http import Connection
from builder.connection.http_log import HttpLog
from builder.connection.wire import Wire
from builder.errors import Refused


@contextmanager
def open_connection(
    url: str,
    identity: Identity,
    *,
    ca_file: Path | None = None,
    log: HttpLog | None = None,
    on_wait: Callable[[str], None] = lambda _: None,
) -> Iterator[Connection]:
    """Open a connection to an environment as an identity; sign-in and API share one client.

    Nothing is sent yet. The first request raises Refused where environment and token are of different tenants: then the
    token was not sent.
    """
    wire = Wire(ca_file, log=log)
    try:
        tokens = _CheckedTokens(Tokens(identity, url, wire=wire))
        with Connection(url, tokens, wire=wire, on_wait=on_wait) as connection:
            tokens.connection = connection
            yield connection
    finally:
        wire.close()


class _CheckedTokens:
    """Tokens of which none is given away before it is known to be of the environment's own tenant."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self._checked = False
        self.connection: Connection | None = None

    def token(self) -> str:
        token = self._tokens.token()
        if not self._checked and self.connection is not None:
            own = tenant_of(token) or self._tokens.identity.tenant_id
            check_tenant(self.connection.origin, self.connection.tenant, own)
            self._checked = True
        return token

    def renew(self) -> None:
        self._tokens.renew()

    def close(self) -> None:
        self._tokens.close()


def check_tenant(origin: str, environment: str, token: str) -> None:
    """Raise Refused where the environment's tenant (a GUID) is not the one that the token is of."""
    if environment != token.lower():
        raise Refused(
            f"{origin} belongs to tenant {environment}, and the sign-in is one of tenant {token}: nothing was sent",
            "check --url and --tenant-id: they must be of one customer",
        )


def tenant_of(token: str) -> str:
    """Read the tenant's GUID (`tid`) out of an access token without checking it; "" where it cannot be read."""
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return str(claims.get("tid") or "").lower()
    except (IndexError, ValueError, binascii.Error, AttributeError):
        return ""
