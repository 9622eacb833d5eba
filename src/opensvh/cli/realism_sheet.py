"""`opensvh realism sheet`: a blind sheet, real among simulated crops, for people to try."""

from pathlib import Path
from typing import Annotated

import typer


def sheet(
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for sheet.png, sheet.html and key.csv.")],
    simulated: Annotated[Path | None, typer.Option(help="A native dataset with joints.")] = None,
    real: Annotated[Path | None, typer.Option(help="A folder with joints.json and its films.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Which crops, and their order.")] = 0,
    crops: Annotated[int, typer.Option(min=2, max=200, help="How many crops, half of them real.")] = 40,
    children: Annotated[bool, typer.Option("--children", help="Show children's films too.")] = False,
    without: Annotated[str, typer.Option(help="Leave out real films whose name contains this.")] = "severe",
    answers: Annotated[
        Path | None, typer.Option(help="A CSV with the columns number and answer: score it by the key in OUT.")
    ] = None,
) -> None:
    """Make a numbered sheet of crops, half real, or score somebody's answers to one.

    The sheet shows pieces of real films: never commit or publish it. Do not open key.csv before answering.
    """
    from opensvh.domain.errors import DatasetInvalid
    from opensvh.workflows.blind_sheet import SheetSettings, make_sheet, score_answers
    from opensvh.workflows.compared_films import RealChoice

    if answers is not None:
        typer.echo(str(score_answers(out, answers)))
        return
    if simulated is None or real is None:
        raise DatasetInvalid(
            f"{out}: a sheet needs both sets; give --simulated and --real, or --answers to score answers to this sheet"
        )
    choice = RealChoice(without, children)
    make_sheet(simulated, real, out, SheetSettings(crops, seed, choice))
    typer.echo(f"{out}: sheet.html and sheet.png with {crops} crops; key.csv has the answers")
