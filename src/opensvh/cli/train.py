"""`opensvh train`: from a film set to a model bundle."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from opensvh.cli.options import tune_malloc

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress


def train(
    config: Annotated[
        str, typer.Option("--config", help="TOML file, or preset: paper, reference, compact, compact-half, tiny.")
    ],
    data: Annotated[Path, typer.Option("--data", help="Film set in the native layout (see `opensvh check`).")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder of the run: log, checkpoints, and bundle/.")],
    mix: Annotated[
        list[str] | None,
        typer.Option(metavar="FOLDER=SHARE", help="A further film set and its share of the examples; repeatable."),
    ] = None,
    fold: Annotated[int | None, typer.Option(min=1, help="Hold out this fold of patients (default 1).")] = None,
    folds: Annotated[int | None, typer.Option(min=2, help="Train a model a fold, of so many folds.")] = None,
    all_data: Annotated[bool, typer.Option("--all-data", help="Hold out nobody.")] = False,
    start: Annotated[str | None, typer.Option(help="Bundle whose weights to begin with: a folder or a name.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the last checkpoint.")] = False,
    steps: Annotated[int | None, typer.Option(min=1, help="Length of the run, instead of the configured.")] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Another seed is another model.")] = None,
    threads: Annotated[int | None, typer.Option(min=1, help="CPU threads (default: all).")] = None,
    devices: Annotated[
        int | None, typer.Option(min=1, help="GPUs, or CPU processes, that share the batches of each step.")
    ] = None,
    spread: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="With --folds: a Ray cluster's address, or `local` for one here."),
    ] = None,
) -> None:
    """Train a model on films with marked joints and scores; scores or joints may lack for some films.

    Where MLFLOW_TRACKING_URI is set, losses and figures go there too.
    """
    if sum((fold is not None, folds is not None, all_data)) > 1:
        raise typer.BadParameter("give one of --fold, --folds and --all-data")
    if spread and folds is None:
        raise typer.BadParameter("spreads folds over machines; give --folds", param_hint="--spread")
    tune_malloc()
    quieten()
    from rich.console import Console

    from opensvh.training.config import load_preset, with_training
    from opensvh.training.experiment import planned_steps
    from opensvh.workflows.train import Folds, Watch
    from opensvh.workflows.train import train as run

    changes = {"start": start, "steps": steps, "seed": seed, "threads": threads, "folds": folds, "devices": devices}
    preset = with_training(load_preset(config), **changes, mix=_shares(mix or []) or None)
    chosen = Folds(None if all_data else fold or 1, every=folds is not None)
    console = Console()
    if spread:
        from opensvh.batch.folds import spread_folds

        for bundle in spread_folds(preset, data, out, None if spread == "local" else spread):
            console.print(f"Model: {bundle}", markup=False)
        return
    with _progress(console) as progress:
        films = progress.add_task("Storing films", total=None)
        training = progress.add_task("Training", total=None)

        def on_film(done: int, of: int) -> None:
            progress.update(films, completed=done, total=of)
            progress.update(training, total=planned_steps(preset.training, of))

        def on_step(step: int, figures: Mapping[str, float]) -> None:
            if "loss" in figures:
                progress.update(training, completed=step, description=f"Training, loss {figures['loss']:.3f}")
            else:
                console.print(f"step {step}:", ", ".join(f"{name} {value:.3f}" for name, value in figures.items()))

        bundles = run(preset, data, out, chosen, resume, Watch(on_film, on_step))
    for bundle in bundles:
        console.print(f"Model: {bundle}   `opensvh score FILM... --model {bundle} -o OUT` reads films with it")


def _shares(mix: list[str]) -> dict[str, float]:
    shares = {}
    for each in mix:
        folder, _, share = each.rpartition("=")
        try:
            shares[folder] = float(share)
        except ValueError:
            folder = ""
        if not folder:
            raise typer.BadParameter(f"{each!r} is not FOLDER=SHARE, such as edited=0.2", param_hint="--mix")
    return shares


def quieten() -> None:
    """Lightning's remarks are for developers."""
    import logging
    import warnings

    for name in ("lightning.pytorch", "lightning.pytorch.utilities.rank_zero", "lightning.fabric"):
        logging.getLogger(name).setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", module="lightning")


def _progress(console: "Console") -> "Progress":
    from rich.progress import MofNCompleteColumn, Progress, TimeElapsedColumn, TimeRemainingColumn

    columns = (*Progress.get_default_columns()[:2], MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    return Progress(*columns, console=console)
