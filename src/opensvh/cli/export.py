"""`opensvh export`: from trained bundles to one that another library runs, faster."""

from pathlib import Path
from typing import Annotated

import typer

from opensvh.cli.options import tune_malloc
from opensvh.domain.backends import Backend, Precision

TOLERANCE = {Precision.FP32: 0.001, Precision.BF16: 0.05, Precision.INT8: 0.05}
"""How far a site's expectation may lie from PyTorch's before the export warns, in grades."""


def export(
    bundles: Annotated[
        list[str], typer.Argument(metavar="BUNDLE...", help="Bundle folders or shipped names; several: an ensemble.")
    ],
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Folder of the exported bundle (default: made ready for this machine)."),
    ] = None,
    backend: Annotated[Backend, typer.Option(help="Library that will run it: openvino or onnx.")] = Backend.OPENVINO,
    precision: Annotated[
        Precision, typer.Option(help="fp32; bf16 for CPUs that have it (openvino); int8, from simulated films.")
    ] = Precision.FP32,
    calibration_films: Annotated[int, typer.Option(min=4, help="Films that int8's ranges are taken from.")] = 48,
    checked_films: Annotated[int, typer.Option(min=0, help="Films on which the scores are compared.")] = 8,
    seed: Annotated[int, typer.Option(min=0, help="Of the simulated films.")] = 0,
    threads: Annotated[int | None, typer.Option(min=1, help="CPU threads (default: all).")] = None,
) -> None:
    """Export a trained bundle, or several as one, for OpenVINO or ONNX Runtime. Score with it by --model."""
    tune_malloc()
    from rich.console import Console

    from opensvh.cli.progress import counting
    from opensvh.inference.export import Target
    from opensvh.inference.threads import use_threads
    from opensvh.workflows.export import ExportSettings
    from opensvh.workflows.export import export as run

    if threads:
        use_threads(threads)
    settings = ExportSettings(Target(backend, precision), calibration_films, checked_films, seed)
    with counting("Simulated films", settings.steps) as advance:
        header = run(bundles, out, settings, advance)
    console = Console()
    where = "taken from now on where its scores are equal" if out is None else str(out)
    console.print(f"Exported for {backend} {precision}: {where}", soft_wrap=True, highlight=False)
    if header.equality is None:
        return
    found = header.equality
    console.print(
        f"Against PyTorch on {found.sites} sites of {found.films} simulated films: largest difference "
        f"{found.largest:.4f} of a grade, 99 % within {found.share_99:.4f}, {found.lost} scored by one only",
        soft_wrap=True,
        highlight=False,
    )
    if found.largest > TOLERANCE[precision] or found.lost:
        console.print(
            f"This is more than the {TOLERANCE[precision]} aimed at; a finer --precision differs less",
            style="yellow",
            soft_wrap=True,
        )
