"""`opensvh train-analyser`: from films whose limbs are known to the weights that find limbs on any film."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from opensvh.cli.options import tune_malloc


def train_analyser(
    data: Annotated[Path, typer.Option("--data", help="Film set in the native layout with joints.csv.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder of the run: log, checkpoint, and film_analyser/.")],
    real: Annotated[Path | None, typer.Option("--real", help="Folder of real films, with --labels.")] = None,
    labels: Annotated[Path | None, typer.Option("--labels", help="CSV with a row a limb on these films.")] = None,
    kept_out: Annotated[Path | None, typer.Option(help="Text file of film names that train nothing.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the last checkpoint.")] = False,
    steps: Annotated[int | None, typer.Option(min=1, help="Steps of the network that finds limbs.")] = None,
    look_steps: Annotated[int | None, typer.Option(min=1, help="Of the one that looks at each closely.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Another seed is another model.")] = 0,
    threads: Annotated[int | None, typer.Option(min=1, help="CPU threads (default: all).")] = None,
) -> None:
    """Train the film analyser: hand or foot, where, which way up, which side, on any film."""
    if (labels is None) != (real is None):
        raise typer.BadParameter("give --real and --labels together: the films, and what they show")
    tune_malloc()
    from rich.console import Console
    from rich.progress import Progress

    from opensvh.training.film_analyser import AnalyserRun
    from opensvh.training.limb_look import LookRun
    from opensvh.workflows.train_analyser import AnalyserFilms, Runs, Watch, train

    shared = {"seed": seed, "threads": threads}
    runs = Runs(
        AnalyserRun.model_validate(shared if steps is None else {**shared, "steps": steps}),
        LookRun.model_validate(shared if look_steps is None else {**shared, "steps": look_steps}),
    )
    console = Console()
    with Progress(console=console) as progress:
        task = progress.add_task("Storing films", total=None)

        def on_film(done: int) -> None:
            progress.update(task, description=f"Films stored: {done}")

        def on_step(step: int, figures: Mapping[str, float]) -> None:
            loss = figures["loss"]
            progress.update(task, completed=step, description=f"Training, step {step}, loss {loss:.3f}")

        folder = train(AnalyserFilms(data, real, labels, kept_out), out, runs, resume, Watch(on_film, on_step))
    console.print(f"Film analyser: {folder}")
