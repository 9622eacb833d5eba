"""`opensvh realism gaps`: joint spaces asked of the simulator against those seen on what it draws."""

from pathlib import Path
from typing import Annotated

import typer


def gaps(
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for gaps.csv, gaps.json and gaps.html.")],
    films: Annotated[int, typer.Option(min=1, help="How many hands, and as many feet.")] = 20,
    seed: Annotated[int, typer.Option(min=0, help="The same seed asks for the same spaces.")] = 0,
) -> None:
    """Ask for joint spaces from wide to closed, and measure on the drawn bones what came of them."""
    from rich.console import Console
    from rich.progress import track
    from rich.table import Table

    from opensvh.evaluation.gap_errors import gap_figures
    from opensvh.workflows.realism_gaps import gaps_of_limbs, write_gaps

    measured = [gap for number in track(range(films), "Measuring limbs") for gap in gaps_of_limbs(number, seed)]
    figures = gap_figures(measured)
    write_gaps(out, measured, {"limbs": films, "seed": seed})
    table = Table("Joint", "n", "not seen", "mean error, mm", "95 % below", "small enough", title="Seen less asked")
    for name, each in figures.items():
        errors = each["seen"]
        if errors is not None:
            numbers = (str(errors["n"]), str(errors["missed"]), f"{errors['mean']:+.3f}", f"{errors['p95']:.3f}")
            table.add_row(name, *numbers, "yes" if errors["small"] else "no")
    console = Console()
    console.print(table)
    console.print(f"Page: {out / 'gaps.html'}", markup=False)
