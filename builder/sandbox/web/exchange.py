"""A request to the Web API and the answer to it, free of the web framework."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from builder.sandbox.environment import Environment
from builder.sandbox.faults import bad_request
from builder.sandbox.jobs import ImportJobs
from builder.sandbox.odata.options import Options
from builder.sandbox.odata.path import Segment
from builder.sandbox.operations import Operations
from builder.sandbox.security import Principal


@dataclass(frozen=True)
class Answer:
    """What goes back: a JSON body, a text, or none."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Exchange:
    """One request, read and authenticated. `root` is the service root, `https://host/api/data/v9.2`."""

    method: str
    root: str
    segments: list[Segment]
    query: Mapping[str, str]
    options: Options
    headers: Mapping[str, str]
    raw_body: bytes
    principal: Principal
    environment: Environment
    jobs: ImportJobs

    @property
    def operations(self) -> Operations:
        """What the caller does to rows."""
        return Operations(self.environment)

    @property
    def aliases(self) -> dict[str, str]:
        """Parameter aliases of the query."""
        return dict(self.options.aliases)

    def json(self) -> dict[str, Any]:
        """The body as a JSON object; raises 0x80048d19."""
        try:
            body = json.loads(self.raw_body or b"{}")
        except (ValueError, RecursionError):
            raise bad_request("The body of the request is not JSON.") from None
        if not isinstance(body, dict):
            raise bad_request("The body of the request is not a JSON object.")
        return body

    def preference(self, name: str) -> str | None:
        """A preference of the Prefer header."""
        match = re.search(rf'(?:^|[,;\s]){re.escape(name)}=(?:"([^"]*)"|([^",;\s]+))', self.headers.get("prefer", ""))
        return (match[1] if match[1] is not None else match[2]) if match else None

    def context(self, what: str) -> dict[str, str]:
        """The `@odata.context` member."""
        return {"@odata.context": f"{self.root}/$metadata#{what}"}
