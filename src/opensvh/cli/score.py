"""`opensvh score`: from films to score sheets and reports."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from opensvh.cli.options import DEFAULT_MODEL, Models, tune_malloc
from opensvh.domain.anatomy import Limb, Side

if TYPE_CHECKING:
    from opensvh.workflows.score import Scored

_MOST_PATIENTS_SHOWN = 30


def score(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Films, or folders of films.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for tables and reports; a second run continues.")],
    model: Models = None,
    manifest: Annotated[
        Path | None, typer.Option(help="CSV that says which film is whose: film, patient, limb, side, rotate_cw.")
    ] = None,
    limb: Annotated[Limb | None, typer.Option(help="What all these films show.")] = None,
    side: Annotated[Side | None, typer.Option(help="The patient's side on all these films.")] = None,
    rotate: Annotated[
        int | None, typer.Option(help="Degrees clockwise that bring the digits up: 0, 90, 180 or 270.")
    ] = None,
    complete: Annotated[
        bool, typer.Option("--complete", help="Fill gaps of scores.csv with the training means, as RA2 wants.")
    ] = False,
    threads: Annotated[int | None, typer.Option(min=1, help="CPU threads (default: all).")] = None,
) -> None:
    """Score X-rays of hands and feet: every site, the totals, and a report a patient. For research use only."""
    if rotate is not None and rotate % 90:
        raise typer.BadParameter(f"{rotate} is not a multiple of 90", param_hint="--rotate")
    tune_malloc()
    from opensvh.cli.progress import counting
    from opensvh.io.identity import FilmClaims
    from opensvh.workflows.films import FilmHints, find_films
    from opensvh.workflows.score import score as run
    from opensvh.workflows.score import use_threads

    if threads:
        use_threads(threads)
    turns = None if rotate is None else rotate // 90 % 4
    hints = FilmHints(FilmClaims(None, limb, side, turns), manifest)
    films = find_films(paths, out)
    with counting("Reading films", len(films)) as advance:
        scored = run(films, out, model or [DEFAULT_MODEL], hints, complete, advance)
    _tell(scored, out)


def _tell(scored: "Scored", out: Path) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from opensvh.domain.anatomy import Kind
    from opensvh.reporting.summary import study_total

    console = Console()
    table = Table("Patient", "Narrowing", "Erosion", "Total", "Scores", "Films", "Refused", title="Expected scores")
    for study in scored.studies[:_MOST_PATIENTS_SHOWN]:
        sums = [study_total(study, kind).total for kind in (Kind.NARROWING, Kind.EROSION, None)]
        values = [f"{each.value:.1f}" if each.assessed else "–" for each in sums]
        counts = [f"{sums[-1].assessed}/{sums[-1].sites}", str(len(study.films)), str(len(study.refused) or "")]
        table.add_row(study.patient, *values, *counts)
    if scored.studies:
        console.print(table)
    if len(scored.studies) > _MOST_PATIENTS_SHOWN:
        console.print(f"… and {len(scored.studies) - _MOST_PATIENTS_SHOWN} more patients")
    refused = [*scored.refused, *(film for study in scored.studies for film in study.refused)]
    for film in refused:
        console.print(Text.assemble(("refused ", "yellow"), film.reason), soft_wrap=True)
    if scored.continued:
        console.print(f"{scored.continued} of {len(scored.studies)} patients were done already")
    place = f"Reports: {out}/<patient>/report.html   Tables: {out}/scores.csv, sites.csv"
    console.print(place, markup=False, highlight=False, soft_wrap=True)
    console.print(
        "For research use only: not a medical device, not for diagnosis or treatment decisions.", soft_wrap=True
    )
