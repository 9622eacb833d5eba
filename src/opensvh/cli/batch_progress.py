"""How far a batch is, while it runs and at its end: a bar on a terminal, a line every half minute elsewhere."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opensvh.batch.archive import Tally

SECONDS_A_LINE = 30.0


@contextmanager
def shown() -> Iterator[Callable[["Tally"], None]]:
    """Show on stderr while the block runs; call what it gives with the tally as often as you like."""
    from rich.console import Console
    from rich.progress import MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (
        *Progress.get_default_columns()[:2],
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[so_far]}"),
    )
    if not console.is_terminal:
        yield _Lines(console.print).show
        return
    with Progress(*columns, console=console, refresh_per_second=2) as progress:
        task = progress.add_task("Scoring films", total=None, so_far="")
        yield lambda tally: progress.update(
            task,
            total=tally.files - tally.there,
            completed=tally.files - tally.there - tally.left,
            so_far=so_far(tally),
        )


def so_far(tally: "Tally") -> str:
    """Films a second and what became of them, in words."""
    counts = ", ".join(f"{count} {status}" for status, count in tally.films.items())
    return f"{tally.films_a_second:.2f} films/s: {counts}"


def tell(tally: "Tally", out: str) -> None:
    """The summary of a run on stdout: what was done, what the results hold now, who is quarantined."""
    from rich.console import Console

    from opensvh.batch.rows import FilmStatus

    console = Console()

    def say(text: str, style: str | None = None) -> None:
        console.print(text, style=style, soft_wrap=True, highlight=False, markup=False)

    read = sum(tally.films.values())
    say(f"{tally.files} files, {tally.there + tally.same} of them done before; {read} films read now, {so_far(tally)}")
    if tally.engine:
        say(f"Networks run by {tally.engine}")
    if tally.no_films or tally.zipped:
        say(f"{tally.no_films} files hold no film; {tally.zipped} zip archives were passed over: unpack them")
    for film, reason in tally.quarantined:
        say(f"quarantined: {film}: {reason}", "yellow")
    more = tally.films[FilmStatus.QUARANTINED] - len(tally.quarantined)
    if more > 0:
        say(f"and {more} more; the table films names all", "yellow")
    held = ", ".join(f"{count} {status}" for status, count in tally.all_films.items())
    say(f"{out} holds {held} films of this model: films/ a row each, sites/ a row a reading")


class _Lines:
    """A line every half minute, for logs."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self.say, self.next = say, 0.0

    def show(self, tally: "Tally") -> None:
        """Print if it is time."""
        if time.monotonic() >= self.next:
            self.say(f"{tally.left} of {tally.files} files left, {so_far(tally)}")
            self.next = time.monotonic() + SECONDS_A_LINE
