"""Simulate a cohort: a folder in the native layout with films, the grades two readers gave, and the exact truth.

The folder grows patient by patient and can be stopped and continued at any time; who the patients are and what a film
looks like is the simulator's affair, the tables beside `images/` are `simulation_tables`'s.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import cv2

from opensvh import __version__
from opensvh.domain.anatomy import FILM_CODES, RA2_SITE_COLUMNS, SITE_TABLE_VERSION, Limb, Side, film_code
from opensvh.domain.errors import OutputConflict
from opensvh.io.whole_file import write_whole
from opensvh.simulation.cohort import Cohort, Visit, film_of, patient_name, visits_of
from opensvh.simulation.patients.patient import Grades
from opensvh.simulation.patients.severity import Severity
from opensvh.simulation.radiograph import SimulatedFilm
from opensvh.workflows.film_files import SUFFIXES, FilmFormat, remove_parts, write_film
from opensvh.workflows.simulation_tables import SETTINGS, TABLES, Record, write_tables
from opensvh.workflows.worker_pool import worker_pool

PROGRESS = ".progress"
SIMULATOR = "3"
"""Raised when the same settings give other films than before, so that no folder mixes the two."""


@dataclass(frozen=True)
class SimulationSettings:
    """What a cohort is made with. A patient's films depend on `seed`, `severity` and their number only.

    `film_format` is that of the files in `images/`; the pixels are the same.
    """

    patients: int
    seed: int = 0
    severity: Severity = "training"
    visits: int = 1
    film_format: FilmFormat = "png"

    @property
    def cohort(self) -> Cohort:
        """The same without the number of patients."""
        return Cohort(self.seed, self.severity, self.visits)

    @property
    def film_sets(self) -> dict[str, tuple[int, int]]:
        """Every film set by name: patient number and visit, both from 1."""
        return {
            patient_name(number, visit): (number, visit)
            for number in range(1, self.patients + 1)
            for visit in range(1, self.visits + 1)
        }


def simulate(
    folder: Path, settings: SimulationSettings, jobs: int = 1, on_patient: Callable[[int], None] = lambda done: None
) -> int:
    """Write or continue the cohort in `folder`, and return how many patients were added.

    The same settings give the same bytes whatever `jobs` is; a larger `patients` extends a cohort. `on_patient` is told
    how many patients are done, first of all how many already were. Raises OutputConflict where the folder holds
    anything else.
    """
    _claim(folder, settings)
    waiting = [number for number in range(1, settings.patients + 1) if not _is_done(folder, settings, number)]
    done = settings.patients - len(waiting)
    on_patient(done)
    for _ in _simulated(folder, settings, waiting, jobs):
        done += 1
        on_patient(done)
    _write_tables(folder, settings)
    return len(waiting)


def _claim(folder: Path, settings: SimulationSettings) -> None:
    """Make the folder ours, or raise OutputConflict where it is somebody else's or was made otherwise."""
    fingerprint = folder / PROGRESS / "made_with.json"
    made_with = _made_with(settings)
    if fingerprint.is_file():
        before = json.loads(fingerprint.read_text())
        for key in (key for key in made_with if before.get(key) != made_with[key]):
            raise OutputConflict(
                f"{folder}: was simulated with {key} {before.get(key)}, not {made_with[key]}; choose another folder"
            )
    _refuse_foreign_files(folder, settings, claimed=fingerprint.is_file())
    (folder / "images").mkdir(parents=True, exist_ok=True)
    (folder / PROGRESS).mkdir(exist_ok=True)
    for place in (folder, folder / "images", folder / PROGRESS):
        remove_parts(place)
    write_whole(fingerprint, json.dumps(made_with, indent=1))


def _made_with(settings: SimulationSettings) -> dict[str, Any]:
    """What decides the films, but for how many patients there are."""
    decisive = {key: value for key, value in asdict(settings).items() if key != "patients"}
    return {**decisive, "version": __version__, "simulator": SIMULATOR, "site_table": SITE_TABLE_VERSION}


