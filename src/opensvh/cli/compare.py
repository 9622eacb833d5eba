"""`opensvh compare`: predictions against a gold standard, and against each other, with every interval."""

from pathlib import Path
from typing import Annotated, Any

import typer


def compare(
    scores: Annotated[
        list[str],
        typer.Argument(
            metavar="GOLD PREDICTION...",
            help="Score tables (CSV, the RA2 columns), gold first; with --against or --data all are predictions.",
        ),
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for comparison.json and comparison.html.")],
    against: Annotated[str | None, typer.Option("--against", help="The gold table, if it is not given first.")] = None,
    data: Annotated[
        Path | None,
        typer.Option("--data", help="A film set: models (bundles) may be compared; gold is its training.csv."),
    ] = None,
    visits: Annotated[
        Path | None,
        typer.Option("--visits", help="CSV with patient, person, months: whose visit each row is, for change."),
    ] = None,
    sdc: Annotated[
        float | None,
        typer.Option("--sdc", min=0, help="Points of change that count as progression (default: the SDC)."),
    ] = None,
    common: Annotated[bool, typer.Option("--common", help="Compare the patients that every table has.")] = False,
    draws: Annotated[int, typer.Option("--draws", min=10, help="Bootstrap samples of patients.")] = 1000,
    seed: Annotated[int, typer.Option("--seed", help="Seed of the samples.")] = 0,
) -> None:
    """Compare score tables, readers or models: SC1-SC3, agreement, change, calibration; differences with intervals."""
    gold, predictions = _roles(scores, against, data)
    from opensvh.cli.compared_lines import lines
    from opensvh.cli.options import tune_malloc
    from opensvh.workflows.compared_models import is_model

    if any(is_model(each) for each in predictions):
        tune_malloc()
    from opensvh.workflows.compare import PAGE_FILE, CompareRequest
    from opensvh.workflows.compare import compare as compared

    request = CompareRequest(gold, predictions, data, visits, common, sdc, draws, seed)
    with _Bar() as bar:
        figures = compared(request, out, bar.start)
    for line in lines(figures):
        typer.echo(line)
    typer.echo(f"Report: {out / PAGE_FILE}")


def _roles(scores: list[str], against: str | None, data: Path | None) -> tuple[str | None, tuple[str, ...]]:
    """The gold table (None: the data set's) and the predictions."""
    if against is not None or data is not None:
        return against, tuple(scores)
    if len(scores) < 2:
        raise typer.BadParameter("give a gold table and at least one prediction, or --against", param_hint="GOLD")
    return scores[0], tuple(scores[1:])


class _Bar:
    """A progress bar that starts when it is known how many films there are to read, or never."""

    def __init__(self) -> None:
        from contextlib import ExitStack

        self._stack = ExitStack()

    def __enter__(self) -> "_Bar":
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    def start(self, films: int) -> Any:
        """Show the bar; answers what to call after each film."""
        from opensvh.cli.progress import counting

        return self._stack.enter_context(counting("Reading films", films))
