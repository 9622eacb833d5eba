"""One run of an experiment, from training to what it reads: begun, taken up or found finished, in a folder.

RUNS/SIZE/NAME/: what `training.experiment` writes, `bundle/`, what was read of the development and of the test patients
(`reproduce_reading`), `losses.csv`, `run.json` (what it was and what it took). The test patients' films are read here,
their grades by `reproduce_results` alone. A run is its folder's owner by a lock, so that several processes, on one
machine or on many that share the folder, take different runs.
"""

import json
import os
import platform
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import torch

from opensvh import __version__
from opensvh.inference.bundle import find_bundle, load_bundle, write_bundle
from opensvh.io.tables import FilmRecord, NativeDataset, read_dataset
from opensvh.io.whole_file import write_whole
from opensvh.training.callbacks import LOG, Tell
from opensvh.training.config import Preset
from opensvh.training.datamodule import Split, split_films
from opensvh.training.dataset import FilmExamples
from opensvh.training.experiment import TrainingFilms, run_training
from opensvh.training.film_cache import open_cache
from opensvh.training.patches import open_patches
from opensvh.workflows.benchmark import DEVELOPMENT, TEST, TRAINING
from opensvh.workflows.reproduce_config import Run
from opensvh.workflows.reproduce_films import Pictures, open_pictures, part_films
from opensvh.workflows.reproduce_kept import JOINTS, LOSSES, RECORD, Bench, is_finished, keep
from opensvh.workflows.reproduce_reading import (
    ReadLimb,
    collected,
    read_found,
    read_limbs,
    write_distributions,
    write_found,
)
from opensvh.workflows.reproduce_two_stage import (
    PatchTraining,
    Peer,
    patch_side_px,
    train_classifiers,
    weights_digest,
)
from opensvh.workflows.train import BUNDLE, bundle_contents, training_means

__all__ = ["Bench", "claimed", "finish", "is_finished"]
LOCK = ".lock"
LOSS_ROWS = 50
"""Rows of `losses.csv` for a network: means over so many stretches of the run."""


@dataclass(frozen=True)
class Trained:
    """A finished training: the digest of its weights, and how it reads the films of a part, by the part's name."""

    digest: str
    read: Callable[[str], Iterable[ReadLimb]]


def finish(bench: Bench, run: Run, tell: Tell = lambda step, figures: None) -> bool:
    """Train the run, or go on, have it read development and test patients, and keep what travels.

    False where another process has it.
    """
    folder = bench.place(run)
    with claimed(folder) as is_ours:
        if not is_ours:
            return False
        if not is_finished(bench, run):
            begun = datetime.now(UTC)
            train = _train_two_stage if run.design == "two-stage" else _train_single
            _read_all(bench, run, train(bench, run, tell), begun)
        keep(bench, run)
    return True


@contextmanager
def claimed(folder: Path) -> Iterator[bool]:
    """Hold the folder's lock while the block runs; False where another process holds it. A kill lets it go."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOCK).open("w") as file:
        try:
            import fcntl
        except ImportError:  # not on Windows: one process at a time
            yield True
            return
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


def _read_all(bench: Bench, run: Run, trained: Trained, begun: datetime) -> None:
    """Write what was read of both parts, the development patients' grades last: they say that all is there."""
    folder, gaps = bench.place(run), 0
    for part in (TEST, DEVELOPMENT):
        read, found = collected(trained.read(part))
        gaps += read.gaps
        write_found(folder / f"{part}{JOINTS}", found)
        if part == DEVELOPMENT:
            write_whole(folder / LOSSES, thinned(folder))
            record = _record(bench, run, begun) | {"model": trained.digest, "sites_not_read": gaps}
            write_whole(folder / RECORD, json.dumps(record, indent=1) + "\n")
        write_distributions(folder / f"{part}.csv", read)


def _train_single(bench: Bench, run: Run, tell: Tell) -> Trained:
    """How the one network reads a part, after whatever training is left."""
    folder = bench.place(run)
    if not (folder / BUNDLE).is_dir():
        _fit_single(bench, run, tell)
    bundle = load_bundle(folder / BUNDLE)
    return Trained(
        bundle.digest, lambda part: read_limbs(bundle.network, _pictures(bench, part, run.preset), run.preset)
    )


