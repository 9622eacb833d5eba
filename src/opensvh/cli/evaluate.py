"""`opensvh evaluate`: figures of a model on films whose truth is known, simulated or marked by hand."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from opensvh.cli.options import DEFAULT_MODEL, Models, tune_malloc
from opensvh.domain.backends import Choice

if TYPE_CHECKING:
    from rich.table import Table


class Halves(StrEnum):
    """Which of the real films to measure."""

    TUNING = "tuning"
    MEASURING = "measuring"
    BOTH = "both"


@dataclass(frozen=True)
class Films:
    """What the options say of real films."""

    half: Halves
    told: bool
    not_limbs: Path | None


@dataclass(frozen=True)
class Reading:
    """Who reads, and what runs the networks."""

    models: list[str]
    backend: Choice


def evaluate(
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for metrics, tables and the report page.")],
    data: Annotated[
        Path | None,
        typer.Option("--data", help="A native dataset, or a folder with joints.json and the films it names."),
    ] = None,
    real: Annotated[
        Path | None,
        typer.Option("--real", help="A folder with hand-marked real films and joints.json: all figures on real films."),
    ] = None,
    model: Models = None,
    half: Annotated[Halves, typer.Option("--half", help="With --real: films of this half only.")] = Halves.BOTH,
    not_limbs: Annotated[
        Path | None, typer.Option("--not-limbs", help="With --real: a folder of images that should all be refused.")
    ] = None,
    told: Annotated[
        bool, typer.Option("--told", help="With --real: tell limb, side and turn instead of finding them.")
    ] = False,
    backend: Annotated[
        Choice, typer.Option(help="What runs the networks, as of score; torch: the reference that others must equal.")
    ] = Choice.AUTO,
) -> None:
    """Measure a model: errors of scores, the challenge's SC1-SC3, agreement, and where it finds the joints."""
    if (data is None) == (real is None):
        raise typer.BadParameter("give either --data or --real", param_hint="--data / --real")
    tune_malloc()
    reading = Reading(model or [DEFAULT_MODEL], backend)
    if data is not None:
        _evaluate_known(data, out, reading)
    elif real is not None:
        if told and not_limbs is not None:
            raise typer.BadParameter("nothing can be told of images without a hand or foot", param_hint="--not-limbs")
        _evaluate_real(real, out, reading, Films(half, told, not_limbs))


def _evaluate_known(data: Path, out: Path, reading: Reading) -> None:
    from rich.console import Console

    from opensvh.cli.progress import counting
    from opensvh.workflows.known_films import known_films

    films = known_films(data)
    # After the data proved sound: a mistake there should not wait for the networks' libraries.
    from opensvh.workflows.evaluate import evaluate as measured
    from opensvh.workflows.evaluate import evaluated_model

    reader = evaluated_model(reading.models, reading.backend)
    console = Console()
    with counting("Reading films", len(films)) as advance:
        figures = measured(reader, data, out, advance)
    if "scores" in figures:
        console.print(_score_table(figures["scores"]))
    if "localization" in figures:
        console.print(_place_table(figures["localization"]["groups"]))
    for film in figures["refused"]:
        console.print(f"not read: {film['film']}: {film['reason']}", markup=False)
    _tell_made(reader.run_by, out / "report.html")


def _evaluate_real(folder: Path, out: Path, reading: Reading, films: Films) -> None:
    from rich.console import Console

    from opensvh.cli.evaluate_real_table import wanted_table
    from opensvh.cli.progress import counting
    from opensvh.evaluation.real_split import Half
    from opensvh.workflows.evaluate_real import PAGE_FILE, RealTrial, evaluate_real
    from opensvh.workflows.evaluate_real_readers import film_reader, told_reader
    from opensvh.workflows.evaluate_real_simulator import SimulatorEditor

    half = None if films.half is Halves.BOTH else Half(films.half.value)
    trial = RealTrial(folder, half, SimulatorEditor(), films.not_limbs)
    steps = trial.steps()
    reader = (told_reader if films.told else film_reader)(reading.models, reading.backend)
    with counting("Reading films", steps) as advance:
        figures = evaluate_real(reader, trial, out, advance)
    console = Console()
    console.print(wanted_table(figures))
    for film in figures["refused"]:
        console.print(f"not read: {film['film']}: {film['reason']}", markup=False)
    _tell_made(reader.run_by, out / PAGE_FILE)


def _tell_made(run_by: Sequence[str], page: Path) -> None:
    from rich.console import Console

    console = Console()
    console.print(f"Networks run by {', '.join(dict.fromkeys(run_by))}", markup=False)
    console.print(f"Report: {page}", markup=False)


def _score_table(scores: dict[str, Any]) -> "Table":
    from rich.table import Table

    table = Table("", "SC1", "SC2", "SC3", "narrowing", "erosion", "total", title="SC1-SC3 and RMSE in grades")
    for name in ("model", "training_mean"):
        if name in scores:
            each = scores[name]
            challenge = [each["challenge"]["all"][score] for score in ("sc1", "sc2", "sc3")]
            errors = [each["example_rmse"][kind] for kind in ("narrowing", "erosion")]
            table.add_row(name.replace("_", " "), *map(_number, [*challenge, *errors, each["total_rmse"]]))
    return table


def _place_table(groups: dict[str, Any]) -> "Table":
    from rich.table import Table

    table = Table("Joints", "marked", "not found", "median px", "median %", "within 2 %", title="Joints found")
    for name, group in groups.items():
        within = f"{100 * group['within'][2]:.0f} %"
        places = [_number(group["median_px"]), _number(group["median_percent"]), within]
        table.add_row(name, str(group["marked"]), str(group["missed"]), *places)
    return table


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
