"""An import's progress on stderr: a bar on a terminal, a line a step elsewhere."""

from types import TracebackType
from typing import TYPE_CHECKING, Self

from rich.console import Console
from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from cli.output import tell

if TYPE_CHECKING:
    from builder.deployment.importer import Progress

_STAGES = {
    "check": "the environment checks the package",
    "start": "starting the import",
    "wait": "another import runs: waiting for its end",
    "import": "importing",
    "done": "imported",
}


class Drawing:
    """Shows progress events. `job_id` is the job's id from the moment it may have begun."""

    def __init__(self) -> None:
        console = Console(stderr=True)
        self.job_id = ""
        self._stage = ""
        self._bar: Bar | None = None
        if console.is_terminal and not console.is_dumb_terminal:
            text = TextColumn("{task.description}")
            times = (TimeElapsedColumn(), TextColumn("left:"), TimeRemainingColumn())
            self._bar = Bar(text, BarColumn(), TaskProgressColumn(), *times, console=console, transient=True)
            self._task = self._bar.add_task("", total=None)

    @property
    def fate(self) -> str:
        """What becomes of the job without us: between the start and its answer nobody knows whether it has begun."""
        return "goes on" if self._stage == "import" else "may go on"

    def __enter__(self) -> Self:
        if self._bar:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Take the bar away."""
        if self._bar:
            self._bar.stop()

    def update(self, progress: "Progress") -> None:
        """Show how far it is."""
        self.job_id = progress.job_id or self.job_id
        new, self._stage = progress.stage != self._stage, progress.stage
        if self._bar:
            total = None if progress.percent is None else 100
            self._bar.update(
                self._task, description=_STAGES[progress.stage], total=total, completed=progress.percent or 0
            )
        elif new:
            job = f" (job {progress.job_id})" if progress.stage == "start" else ""
            tell(f"{_STAGES[progress.stage]}{job}")