def _fit_single(bench: Bench, run: Run, tell: Tell) -> None:
    folder = bench.place(run)
    dataset, films = _training_films(bench)
    with _waited_for(bench.cache / "crops") as store:
        cache = open_cache(store, films, run.preset)
    examples = FilmExamples(films, cache, run.preset.model, run.preset.augmentation)
    split = _split(films, run)
    start = run.preset.training.start
    begun = load_bundle(find_bundle(start)).network.state_dict() if start else None
    trained = run_training(folder, TrainingFilms(examples, split), run.preset, True, tell, begun)
    patients = sorted({films[index].patient for index in split.training})
    write_bundle(folder / BUNDLE, bundle_contents(trained, run.preset, folder.name, dataset, patients))


def _train_two_stage(bench: Bench, run: Run, tell: Tell) -> Trained:
    """How the peer reads a part: where the single-stage run of its seed found joints, which travels with that run."""
    _, films = _training_films(bench)
    with _waited_for(bench.cache / "patches") as store:
        patches = open_patches(store, films, patch_side_px(run.preset))
    data = PatchTraining(films, _split(films, run).training, patches)
    classifiers = train_classifiers(bench.place(run), data, run.preset, tell)
    peer, localiser = Peer.of(classifiers, run.preset), bench.place(run.localiser)

    def read(part: str) -> Iterable[ReadLimb]:
        return peer.read(part_films(bench.folder / part), read_found(localiser / f"{part}{JOINTS}"))

    return Trained(weights_digest(classifiers), read)


def _pictures(bench: Bench, part: str, preset: Preset) -> Pictures:
    with _waited_for(bench.cache / "pictures") as store:
        return open_pictures(store, part_films(bench.folder / part), preset.preprocessing)


def _training_films(bench: Bench) -> tuple[NativeDataset, list[FilmRecord]]:
    dataset = read_dataset(bench.folder / TRAINING)
    return dataset, [film for film in dataset.films if film.points]


def _split(films: list[FilmRecord], run: Run) -> Split:
    """All films train but those of the fold held out, and of persons beyond the number wanted."""
    fold, folds = run.fold or (None, 2)
    split = split_films(films, folds, fold, 0)
    if run.patients is None:
        return Split(split.training, ())
    persons = set(sorted({film.person for film in films})[: run.patients])
    return Split(tuple(index for index in split.training if films[index].person in persons), ())


@contextmanager
def _waited_for(folder: Path) -> Iterator[Path]:
    """One process at a time fills the store."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOCK).open("w") as file:
        try:
            import fcntl
        except ImportError:
            yield folder
            return
        fcntl.flock(file, fcntl.LOCK_EX)
        yield folder


def thinned(folder: Path) -> str:
    """The run's losses as CSV: of each network means over `LOSS_ROWS` stretches, with the last step of each."""
    parts = []
    for path in sorted(folder.rglob(LOG)):
        log = pd.read_csv(path)
        stretches = (log["step"] - 1) * LOSS_ROWS // int(log["step"].max())
        means = log.groupby(stretches).mean().round(5).assign(step=log.groupby(stretches)["step"].max())
        means.insert(0, "network", "" if path.parent == folder else path.parent.name)
        parts.append(means)
    return str(pd.concat(parts).to_csv(index=False, lineterminator="\n"))


def _record(bench: Bench, run: Run, begun: datetime) -> dict[str, Any]:
    """What the run was and what it took. Seconds are those of its steps, breaks not counted."""
    folder = bench.place(run)
    means = training_means(read_dataset(bench.folder / TRAINING).films)
    return {
        "run": folder.name,
        "seed": run.preset.training.seed,
        "steps": run.preset.training.steps,
        "settings": run.settings,
        "size": bench.size,
        "benchmark": bench.digest,
        "software": f"OpenSvH {__version__}, torch {torch.__version__}",
        "machine": f"{platform.machine()}, {os.cpu_count()} CPUs, {torch.get_num_threads()} threads, "
        + (torch.cuda.get_device_name() if torch.cuda.is_available() else "no GPU"),
        "seconds_of_steps": round(sum(float(pd.read_csv(path)["seconds"].sum()) for path in folder.rglob(LOG))),
        "seconds_since_taken_up": round((datetime.now(UTC) - begun).total_seconds()),
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "training_means": {column: round(mean, 4) for column, mean in means.items()},
    }
