"""Validate many packages, on several processors where that pays; the order of the results is that of the paths."""

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from builder.validation.report import Report
from builder.validation.validate import validate

Progress = Callable[[int, int], None]
# A process of its own takes about 0.6 s to start and to hand its reports over. One process validates some 45 MB of
# real packages in a second (measured), so two of them pay from about 54 MB on; below twice that nobody would notice.
_WORTH_A_PROCESS = 60_000_000


def validate_all(
    paths: Sequence[Path], validator: Callable[[Path], Report] = validate, *, progress: Progress | None = None
) -> list[Report]:
    """Validate each path by a validator that may go to another process; `progress` is told how many of how many are
    done.
    """
    reports = []
    for report in _run(paths, validator):
        reports.append(report)
        if progress:
            progress(len(reports), len(paths))
    return reports


def _run(paths: Sequence[Path], validator: Callable[[Path], Report]) -> Iterator[Report]:
    processes = min(os.cpu_count() or 1, len(paths), sum(map(_size, paths)) // _WORTH_A_PROCESS)
    if processes < 2:
        yield from map(validator, paths)
        return
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    context = multiprocessing.get_context("spawn")  # the same everywhere, and safe beside the threads of a caller
    with ProcessPoolExecutor(processes, mp_context=context) as pool:
        yield from pool.map(validator, paths, chunksize=4)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size if path.is_file() else 0
    except OSError:
        return 0
