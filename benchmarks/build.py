"""1,000 variants of the reference package, as a ratio to zipping 1,000 ready-made member sets (standard library).

A variant is another solution with another version, another role and other depths: nothing but its publisher is shared.
Building is rendering, packing and the content digest. What the command does beyond it, once a package (validation, the
access statement, two files on disk), is timed apart.
"""

import io
import resource
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from builder.build import Output, release_of, write_releases
from builder.catalogue import load
from builder.model import Depth, Grant, Solution, Version
from builder.package.archive import content_digest, pack
from builder.package.render import render
from builder.solution.spec import derive_role_id, read_spec

SPEC = Path(__file__).resolve().parent.parent / "examples" / "net-results" / "solution.yaml"
VARIANTS = 1000
ROUNDS = 9
AIM = 2.0


def variant(base: Solution, number: int) -> Solution:
    (role,) = base.roles
    grants = tuple(Grant(grant.privilege, depth_of(grant, number + n)) for n, grant in enumerate(role.grants))
    name = f"{base.unique_name}{number}"
    changed = replace(role, id=derive_role_id(name, "sync"), name=f"{role.name} {number}", grants=grants)
    return replace(base, unique_name=name, version=Version((1, 0, number, 365)), roles=(changed,))


def depth_of(grant: Grant, number: int) -> Depth:
    known = load().privilege(grant.privilege)
    return known.depths[number % len(known.depths)] if known else grant.depth


def build(solution: Solution) -> tuple[bytes, str]:
    members = render(solution)
    return pack(members), content_digest(members)


def zipped(members: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def seconds(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> int:
    base = read_spec(SPEC).solution
    variants = [variant(base, number) for number in range(VARIANTS)]
    ready = [render(solution) for solution in variants]
    assert len({build(solution)[1] for solution in variants[:50]}) == 50
    before = peak_mib()
    # Turn by turn, and the median of the ratios: the machine has other work to do.
    pairs = [
        (seconds(lambda: [zipped(members) for members in ready]), seconds(lambda: [build(s) for s in variants]))
        for _ in range(ROUNDS)
    ]
    baseline, built = (min(times) for times in zip(*pairs, strict=True))
    with tempfile.TemporaryDirectory() as folder:
        releases = [release_of(solution) for solution in variants[:100]]
        whole = seconds(lambda: [write_releases([release], Output(Path(folder))) for release in releases]) / 100
    ratio = median(built / baseline for baseline, built in pairs)
    print(f"{VARIANTS:,} variants of the reference package: {built * 1000:.0f} ms")
    print(f"  zipped with the standard library: {baseline * 1000:.0f} ms; ratio {ratio:.2f} (aim {AIM:.0f})")
    print(f"  peak memory: {peak_mib():.0f} MiB, {peak_mib() - before:.0f} MiB of it while building")
    print(f"  validated and written with its statement: {whole * 1000:.2f} ms each")
    return int(ratio > AIM)


if __name__ == "__main__":
    raise SystemExit(main())
