"""Progress bars of the trials: one for each thing that takes long."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import MofNCompleteColumn, Progress, TimeElapsedColumn, TimeRemainingColumn

Advance = Callable[[int, int], None]
"""Told how much is done, and of how much."""
Bar = Callable[[str], Advance]
"""Makes a bar of that name."""


@contextmanager
def bars() -> Iterator[Bar]:
    """Bars are shown while the context lasts."""
    columns = (*Progress.get_default_columns()[:2], MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns) as progress:

        def new_bar(name: str) -> Advance:
            task = progress.add_task(name, total=None)
            return lambda done, of: progress.update(task, completed=done, total=of)

        yield new_bar
