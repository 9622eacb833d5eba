"""From paths to score sheets: find the films, group them by patient and visit, read, and write what is wanted.

Everything appears whole, a visit's `study.json` last: a run that was killed goes on from there, and a later run writes
forms that are missing without reading a film again. How a film is read is `inference`'s, what the files look like is
`reporting`'s, which forms there are is `results`', what a visit is is `visits`'.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

from opensvh import __version__
from opensvh.domain.anatomy import FILM_CODES, film_code
from opensvh.domain.errors import BundleInvalid, OutputConflict
from opensvh.domain.reading import ModelIdentity, RefusedFilm, StudyReading
from opensvh.inference.backends_choice import could_be_faster, load_models
from opensvh.inference.bundle import find_bundle
from opensvh.inference.ensemble import mean_of_means
from opensvh.inference.export_bundle import Model
from opensvh.inference.film_analyser_graphs import load_networks
from opensvh.inference.film_analysis import FilmAnalyser
from opensvh.inference.film_reader import FilmReader
from opensvh.inference.predictor import Predictor
from opensvh.inference.threads import threads
from opensvh.io.identity import KnownFilm
from opensvh.io.whole_file import write_whole
from opensvh.reporting.overlay import FilmPicture, drawn_overlay
from opensvh.reporting.study_file import STUDY_FILE, StudyFile, read_study, write_study
from opensvh.reporting.tables import write_refused, write_scores, write_sites
from opensvh.workflows.films import FilmHints, Patient, content_digest, find_films, group_films
from opensvh.workflows.results import (
    PATIENT_FORMATS,
    RUN_FORMATS,
    RunResult,
    StudyResult,
    Wanted,
    chosen_formats,
    formats_there,
    remove_results,
    write_format,
)
from opensvh.workflows.visit_reading import Progress, pictures_of, read_visit
from opensvh.workflows.visits import (
    EarlierResults,
    Visit,
    folder_of,
    stored_studies,
    studies_of,
    visit_before,
    visits_of,
)

SOFTWARE = f"OpenSvH {__version__}"
REPORT_FILE, SCORES_FILE, SITES_FILE, REFUSED_FILE = "report.html", "scores.csv", "sites.csv", "refused.csv"
MOST_AT_ONCE = 4


@dataclass(frozen=True)
class Scored:
    """What a run found: a study for each visit of this run, how many were there already, films of nobody; `engines`:
    what ran each model, backend and precision; `could_be_faster`: models that an export would make faster here."""

    studies: tuple[StudyReading, ...]
    continued: int
    refused: tuple[RefusedFilm, ...]
    engines: tuple[str, ...] = ()
    could_be_faster: tuple[str, ...] = ()


def score(
    paths: Sequence[Path],
    out: Path,
    models: Sequence[str],
    hints: FilmHints,
    wanted: Wanted = Wanted(),  # noqa: B008  frozen
    progress: Progress = lambda film: None,
) -> Scored:
    """Score the films at `paths`, or below them, into `out` with the bundles named, as one model.

    What each film shows is found from its pixels and held against what `hints`, tags and names say. Writes a folder a
    visit (study.json, report.html, a marked picture a film, and the forms wanted) and the tables of all in `out`.
    """
    wanted = replace(wanted, formats=chosen_formats(wanted.formats))
    patients, refused = group_films(find_films(paths, apart_from=out), hints)
    for nobodys in refused:
        progress(nobodys.film)
    at_once = films_at_once(max((len(patient.films) for patient in patients), default=1))
    bundles = [model for name in models for model in load_models(find_bundle(name), wanted.backend, at_once)]
    fill = _training_means(bundles) if wanted.complete else None
    earlier = EarlierResults.of_folder(wanted.previous, out)
    analyser = FilmAnalyser(load_networks(wanted.backend, at_once))
    run = Run(out, FilmReader(Predictor(bundles), analyser), progress, wanted.formats, earlier, at_once)
    run.claim()
    studies: list[StudyReading] = []
    continued = 0
    try:
        for patient in patients:
            for study, there in run.patient(patient):
                continued += there
                if study.films or patient.named:
                    studies.append(study)
                else:
                    refused.extend(study.refused)
    finally:
        _write_tables(out, run.formats, fill, refused)
    slow = tuple(name for name in models if could_be_faster(find_bundle(name), wanted.backend))
    return Scored(tuple(studies), continued, tuple(refused), run.reader.predictor.engines, slow)


def films_at_once(films: int) -> int:
    """How many of a patient's films are read at the same time: each by one thread costs less than each by all. Memory
    grows with them, some 150 MB a film."""
    return max(1, min(films, threads(), MOST_AT_ONCE))


@dataclass(frozen=True)
class Run:
    """One model at work on one output folder; `formats` it writes for each patient beside what is always written;
    `at_once` films of a visit are read at the same time."""

    out: Path
    reader: FilmReader
    progress: Progress
    formats: Sequence[str] = ()
    earlier: EarlierResults = field(default_factory=EarlierResults)
    at_once: int = 1

    def claim(self) -> None:
        """Refuse a folder that holds another model's results, or is none."""
        if self.out.exists() and not self.out.is_dir():
            raise OutputConflict(f"{self.out}: is a file; name a folder")
        for _, stored in stored_studies(self.out):
            others = stored.study.models
            if others != self._identities():
                names = " + ".join(f"{model.name} {model.version} ({model.sha256[:12]})" for model in others)
                raise OutputConflict(
                    f"{self.out}: holds results of {names}; write to another folder or remove this one"
                )
        self.out.mkdir(parents=True, exist_ok=True)

    def patient(self, patient: Patient) -> Iterator[tuple[StudyReading, bool]]:
        """The patient's study at each visit, in order of days, and whether it was there already."""
        visits = visits_of(patient)
        self._forget_superseded(visits)
        for visit in visits:
            yield self.visit(visit)

    def visit(self, visit: Visit) -> tuple[StudyReading, bool]:
        """The study of one visit, and whether it was there already; forms that are wanted and missing are written."""
        folder, key = folder_of(self.out, visit.patient, visit.date, visit.name), self._key(visit)
        stored_visits = [stored for _, stored in studies_of(self.out, visit.patient)]
        before = visit_before(visit, stored_visits, self.earlier.of_patient(visit.patient))
        previous = "" if before is None else before.key
        stored = _stored(folder, key, previous)
        if stored is not None:
            self._add_missing(folder, stored, before)
            for film in visit.films:
                self.progress(film.path)
            return stored, True
        study, pictures = self._read(visit)
        if not study.films and not visit.named:
            return study, False  # a picture of something else, in a folder of films, makes no patient
        self._write(folder, StudyResult(study, pictures, None if before is None else before.study))
        write_study(folder, StudyFile(key, study, previous))
        return study, False

    def _forget_superseded(self, visits: Sequence[Visit]) -> None:
        """Studies of films that belong to other visits by what is known now would count twice in the tables."""
        films = {film.path for visit in visits for film in visit.films}
        kept = {folder_of(self.out, visit.patient, visit.date, visit.name) for visit in visits}
        for folder, stored in studies_of(self.out, visits[0].patient):
            read = {film.film for film in stored.study.films} | {film.film for film in stored.study.refused}
            if folder not in kept and read <= films:
                remove_results(folder)

    def _add_missing(self, folder: Path, study: StudyReading, before: StudyFile | None) -> None:
        """Write the forms that an earlier run was not asked for, from its readings and the films' pixels."""
        missing = [name for name in self._of_patients() if name not in formats_there(folder, PATIENT_FORMATS)]
        if not missing:
            return
        result = StudyResult(study, pictures_of(study), None if before is None else before.study)
        for name in missing:
            write_format(PATIENT_FORMATS[name], folder, result)

    def _of_patients(self) -> list[str]:
        return [name for name in PATIENT_FORMATS if name in self.formats]

    def _write(self, folder: Path, result: StudyResult) -> None:
        """Write all but the study's file, those forms anew too that were made of a former reading."""
        (folder / STUDY_FILE).unlink(missing_ok=True)
        codes = {film_code(film.limb, film.side): film for film in result.study.films}
        for code in FILM_CODES.keys() - codes.keys():
            (folder / f"{code}.png").unlink(missing_ok=True)
        with ThreadPoolExecutor(self.at_once, "overlay") as pool:
            drawn = pool.map(lambda code: drawn_overlay(result.pictures[code], codes[code]), codes)
            for code, overlay in zip(codes, drawn, strict=True):
                write_whole(folder / f"{code}.png", overlay)
        for name in dict.fromkeys(["html", *self._of_patients(), *formats_there(folder, PATIENT_FORMATS)]):
            write_format(PATIENT_FORMATS[name], folder, result)

    def _read(self, visit: Visit) -> tuple[StudyReading, dict[str, FilmPicture]]:
        read = read_visit(self.reader, visit, self.progress, self.at_once)
        study = StudyReading(
            patient=visit.patient,
            films=read.films,
            refused=read.refused,
            models=self._identities(),
            software=SOFTWARE,
            date=visit.date,
            visit=visit.name,
        )
        return study, read.pictures

    def _identities(self) -> tuple[ModelIdentity, ...]:
        return tuple(bundle.identity for bundle in self.reader.predictor.bundles)

    def _key(self, visit: Visit) -> str:
        """Changes with the software, the models, the films' files and how they are said to lie."""
        parts = [SOFTWARE, visit.patient, *(bundle.digest for bundle in self.reader.predictor.bundles)]
        parts += [f"{film.path} {_said(film.known)} {content_digest(film.path)}" for film in visit.films]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _said(known: KnownFilm) -> str:
    return f"{replace(known, stated=frozenset())} {sorted(known.stated)}"


