"""Simulate a cohort: a folder in the native layout with films, the grades a reader gave, and the exact truth.

The folder grows patient by patient and can be stopped and continued at any time; what a film looks like is the
simulator's affair. Beside `images/`, `training.csv` and `joints.csv` (the dataset) it holds `truth.csv` (exact grades
in the same 90 columns), `gaps.csv` (true joint spaces) and `simulation.json` (what it was made with).
"""

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from opensvh import __version__
from opensvh.domain.anatomy import FILM_CODES, RA2_SITE_COLUMNS, SITE_TABLE_VERSION, Limb, Side
from opensvh.domain.errors import OutputConflict
from opensvh.domain.geometry import Point
from opensvh.io.ra2 import write_ra2
from opensvh.io.tables import write_joints
from opensvh.io.whole_file import write_whole
from opensvh.simulation.patient import Grades, PatientTruth, Severity, draw_patient
from opensvh.simulation.radiograph import simulate_film
from opensvh.simulation.reader import draw_reader, read_grades
from opensvh.workflows.worker_pool import worker_pool

PROGRESS = ".progress"
SETTINGS = "simulation.json"
TABLES = ("training.csv", "truth.csv", "gaps.csv", "joints.csv", SETTINGS)
READER_KEY = 0
"""Spawn key of the reader's seed; patients have 1, 2, ..."""

Record = dict[str, Any]
"""What is kept of a finished patient until the tables are written; see `_simulate_patient`."""


@dataclass(frozen=True)
class SimulationSettings:
    """What a cohort is made with. A patient's films depend on `seed`, `severity` and their number only."""

    patients: int
    seed: int = 0
    severity: Severity = "training"


def simulate(
    folder: Path, settings: SimulationSettings, jobs: int = 1, on_patient: Callable[[int], None] = lambda done: None
) -> int:
    """Write or continue the cohort in `folder`, and return how many patients were added.

    The same settings give the same bytes whatever `jobs` is; a larger `patients` extends a cohort. `on_patient` is told
    how many patients are done, first of all how many already were. Raises OutputConflict where the folder holds
    anything else.
    """
    _claim(folder, settings)
    waiting = [number for number in range(1, settings.patients + 1) if not _is_done(folder, number)]
    done = settings.patients - len(waiting)
    on_patient(done)
    for _ in _simulated(folder, settings, waiting, jobs):
        done += 1
        on_patient(done)
    _write_tables(folder, settings)
    return len(waiting)


def patient_name(number: int) -> str:
    """`SIM0001` for 1."""
    return f"SIM{number:04d}"


def _claim(folder: Path, settings: SimulationSettings) -> None:
    """Make the folder ours, or raise OutputConflict where it is somebody else's or was made otherwise."""
    fingerprint = folder / PROGRESS / "made_with.json"
    made_with = {
        "seed": settings.seed,
        "severity": settings.severity,
        "version": __version__,
        "site_table": SITE_TABLE_VERSION,
    }
    if fingerprint.is_file():
        before = json.loads(fingerprint.read_text())
        for key in (key for key in made_with if before.get(key) != made_with[key]):
            raise OutputConflict(
                f"{folder}: was simulated with {key} {before.get(key)}, not {made_with[key]}; choose another folder"
            )
    _refuse_foreign_files(folder, settings.patients, claimed=fingerprint.is_file())
    (folder / "images").mkdir(parents=True, exist_ok=True)
    (folder / PROGRESS).mkdir(exist_ok=True)
    for leftover in (*folder.glob("images/.*.part.png"), *folder.rglob(".*.partial")):
        leftover.unlink()
    write_whole(fingerprint, json.dumps(made_with, indent=1))


def _refuse_foreign_files(folder: Path, patients: int, claimed: bool) -> None:
    """Raise OutputConflict for anything but hidden files and what these settings write."""
    if folder.exists() and not folder.is_dir():
        raise OutputConflict(f"{folder}: is a file; name a folder")
    own = {"images", *TABLES} if claimed else set()
    images = {f"{patient_name(number)}-{code}.png" for number in range(1, patients + 1) for code in FILM_CODES}
    found = [path for path in _visible(folder) if path.name not in own]
    found += [path for path in _visible(folder / "images") if path.name not in images]
    if found:
        raise OutputConflict(
            f"{found[0]}: {folder} already holds this, which a simulation of {patients} patients would not write; "
            "choose another folder, or as many patients as it has"
        )


