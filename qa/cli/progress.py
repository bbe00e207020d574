"""A progress bar on stderr for what takes longer than a moment; nothing where stderr is not a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.progress import Progress


class Bar:
    """A bar that `share` and `amount` move, and that steps aside while something is printed."""

    def __init__(self, progress: Progress | None, text: str) -> None:
        self.doing = text
        self._progress = progress
        self._task = progress.add_task(text, total=None) if progress else None

    def share(self, done: float) -> None:
        """So much is done, 0 to 1."""
        self.amount(done, 1)

    def amount(self, done: float, total: float) -> None:
        """So much is done of so much; 0 of 0 where that is not known."""
        if self._progress is None or self._task is None:
            return
        self._progress.update(self._task, completed=done, total=total or None)

    def text(self, text: str) -> None:
        """What is being done now."""
        if self._progress is not None and self._task is not None:
            self._progress.update(self._task, description=text)

    @contextmanager
    def aside(self) -> Iterator[None]:
        """No bar within the block: the terminal is the same for what is printed."""
        if self._progress is None:
            yield
            return
        self._progress.stop()
        yield
        self._progress.start()


@contextmanager
def bar(text: str, *, in_bytes: bool = False) -> Iterator[Bar]:
    """A bar for the block, gone at its end."""
    if not sys.stderr.isatty():
        yield Bar(None, text)
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    progress = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        DownloadColumn() if in_bytes else TaskProgressColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
        redirect_stdout=False,  # stdout may be a file
    )
    with progress:
        yield Bar(progress, text)


def fetching(model: str, shown: Bar) -> Callable[[int, int], None]:
    """Progress of a model that must be fetched before the work: said in a line on stderr, and shown by the bar."""
    doing = shown.doing
    said = False

    def told(done: int, total: int) -> None:
        nonlocal said
        if not said:
            with shown.aside():
                click.echo(f"qa: the speech model {model} is not on this machine yet; fetching it, once", err=True)
            said = True
        shown.text(doing if total and done >= total else f"Fetching {model}")
        shown.amount(done, total)

    return told
