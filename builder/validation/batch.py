"""Validate many packages, on several processors where that pays; the order of the results is that of the paths."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from builder.validation.registry import chosen
from builder.validation.report import Report
from builder.validation.validate import validate

Progress = Callable[[int, int], None]
# A process of its own takes about 0.6 s to start and to hand its reports over. One process validates some 45 MB of
# real packages in a second (measured), so two of them pay from about 54 MB on; below twice that nobody would notice.
_WORTH_A_PROCESS = 60_000_000


def validate_all(
    paths: Sequence[Path],
    *,
    select: Iterable[str] = (),
    ignore: Iterable[str] = (),
    progress: Progress | None = None,
) -> list[Report]:
    """Validate each package by the rules chosen; `progress` is told how many of how many are done."""
    task = (tuple(select), tuple(ignore))
    reports = []
    for report in _run(paths, task):
        reports.append(report)
        if progress:
            progress(len(reports), len(paths))
    return reports


def _run(paths: Sequence[Path], task: tuple[tuple[str, ...], tuple[str, ...]]) -> Iterator[Report]:
    processes = min(os.cpu_count() or 1, len(paths), sum(map(_size, paths)) // _WORTH_A_PROCESS)
    if processes < 2:
        yield from (_validate(path, *task) for path in paths)
        return
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    context = multiprocessing.get_context("spawn")  # the same everywhere, and safe beside the threads of a caller
    with ProcessPoolExecutor(processes, mp_context=context) as pool:
        yield from pool.map(_validate, paths, [task[0]] * len(paths), [task[1]] * len(paths), chunksize=4)


def _validate(path: Path, select: tuple[str, ...], ignore: tuple[str, ...]) -> Report:
    return validate(path, rules=chosen(select, ignore))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size if path.is_file() else 0
    except OSError:
        return 0
