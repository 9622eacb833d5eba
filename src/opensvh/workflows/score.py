"""From paths to score sheets: find the films, group them by patient, read, and write what people and machines read.

Everything appears whole, a patient's `study.json` last: a run that was killed goes on from there. How a film is read is
`inference`'s; what the files look like is `reporting`'s.
"""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from opensvh import __version__
from opensvh.domain.anatomy import film_code
from opensvh.domain.errors import BundleInvalid, OpenSvHError, OutputConflict
from opensvh.domain.reading import FilmReading, ModelIdentity, RefusedFilm, StudyReading
from opensvh.inference.bundle import Bundle, find_bundle, load_bundle
from opensvh.inference.ensemble import mean_of_means
from opensvh.inference.film_analysis import FilmAnalyser
from opensvh.inference.film_reader import FilmReader
from opensvh.inference.predictor import Predictor
from opensvh.io.identity import KnownFilm
from opensvh.io.image import read_film
from opensvh.io.whole_file import write_whole
from opensvh.reporting.html import write_report
from opensvh.reporting.overlay import FilmPicture, drawn_overlay, picture_of
from opensvh.reporting.study_file import STUDY_FILE, StudyFile, read_study, write_study
from opensvh.reporting.tables import write_refused, write_scores, write_sites
from opensvh.workflows.films import FilmHints, Patient, content_digest, find_films, group_films

