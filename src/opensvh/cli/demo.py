"""`opensvh demo`: a simulated patient's four films, scored, with the truth beside the reading."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from opensvh.cli.options import DEFAULT_MODEL, tune_malloc

if TYPE_CHECKING:
    from rich.table import Table

    from opensvh.workflows.demo import Demonstration

DEFAULT_SEED = 20261131
"""Training cohorts have small seeds: this patient was never seen."""
FILMS = 4


def demo(
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the films, the scores and the report.")],
    seed: Annotated[int, typer.Option(min=0, help="Another seed is another patient.")] = DEFAULT_SEED,
    model: Annotated[str, typer.Option("--model", help="Bundle folder or shipped name.")] = DEFAULT_MODEL,
) -> None:
    """Simulate a patient, score the four films and show the truth beside the reading."""
    tune_malloc()
    from rich.console import Console

    from opensvh.workflows.demo import demonstrate

    console = Console()
    with console.status("Simulating a patient") as status:
        read: list[str] = []

        def on_film(film: str) -> None:
            read.append(film)
            status.update(f"Reading films: {len(read)} of {FILMS}")

        shown = demonstrate(out, seed, [model], on_film)
    console.print(_site_table(shown))
    console.print(_sum_table(shown))
    for film in shown.study.refused:
        console.print(f"not read: {film.film}: {film.reason}", markup=False, soft_wrap=True)
    console.print("A simulated patient: no figure here says how well real films are read.")
    run_by = dict.fromkeys(film.facts["network_run_by"] for film in shown.study.films)
    console.print(f"Networks run by {', '.join(run_by)}", markup=False, highlight=False)
    console.print(f"Report: {shown.report}", markup=False, soft_wrap=True)


def _sum_table(shown: "Demonstration") -> "Table":
    from rich.table import Table

    table = Table("Sum over both sides", title="Sums of the sites assessed")
    for heading in ("true", "read", "assessed"):
        table.add_column(heading, justify="right")
    for each in shown.sums():
        table.add_row(each.label, f"{each.truth:.0f}", f"{each.read:.1f}", f"{each.assessed} of {each.sites}")
    return table


def _site_table(shown: "Demonstration") -> "Table":
    from rich.table import Table

    from opensvh.domain.anatomy import SITES, Kind, Side

    headings = [(kind, side) for kind in Kind for side in Side]
    table = Table(title="True grade > read, by site; a dash where a site was not assessable")
    table.add_column("Site", no_wrap=True)
    for kind, side in headings:
        table.add_column(f"{side.name.lower()}\n{kind}", justify="right", no_wrap=True)
    limb = SITES[0].limb
    for site in SITES:
        if site.limb is not limb:
            table.add_section()
            limb = site.limb
        keys = [(side, site.limb, site.name, kind) for kind, side in headings]
        cells = [
            "" if key not in shown.truth else f"{shown.truth[key]:.0f} > {_read(shown.read.get(key))}" for key in keys
        ]
        table.add_row(f"{site.limb} {site.name}", *cells)
    return table


def _read(expected: float | None) -> str:
    return "–" if expected is None else f"{expected:.1f}"
