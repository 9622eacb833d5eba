"""One file of an archive -> rows: what a worker does, whatever runs the worker.

A film that cannot be read is refused with its reason; one on which the reading itself fails is quarantined.
"""

import hashlib
import sys
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from opensvh.batch.gpu import on_device
from opensvh.batch.places import here
from opensvh.batch.rows import FileRead, FileResult, FilmStatus, ModelLabel, Row, film_row, site_rows, with_readings
from opensvh.batch.rows import day as as_day
from opensvh.batch.sources import FilmTask
from opensvh.domain.anatomy import film_code
from opensvh.domain.backends import Choice
from opensvh.domain.errors import ConfigInvalid, OpenSvHError
from opensvh.domain.reading import FilmReading
from opensvh.inference.backends_choice import load_models
from opensvh.inference.bundle import find_bundle
from opensvh.inference.bundle_folder import SUMS, sha256
from opensvh.inference.film_analyser_graphs import load_networks
from opensvh.inference.film_analysis import FilmAnalyser
from opensvh.inference.film_reader import FilmReader
from opensvh.inference.predictor import Predictor
from opensvh.inference.threads import use_threads
from opensvh.io.film_sources import content_digest, is_dicom
from opensvh.io.identity import NO_CLAIMS, FilmClaims, identify
from opensvh.io.image import FILM_SUFFIXES, read_film

DIGITS = 16
"""Of the digest that names a model's results."""


@dataclass(frozen=True)
class ModelChoice:
    """The bundles named, read together as one, and what runs them; with `on_gpu` PyTorch on the worker's own GPU."""

    names: tuple[str, ...]
    backend: Choice | None = Choice.AUTO
    on_gpu: bool = False
    threads: int = 1

    @property
    def digest(self) -> str:
        """Changes with any file of any of the bundles; raises BundleInvalid where one is not there."""
        sums = [sha256(find_bundle(name) / SUMS) for name in self.names]
        return hashlib.sha256("\n".join(sums).encode()).hexdigest()[:DIGITS]


def load_scorer(choice: ModelChoice) -> "FilmScorer":
    """The models, ready for film after film; raises BundleInvalid or ConfigInvalid."""
    use_threads(choice.threads)
    if choice.on_gpu and choice.backend not in (Choice.AUTO, Choice.TORCH, None):
        raise ConfigInvalid(f"--backend {choice.backend}: runs on CPUs here; leave it or --gpu out")
    backend = Choice.TORCH if choice.on_gpu else choice.backend
    models = [model for name in choice.names for model in load_models(find_bundle(name), backend)]
    if choice.on_gpu:
        models = on_device(models, "cuda")
    predictor = Predictor(models)
    label = ModelLabel(
        name=" + ".join(model.identity.name for model in models),
        version=" + ".join(model.identity.version for model in models),
        digest=choice.digest,
        engine=" + ".join(dict.fromkeys(predictor.engines)),
    )
    return FilmScorer(FilmReader(predictor, FilmAnalyser(load_networks(backend))), label)


@dataclass(frozen=True)
class FilmScorer:
    """Reads files, each on its own."""

    reader: FilmReader
    label: ModelLabel

    def read(self, task: FilmTask) -> FileResult:
        """The rows of a file's films; never raises for what is wrong with the file."""
        start, read = Clocks.now(), FileRead(task.file, task.stamp)
        try:
            with here(task.file) as path:
                return self._read(task, path, start)
        except OpenSvHError as failure:
            return FileResult(task.file, (film_row(task.file, read, self.label, FilmStatus.REFUSED, str(failure)),))
        except Exception as failure:  # of one film of a million: named, and the others go on
            reason = f"{type(failure).__name__}: {failure}"
            return FileResult(task.file, (film_row(task.file, read, self.label, FilmStatus.QUARANTINED, reason),))

    def _read(self, task: FilmTask, path: Path, start: "Clocks") -> FileResult:
        if path.suffix.lower() not in FILM_SUFFIXES and path.is_file() and not is_dicom(path):
            return FileResult(task.file)
        digest = content_digest(path)
        key = hashlib.sha256(f"{digest} {task.claims}".encode()).hexdigest()[: 2 * DIGITS]
        if key == task.known:
            return FileResult(task.file, is_same=True)
        films: list[Row] = []
        sites: list[Row] = []
        read = FileRead(task.file, task.stamp, digest, key)
        for address in _addresses(path):
            row, of_sites = self._film(address, path, read, task.claims)
            films.append({**row, **start.since(), "worker_mb": peak_mb()})
            sites += of_sites
            start = Clocks.now()
        return FileResult(task.file, tuple(films), tuple(sites))

    def _film(self, address: Path, path: Path, read: FileRead, claims: FilmClaims) -> tuple[Row, list[Row]]:
        """The row of one film of the file at `path`, and those of its sites; they name it where it really lies."""
        film = read.file + str(address).removeprefix(str(path))
        try:
            radiograph = replace(read_film(address), path=film)
            known = identify(radiograph, NO_CLAIMS, {Path(film).name: claims})
            outcome = self.reader.read(radiograph, known)
        except OpenSvHError as failure:
            reason = str(failure).replace(str(path), read.file)
            return film_row(film, read, self.label, FilmStatus.REFUSED, reason), []
        readings = _one_each(each.reading for each in outcome.read)
        refused = " ".join(each.reason for each in outcome.refused)
        status = FilmStatus.SCORED if readings else FilmStatus.REFUSED
        row = with_readings(film_row(film, read, self.label, status, refused), readings)
        sites = [row for each in readings for row in site_rows(each, read, self.label, known.date, known.visit)]
        return {**row, "patient": known.patient, "date": as_day(known.date), "visit": known.visit}, sites


class Clocks(NamedTuple):
    """The time, and what this process has used of the CPUs, in seconds."""

    wall: float
    cpu: float

    @classmethod
    def now(cls) -> "Clocks":
        """What they show."""
        return cls(time.perf_counter(), time.process_time())

    def since(self) -> Row:
        """What went by, as columns of a film's row."""
        now = Clocks.now()
        return {"seconds": round(now.wall - self.wall, 3), "cpu_seconds": round(now.cpu - self.cpu, 3)}


def peak_mb() -> int:
    """The most memory this process ever took, in MB; 0 where the system does not tell."""
    with suppress(ImportError):
        from resource import RUSAGE_SELF, getrusage

        return int(getrusage(RUSAGE_SELF).ru_maxrss) // (1 << 20 if sys.platform == "darwin" else 1 << 10)
    return 0


def _addresses(path: Path) -> Sequence[Path]:
    """The films in a file: its frames where it is DICOM with several, else itself."""
    if not path.is_file() or not is_dicom(path):
        return [path]
    from opensvh.io.dicom_frames import frames_of  # here, since pydicom is slow to import

    return frames_of(path)


def _one_each(readings: Iterable[FilmReading]) -> tuple[FilmReading, ...]:
    """One reading a limb and side: of two that look the same only the first is taken, and that is said."""
    kept: dict[str, FilmReading] = {}
    for reading in readings:
        code = film_code(reading.limb, reading.side)
        if code in kept:
            text = f"another {reading.limb} on it looks like the {code} too and was not taken; cut the film in two"
            kept[code] = replace(kept[code], warnings=(*kept[code].warnings, text))
        else:
            kept[code] = reading
    return tuple(kept.values())
