"""A patient's films by visit, where the results of each lie, and which visit came before it.

Films of different days are different studies. What is written for a study is `results`', who the patients are `films`'.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from opensvh.domain.errors import OutputConflict
from opensvh.domain.reading import StudyReading
from opensvh.reporting.study_file import STUDY_FILE, StudyFile, read_study
from opensvh.workflows.films import Film, Patient

_LONGEST_FOLDER_NAME = 80
_RESERVED_NAMES = {"con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in range(10))}
"""Windows keeps these for devices, whatever suffix follows."""


@dataclass(frozen=True)
class Visit:
    """A patient's films of one visit, in the order they were given; its `date` (ISO 8601) and name where told."""

    patient: str
    films: tuple[Film, ...]
    date: str | None = None
    name: str | None = None

    @property
    def named(self) -> bool:
        """Whether anything but a file's name names the patient."""
        return any(film.named for film in self.films)


def visits_of(patient: Patient) -> list[Visit]:
    """The patient's visits by day: films of one visit's name belong together, and else those of one day.

    Films that nobody dates belong to the only visit there is; beside several they are one of their own, the last.
    """
    names = {film.known.date: film.known.visit for film in patient.films if film.known.visit and film.known.date}
    keys = [film.known.visit or names.get(film.known.date or "") or film.known.date for film in patient.films]
    told = {key for key in keys if key is not None}
    only = told.pop() if len(told) == 1 else None
    groups: dict[str | None, list[Film]] = {}
    for film, key in zip(patient.films, keys, strict=True):
        groups.setdefault(key or only, []).append(film)
    return sorted((_visit(patient.name, films) for films in groups.values()), key=_by_day)


def _visit(patient: str, films: Sequence[Film]) -> Visit:
    dates = [film.known.date for film in films if film.known.date]
    names = [film.known.visit for film in films if film.known.visit]
    return Visit(patient, tuple(films), min(dates, default=None), names[0] if names else None)


def _by_day(visit: Visit) -> tuple[bool, str, str]:
    return visit.date is None, visit.date or "", visit.name or ""


def study_folder(out: Path, study: StudyReading) -> Path:
    """Where a study's results lie below a run's folder: `PATIENT`, or `PATIENT/2024-05-01` where its day is known."""
    return folder_of(out, study.patient, study.date, study.visit)


def folder_of(out: Path, patient: str, date: str | None, visit: str | None) -> Path:
    """As `study_folder`, of a study that is not read yet."""
    told = "-".join(part for part in (date, visit) if part)
    folder = out / folder_name(patient)
    return folder / folder_name(told) if told else folder


def folder_name(patient: str) -> str:
    """A folder's name for a patient: the name itself if it is safe on every system, else cleaned with a digest."""
    cleaned = re.sub(r"[^A-Za-z0-9._-]+", "_", patient).strip("._")[:_LONGEST_FOLDER_NAME]
    reserved = cleaned.partition(".")[0].lower() in _RESERVED_NAMES
    if cleaned and cleaned == patient and not reserved and not cleaned.lower().endswith(_SUFFIXES_OF_TABLES):
        return cleaned
    kept = "patient" if reserved or not cleaned else cleaned
    return f"{kept}-{hashlib.sha256(patient.encode()).hexdigest()[:8]}"


_SUFFIXES_OF_TABLES = (".csv", ".json", ".parquet", ".xlsx")
"""A folder so named could stand where a table belongs."""


def stored_studies(out: Path) -> Iterator[tuple[Path, StudyFile]]:
    """Every study below a run's folder, with its own folder, in order of name."""
    for path in sorted([*out.glob(f"*/{STUDY_FILE}"), *out.glob(f"*/*/{STUDY_FILE}")]):
        yield path.parent, read_study(path)


def studies_of(out: Path, patient: str) -> list[tuple[Path, StudyFile]]:
    """A patient's stored studies with their folders."""
    folder = out / folder_name(patient)
    paths = sorted([*folder.glob(STUDY_FILE), *folder.glob(f"*/{STUDY_FILE}")])
    stored = [(path.parent, read_study(path)) for path in paths]
    return [(place, content) for place, content in stored if content.study.patient == patient]


@dataclass(frozen=True)
class EarlierResults:
    """The studies of a folder that the user names as of earlier days."""

    studies: tuple[StudyFile, ...] = ()

    @classmethod
    def of_folder(cls, folder: Path | None, out: Path) -> "EarlierResults":
        """Read the results of an earlier run; raises OutputConflict where there are none."""
        if folder is None:
            return cls()
        if folder.resolve() == out.resolve():
            raise OutputConflict(f"{folder}: is the folder written to; visits there are compared without --previous")
        studies = tuple(content for _, content in stored_studies(folder))
        if not studies:
            raise OutputConflict(f"{folder}: holds no results to compare with; name the --out folder of an earlier run")
        return cls(studies)

    def of_patient(self, patient: str) -> list[StudyFile]:
        """The patient's studies among them."""
        return [each for each in self.studies if each.study.patient == patient]


def visit_before(visit: Visit, stored: Sequence[StudyFile], earlier: Sequence[StudyFile]) -> StudyFile | None:
    """The patient's last study before a visit: by day, or else one the user says is earlier, where a day is unknown."""
    dated = [each for each in (*stored, *earlier) if _is_before(each.study.date, visit.date)]
    if dated:
        return max(dated, key=lambda each: each.study.date or "")
    untold = [each for each in earlier if None in (each.study.date, visit.date)]
    return max(untold, key=lambda each: each.study.date or "", default=None)


def _is_before(date: str | None, other: str | None) -> bool:
    return date is not None and other is not None and date < other
