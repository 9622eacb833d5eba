"""Does what is learnt of damage on simulated films hold on real ones? `python validation/damage_trial.py --help`.

A small classifier per kind learns to grade patches of joints on a simulator's films. It is measured on simulated
patients it never saw, and on real limbs without arthritis, where it should see next to nothing. Joints are given, so
that grading is judged apart from finding.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import torch
import typer
from damage_data import GradedJoints, Joints, film_set, graded_joints, real_joints
from damage_figures import Means, real_figures, simulated_figures
from damage_picture import write_pictures
from damage_report import tables, verdict
from patch_training import Schedule, expectations, trained
from progress_bars import Advance, Bar, bars
from real_films import RealFilm, real_films
from rich.console import Console

from opensvh.cli.options import tune_malloc
from opensvh.domain.anatomy import Kind
from opensvh.domain.errors import OutputConflict
from opensvh.training.datamodule import split_films

RESULT, SETTINGS = "result.json", "settings.json"
FOLDS, FOLD = 8, 1
"""This fold of so many folds of patients is held out, and measured where no other unseen set is given."""


@dataclass(frozen=True)
class TrialFilms:
    """The joints of one kind that are learnt, those that are unseen, and the real ones with their films."""

    training: GradedJoints
    unseen: GradedJoints
    real: Joints
    real_films: Sequence[RealFilm]


def main(
    films: Annotated[Path | None, typer.Option(help="Film set to train on, as `opensvh simulate` writes.")] = None,
    real: Annotated[Path | None, typer.Option(help="Folder with the marked real films and joints.json.")] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Folder of the trial; run again, it goes on.")] = None,
    unseen: Annotated[Path | None, typer.Option(help="Another film set of the same simulator, to measure on.")] = None,
    steps: Annotated[int, typer.Option(min=10, help="Length of the training of each kind.")] = Schedule.steps,
    threads: Annotated[int | None, typer.Option(min=1, help="CPU threads (default: all).")] = None,
    compare: Annotated[tuple[Path, Path] | None, typer.Option(help="Only show two trials' results.")] = None,
) -> None:
    """Run the damage trial on a film set, or show two trials side by side."""
    console = Console(width=170)
    if compare:
        stored = enumerate((folder.name, (folder / RESULT).read_text("utf-8")) for folder in compare)
        results = {f"{number + 1}. {name}": json.loads(text) for number, (name, text) in stored}
    elif films and real and out:
        torch.set_num_threads(threads or torch.get_num_threads())
        results = {out.name: run_trial(films, unseen, real, out, Schedule(steps=steps))}
    else:
        raise typer.BadParameter("give --films, --real and --out; or --compare and the folders of two trials")
    for table in tables(results):
        console.print(table)
    for name, result in results.items():
        console.print(f"{name}:", *(f"  {line}" for line in verdict(result)), sep="\n", markup=False, highlight=False)


def run_trial(films: Path, unseen: Path | None, real: Path, out: Path, schedule: Schedule) -> dict[str, Any]:
    """The trial's figures, also in `out/result.json`; pictures of what was read in `out`."""
    settings = {"films": str(films), "unseen": str(unseen or "held out"), "schedule": asdict(schedule)}
    _claim(out, settings)
    with bars() as new_bar:
        sets = _trial_films(films, unseen, real, out, new_bar)
        kinds = {kind: _one_kind(sets[kind], out / kind, schedule, new_bar(f"Training, {kind}")) for kind in Kind}
    result = {**settings, "kinds": kinds}
    (out / RESULT).write_text(json.dumps(result, indent=1, allow_nan=False) + "\n", encoding="utf-8")
    return result


def _claim(out: Path, settings: Mapping[str, Any]) -> None:
    """The folder is this trial's, or raises OutputConflict."""
    path = out / SETTINGS
    if path.is_file() and json.loads(path.read_text("utf-8")) != settings:
        raise OutputConflict(f"{out}: holds a trial with other settings ({path}); name another folder")
    out.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(settings, indent=1) + "\n", encoding="utf-8")


def _trial_films(films: Path, unseen: Path | None, real: Path, out: Path, new_bar: Bar) -> dict[Kind, TrialFilms]:
    """Patches are cut once and kept in `out`."""
    records = film_set(films)
    split = split_films(records, FOLDS, FOLD, seed=0)
    training, held_out = ({records[row].path.name for row in part} for part in (split.training, split.validation))
    seen = graded_joints(records, films, out / "patches", new_bar("Patches, training set"))
    if unseen:
        others = graded_joints(film_set(unseen), unseen, out / "patches-unseen", new_bar("Patches, unseen set"))
    else:
        others = {kind: seen[kind].of_films(held_out) for kind in Kind}
    marked = real_films(real)
    ungraded = real_joints(marked, out / "patches-real", new_bar("Patches, real films"))
    return {kind: TrialFilms(seen[kind].of_films(training), others[kind], ungraded[kind], marked) for kind in Kind}


def _one_kind(sets: TrialFilms, out: Path, schedule: Schedule, bar: Advance) -> dict[str, Any]:
    """Train, read and measure; the readings themselves go to pictures."""
    bar(0, schedule.steps)
    network = trained(out, sets.training, schedule, lambda done, loss: bar(done, schedule.steps))
    unseen, real = expectations(network, sets.unseen.joints), expectations(network, sets.real)
    write_pictures(out, sets.unseen, unseen, sets.real, real)
    return {
        "trained_on": len(sets.training.joints),
        "unseen": simulated_figures(sets.unseen, unseen, Means.of(sets.training)),
        "real": real_figures(sets.real, real, sets.real_films),
    }


if __name__ == "__main__":
    tune_malloc()
    typer.run(main)
