"""`opensvh realism joints`: joints of real films without arthritis beside undamaged simulated ones."""

from pathlib import Path
from typing import Annotated

import typer

LISTED = 15


def joints(
    simulated: Annotated[Path, typer.Option("--simulated", help="Folder that `opensvh simulate` wrote.")],
    real: Annotated[Path, typer.Option("--real", help="Folder with joints.json and the real films it names.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for joints.json, joints.csv and joints.html.")],
    baseline: Annotated[
        Path | None, typer.Option("--baseline", help="joints.json of an earlier run, to show as before.")
    ] = None,
    without: Annotated[str, typer.Option("--without", help="Leave out real films with this in their name.")] = "severe",
    pictures: Annotated[
        bool, typer.Option("--pictures", help="Also write mean joints; they are made of real films, keep them.")
    ] = False,
) -> None:
    """Measure normal joints as a reader would, and rank where simulated ones differ from real ones."""
    from rich.console import Console
    from rich.table import Table

    from opensvh.cli.progress import counting
    from opensvh.workflows.realism_joints import measured, real_films, simulated_films, undamaged_sites, write_looks

    films, others = real_films(real, without), simulated_films(simulated)
    with counting("Measuring films", len(films) + len(others)) as advance:
        ours = measured(films, None, advance)
        theirs = measured(others, undamaged_sites(simulated, others), advance)
    ranked = write_looks(out, ours, theirs, baseline, pictures)
    table = Table("Class", "figure", "real", "simulated", "difference, SD", title="The largest differences")
    for each in ranked[:LISTED]:
        medians = (f"{each.real.median:.2f}", f"{each.simulated.median:.2f}")
        table.add_row(f"{each.limb} {each.group}", each.measure, *medians, f"{each.difference:+.1f}")
    console = Console()
    console.print(table)
    console.print(f"Page: {out / 'joints.html'}", markup=False)
