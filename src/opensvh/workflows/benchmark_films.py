"""One part of the benchmark as a native dataset: films of its patients, every third of them at two visits.

Written patient by patient, so that a killed run goes on; who is in which part is `benchmark`'s. Grades of reader 1 are
the part's gold standard, as an expert's were the challenge's; exact grades lie beside them.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import cv2

from opensvh.domain.anatomy import FILM_CODES
from opensvh.io.whole_file import write_whole
from opensvh.simulation import radiograph
from opensvh.simulation.cohort import Cohort, Visit, film_of, patient_name, visits_of
from opensvh.workflows.film_files import remove_parts, write_film
from opensvh.workflows.simulate import PROGRESS, film_set_record
from opensvh.workflows.simulation_tables import write_tables
from opensvh.workflows.worker_pool import worker_pool

EVERY = 3
"""Every so many-th patient comes twice."""


@dataclass(frozen=True)
class Part:
    """A part of the benchmark; `coarser`: how many times larger than usual its films' pixels are."""

    name: str
    prefix: str
    seed: int
    patients: int
    coarser: float

    @property
    def cohort(self) -> Cohort:
        """Whom its patients are."""
        return Cohort(self.seed, "reference", visits=2)

    def film_sets(self, number: int) -> tuple[str, ...]:
        """Names of a patient's film sets, in order of visits."""
        return tuple(self.name_of(number, visit) for visit in range(1, 3 if number % EVERY == 0 else 2))

    def name_of(self, number: int, visit: int = 1) -> str:
        """`TRN0003V2` for the second visit of the third training patient."""
        return self.prefix + patient_name(number, visit)[3:]


def waiting_patients(folder: Path, part: Part) -> list[int]:
    """Numbers of the patients that are not whole yet."""
    return [number for number in range(1, part.patients + 1) if not _is_done(folder, part, number)]


def make_part(folder: Path, part: Part, jobs: int = 1) -> Iterator[int]:
    """Make the patients that are missing, yielding the number of each; then the tables."""
    for place in (folder / "images", folder / PROGRESS):
        place.mkdir(parents=True, exist_ok=True)
        remove_parts(place)
    waiting = waiting_patients(folder, part)
    if jobs <= 1 or len(waiting) <= 1:
        yield from (make_patient(folder, part, number) for number in waiting)
    else:
        with worker_pool(min(jobs, len(waiting))) as pool:
            yield from pool.map(make_patient, *zip(*((folder, part, number) for number in waiting), strict=True))
    names = [name for number in range(1, part.patients + 1) for name in part.film_sets(number)]
    write_tables(folder, {name: json.loads(_record_path(folder, name).read_text()) for name in names})


def make_patient(folder: Path, part: Part, number: int) -> int:
    """Write the films of each visit, each time then the record that tells they are whole."""
    cv2.setNumThreads(1)
    for visit, name in zip(visits_of(part.cohort, number), part.film_sets(number), strict=False):
        with coarser_detectors(part.coarser):
            films = {code: film_of(part.cohort, number, visit, code) for code in FILM_CODES}
        for code, film in films.items():
            write_film(_image_path(folder, name, code), film, part.seed)
        record = film_set_record(_named(visit, part, number), films)
        write_whole(_record_path(folder, name), json.dumps(record))
    return number


@contextmanager
def coarser_detectors(times: float) -> Iterator[None]:
    """While the block runs this process films with pixels so many times as large, in a third of the time.

    The simulator has its detectors' pixels as constants; a patient's bones, damage and pose do not depend on them.
    """
    usual = dict(radiograph.PIXEL_MM), radiograph.PLATE_PIXEL_MM
    radiograph.PIXEL_MM.update({limb: times * pixel for limb, pixel in usual[0].items()})
    radiograph.PLATE_PIXEL_MM = times * usual[1]
    try:
        yield
    finally:
        radiograph.PIXEL_MM.update(usual[0])
        radiograph.PLATE_PIXEL_MM = usual[1]


def _named(visit: Visit, part: Part, number: int) -> Visit:
    return replace(visit, person=part.name_of(number))


def _is_done(folder: Path, part: Part, number: int) -> bool:
    paths = [path for name in part.film_sets(number) for path in _paths(folder, name)]
    return all(path.is_file() for path in paths)


def _paths(folder: Path, name: str) -> list[Path]:
    return [_record_path(folder, name), *(_image_path(folder, name, code) for code in FILM_CODES)]


def _image_path(folder: Path, name: str, code: str) -> Path:
    return folder / "images" / f"{name}-{code}.png"


def _record_path(folder: Path, name: str) -> Path:
    return folder / PROGRESS / f"{name}.json"
