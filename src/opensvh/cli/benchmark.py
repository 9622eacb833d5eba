"""`opensvh benchmark make` and `check`: the fixed benchmark that results are reported on."""

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

benchmark = typer.Typer(
    help="The fixed benchmark OpenSvH-Sim v1: simulated patients as many and as ill as the RA2 challenge's.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


class SizeChoice(StrEnum):
    """The same words as `workflows.benchmark.SizeName`."""

    PAPER = "paper"
    SMALL = "small"
    TINY = "tiny"


@benchmark.command()
def make(
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder to write, or to complete.")],
    size: Annotated[
        SizeChoice,
        typer.Option(help="paper: films as simulated; small: half as fine; tiny: 22 patients, to try everything."),
    ] = SizeChoice.SMALL,
    jobs: Annotated[int, typer.Option(min=0, help="Processes; 0 takes one for each CPU.")] = 0,
) -> None:
    """Write the benchmark: training/, development/ and test/, each a film set. A killed run goes on where it was."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from opensvh.workflows.benchmark import make as run

    columns = (TextColumn("simulating patients"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns) as progress:
        task = progress.add_task("patients", total=None)
        made = run(out, size.value, jobs or _cpus(), lambda done, of: progress.update(task, completed=done, total=of))
    typer.echo(f"{out}: {made.added} patients made; digest {made.digest}")
    typer.echo(_KNOWN[made.as_expected])


@benchmark.command()
def check(folder: Annotated[Path, typer.Argument(help="A folder that `opensvh benchmark make` wrote.")]) -> None:
    """Digest all films and tables anew and hold them against the published digest; exit code 2 where they differ."""
    from opensvh.workflows.benchmark import check as run

    made = run(folder)
    typer.echo(f"{folder}: digest {made.digest}")
    typer.echo(_KNOWN[made.as_expected])


_KNOWN = {
    True: "the digest is the published one",
    False: "the digest is not the published one: another version of the simulator, or of its libraries, made it",
    None: "no digest of this size is published",
}


def _cpus() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
