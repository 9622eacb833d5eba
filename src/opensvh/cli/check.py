"""`opensvh check DIR`: counts of a film set, and whatever is wrong with it, row by row."""

from pathlib import Path
from typing import Annotated

import typer


def check(folder: Annotated[Path, typer.Argument(help="Film set: images/, training.csv, joints.csv.")]) -> None:
    """Say whether a film set can be trained on, and list every problem row by row."""
    from opensvh.domain.errors import DatasetInvalid
    from opensvh.io.tables import examine_dataset

    dataset, problems = examine_dataset(folder)
    films = dataset.films
    typer.echo(
        f"{folder}: {len(films)} films of {len(dataset.patients)} patients, "
        f"{sum(bool(film.scores) for film in films)} films scored, "
        f"{sum(bool(film.points) for film in films)} with joints marked"
    )
    for problem in problems:
        typer.echo(f"  {problem}")
    if problems:
        raise DatasetInvalid(f"{folder}: {len(problems)} problems, listed above; correct them and check again")
    typer.echo("ready for training")
