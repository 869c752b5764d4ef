"""Connection settings: the administrator's (`AZURE_*`) and the application's (`SOLSMITH_APP_*`), never mixed up."""

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from builder.errors import UsageError
from builder.text import printable
from cli.output import tell

if TYPE_CHECKING:
    from builder.connection.credentials import CertificateFile, Credential
    from builder.connection.http import Connection
    from builder.connection.http_log import HttpLog

Command = Callable[..., Any]
_FILE = click.Path(dir_okay=False, path_type=Path)

# Parameter, option, variable, what it is. Secrets have a variable only: options show in process lists.
_ENVIRONMENT = (
    ("url", "--url", "DATAVERSE_URL", "The environment's address: https://ORG.crm4.dynamics.com."),
    ("tenant_id", "--tenant-id", "AZURE_TENANT_ID", "The Entra tenant: GUID or domain."),
    ("authority_host", "--authority-host", "AZURE_AUTHORITY_HOST", "Where to sign in: the public cloud by default."),
    ("ca_file", "--ca-file", "SOLSMITH_CA_FILE", "Trust this certificate authority (PEM)."),
)
_ADMINISTRATOR = (
    ("client_id", "--client-id", "AZURE_CLIENT_ID", "The administrator's application (client) id."),
    (
        "client_certificate",
        "--client-certificate",
        "AZURE_CLIENT_CERTIFICATE_PATH",
        "Its certificate with private key, PEM or PFX; the password stands in AZURE_CLIENT_CERTIFICATE_PASSWORD. "
        "Without one, the secret in AZURE_CLIENT_SECRET is used.",
    ),
)
_SIGN_IN = (
    (
        "sign_in",
        "--sign-in",
        "SOLSMITH_SIGN_IN",
        "How the administrator signs in: by certificate, secret, federated (a token of GitHub, Azure DevOps or "
        "AZURE_FEDERATED_TOKEN_FILE), managed-identity, device-code or browser; by default by what is set.",
    ),
)
_APPLICATION = (
    (
        "app_client_id",
        "--app-client-id",
        "SOLSMITH_APP_CLIENT_ID",
        "The application whose user is meant: its client id.",
    ),
    (
        "app_certificate",
        "--app-certificate",
        "SOLSMITH_APP_CERTIFICATE_PATH",
        "The application's certificate with private key, PEM or PFX; the password stands in "
        "SOLSMITH_APP_CERTIFICATE_PASSWORD.",
    ),
)
KINDS = ("certificate", "secret", "federated", "managed-identity", "device-code", "browser")
_FILES = {"ca_file", "client_certificate", "app_certificate"}


@dataclass(frozen=True, slots=True)
class Administrator:
    """Who administers which environment, as it was said."""

    url: str | None
    tenant_id: str | None
    authority_host: str | None
    ca_file: Path | None
    client_id: str | None
    client_certificate: Path | None
    sign_in: str | None = None

    @contextmanager
    def connect(self) -> Iterator["Connection"]:
        """Open a connection as the administrator; raises UsageError that names every setting that is missing."""
        from cli.signing_in import credential_of, kind_of

        kind = kind_of(self.sign_in, self.client_certificate)
        needed: dict[str, object] = {
            "--url (DATAVERSE_URL)": self.url,
            "--tenant-id (AZURE_TENANT_ID)": self.tenant_id,
            "--client-id (AZURE_CLIENT_ID)": self.client_id or kind == "managed-identity",
            "--client-certificate (AZURE_CLIENT_CERTIFICATE_PATH), AZURE_CLIENT_SECRET or --sign-in": kind,
        }
        _demand(needed, "who administers the environment, and which, must be said")
        credential = credential_of(kind, self.client_certificate)
        with _connection(self, self.client_id or "", credential) as connection:
            yield connection

    @property
    def label(self) -> str:
        """The environment, the tenant, and who asks: named before anything is written."""
        who = f"application {self.client_id}" if self.client_id else "the machine's managed identity"
        if self.sign_in in ("device-code", "browser"):
            who = f"a person through {who}"
        return printable(f"environment {self.url}, tenant {self.tenant_id}, signed in as {who}")