def _stored(folder: Path, key: str, previous: str) -> StudyReading | None:
    """The study that an earlier run finished from the same files, models and options, beside the same visit before."""
    if not (folder / STUDY_FILE).is_file() or not (folder / REPORT_FILE).is_file():
        return None
    stored = read_study(folder / STUDY_FILE)
    return stored.study if (stored.key, stored.previous) == (key, previous) else None


def _training_means(bundles: Sequence[Model]) -> Mapping[str, float]:
    means = [bundle.training_means for bundle in bundles if bundle.training_means]
    if not means:
        folder = bundles[0].folder
        raise BundleInvalid(f"{folder}: has no training means to fill gaps with; score without --complete")
    return mean_of_means(means)


def _write_tables(
    out: Path, formats: Sequence[str], fill: Mapping[str, float] | None, refused: list[RefusedFilm]
) -> None:
    """The tables of every patient in the folder, those of earlier runs included, and any other form that lies there."""
    studies = [stored.study for _, stored in stored_studies(out)]
    everywhere = [*refused, *(film for study in studies for film in study.refused)]
    write_scores(out / SCORES_FILE, studies, fill)
    write_sites(out / SITES_FILE, studies)
    write_refused(out / REFUSED_FILE, everywhere)
    for name, made in RUN_FORMATS.items():
        if name in (*formats, *formats_there(out, RUN_FORMATS)):
            write_format(made, out, RunResult(studies, everywhere))
