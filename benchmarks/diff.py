"""diff of two roles of 3,000 privileges, as a ratio to what no comparison can do without: the same in plain dicts."""

import sys
import timeit
from collections import Counter
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from builder.catalogue import load
from builder.catalogue.lookup import added_by_platform
from builder.comparison.changes import Kind, Side
from builder.comparison.compare import compare
from builder.comparison.entries import entries
from builder.model import Depth, Grant, Role

PRIVILEGES = 3000
RUNS = 40
AIM = 3.0


def roles() -> tuple[Role, Role]:
    """Two roles that share most of their grants: a tenth differs in depth, and a tenth on each side is its own."""
    known = [privilege.name for privilege in load() if privilege.name.lower() not in added_by_platform()]
    names = known[: PRIVILEGES + PRIVILEGES // 10]
    depths = list(Depth)
    old = tuple(Grant(name, depths[n % 4]) for n, name in enumerate(names[:PRIVILEGES]))
    new = tuple(Grant(name, depths[(n + (n % 10 == 0)) % 4]) for n, name in enumerate(names[-PRIVILEGES:], 300))
    return Role("a" * 8, "Role", old), Role("a" * 8, "Role", new)


def plainly(old: Role, new: Role) -> dict[Kind, list[str]]:
    """Compare two roles and do nothing else."""
    was = {grant.privilege.lower(): grant.depth for grant in old.grants}
    now = {grant.privilege.lower(): grant.depth for grant in new.grants}
    found: dict[Kind, list[str]] = {Kind.ADDED: [], Kind.REMOVED: [], Kind.WIDENED: [], Kind.NARROWED: []}
    for key in sorted(was.keys() | now.keys()):
        if key not in was:
            found[Kind.ADDED].append(key)
        elif key not in now:
            found[Kind.REMOVED].append(key)
        elif was[key] != now[key]:
            found[Kind.WIDENED if was[key] < now[key] else Kind.NARROWED].append(key)
    return found


def best(call: Callable[[], object]) -> float:
    """Seconds of the fastest of many calls."""
    return min(timeit.repeat(call, number=1, repeat=RUNS))


def main() -> int:
    old, new = roles()
    before, after = Side((old,)), Side((new,))
    changes = compare(before, after)
    assert changes.count_kinds() == Counter({kind: len(found) for kind, found in plainly(old, new).items()})
    entries(changes, load())  # the catalogue is read once a process
    baseline = best(lambda: plainly(old, new))
    compared = best(lambda: compare(before, after))
    worded = best(lambda: entries(changes, load()))
    print(f"diff of two roles of {PRIVILEGES:,} privileges: {compared * 1000:.1f} ms")
    print(f"  plain dicts: {baseline * 1000:.1f} ms; ratio {compared / baseline:.1f} (aim {AIM:.0f})")
    print(f"  in sentences: {worded * 1000:.1f} ms more")
    return int(compared / baseline > AIM)


if __name__ == "__main__":
    raise SystemExit(main())
