"""Faults on demand: which request meets which trouble, the same way every time.

A rule is one line, `METHOD PATH WHICH KIND`:

* METHOD is an HTTP method, or `*`.
* PATH is a glob. From a slash on it is compared with the whole path, else with what stands below the service root
  (`ImportSolutionAsync`, `asyncoperations(*)`), or with the last part of an address of Entra's (`token`).
* WHICH of the requests that match: `3`, `2-4`, `3+`, `*`, or a share such as `20%`, drawn by the seed.
* KIND is one of KINDS; what follows a colon is its argument.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from random import Random

KINDS = {
    "latency": "latency:SECONDS: the request waits before it is carried out",
    "slow-body": "slow-body:SECONDS: the answer's body takes that long",
    "cut-before": "the connection is cut, and nothing was carried out",
    "cut-after": "the request is carried out, and the connection cut before the answer",
    "cut-body": "the connection is cut in the middle of the answer's body",
    "429": "429[:requests|time|concurrent][:RETRY-AFTER]: refused by a service protection limit",
    "500": "500[:after][:RETRY-AFTER]: an internal error, before or after the request was carried out",
    "502": "502[:after][:RETRY-AFTER]: a gateway's error page",
    "503": "503[:after][:RETRY-AFTER]: a gateway's error page",
    "504": "504[:after][:RETRY-AFTER]: a gateway's error page",
    "401": "the token counts as expired for this request",
    "expire-tokens": "all tokens given out so far are expired from this request on",
    "skew": "skew:SECONDS: the sandbox's clock is that much ahead (behind, if negative) from this request on",
    "lag": "lag:N or lag:Ns: rows that the request makes are not seen by the next N reads, or for N seconds",
}
_TIMED = ("latency", "slow-body", "skew")
_LIMITS = ("requests", "time", "concurrent")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_API = re.compile(r"/api/data/v\d+\.\d+/")


@dataclass(frozen=True, slots=True)
class Trouble:
    """What happens to a request. `after` means: after it was carried out; `number` are seconds, or reads of a lag."""

    kind: str
    after: bool = False
    number: float | None = None
    word: str = ""

    @classmethod
    def parse(cls, text: str) -> "Trouble":
        """Read a kind with its arguments; raises ValueError."""
        kind, *arguments = text.split(":")
        if kind not in KINDS:
            raise ValueError(f"there is no fault {kind!r}; there are: {', '.join(KINDS)}")
        after, number, word = kind in ("cut-after", "cut-body"), None, ""
        for argument in arguments:
            if argument == "after" and kind in ("500", "502", "503", "504"):
                after = True
            elif argument in _LIMITS and kind == "429":
                word = argument
            elif kind == "lag" and re.fullmatch(r"\d+(\.\d+)?s", argument):
                number, word = float(argument[:-1]), "seconds"
            elif _NUMBER.fullmatch(argument) and (kind in (*_TIMED, "lag") or kind.isdigit()) and kind != "401":
                number = float(argument)
            else:
                raise ValueError(f"{argument!r} is no argument of this fault: {KINDS[kind]}")
        if number is None and kind in (*_TIMED, "lag"):
            raise ValueError(f"a number is missing: {KINDS[kind]}")
        if number is not None and number < 0 and kind != "skew":
            raise ValueError(f"the number is negative: {KINDS[kind]}")
        return cls(kind, after, number, word or ("requests" if kind == "429" else ""))


@dataclass
class Rule:
    """One rule and how many requests it has matched."""

    text: str
    method: str
    path: str
    chosen: Callable[[int], bool]
    trouble: Trouble
    matched: int = 0

    @classmethod
    def parse(cls, text: str, seed: int = 0) -> "Rule":
        """Read a rule; raises ValueError that says how one is written."""
        words = text.split()
        if len(words) != 4:
            raise ValueError(f"a fault is 'METHOD PATH WHICH KIND', for example '* * 3 cut-after', not {text!r}")
        method, path, which, kind = words
        drawn = Random(f"{seed} {text}")  # noqa: S311  (no secret: the same seed is to draw the same)
        return cls(text, method.upper(), path, _choice(which, drawn), Trouble.parse(kind))

    def meets(self, method: str, path: str) -> bool:
        """Whether a request meets the trouble; counts it where it matches."""
        if self.method not in ("*", method) or not fnmatchcase(_named(path, self.path), self.path):
            return False
        self.matched += 1
        return self.chosen(self.matched)


@dataclass
class Disturbances:
    """The rules in force. Setting them anew starts every count anew."""

    seed: int = 0
    rules: list[Rule] = field(default_factory=list)

    def set(self, texts: Iterable[str]) -> None:
        """Put other rules in force; raises ValueError, and then nothing has changed."""
        self.rules = [Rule.parse(text, self.seed) for text in texts]

    def meet(self, method: str, path: str) -> list[Trouble]:
        """What happens to a request; every matching rule counts it."""
        return [rule.trouble for rule in self.rules if rule.meets(method, path)]


def read_rules(lines: Iterable[str]) -> list[str]:
    """The rules of a file of faults: one a line; empty lines and lines that begin with # say nothing."""
    return [line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")]


def _named(path: str, pattern: str) -> str:
    """The path as a pattern means it."""
    if pattern.startswith("/"):
        return path
    match = _API.match(path)
    return path[match.end() :] if match else path.rsplit("/", 1)[-1]


def _choice(which: str, random: Random) -> Callable[[int], bool]:
    if which == "*":
        return lambda _: True
    if share := re.fullmatch(r"(\d+(?:\.\d+)?)%", which):
        return lambda _: random.random() * 100 < float(share[1])
    match = re.fullmatch(r"([1-9]\d*)(?:(\+)|-([1-9]\d*))?", which)
    if match is None:
        raise ValueError(f"which requests is '3', '2-4', '3+', '*' or '20%', not {which!r}")
    first = int(match[1])
    last = float("inf") if match[2] else int(match[3] or first)
    return lambda number: first <= number <= last
