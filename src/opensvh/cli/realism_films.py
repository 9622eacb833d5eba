"""`opensvh realism films`: how far simulated films lie from real ones."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from opensvh.cli.options import DEFAULT_MODEL, tune_malloc

if TYPE_CHECKING:
    from rich.table import Table


def films(
    simulated: Annotated[Path, typer.Option(help="A native dataset with joints, as `opensvh simulate` writes it.")],
    real: Annotated[Path, typer.Option(help="A folder with joints.json and the marked films it names.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for realism.json, realism.html, plots/, evidence/.")],
    baseline: Annotated[Path | None, typer.Option(help="An earlier realism.json, shown as “before”.")] = None,
    children: Annotated[bool, typer.Option("--children", help="Compare children's films too.")] = False,
    without: Annotated[str, typer.Option(help="Leave out real films whose name contains this.")] = "severe",
    folds: Annotated[int, typer.Option(min=2, max=20, help="Parts the persons are divided into for testing.")] = 4,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the classifiers and of all draws.")] = 0,
    thorough: Annotated[bool, typer.Option("--thorough", help="Train networks on equalised pictures too.")] = False,
    model: Annotated[str, typer.Option(help="Bundle whose encoder gives the features.")] = DEFAULT_MODEL,
) -> None:
    """Compare simulated with real films: levels, spectra, profiles, texture, framing, and two classifiers.

    The real films are adults' without arthritis unless told otherwise; evidence/ shows cuttings of them, so do not
    publish that folder.
    """
    tune_malloc()
    from rich.console import Console

    from opensvh.cli.progress import counting
    from opensvh.workflows.compared_films import FilmSets, RealChoice
    from opensvh.workflows.realism_baseline import read_figures

    before = read_figures(baseline) if baseline else None
    sets = FilmSets(simulated, real, RealChoice(without, children))
    compared = sets.read(folds)
    # After the films proved sound: a mistake there should not wait for the networks' libraries.
    from opensvh.workflows.realism_films import Comparison, RealismSettings

    comparison = Comparison(sets, compared, RealismSettings(folds, seed, model, thorough), before)
    with counting("Comparing films", comparison.steps) as advance:
        figures = comparison.run(out, advance)
    console = Console()
    console.print(_table(figures, before))
    console.print(f"Report: {out / 'realism.html'}", markup=False)


def _table(figures: dict[str, Any], before: dict[str, Any] | None) -> "Table":
    from rich.table import Table

    table = Table("limb", "pictures", "before", "network", "features", "AUC", title="Real or simulated: accuracy")
    for limb, each in figures["limbs"].items():
        for view, trial in each["classifiers"].items():
            old = before["limbs"].get(limb, {}).get("classifiers", {}).get(view) if before else None
            earlier = f"{_best(old):.3f}" if old else "–"
            shown = [f"{trial[name]['accuracy']:.3f}" for name in ("network", "features")]
            table.add_row(limb, view, earlier, *shown, f"{trial['network']['auc']:.3f}")
    return table


def _best(trial: dict[str, Any]) -> float:
    """The higher accuracy of the two classifiers."""
    return max(float(trial[name]["accuracy"]) for name in ("network", "features"))
