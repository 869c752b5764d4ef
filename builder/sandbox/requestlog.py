"""What was asked of the sandbox, and what came of it: for its status page and for tests."""

import dataclasses
from collections import deque
from dataclasses import dataclass, field
from typing import Any

_KEPT = 5000


@dataclass(slots=True)
class Asked:
    """One request. `status` 0 means that no answer went out; `refusal` explains a 403, see WebApiFault.why."""

    number: int
    at: str
    method: str
    target: str
    status: int = 0
    user_id: str = ""
    faults: list[str] = field(default_factory=list)
    code: str = ""
    message: str = ""
    refusal: dict[str, str] = field(default_factory=dict)


class RequestLog:
    """The latest requests."""

    def __init__(self) -> None:
        self._asked: deque[Asked] = deque(maxlen=_KEPT)
        self._count = 0

    def begin(self, at: str, method: str, target: str) -> Asked:
        """Note a request."""
        self._count += 1
        asked = Asked(self._count, at, method, target)
        self._asked.append(asked)
        return asked

    def clear(self) -> None:
        """Forget all, and count from one again."""
        self._asked.clear()
        self._count = 0

    def __iter__(self) -> Any:
        return iter(tuple(self._asked))

    def as_json(self) -> list[dict[str, Any]]:
        """All kept requests, oldest first."""
        return [dataclasses.asdict(asked) for asked in self]
