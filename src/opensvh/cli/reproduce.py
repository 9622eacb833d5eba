"""`opensvh reproduce NAME`: test a claim of the paper on the fixed benchmark."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from opensvh.cli.options import tune_malloc

if TYPE_CHECKING:
    from opensvh.workflows.reproduce import Outcome, ReproduceRequest


def reproduce(
    name: Annotated[
        str,
        typer.Argument(
            help="figure-1, smoothing, radius, classification-vs-regression, single-vs-two-stage, ahead, coordconv, "
            "foot-halving, ensemble, data-size; or a TOML file of another experiment."
        ),
    ],
    benchmark: Annotated[Path | None, typer.Option(help="Folder that `opensvh benchmark make` wrote.")] = None,
    runs: Annotated[Path, typer.Option(help="Folder of the runs, which experiments share.")] = Path("runs/reproduce"),
    out: Annotated[Path, typer.Option("--out", "-o", help="Results go to OUT/NAME.")] = Path("docs/results"),
    budget: Annotated[
        float | None, typer.Option(min=0, metavar="MINUTES", help="Begin no further run after so long.")
    ] = None,
    waves: Annotated[int | None, typer.Option(min=1, help="Train only the arms of the first so many waves.")] = None,
    no_test: Annotated[bool, typer.Option("--no-test", help="Leave the test patients' truth alone.")] = False,
    spread: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Give the runs to a Ray cluster: its address, or `local` for one here."),
    ] = None,
) -> None:
    """Train the arms of an experiment, seed by seed, and write table, figure, figures as JSON and log.

    Finished runs travel in OUT/runs, without their models: they are taken from there and never trained again. Without
    --benchmark the results are made anew from them alone.

    Stop it whenever you like: the same command goes on. Several such commands at once share the work.
    """
    tune_malloc()
    from opensvh.workflows.reproduce import ReproduceRequest

    request = ReproduceRequest(name, benchmark, runs, out, budget, not no_test, waves)
    outcome = _spread(request, spread) if spread else _here(request)
    state = "" if outcome.finished == outcome.planned else "; the same command goes on"
    typer.echo(f"{outcome.results}: {outcome.finished} of {outcome.planned} runs finished{state}")


def _here(request: "ReproduceRequest") -> "Outcome":
    from collections.abc import Mapping

    from rich.console import Console

    from opensvh.cli.train import quieten
    from opensvh.workflows.reproduce import Watch
    from opensvh.workflows.reproduce import reproduce as run_experiment
    from opensvh.workflows.reproduce_config import Run

    quieten()
    console = Console(stderr=True)
    with console.status("Beginning") as status:
        told = {"run": ""}

        def on_run(run: Run, done: int, of: int) -> None:
            told["run"] = f"run {done + 1} of {of} ({run.design}, seed {run.preset.training.seed})"

        def on_step(step: int, figures: Mapping[str, float]) -> None:
            status.update(f"{told['run']}: step {step}, loss {figures['loss']:.3f}")

        return run_experiment(request, Watch(on_run, on_step))


def _spread(request: "ReproduceRequest", address: str) -> "Outcome":
    from opensvh.batch.experiments import spread_experiment

    return spread_experiment(request, None if address == "local" else address)
