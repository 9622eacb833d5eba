"""Does finding joints transfer from simulated to real films? `python validation/transfer_trial.py --help`.

The same small network is trained for the same steps on a simulator's films by the product's own training, then reads
the measuring half of the real films as `opensvh evaluate` does. What is compared is the films alone.
"""

import json
from pathlib import Path
from typing import Annotated

import typer
from point_figures import MarkedPoint, figure_table, figures, read_points, write_points
from progress_bars import Bar, bars
from real_films import Half, real_films, write_half
from rich.console import Console

from opensvh.cli.options import tune_malloc
from opensvh.evaluation.truth import ReadFilm
from opensvh.training.config import Preset, load_preset, with_training
from opensvh.workflows.evaluate import evaluated_model, read_films
from opensvh.workflows.known_films import known_films
from opensvh.workflows.train import Folds, Watch, train

CONFIG = Path(__file__).parent / "transfer.toml"
POINTS, RESULT = "points.csv", "result.json"


def main(
    films: Annotated[Path | None, typer.Option(help="Film set to train on, as `opensvh simulate` writes.")] = None,
    real: Annotated[Path | None, typer.Option(help="Folder with the marked real films and joints.json.")] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Folder of the trial; run again, it goes on.")] = None,
    config: Annotated[str, typer.Option(help="Network and schedule; both simulators' must be the same.")] = str(CONFIG),
    steps: Annotated[int | None, typer.Option(min=1, help="Length of the run, instead of the configured.")] = None,
    seeds: Annotated[int, typer.Option(min=1, help="So many runs, of seeds from 0 on; their points are pooled.")] = 1,
    threads: Annotated[int | None, typer.Option(min=1, help="CPU threads (default: all).")] = None,
    compare: Annotated[tuple[Path, Path] | None, typer.Option(help="Only show two trials: before, after.")] = None,
) -> None:
    """Run the transfer trial on a film set, or show two trials side by side."""
    if compare:
        results = {f"{number}. {each.name}": read_points(each / POINTS) for number, each in enumerate(compare, 1)}
    elif films and real and out:
        preset = with_training(load_preset(config), steps=steps, threads=threads)
        points = []
        for seed in range(seeds):
            run = out / f"seed-{seed}"
            with bars() as new_bar:
                bundle = _trained(with_training(preset, seed=seed), films, run, new_bar)
                points += _read(bundle, real, run, new_bar)
        write_points(out / POINTS, points)
        record = {"films": str(films), "steps": preset.training.steps, "seeds": seeds, "parts": figures(points)}
        (out / RESULT).write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
        results = {out.name: points}
    else:
        raise typer.BadParameter("give --films, --real and --out; or --compare and the folders of two trials")
    Console(width=170).print(figure_table(results))


def _trained(preset: Preset, films: Path, out: Path, new_bar: Bar) -> Path:
    """The bundle of the run, trained or taken up again as `opensvh train --resume` would."""
    stored, trained = new_bar("Storing films"), new_bar("Training")
    steps = preset.training.steps or 0
    watch = Watch(stored, lambda step, losses: trained(step, steps))
    return train(preset, films, out / "run", Folds(), resume=True, watch=watch)[0]


def _read(bundle: Path, real: Path, out: Path, new_bar: Bar) -> list[MarkedPoint]:
    """The error at each point of the measuring half that was plain to see."""
    measuring = out / "real"
    write_half(real, Half.MEASURING, measuring)
    films = known_films(measuring)
    people = {film.marked.file: film.marked.group for film in real_films(real)}
    bar, done = new_bar("Reading real films"), iter(range(1, len(films) + 1))
    model = evaluated_model([str(bundle)])
    studies = read_films(model, films, out / "readings", lambda film: bar(next(done), len(films)))
    readings = {reading.film: reading for study in studies for reading in study.films}
    return [
        MarkedPoint(truth.film, people[truth.film], truth.limb.value, error.point, error.error_percent)
        for truth in films
        for error in ReadFilm(truth, readings.get(str(truth.path))).certain_errors()
    ]


if __name__ == "__main__":
    tune_malloc()
    typer.run(main)
