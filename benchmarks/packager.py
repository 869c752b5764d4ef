"""The corpus unpacked and packed, in one process and one package cold, beside Microsoft's tool (measured on another
day, on a machine like this one: median seconds of a whole process)."""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from builder.errors import SolsmithError
from builder.package.packager.packing import PackOptions
from builder.package.packager.placing import plan
from builder.package.packager.solution_folder import pack_folder, unpack_zip, write_packages
from builder.package.packager.tree import UnpackOptions

REPOSITORY = Path(__file__).resolve().parent.parent
ZIPS = REPOSITORY.parent / "shared" / "corpus" / "zips"
RUNS = 15
# Microsoft's SolutionPackager 9.1 under Mono: one process a package, the sum over the corpus; and one small package.
MICROSOFT = {"unpack": (31.8, 0.43), "pack": (30.3, 0.42)}
AIM_BATCH, AIM_COLD = 10.0, 3.0


def batch(folder: Path) -> tuple[float, float, int]:
    """Seconds of the processor to unpack and to pack the corpus, files read and written, and how many packages."""
    start = time.process_time()
    done = []
    for path in sorted(ZIPS.glob("*.zip")):
        try:
            plan(folder / path.stem, unpack_zip(path, None, UnpackOptions())).write()
        except SolsmithError:
            continue  # three are damaged on purpose
        done.append(folder / path.stem)
    unpacked = time.process_time()
    for tree in done:
        write_packages(pack_folder(tree, folder / f"{tree.name}.zip", None, PackOptions()), tree)
    return unpacked - start, time.process_time() - unpacked, len(done)


def cold(*arguments: str) -> float:
    """Seconds of processor time of a whole process, the median of many: others use this machine, too."""
    times, walls = [], []
    for _ in range(RUNS):
        start, before = time.perf_counter(), _used_by_children()
        subprocess.run([sys.executable, "-m", "cli", *arguments], cwd=REPOSITORY, check=True, stdout=subprocess.DEVNULL)
        times.append(_used_by_children() - before)
        walls.append(time.perf_counter() - start)
    middle = statistics.median(times)
    print(f"  {arguments[0]} cold: {middle:.3f} s of the processor; by the clock {min(walls):.3f} s at best")
    return middle


def _used_by_children() -> float:
    used = os.times()
    return used.children_user + used.children_system


def main() -> int:
    if not ZIPS.is_dir():
        print("packager: skipped, the real packages (../shared/corpus) are not here")
        return 0
    failed = False
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        *seconds, count = batch(folder)
        small = str(ZIPS / "microsoft__PowerPlatform-DataverseServiceClient__TestSolution_1_0_0_1.zip")
        tree, again = folder / "small", folder / "small.zip"
        single = [cold("unpack", small, "-o", str(tree)), cold("pack", str(tree), "-o", str(again))]
    for (what, (theirs, their_single)), ours, our_single in zip(MICROSOFT.items(), seconds, single, strict=True):
        faster, cold_faster = theirs / ours, their_single / our_single
        print(f"{what}: {count} packages in {ours:.2f} s of the processor, {ours / count * 1000:.0f} ms each: ", end="")
        print(f"{faster:.0f} times as fast as Microsoft's tool (aim {AIM_BATCH:.0f})")
        print(f"  one package, cold: {cold_faster:.1f} times as fast (aim {AIM_COLD:.0f})")
        failed |= faster < AIM_BATCH or cold_faster < AIM_COLD
    return int(failed)


if __name__ == "__main__":
    raise SystemExit(main())
