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


class FormatChoice(StrEnum):
    """File formats; the same words as `workflows.film_files.FilmFormat`."""

    PNG = "png"
    DICOM = "dicom"


def simulate(
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder to write, or to continue or extend.")],
    patients: Annotated[int, typer.Option(min=1, help="Number of patients; four films each.")] = 10,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same bytes.")] = 0,
    jobs: Annotated[int, typer.Option(min=0, help="Processes; 0 takes one for each CPU.")] = 0,
    severity: Annotated[
        SeverityChoice,
        typer.Option(
            help="training: from undamaged (a fifth, children among them) to severe, every grade common; "
            "reference: adults as in a trial or the challenge, median total near 10."
        ),
    ] = SeverityChoice.TRAINING,
    visits: Annotated[
        int,
        typer.Option(
            min=1,
            max=9,
            help="Visits of each patient, 12 or 24 months apart; SIM0001V2 is the second of SIM0001, with the same "
            "bones and damage that grew by the points in change.csv.",
        ),
    ] = 1,
    film_format: Annotated[
        FormatChoice,
        typer.Option("--format", help="Of the films; a dicom film says in its tags that nobody was X-rayed."),
    ] = FormatChoice.PNG,
) -> None:
    """Simulate radiographs of hands and feet with exactly known joints, gaps and scores.

    Beside the films: training.csv and reader2.csv (what two readers who err wrote down), truth.csv (exact grades),
    joints.csv, gaps.csv, status.csv (operated or amputated sites, which have no score), patients.csv, visits.csv,
    change.csv.
    """
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from opensvh.workflows.simulate import SimulationSettings
    from opensvh.workflows.simulate import simulate as run

    settings = SimulationSettings(patients, seed, severity.value, visits, film_format.value)
    columns = (TextColumn("simulating patients"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns) as progress:
        task = progress.add_task("patients", total=patients)
        added = run(out, settings, jobs or _cpus(), lambda done: progress.update(task, completed=done))
    made = f"{patients} patients" + (f" at {visits} visits" if visits > 1 else "")
    typer.echo(f"{out}: {made}, {added} of them new; `opensvh train --data {out}` takes it as it is")


def _cpus() -> int:
    """CPUs this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
