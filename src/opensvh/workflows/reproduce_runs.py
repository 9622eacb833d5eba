"""One run of an experiment, from training to the scores it reads: begun, taken up or found finished, in a folder.

RUNS/SIZE/NAME/: what `training.experiment` writes, `bundle/`, `development.csv` and `test.csv` (the scores read),
`run.json` (what it took). A run is its folder's owner by a lock, so that several processes, on one machine or on many
that share the folder, take different runs.
"""

import json
import os
import platform
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import torch

from opensvh import __version__
from opensvh.domain.errors import LimbNotFound
from opensvh.evaluation.challenge import completed
from opensvh.evaluation.truth import ReadFilm, predicted_table
from opensvh.inference.bundle import find_bundle, load_bundle, write_bundle
from opensvh.inference.predictor import Predictor
from opensvh.io.ra2 import PATIENT
from opensvh.io.tables import FilmRecord, NativeDataset, read_dataset
from opensvh.io.whole_file import write_whole
from opensvh.training.callbacks import LOG, Tell
from opensvh.training.datamodule import Split, split_films
from opensvh.training.dataset import FilmExamples
from opensvh.training.experiment import TrainingFilms, run_training
from opensvh.training.film_cache import open_cache
from opensvh.workflows.benchmark import DEVELOPMENT, TEST, TRAINING, SizeName, read_benchmark
from opensvh.workflows.evaluate import FilmReader, evaluated_model
from opensvh.workflows.known_films import known_films
from opensvh.workflows.reproduce_config import Run
from opensvh.workflows.reproduce_two_stage import PatchTraining, TwoStageReader, patch_side_px, train_classifiers
from opensvh.workflows.train import BUNDLE, bundle_contents, training_means

CACHE, RECORD, LOCK = "cache", "run.json", ".lock"
DECIMALS = 4


@dataclass(frozen=True)
class Bench:
    """The benchmark's folder, and where the runs on it lie."""

    folder: Path
    runs: Path

    @property
    def size(self) -> SizeName:
        """Of its films."""
        size: SizeName = read_benchmark(self.folder)["size"]
        return size

    @property
    def digest(self) -> str:
        """Of its films and tables; empty while it is not whole."""
        return str(read_benchmark(self.folder).get("digest", ""))

    def place(self, run: Run) -> Path:
        """The run's folder."""
        return self.runs / self.size / run.folder_name(self.digest)

    @property
    def cache(self) -> Path:
        """Crops and patches that runs share."""
        return self.runs / self.size / CACHE


def is_finished(bench: Bench, run: Run, part: str = DEVELOPMENT) -> bool:
    """Whether the run has read that part."""
    return (bench.place(run) / f"{part}.csv").is_file()


def finish(bench: Bench, run: Run, tell: Tell = lambda step, figures: None) -> bool:
    """Train the run, or go on, and have it read the development patients; False where another process has it."""
    folder = bench.place(run)
    with claimed(folder) as is_ours:
        if not is_ours:
            return False
        if not is_finished(bench, run):
            begun = datetime.now(UTC)
            reader = _trained(bench, run, tell)
            gaps = read_part(bench, run, reader, DEVELOPMENT)
            write_whole(folder / RECORD, json.dumps(_record(folder, run, begun, gaps), indent=1) + "\n")
    return True


def read_test(bench: Bench, run: Run) -> None:
    """Have a finished run read the test patients, once."""
    with claimed(bench.place(run)):
        if not is_finished(bench, run, TEST):
            read_part(bench, run, _trained(bench, run, lambda step, figures: None), TEST)


def bundle_digest(bench: Bench, run: Run) -> str:
    """Of the model that the run gave; of a two-stage run with those of its classifiers' weights."""
    return load_bundle(bench.place(run.localiser) / BUNDLE).digest


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


def read_part(bench: Bench, run: Run, reader: FilmReader, part: str) -> int:
    """Write the part's scores as read, gaps filled by training means; returns how many sites were gaps."""
    films = known_films(bench.folder / part)
    reads = [_read(reader, film) for film in films]
    table = predicted_table(reads)
    means = training_means(read_dataset(bench.folder / TRAINING).films)
    write_scores(bench, run, part, completed(table, means))
    return int(table.isna().to_numpy().sum())


def write_scores(bench: Bench, run: Run, part: str, table: pd.DataFrame) -> None:
    """Keep what the run read of a part: a row a film set, the challenge's 86 site columns."""
    text = table.to_csv(index_label=PATIENT, float_format=f"%.{DECIMALS}f", lineterminator="\n")
    write_whole(bench.place(run) / f"{part}.csv", text)


def read_scores(bench: Bench, run: Run, part: str) -> pd.DataFrame:
    """The inverse of `write_scores`; the file is our own, so that nothing in it is checked."""
    return pd.read_csv(bench.place(run) / f"{part}.csv", index_col=PATIENT, dtype={PATIENT: str})


def _read(reader: FilmReader, film: Any) -> ReadFilm:
    try:
        return ReadFilm(film, reader(film))
    except LimbNotFound as failure:
        return ReadFilm(film, None, str(failure))


def _trained(bench: Bench, run: Run, tell: Tell) -> FilmReader:
    """How the run reads a film, after whatever training is left."""
    if run.design == "single":
        bundle = bench.place(run) / BUNDLE
        if not bundle.is_dir():
            _train_single(bench, run, tell)
        return evaluated_model([str(bundle)]).read
    _, films = _training_films(bench)
    split = _split(films, run)
    data = PatchTraining(films, split.training, bench.cache / "patches")
    classifiers = train_classifiers(bench.place(run), data, run.preset, tell)
    localiser = Predictor([load_bundle(bench.place(run.localiser) / BUNDLE)])
    return TwoStageReader(localiser, classifiers, patch_side_px(run.preset))


def _train_single(bench: Bench, run: Run, tell: Tell) -> None:
    folder = bench.place(run)
    dataset, films = _training_films(bench)
    with _waited_for(bench.cache / "crops"):
        cache = open_cache(bench.cache / "crops", films, run.preset)
    examples = FilmExamples(films, cache, run.preset.model, run.preset.augmentation)
    split = _split(films, run)
    start = run.preset.training.start
    begun = load_bundle(find_bundle(start)).network.state_dict() if start else None
    trained = run_training(folder, TrainingFilms(examples, split), run.preset, True, tell, begun)
    patients = sorted({films[index].patient for index in split.training})
    write_bundle(folder / BUNDLE, bundle_contents(trained, run.preset, folder.name, dataset, patients))


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
def _waited_for(folder: Path) -> Iterator[None]:
    """One process at a time fills the store."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOCK).open("w") as file:
        try:
            import fcntl
        except ImportError:
            yield
            return
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _record(folder: Path, run: Run, begun: datetime, gaps: int) -> Mapping[str, Any]:
    """What the run took. Seconds are those of its steps, breaks not counted."""
    return {
        "run": folder.name,
        "design": run.design,
        "seed": run.preset.training.seed,
        "steps": run.preset.training.steps,
        "seconds_of_steps": round(sum(_seconds(path) for path in folder.rglob(LOG))),
        "seconds_in_all": round((datetime.now(UTC) - begun).total_seconds()),
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "sites_not_read": gaps,
        "software": f"OpenSvH {__version__}, torch {torch.__version__}",
        "machine": f"{platform.machine()}, {os.cpu_count()} CPUs, {torch.get_num_threads()} threads, "
        + (torch.cuda.get_device_name() if torch.cuda.is_available() else "no GPU"),
    }


def _seconds(log: Path) -> float:
    return float(pd.read_csv(log)["seconds"].sum())