@dataclass(frozen=True, slots=True)
class Application:
    """The application that holds the role, as it was said."""

    app_client_id: str | None
    app_certificate: Path | None

    @property
    def id(self) -> str:
        """Its client id; raises UsageError where it was not said."""
        _demand(
            {"--app-client-id (SOLSMITH_APP_CLIENT_ID)": self.app_client_id}, "which application is meant must be said"
        )
        return self.app_client_id or ""

    @contextmanager
    def connect(self, administrator: Administrator) -> Iterator["Connection | None"]:
        """Open a connection as the application, to the administrator's environment; None without its certificate."""
        if self.app_certificate is None:
            yield None
            return
        if self.id.lower() == (administrator.client_id or "").lower():
            raise UsageError(
                f"the application and the administrator are the same: {self.id}",
                "--client-id is who administers, --app-client-id the application that is looked at",
            )
        credential = _certificate(self.app_certificate, "SOLSMITH_APP_CERTIFICATE_PASSWORD")
        with _connection(administrator, self.id, credential) as connection:
            yield connection


def administrator_options(command: Command) -> Command:
    """Give a command the administrator's options, and their values as `administrator`."""
    return _http_log_options(
        _options(command, (*_ENVIRONMENT, *_ADMINISTRATOR, *_SIGN_IN), "administrator", Administrator)
    )


def application_options(command: Command) -> Command:
    """Give a command the application's options, and their values as `application`."""
    return _options(command, _APPLICATION, "application", Application)


def _http_log_options(command: Command) -> Command:
    """Give a command --http-log and --http-log-bodies."""
    for option, parameter, kind, text in (
        ("--http-log-bodies", "http_log_bodies", click.BOOL, "Log the bodies too: they hold the environment's data."),
        ("--http-log", "http_log", _FILE, "Append every request and its answer to this file (mode 0600), no secrets."),
    ):
        command = click.option(
            option,
            parameter,
            type=kind,
            is_flag=kind is click.BOOL,
            expose_value=False,
            help=text,
            callback=lambda context, parameter, value: context.meta.update({parameter.name.replace("_", "-"): value}),
        )(command)
    return command


def yes_option(command: Command) -> Command:
    """Give a command --yes."""
    return click.option("--yes", "-y", is_flag=True, help="Do not ask before writing.")(command)


def confirm(what: str, administrator: Administrator, *, yes: bool) -> None:
    """Name what will be written where, and ask; raises UsageError without a terminal, or where the answer is no."""
    tell(f"{printable(what)}: {administrator.label}")
    if yes:
        return
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError("there is no terminal to ask on; nothing was written", "say --yes to go ahead")
    if not click.confirm("Go ahead?", err=True):
        raise UsageError("not confirmed; nothing was written")


def _options(command: Command, options: tuple[tuple[str, str, str, str], ...], name: str, kind: type[Any]) -> Command:
    @wraps(command)
    def settled(**values: Any) -> Any:
        settings = kind(**{parameter: values.pop(parameter) for parameter, *_ in options})
        return command(**{name: settings}, **values)

    wrapped: Command = settled
    for parameter, option, variable, text in reversed(options):
        value: click.ParamType[Any] = _FILE if parameter in _FILES else click.STRING
        if parameter == "sign_in":
            value = click.Choice(KINDS)
        add = click.option(option, parameter, envvar=variable, show_envvar=True, help=text, type=value)
        wrapped = add(wrapped)
    return wrapped


def _demand(settings: Mapping[str, object], why: str) -> None:
    missing = [name for name, value in settings.items() if not value]
    if missing:
        raise UsageError(f"{why}; missing: {', '.join(missing)}", "give the option, or set the variable in brackets")


def _certificate(path: Path, variable: str) -> "CertificateFile":
    from builder.connection.credentials import CertificateFile

    return CertificateFile(path, os.environ.get(variable))


@contextmanager
def _connection(where: Administrator, client_id: str, credential: "Credential") -> Iterator["Connection"]:
    from builder.connection.address import https_origin
    from builder.connection.clouds import authority_of
    from builder.connection.credentials import Identity
    from builder.connection.opening import open_connection

    url = https_origin(where.url or "", "--url")
    identity = Identity(where.tenant_id or "", client_id, credential, where.authority_host or authority_of(url))
    waiting = lambda text: tell(printable(text))  # noqa: E731
    with open_connection(url, identity, ca_file=where.ca_file, on_wait=waiting, log=_http_log()) as connection:
        yield connection


def _http_log() -> "HttpLog | None":
    """Give the log that --http-log asks for: the two identities of one command share it."""
    meta = click.get_current_context().meta
    path = meta.get("http-log")
    if path is None:
        return None
    if "http-log.open" not in meta:
        from builder.connection.http_log import HttpLog

        log = HttpLog(path, bodies=bool(meta.get("http-log-bodies")))
        meta["http-log.open"] = log
        click.get_current_context().call_on_close(log.close)
    opened: HttpLog = meta["http-log.open"]
    return opened
