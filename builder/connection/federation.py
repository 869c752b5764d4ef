"""Workload identity federation: tokens that somebody else signs, and that Entra takes in place of a secret."""

from collections.abc import Callable
from pathlib import Path

import httpx

from builder.connection import refusals
from builder.connection.address import https_origin
from builder.connection.wire import Wire
from builder.errors import Refused, Unreachable, UnreadableInput, UsageError

AUDIENCE = "api://AzureADTokenExchange"  # what Entra expects of such a token (docs)
_FILE_LIMIT = 1 << 20
Assertion = Callable[[Wire], str]
"""Gives a fresh token each time it is asked, by requests over the wire."""


def token_file(path: Path) -> Assertion:
    """Give what reads the token from a file, anew each time: Kubernetes and others keep it fresh there."""

    def read(_: Wire) -> str:
        try:
            with path.open(encoding="ascii") as file:
                text = file.read(_FILE_LIMIT).strip()
        except (OSError, UnicodeDecodeError) as error:
            raise UnreadableInput(
                f"{path}: the federated token cannot be read", "check AZURE_FEDERATED_TOKEN_FILE"
            ) from (error)
        if not text:
            raise UnreadableInput(f"{path}: there is no federated token in it", "check AZURE_FEDERATED_TOKEN_FILE")
        return text

    return read


def github(request_url: str, request_token: str) -> Assertion:
    """Give what asks GitHub Actions for the job's token (docs: the job needs `id-token: write`)."""

    def ask(wire: Wire) -> str:
        return _ask(wire, "GET", request_url, request_token, "value", "GitHub", {"audience": AUDIENCE})

    return ask


def azure_devops(request_url: str, access_token: str, service_connection_id: str) -> Assertion:
    """Give what asks Azure Pipelines for the token of a service connection (source: azure-identity)."""

    def ask(wire: Wire) -> str:
        query = {"api-version": "7.1", "serviceConnectionId": service_connection_id}
        return _ask(wire, "POST", request_url, access_token, "oidcToken", "Azure DevOps", query)

    return ask


def _ask(wire: Wire, method: str, url: str, token: str, member: str, who: str, query: dict[str, str]) -> str:
    address = httpx.URL(url)
    if address.scheme != "https" or not address.host:
        raise UsageError(f"the address at which {who} gives tokens is no https address", "it is set by the pipeline")
    https_origin(f"https://{address.netloc.decode('ascii')}", f"{who}'s address")
    headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
    if method == "POST":
        headers["Content-Type"] = "application/json"
    try:
        answer = wire.request(method, str(address.copy_merge_params(query)), headers=headers, confidential=True)
    except httpx.HTTPError as error:
        raise Unreachable(f"{who} gave no token: {refusals.reason(error)}", refusals.NO_ANSWER_HINT) from error
    try:
        found = answer.json()[member] if answer.is_success else ""
    except (ValueError, KeyError, TypeError):
        found = ""
    if not found:
        raise Refused(
            f"{who} gave no token for this job: {answer.status_code}",
            "let the job have it: `permissions: id-token: write` on GitHub, `System.AccessToken` on Azure DevOps",
            status=answer.status_code,
        )
    return str(found)