def _visible(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*") if not path.name.startswith("."))


def _is_done(folder: Path, number: int) -> bool:
    images = [folder / "images" / f"{patient_name(number)}-{code}.png" for code in FILM_CODES]
    return _record_path(folder, number).is_file() and all(image.is_file() for image in images)


def _record_path(folder: Path, number: int) -> Path:
    return folder / PROGRESS / f"{patient_name(number)}.json"


def _simulated(folder: Path, settings: SimulationSettings, numbers: Sequence[int], jobs: int) -> Iterator[int]:
    """Simulate each patient, in this process or in `jobs` others, and yield its number when its record is written."""
    if jobs <= 1 or len(numbers) <= 1:
        with _one_opencv_thread():
            for number in numbers:
                yield _simulate_patient(folder, settings, number)
        return
    with worker_pool(min(jobs, len(numbers))) as pool:
        yield from _as_completed(pool, folder, settings, numbers)


@contextmanager
def _one_opencv_thread() -> Iterator[None]:
    """OpenCV's threads cost more than they bring on images of this size."""
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(before)


def _as_completed(
    pool: ProcessPoolExecutor, folder: Path, settings: SimulationSettings, numbers: Sequence[int]
) -> Iterator[int]:
    futures = [pool.submit(_simulate_patient, folder, settings, number) for number in numbers]
    for future in as_completed(futures):
        yield future.result()


def _simulate_patient(folder: Path, settings: SimulationSettings, number: int) -> int:
    """Write a patient's four films, then the record that tells they are whole."""
    truth_seed, reading_seed, *film_seeds = np.random.SeedSequence(settings.seed, spawn_key=(number,)).spawn(
        2 + len(FILM_CODES)
    )
    reader = draw_reader(np.random.default_rng(np.random.SeedSequence(settings.seed, spawn_key=(READER_KEY,))))
    truth = draw_patient(patient_name(number), np.random.default_rng(truth_seed), settings.severity)
    read = read_grades(truth, reader, np.random.default_rng(reading_seed))
    record: Record = {
        "truth": _by_column(truth.grades),
        "read": _by_column(read),
        "traits": asdict(truth.traits),
        "films": {
            code: _simulate_film(folder, truth, code, seed) for code, seed in zip(FILM_CODES, film_seeds, strict=True)
        },
    }
    write_whole(_record_path(folder, number), json.dumps(record))
    return number


def _simulate_film(folder: Path, truth: PatientTruth, code: str, seed: np.random.SeedSequence) -> Record:
    """Write one film's image; returns its points (film px), gaps (mm) and pixel size (mm)."""
    limb, side = FILM_CODES[code]
    film = simulate_film(limb, side, truth.grades[limb, side], seed, truth.traits)
    _write_png(folder / "images" / f"{truth.patient_id}-{code}.png", film.pixels)
    return {
        "points": {name: [round(float(point.x), 3), round(float(point.y), 3)] for name, point in film.points.items()},
        "gaps_mm": {site: round(float(gap), 3) for site, gap in film.gaps_mm.items()},
        "pixel_mm": film.pixel_mm,
    }


def _by_column(grades: Mapping[tuple[Limb, Side], Grades]) -> dict[str, int]:
    """A patient's grades by RA2 site column."""
    return {
        column: int(grades[site.limb, side][site.name, kind]) for column, (side, site, kind) in RA2_SITE_COLUMNS.items()
    }


def _write_png(path: Path, pixels: NDArray[np.uint8]) -> None:
    part = path.with_name(f".{path.stem}.part.png")
    if not cv2.imwrite(str(part), pixels, [cv2.IMWRITE_PNG_COMPRESSION, 3]):
        raise OSError(f"{part}: could not be written")
    os.replace(part, path)


def _write_tables(folder: Path, settings: SimulationSettings) -> None:
    """The cohort's tables, from the records of its patients."""
    records = {
        patient_name(number): json.loads(_record_path(folder, number).read_text())
        for number in range(1, settings.patients + 1)
    }
    write_ra2(folder / "training.csv", {patient: record["read"] for patient, record in records.items()})
    write_ra2(folder / "truth.csv", {patient: record["truth"] for patient, record in records.items()})
    films = {(patient, code): film for patient, record in records.items() for code, film in record["films"].items()}
    write_joints(
        folder / "joints.csv",
        {key: {name: Point(x, y) for name, (x, y) in film["points"].items()} for key, film in films.items()},
    )
    gaps = [(*key, site, str(gap)) for key, film in films.items() for site, gap in film["gaps_mm"].items()]
    lines = [("patient", "film", "site", "gap_mm"), *gaps]
    write_whole(folder / "gaps.csv", "".join(",".join(line) + "\n" for line in lines))
    made_with = {**asdict(settings), "version": __version__, "site_table": SITE_TABLE_VERSION}
    write_whole(folder / SETTINGS, json.dumps(made_with, indent=1) + "\n")
