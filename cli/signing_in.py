"""How the administrator signs in: what was said, or what the environment's variables give."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from builder.errors import UsageError
from builder.text import printable
from cli.output import tell

if TYPE_CHECKING:
    from builder.connection.credentials import Credential
    from builder.connection.federation import Assertion

_PASSWORD = "AZURE_CLIENT_CERTIFICATE_PASSWORD"  # noqa: S105 - a variable's name


def kind_of(said: str | None, certificate: Path | None) -> str:
    """Give the way to sign in; "" where nothing is set. Nothing that shows a window is ever chosen by itself."""
    if said:
        return said
    if certificate is not None:
        return "certificate"
    if os.environ.get("AZURE_CLIENT_SECRET"):
        return "secret"
    return "federated" if os.environ.get("AZURE_FEDERATED_TOKEN_FILE") else ""


def credential_of(kind: str, certificate: Path | None) -> "Credential":
    """Give the credential; raises UsageError where a variable is missing."""
    from builder.connection import credentials

    if kind == "certificate":
        if certificate is None:
            raise UsageError("there is no certificate to sign in with", "say --client-certificate FILE")
        return credentials.CertificateFile(certificate, os.environ.get(_PASSWORD))
    if kind == "secret":
        return credentials.ClientSecret(_variable("AZURE_CLIENT_SECRET"))
    if kind == "federated":
        return credentials.Federation(_assertion())
    if kind == "managed-identity":
        return credentials.ManagedIdentity()
    return credentials.Person(lambda text: tell(printable(text)), browser=kind == "browser")


def _assertion() -> "Assertion":
    from builder.connection import federation

    if file := os.environ.get("AZURE_FEDERATED_TOKEN_FILE"):
        return federation.token_file(Path(file))
    if url := os.environ.get("ACTIONS_ID_TOKEN_REQUEST_URL"):
        return federation.github(url, _variable("ACTIONS_ID_TOKEN_REQUEST_TOKEN"))
    if url := os.environ.get("SYSTEM_OIDCREQUESTURI"):
        connection = _variable("AZURESUBSCRIPTION_SERVICE_CONNECTION_ID")
        return federation.azure_devops(url, _variable("SYSTEM_ACCESSTOKEN"), connection)
    raise UsageError(
        "there is no federated token here",
        "set AZURE_FEDERATED_TOKEN_FILE; on GitHub give the job `permissions: id-token: write`; on Azure DevOps hand "
        "SYSTEM_ACCESSTOKEN and AZURESUBSCRIPTION_SERVICE_CONNECTION_ID to the step",
    )


def _variable(name: str) -> str:
    value = os.environ.get(name)
    if not value:
        raise UsageError(f"the variable {name} is not set", "it is needed for this way to sign in")
    return value
