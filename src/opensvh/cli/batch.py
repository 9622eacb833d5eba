"""`opensvh batch`: a whole archive of films to Parquet, over as many workers as there are."""

import os
from pathlib import Path
from typing import Annotated

import typer

from opensvh.cli.options import DEFAULT_MODEL, TUNED, Models, tune_malloc
from opensvh.domain.backends import Choice


def batch(
    source: Annotated[
        str, typer.Argument(metavar="MANIFEST|FOLDER|URL", help="Films: a CSV, a folder, or such as s3://bucket/films.")
    ],
    out: Annotated[
        str, typer.Option("--out", "-o", help="Folder or URL of the Parquet tables; a second run continues.")
    ],
    ray: Annotated[str, typer.Option(metavar="ADDRESS|local", help="Ray cluster to join, or this machine.")] = "local",
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes, of one CPU each (default: the CPUs there are).")
    ] = None,
    gpu: Annotated[
        float, typer.Option(min=0, help="GPUs a worker: 1, or a share of one such as 0.25; 0 runs on CPUs.")
    ] = 0.0,
    model: Models = None,
    backend: Annotated[Choice, typer.Option(help="What runs the networks; auto: the fastest there is.")] = Choice.AUTO,
    film_seconds: Annotated[float, typer.Option(min=1, help="A film that takes longer is quarantined.")] = 600.0,
    again: Annotated[bool, typer.Option("--again", help="Read refused and quarantined films once more.")] = False,
) -> None:
    """Score an archive into Parquet tables of every film and site; goes on after whatever stopped it. For research."""
    from opensvh.workflows.results import refuse_without

    refuse_without("ray", "ray", "opensvh batch")
    refuse_without("pyarrow", "ray", "opensvh batch")
    tune_malloc()
    from opensvh.batch.archive import BatchRequest, score_archive
    from opensvh.batch.pool import PoolSettings
    from opensvh.batch.scorer import ModelChoice
    from opensvh.cli.batch_progress import shown, tell

    kept = {name: os.environ[name] for name in ("GLIBC_TUNABLES", TUNED) if name in os.environ and ray != "local"}
    names = tuple(str(Path(name).absolute()) if Path(name).is_dir() else name for name in model or [DEFAULT_MODEL])
    request = BatchRequest(
        source,
        out,
        ModelChoice(names, backend, on_gpu=gpu > 0),
        PoolSettings(workers or _cpus(), gpu, film_seconds, kept),
        ray,
        again,
    )
    with shown() as show:
        tally = score_archive(request, show)
    tell(tally, out)


def _cpus() -> int:
    """CPUs this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
