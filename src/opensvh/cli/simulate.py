"""`opensvh simulate`: write a cohort of simulated patients with known truth."""

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class SeverityChoice(StrEnum):
    """How ill the cohort is; the same words as `simulation.patient.Severity`."""

    TRAINING = "training"
    REFERENCE = "reference"


def simulate(
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder to write, or to continue or extend.")],
    patients: Annotated[int, typer.Option(min=1, help="Number of patients; four films each.")] = 10,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same bytes.")] = 0,
    jobs: Annotated[int, typer.Option(min=0, help="Processes; 0 takes one for each CPU.")] = 0,
    severity: Annotated[
        SeverityChoice, typer.Option(help="training: every grade is common; reference: as in a trial's cohort.")
    ] = SeverityChoice.TRAINING,
) -> None:
    """Simulate radiographs of hands and feet with exactly known joints, gaps and scores."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from opensvh.workflows.simulate import SimulationSettings
    from opensvh.workflows.simulate import simulate as run

    settings = SimulationSettings(patients, seed, severity.value)
    columns = (TextColumn("simulating patients"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns) as progress:
        task = progress.add_task("patients", total=patients)
        added = run(out, settings, jobs or _cpus(), lambda done: progress.update(task, completed=done))
    typer.echo(f"{out}: {patients} patients, {added} of them new; `opensvh train --data {out}` takes it as it is")


def _cpus() -> int:
    """CPUs this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
