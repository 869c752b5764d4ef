"""What the Web API answers when it says no."""

from typing import Any

from builder.catalogue.lookup import error_texts

ZERO_ID = "00000000-0000-0000-0000-000000000000"


class WebApiFault(Exception):
    """A refusal in the Web API's terms: HTTP status, error code (lower-case hex, or "" as some 404s and 405s) and text.

    `role_id` names the role of a package that an import fails on, if any. `why` explains a 403 on the status page: who,
    which privilege, the right and table it is about, the depth asked for and the depth held.
    """

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.role_id = ""
        self.why: dict[str, str] = {}

    @property
    def signed(self) -> int:
        """The code as a signed 32-bit number, the way SOAP, logs and StageSolution spell it (recorded)."""
        value = int(self.code, 16) if self.code else 0
        return value - (1 << 32) if value >= 1 << 31 else value

    def envelope(self) -> dict[str, Any]:
        """The JSON body."""
        return {"error": {"code": self.code, "message": self.message}}

    def annotated(self) -> dict[str, Any]:
        """The JSON body for who asks for annotations: the documented members about errors."""
        envelope = self.envelope()
        if "error" in envelope:
            prefix = "@Microsoft.PowerApps.CDS."
            envelope["error"] |= {
                f"{prefix}ErrorDetails.OperationStatus": "0",
                f"{prefix}ErrorDetails.SubErrorCode": "-2146233088",
                f"{prefix}HelpLink": f"http://go.microsoft.com/fwlink/?LinkID=398563&error={self.code}",
                f"{prefix}TraceText": "",
                f"{prefix}InnerError.Message": self.message,
            }
        return envelope


def coded(code: str, *values: object, status: int = 400) -> WebApiFault:
    """Make a fault with the SDK's own text for the code (source: SDK error codes), its places filled with `values`."""
    _, text = error_texts()[code.lower()]
    for place, value in enumerate(values):
        text = text.replace(f"{{{place}}}", str(value))
    return WebApiFault(status, code, text)


def missing_row(table: str, row_id: str) -> WebApiFault:
    """A row that does not exist (text recorded)."""
    return WebApiFault(404, "0x80040217", f"Entity '{table}' With Id = {row_id} Does Not Exist")


def bad_request(message: str) -> WebApiFault:
    """A body or an argument that makes no sense."""
    return WebApiFault(400, "0x80048d19", message)


def unknown_segment(segment: str) -> WebApiFault:
    """An address that is not in the model (text recorded)."""
    return WebApiFault(404, "0x80060888", f"Resource not found for the segment '{segment}'.")


def fault_of(message: str, supported: bool) -> WebApiFault:
    """A query that cannot be understood, or that OData has and the sandbox has not."""
    return WebApiFault(400 if supported else 501, "0x80060888", message)


def not_here(what: str) -> WebApiFault:
    """Something that Dataverse does and the sandbox does not: said clearly, never skipped in silence."""
    return WebApiFault(501, "0x80060888", f"The sandbox does not carry this out: {what}.")