def _refuse_foreign_files(folder: Path, settings: SimulationSettings, claimed: bool) -> None:
    """Raise OutputConflict for anything but hidden files and what these settings write."""
    if folder.exists() and not folder.is_dir():
        raise OutputConflict(f"{folder}: is a file; name a folder")
    own = {"images", *TABLES} if claimed else set()
    images = {path.name for name in settings.film_sets for path in _image_paths(folder, settings, name).values()}
    found = [path for path in _visible(folder) if path.name not in own]
    found += [path for path in _visible(folder / "images") if path.name not in images]
    if found:
        raise OutputConflict(
            f"{found[0]}: {folder} already holds this, which a simulation of {settings.patients} patients would not "
            "write; choose another folder, or as many patients as it has"
        )


def _visible(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*") if not path.name.startswith("."))


def _is_done(folder: Path, settings: SimulationSettings, number: int) -> bool:
    names = [name for name, (patient, _) in settings.film_sets.items() if patient == number]
    images = [path for name in names for path in _image_paths(folder, settings, name).values()]
    return all(path.is_file() for path in (*(_record_path(folder, name) for name in names), *images))


def _image_paths(folder: Path, settings: SimulationSettings, name: str) -> dict[str, Path]:
    """A film set's files by film code."""
    return {code: folder / "images" / f"{name}-{code}{SUFFIXES[settings.film_format]}" for code in FILM_CODES}


def _record_path(folder: Path, name: str) -> Path:
    return folder / PROGRESS / f"{name}.json"


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
    """Write the films of each of a patient's visits, each time then the record that tells they are whole."""
    for visit in visits_of(settings.cohort, number):
        films = {code: film_of(settings.cohort, number, visit, code) for code in FILM_CODES}
        paths = _image_paths(folder, settings, visit.truth.patient_id)
        for code, film in films.items():
            write_film(paths[code], film, settings.seed)
        write_whole(_record_path(folder, visit.truth.patient_id), json.dumps(film_set_record(visit, films)))
    return number


def film_set_record(visit: Visit, films: Mapping[str, SimulatedFilm]) -> Record:
    """What is kept of a film set until the tables are written (see `simulation_tables`); `films` by film code."""
    first, second = visit.readings
    return {
        "person": visit.person,
        "visit": visit.number,
        "months": visit.months,
        "truth": _by_column(visit.truth.grades, films),
        "reader1": _by_column(first, films),
        "reader2": _by_column(second, films),
        "traits": asdict(visit.truth.traits),
        "films": {code: _film_record(film) for code, film in films.items()},
    }


def _film_record(film: SimulatedFilm) -> Record:
    """A film's points (film px), gaps (mm), sites without a score, and pixel size (mm)."""
    return {
        "points": {name: [round(float(point.x), 3), round(float(point.y), 3)] for name, point in film.points.items()},
        "gaps_mm": {site: round(float(gap), 3) for site, gap in film.gaps_mm.items()},
        "status": {site: status.value for site, status in film.status.items()},
        "pixel_mm": film.pixel_mm,
    }


def _by_column(grades: Mapping[tuple[Limb, Side], Grades], films: Mapping[str, SimulatedFilm]) -> dict[str, int | None]:
    """A patient's grades by RA2 site column; None where the film's site has a status: missing is never 0."""
    return {
        column: None
        if site.name in films[film_code(site.limb, side)].status
        else int(grades[site.limb, side][site.name, kind])
        for column, (side, site, kind) in RA2_SITE_COLUMNS.items()
    }


def _write_tables(folder: Path, settings: SimulationSettings) -> None:
    """The cohort's tables, from the records of its patients."""
    records = {name: json.loads(_record_path(folder, name).read_text()) for name in settings.film_sets}
    write_tables(folder, records)
    write_whole(folder / SETTINGS, json.dumps({"patients": settings.patients, **_made_with(settings)}, indent=1) + "\n")
