"""MSAL's requests, sent through the one client: an end to waiting, no redirect, and no host but the authority's."""

import time
from collections.abc import Callable, Mapping
from typing import Any

import httpx

from builder.connection.address import https_origin
from builder.connection.wire import Wire
from builder.errors import Refused, UsageError

_ATTEMPTS = 4
_BUSY = frozenset({429, 500, 502, 503, 504})
_LONGEST = 60.0  # seconds that one answer may ask to wait


class Redirected(httpx.HTTPError):
    """The authority answered with a redirect: it is not followed, since the credential would go along."""


class MsalHttp:
    """What MSAL takes as its http_client. `authority_host` None: no credential is sent, so any address will do (the
    machine's own, for a managed identity). A token may be asked for twice: what fails for the moment is asked again."""

    def __init__(self, wire: Wire, authority_host: str | None, sleep: Callable[[float], None] = time.sleep) -> None:
        self._wire, self._host, self._sleep = wire, authority_host, sleep

    def get(
        self, url: str, params: Mapping[str, Any] | None = None, headers: Mapping[str, str] | None = None, **_: Any
    ) -> httpx.Response:
        """Send MSAL's GET."""
        return self._send("GET", url, params=params, headers=headers)

    def post(
        self,
        url: str,
        params: Mapping[str, Any] | None = None,
        data: Any = None,
        headers: Mapping[str, str] | None = None,
        **_: Any,
    ) -> httpx.Response:
        """Send MSAL's POST."""
        return self._send("POST", url, params=params, data=_form(data), headers=headers)

    def close(self) -> None:
        """End the connections."""
        self._wire.close()

    def _send(self, method: str, url: str, **request: Any) -> httpx.Response:
        self._keep_to_authority(url)
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                response = self._wire.request(method, url, confidential=True, **request)
            except (httpx.TimeoutException, httpx.NetworkError, httpx.RemoteProtocolError):
                if attempt == _ATTEMPTS:
                    raise
                self._sleep(0.5 * 2**attempt)
                continue
            if response.is_redirect or 300 <= response.status_code < 400:
                raise Redirected("a redirect")
            if response.status_code not in _BUSY or attempt == _ATTEMPTS:
                return response
            asked = response.headers.get("retry-after", "")
            self._sleep(min(float(asked), _LONGEST) if asked.isdecimal() else 0.5 * 2**attempt)
        raise AssertionError("the last attempt returns or raises")

    def _keep_to_authority(self, url: str) -> None:
        if self._host is None:
            return
        parts = httpx.URL(url)
        try:
            origin = https_origin(f"{parts.scheme}://{parts.netloc.decode('ascii')}", "the authority host")
        except UsageError:
            origin = ""
        if origin != self._host:
            raise Refused(
                f"{self._host} names an address elsewhere for the sign-in; no credential is sent there",
                "check --authority-host",
            )


def _form(data: Any) -> Any:
    """Spell a form as requests would: bytes as text, and nothing for what is None."""
    if not isinstance(data, Mapping):
        return data
    return {
        name: value.decode("ascii") if isinstance(value, bytes) else value
        for name, value in data.items()
        if value is not None
    }
