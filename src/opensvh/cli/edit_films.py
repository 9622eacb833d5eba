"""`opensvh edit-films`: real films of undamaged limbs become films with known damage."""

import os
from pathlib import Path
from typing import Annotated

import typer

from opensvh.domain.anatomy import Limb


def edit_films(
    films: Annotated[
        Path,
        typer.Option(help="Folder with films of limbs without arthritis and their joints: joints.json or joints.csv."),
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder to write; new or empty.")],
    copies: Annotated[int, typer.Option(min=1, help="Edited films of each source.")] = 10,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same bytes.")] = 0,
    undamaged: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="Share of the copies that stay without any damage.")
    ] = 0.33,
    only_damaged: Annotated[
        bool, typer.Option("--only-damaged", help="Give scores to the damaged sites alone, none to the others.")
    ] = False,
    few: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="Share of the damaged copies with no more than three damaged sites.")
    ] = 0.0,
    limb: Annotated[Limb | None, typer.Option(help="Films of this limb alone.")] = None,
    jobs: Annotated[int, typer.Option(min=0, help="Processes; 0 takes one for each CPU.")] = 0,
) -> None:
    """Narrow and erode the joints of real films by known amounts; train on the folder as on simulated films.

    Beside the films: training.csv (what a reader who errs wrote down), truth.csv (exact grades), joints.csv,
    visits.csv (copies of one person's films belong together), edits.csv (what was done to each site).
    """
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from opensvh.workflows.edit_films import EditSettings
    from opensvh.workflows.edit_films import edit_films as run
    from opensvh.workflows.edit_sources import source_films

    total = copies * len(source_films(films, limb))
    bars = (TextColumn("editing films"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*bars) as progress:
        task = progress.add_task("films", total=total)
        made = run(
            films,
            out,
            EditSettings(copies, seed, undamaged, only_damaged, few, limb),
            jobs or _cpus(),
            lambda done: progress.update(task, completed=done),
        )
    typer.echo(f"{out}: {made} edited films; `opensvh train --data {out}` takes it as it is")


def _cpus() -> int:
    """CPUs this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
