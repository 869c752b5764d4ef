"""Staged uploads, kept for a later import for a while."""

import base64
import binascii
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from builder.sandbox.faults import WebApiFault
from builder.sandbox.records import Clock, new_id


@dataclass(frozen=True, slots=True)
class Upload:
    """An uploaded file and when it expires."""

    content: bytes
    expires: datetime


@dataclass(slots=True)
class Uploads:
    """The uploads of an environment; `lifetime` is unconfirmed."""

    clock: Clock
    lifetime: timedelta = timedelta(hours=1)
    kept: dict[str, Upload] = field(default_factory=dict)

    def keep(self, file: str) -> str:
        """Keep an upload; gives its id."""
        now, upload_id = self.clock(), new_id()
        self.kept = {key: upload for key, upload in self.kept.items() if upload.expires > now}
        self.kept[upload_id] = Upload(decode_file(file), now + self.lifetime)
        return upload_id

    def take(self, upload_id: str, *, once: bool) -> bytes:
        """Take an upload; raises 0x8004f066 for an id that is unknown, used up or expired (recorded)."""
        upload = self.kept.get(upload_id)
        if upload is None or upload.expires <= self.clock():
            text = f"The stage solution upload with id {upload_id} was not found or has expired."
            raise WebApiFault(400, "0x8004f066", text)
        if once:
            del self.kept[upload_id]
        return upload.content


def decode_file(file: str) -> bytes:
    """Read a base64 file; raises the Web API's answer to a body that cannot be read."""
    try:
        return base64.b64decode(file, validate=True)
    except (binascii.Error, ValueError):
        text = "Cannot convert the value of CustomizationFile to the expected type 'Edm.Binary'."
        raise WebApiFault(400, "0x80048d19", text) from None
