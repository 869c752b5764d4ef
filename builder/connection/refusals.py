"""Answers that say no, as errors a person can act on. No token, assertion or query ever stands in one."""

import re
from collections.abc import Mapping
from typing import Any

from builder.errors import Refused

NO_ANSWER_HINT = "check the address, the network and a proxy's settings, then run the command again"
TEXT_LIMIT = 2000

_SIGN_IN_HINTS = {
    700016: "the application is not in this tenant: check the client id and the tenant; a vendor's application must be "
    "added to the tenant first (its service principal, by admin consent); for a person, register a public client in "
    "Entra (App registrations, mobile and desktop) with the permission Dynamics CRM user_impersonation; give its id",
    7000215: "the client secret is wrong: give the secret's value, not its id",
    7000222: "the client secret has expired: make a new one in the application's registration, or use a certificate",
    700027: "this certificate is not registered for the application: upload its public part to the application's "
    "registration in Entra, or sign in with the one that is",
    700024: "the time of the sign-in was not accepted: check this machine's clock",
    500011: "Entra does not know the environment's address in this tenant: check --url, and that the environment "
    "belongs to the tenant",
    90002: "there is no such tenant: check --tenant-id",
    53003: "a Conditional Access policy blocks this sign-in: the tenant's administrator sees it in the sign-in logs, "
    "and can let this application through",
    65001: "nobody has consented to this application in the tenant: an administrator grants it on the application's "
    "page in Entra (API permissions, Dynamics CRM user_impersonation)",
    650052: "the tenant has no Dataverse, or its service principal is missing: sign in to Dynamics 365 there once",
    70011: "the environment's address makes no valid scope: check --url",
}
_API_HINTS = {
    "0x80072560": "this application has no application user in the environment (a new one can take a minute to show): "
    "`solsmith app-user create` makes it, run by an administrator",
    "0x80095ffc": "the environment blocks this application by its app access control: an administrator lets it through "
    "in the Power Platform admin centre",
    "0x80042f09": "the user has no security role in the environment (a new one can take a minute to show)",
    "0x8004f510": "the application's service principal is not in the tenant: add it to Entra first (admin consent)",
    "0x80040220": "the message names the missing privilege; System Administrator has what solsmith's commands need",
}


def of_sign_in(answer: Mapping[str, Any], who: str, host: str, note: str = "") -> Refused:
    """Make the error for MSAL's error answer; the number (AADSTS...) decides the hint only."""
    text = str(answer.get("error_description") or answer.get("error") or "no reason was given")
    number = re.search(r"AADSTS(\d+)", text)
    code = number.group() if number else str(answer.get("error", ""))
    hint = _SIGN_IN_HINTS.get(int(number.group(1)), "") if number else ""
    described = re.split(r"\s*(?:Trace ID|Correlation ID):", text)[0]
    trace = answer.get("trace_id") or answer.get("correlation_id")
    return Refused(
        f"{host} refused the sign-in of {who}: {cut(described)}" + (f" (trace {trace})" if trace else ""),
        (hint or "look the code up, or ask the tenant's administrator for the sign-in log") + note,
        code=code,
    )


def of_discovery(text: str, tenant: str, host: str) -> Refused:
    """Make the error for an authority that does not know the tenant, or is none."""
    number = re.search(r"AADSTS(\d+)", text)
    if number:
        hint = _SIGN_IN_HINTS.get(int(number.group(1)), "check --tenant-id")
        return Refused(f"{host} knows no tenant {tenant}: {number.group()}", hint, code=number.group())
    return Refused(
        f"{host} does not answer like Entra for tenant {tenant}", "check --tenant-id and --authority-host", code=""
    )


def not_entra(host: str) -> Refused:
    """Make the error for an answer that no token endpoint gives."""
    return Refused(f"{host} does not answer like Entra", "check --authority-host, and whether a proxy answers instead")


def redirected(what: str, where: str, status: int = 0) -> Refused:
    """Make the error for a redirect: it is never followed, since the credential would go along."""
    return Refused(
        f"{what}: {where} redirects elsewhere, and redirects are not followed",
        "give the address it really has; a sign-in page in between means the address is not the API's",
        status=status,
    )


def of_api(what: str, status: int, reason: str, body: object, headers: Mapping[str, str], request_id: str) -> Refused:
    """Make the error for a Web API answer; `body` is the parsed JSON, or the text where it is none."""
    code, text = envelope(body)
    told = ", ".join(part for part in (f"{status} {reason}".strip(), code) if part)
    if text:
        told += f": {cut(text)}"
    served = headers.get("x-ms-service-request-id") or headers.get("req_id") or request_id
    return Refused(f"{what}: {told} (request {served})", _hint(status, code, body, headers), code=code, status=status)


def envelope(body: object) -> tuple[str, str]:
    """Read code (lower-case hex, or "") and message of an error answer; both "" where it has no OData envelope."""
    error = body.get("error") if isinstance(body, dict) else None
    if not isinstance(error, dict):
        return "", ""
    return str(error.get("code") or "").lower(), str(error.get("message") or "")


def _hint(status: int, code: str, body: object, headers: Mapping[str, str]) -> str:
    if code in _API_HINTS:
        return _API_HINTS[code]
    if status == 401:
        why = headers.get("401_error_reason", "")
        return "the token was not accepted: check that tenant and environment belong together" + (
            f" ({why})" if why else ""
        )
    if status == 404 and not isinstance(body, dict):
        return "that is not how Dataverse answers: check --url"
    if status == 429:
        return "the environment limits requests: run the command again in some minutes"
    if status >= 500:
        return "the environment is not well or restarts: run the command again in some minutes"
    return ""


def cut(text: str) -> str:
    """Bound a foreign text: some messages have hundreds of thousands of characters."""
    rest = len(text) - TEXT_LIMIT
    return text if rest <= 0 else f"{text[:TEXT_LIMIT]} … ({rest} more characters)"


def reason(error: Exception) -> str:
    """Say in few words why a request failed, without addresses and their queries."""
    inner: BaseException = error
    while inner.__cause__ or inner.__context__:
        inner = inner.__cause__ or inner.__context__ or inner
    text = str(getattr(inner, "strerror", None) or inner) or type(inner).__name__
    return cut(re.sub(r"https?://\S+", "the address", text))