SOFTWARE = f"OpenSvH {__version__}"
REPORT_FILE, SCORES_FILE, SITES_FILE, REFUSED_FILE = "report.html", "scores.csv", "sites.csv", "refused.csv"
_LONGEST_FOLDER_NAME = 80
_RESERVED_NAMES = {"con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in range(10))}
"""Windows keeps these for devices, whatever suffix follows."""

Progress = Callable[[str], None]
"""Called with a film's path after it is read, refused, or found done already."""


@dataclass(frozen=True)
class Scored:
    """What a run found: a study for each patient of this run, how many were there already, films of nobody."""

    studies: tuple[StudyReading, ...]
    continued: int
    refused: tuple[RefusedFilm, ...]


def score(
    paths: Sequence[Path], out: Path, models: Sequence[str], hints: FilmHints, complete: bool, progress: Progress
) -> Scored:
    """Score the films at `paths`, or below them, into `out` with the bundles named, as one model.

    What each film shows is found from its pixels and held against what `hints`, tags and names say. Writes a folder a
    patient (study.json, report.html, a marked picture a film) and the tables of all patients in `out`. `complete` fills
    gaps of scores.csv with the model's training means.
    """
    patients, refused = group_films(find_films(paths, apart_from=out), hints)
    for nobodys in refused:
        progress(nobodys.film)
    bundles = [load_bundle(find_bundle(name)) for name in models]
    fill = _training_means(bundles) if complete else None
    run = Run(out, FilmReader(Predictor(bundles), FilmAnalyser()), progress)
    run.claim()
    studies: list[StudyReading] = []
    continued = 0
    try:
        for patient in patients:
            study, there = run.patient(patient)
            continued += there
            if study.films or patient.named:
                studies.append(study)
            else:
                refused.extend(study.refused)
    finally:
        _write_tables(out, fill, refused)
    return Scored(tuple(studies), continued, tuple(refused))


def use_threads(threads: int) -> None:
    """CPU threads that the networks may take, for the whole program."""
    torch.set_num_threads(threads)


@dataclass(frozen=True)
class Run:
    """One model at work on one output folder."""

    out: Path
    reader: FilmReader
    progress: Progress

    def claim(self) -> None:
        """Refuse a folder that holds another model's results, or is none."""
        if self.out.exists() and not self.out.is_dir():
            raise OutputConflict(f"{self.out}: is a file; name a folder")
        for path in sorted(self.out.glob(f"*/{STUDY_FILE}")):
            others = read_study(path).study.models
            if others != self._identities():
                names = " + ".join(f"{model.name} {model.version} ({model.sha256[:12]})" for model in others)
                raise OutputConflict(
                    f"{self.out}: holds results of {names}; write to another folder or remove this one"
                )
        self.out.mkdir(parents=True, exist_ok=True)

    def patient(self, patient: Patient) -> tuple[StudyReading, bool]:
        """The patient's study, and whether it was there already."""
        folder, key = self.out / folder_name(patient.name), self._key(patient)
        stored = _stored(folder, key)
        if stored is not None:
            for film in patient.films:
                self.progress(film.path)
            return stored, True
        study, pictures = self._read(patient)
        if not study.films and not patient.named:
            return study, False  # a picture of something else, in a folder of films, makes no patient
        for reading in study.films:
            code = film_code(reading.limb, reading.side)
            write_whole(folder / f"{code}.png", drawn_overlay(pictures[code], reading))
        write_report(folder / REPORT_FILE, study, pictures)
        write_study(folder, StudyFile(key, study))
        return study, False

    def _read(self, patient: Patient) -> tuple[StudyReading, dict[str, FilmPicture]]:
        readings: dict[str, FilmReading] = {}
        pictures: dict[str, FilmPicture] = {}
        refused: list[RefusedFilm] = []
        for film in patient.films:
            try:
                radiograph = read_film(film.path)
                outcome = self.reader.read(radiograph, film.known)
                refused += outcome.refused
                for each in outcome.read:
                    code = film_code(each.reading.limb, each.reading.side)
                    if code in readings:
                        refused.append(_second(each.reading, readings[code]))
                        continue
                    readings[code] = each.reading
                    pictures[code] = picture_of(radiograph.pixels, each.reading, each.maps)
            except OpenSvHError as failure:
                refused.append(RefusedFilm(film.path, str(failure)))
            self.progress(film.path)
        films = tuple(readings.values())
        return StudyReading(patient.name, films, tuple(refused), self._identities(), SOFTWARE), pictures

    def _identities(self) -> tuple[ModelIdentity, ...]:
        return tuple(bundle.identity for bundle in self.reader.predictor.bundles)

    def _key(self, patient: Patient) -> str:
        """Changes with the software, the models, the films' files and how they are said to lie."""
        parts = [SOFTWARE, patient.name, *(bundle.digest for bundle in self.reader.predictor.bundles)]
        parts += [f"{film.path} {_said(film.known)} {content_digest(film.path)}" for film in patient.films]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _said(known: KnownFilm) -> str:
    return f"{replace(known, stated=frozenset())} {sorted(known.stated)}"


def _second(reading: FilmReading, first: FilmReading) -> RefusedFilm:
    """One limb and side a patient: none can tell which of two films is wanted."""
    code = film_code(reading.limb, reading.side)
    if reading.film == first.film:
        fact = f"two {reading.limb}s on it look like the {code}"
        return RefusedFilm(reading.film, f"{reading.film}: {fact}; cut the film in two, or give --side for one of them")
    fact = f"a second {code} film of patient {reading.patient} beside {first.film}"
    return RefusedFilm(reading.film, f"{reading.film}: {fact}; score them in two runs")


def folder_name(patient: str) -> str:
    """A folder's name for a patient: the name itself if it is safe on every system, else cleaned with a digest."""
    cleaned = re.sub(r"[^A-Za-z0-9._-]+", "_", patient).strip("._")[:_LONGEST_FOLDER_NAME]
    reserved = cleaned.partition(".")[0].lower() in _RESERVED_NAMES
    if cleaned and cleaned == patient and not reserved and not cleaned.lower().endswith(".csv"):
        return cleaned
    kept = "patient" if reserved or not cleaned else cleaned
    return f"{kept}-{hashlib.sha256(patient.encode()).hexdigest()[:8]}"


def _stored(folder: Path, key: str) -> StudyReading | None:
    """The study that an earlier run finished from the same files, models and options."""
    if not (folder / STUDY_FILE).is_file() or not (folder / REPORT_FILE).is_file():
        return None
    stored = read_study(folder / STUDY_FILE)
    return stored.study if stored.key == key else None


def _training_means(bundles: Sequence[Bundle]) -> Mapping[str, float]:
    means = [bundle.training_means for bundle in bundles if bundle.training_means]
    if not means:
        folder = bundles[0].folder
        raise BundleInvalid(f"{folder}: has no training means to fill gaps with; score without --complete")
    return mean_of_means(means)


def _write_tables(out: Path, fill: Mapping[str, float] | None, refused: Sequence[RefusedFilm]) -> None:
    """The tables of every patient in the folder, those of earlier runs included."""
    studies = [read_study(path).study for path in sorted(out.glob(f"*/{STUDY_FILE}"))]
    write_scores(out / SCORES_FILE, studies, fill)
    write_sites(out / SITES_FILE, studies)
    everywhere = [*refused, *(film for study in studies for film in study.refused)]
    write_refused(out / REFUSED_FILE, everywhere)
