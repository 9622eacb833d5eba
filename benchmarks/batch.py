"""What `opensvh batch` costs beside the bare network: `python benchmarks/batch.py FOLDER --model BUNDLE`.

Three ways over the same films, one after the other and again in turn (`--repeats`), since a busy machine changes from
minute to minute: the bare network (every look that a reading takes, on films decoded and cut beforehand, nothing else),
a plain loop (the reading of `opensvh score` in one process, without reports), and the batch with its workers. Times are
CPU seconds a film, of all processes, so that what else runs on the machine does not count; a batch is timed from the
moment when its workers are ready. `batch_efficiency` is the batch's films a CPU second over the bare network's, `of the
loop` over the plain loop's. Writes benchmarks/results.json.
"""

import argparse
import json
import os
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from statistics import median
from typing import Any

import numpy as np
import pyarrow.dataset
from timed_engine import TimedEngine

from opensvh.batch.archive import BatchRequest, Tally, score_archive
from opensvh.batch.pool import PoolSettings
from opensvh.batch.scorer import FilmScorer, ModelChoice, load_scorer
from opensvh.batch.sources import FilmTask, find_archive
from opensvh.cli.options import tune_malloc
from opensvh.domain.backends import Choice
from opensvh.inference.backends import TorchEngine
from opensvh.inference.bundle import Bundle
from opensvh.inference.export_bundle import ExportedModel, Model
from opensvh.inference.predictor import Predictor

RESULTS = Path(__file__).parent / "results.json"


def main() -> None:
    """Measure in turn, print, write the figures."""
    asked = _arguments()
    tune_malloc()
    choice = ModelChoice((asked.model,), Choice(asked.backend))
    tasks = list(find_archive(asked.films, "results").tasks)
    scorer, counted = _with_counted(load_scorer(choice))
    scorer.read(tasks[0])
    rounds = [_round(asked, choice, scorer, counted, tasks) for _ in range(asked.repeats)]
    figures = {name: round(median(each[name] for each in rounds), 4) for name in rounds[0]}
    figures["batch_efficiency"] = round(figures["network_cpu_s"] / figures["batch_cpu_s"], 3)
    figures["of_the_loop"] = round(figures["loop_cpu_s"] / figures["batch_cpu_s"], 3)
    print(f"{len(tasks)} films, {asked.repeats} rounds, {scorer.label.engine}: {figures}")
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    here = {"films": len(tasks), "engine": scorer.label.engine, **figures}
    RESULTS.write_text(
        json.dumps({**results, "batch": here, "batch_efficiency": figures["batch_efficiency"]}, indent=2) + "\n"
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("films", help="folder or manifest")
    parser.add_argument("--model", default="reference")
    parser.add_argument("--backend", default="auto")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=3)
    return parser.parse_args()


def _round(
    asked: argparse.Namespace,
    choice: ModelChoice,
    scorer: FilmScorer,
    counted: list[TimedEngine],
    tasks: list[FilmTask],
) -> dict[str, float]:
    """CPU seconds a film of each way, and the batch's wall clock and memory."""
    for engine in counted:
        engine.seconds.clear()
    start = time.process_time()
    for task in tasks:
        scorer.read(task)
    loop = time.process_time() - start
    looks = [second for engine in counted for second in engine.seconds]
    found = {"loop_cpu_s": loop / len(tasks), "network_cpu_s": sum(looks) / len(tasks)}
    found["looks_a_film"] = len(looks) / len(tasks)
    return {**found, **_batch(asked, choice, len(tasks))}


def _batch(asked: argparse.Namespace, choice: ModelChoice, films: int) -> dict[str, float]:
    """The batch's own: CPU seconds of the workers by what they say of each film, and of the driver while it runs."""
    driver: list[float] = []

    def tell(tally: Tally) -> None:
        driver.append(time.process_time())

    with tempfile.TemporaryDirectory() as out:
        tally = score_archive(BatchRequest(asked.films, out, choice, PoolSettings(asked.workers)), tell)
        table = pyarrow.dataset.dataset(f"{out}/films", partitioning="hive").to_table(["cpu_seconds", "worker_mb"])
    workers = float(np.sum(table["cpu_seconds"].to_numpy()))
    return {
        "batch_cpu_s": (workers + driver[-1] - driver[1]) / films,
        "driver_cpu_s": (driver[-1] - driver[1]) / films,
        "batch_films_a_second": tally.films_a_second,
        "worker_peak_mb": float(np.max(table["worker_mb"].to_numpy())),
        "driver_peak_mb": getrusage(RUSAGE_SELF).ru_maxrss / 1024,
        "load_average": os.getloadavg()[0],
    }


def _with_counted(scorer: FilmScorer) -> tuple[FilmScorer, list[TimedEngine]]:
    models: list[Model] = [_counting(model) for model in scorer.reader.predictor.bundles]
    engines: list[Any] = [model.engine for model in models if isinstance(model, ExportedModel)]
    return FilmScorer(replace(scorer.reader, predictor=Predictor(models)), scorer.label), engines


def _counting(model: Model) -> ExportedModel:
    if not isinstance(model, Bundle):
        return replace(model, engine=TimedEngine(model.engine, time.process_time))
    engine = TimedEngine(TorchEngine(model.network, model.config), time.process_time)
    return ExportedModel(
        model.folder, model.identity, model.digest, model.config, engine, model.metrics, model.training_means
    )


if __name__ == "__main__":
    main()
