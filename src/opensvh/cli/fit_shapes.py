"""`opensvh fit-shapes`: the shape models of hand and foot, from a film set with marked joints."""

from pathlib import Path
from typing import Annotated

import typer


def fit_shapes(
    data: Annotated[Path, typer.Option("--data", help="Film set with joints.csv, as `opensvh simulate` writes it.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="JSON file to write.")],
    seed: Annotated[int, typer.Option(min=0, help="Deals the patients into folds.")] = 0,
) -> None:
    """Learn how the joints of hands and feet lie to each other; the quality gate judges by it."""
    from opensvh.workflows.fit_shapes import fit_shapes as fitted_on

    fitted = fitted_on(data, out, seed)
    for limb, model in fitted.models.items():
        half, most = model.distances[len(model.distances) // 2], model.distances[-1]
        typer.echo(
            f"{limb}: {fitted.limbs[limb]} films, {len(model.modes)} modes; "
            f"distance of films of unseen patients: median {half:.2f}, largest {most:.2f}"
        )
    typer.echo(f"written: {out}")
