"""Measure models on films whose truth is known: read each film once, keep the readings, write figures and a page.

The figures themselves are `evaluation`'s; reading is `inference`'s. What is read is stored patient by patient, so that
a second run over the same output continues where the first one stopped.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from opensvh.domain.backends import Choice
from opensvh.domain.errors import OpenSvHError, OutputConflict
from opensvh.domain.reading import FilmReading, ModelIdentity, RefusedFilm, StudyReading
from opensvh.evaluation.figures import Evaluation, Figures
from opensvh.evaluation.progression import Visits
from opensvh.evaluation.truth import FilmTruth, ReadFilm
from opensvh.inference.backends_choice import load_models
from opensvh.inference.bundle import find_bundle
from opensvh.inference.ensemble import mean_of_means
from opensvh.inference.predictor import Predictor
from opensvh.io.identity import FilmIdentity
from opensvh.io.image import read_film
from opensvh.io.tables import VISITS
from opensvh.io.whole_file import write_whole
from opensvh.reporting.evaluation import Heading, evaluation_page
from opensvh.reporting.study_file import STUDY_FILE, StudyFile, read_study, write_study
from opensvh.reporting.tables import write_scores, write_sites
from opensvh.workflows.benchmark_ledger import note_use
from opensvh.workflows.compared_visits import visits_from
from opensvh.workflows.films import content_digest
from opensvh.workflows.known_films import known_films
from opensvh.workflows.score import SOFTWARE
from opensvh.workflows.visits import folder_name

FilmReader = Callable[[FilmTruth], FilmReading]
Progress = Callable[[str], None]
"""Called with a film's name after it is read or refused."""


@dataclass(frozen=True)
class EvaluatedModel:
    """A model under evaluation: how it reads a film, who it is, and its training means (empty if it has none).

    `digest` changes with anything in the model that could change a reading; `run_by`: backend and precision of each
    network, () where it has none.
    """

    read: FilmReader
    identities: tuple[ModelIdentity, ...]
    digest: str
    means: Mapping[str, float]
    run_by: tuple[str, ...] = ()

    @property
    def software(self) -> str:
        """What made the figures, as their page says it."""
        return software_with(self.run_by)


def evaluate(model: EvaluatedModel, folder: Path, out: Path, progress: Progress = lambda film: None) -> Figures:
    """Read every film of `folder` and write `metrics.json`, the tables and `report.html` into `out`; returns figures.

    `predictions.csv` holds the 90 RA2 columns (gaps filled with the training means), `sites.csv` the errors of each of
    the 86 site columns, `readings.csv` every reading. A film that cannot be read counts as missed, with its reason.
    That a benchmark's test part was measured on is written into its ledger.
    """
    films = known_films(folder)
    note_use(folder, ", ".join(each.name for each in model.identities), model.digest, out)
    studies = read_films(model, films, out, progress)
    evaluation = Evaluation(tuple(beside_truth(films, studies)), model.means, _visits(folder))
    figures = evaluation.figures()
    _write(model, evaluation, figures, Heading(model.identities, str(folder), model.software), out)
    write_scores(out / "predictions.csv", studies, model.means or None)
    write_sites(out / "readings.csv", studies)
    return figures


def read_films(
    model: EvaluatedModel, films: Sequence[FilmTruth], out: Path, progress: Progress = lambda film: None
) -> list[StudyReading]:
    """A study for each patient, from `out/patients` where an earlier run stored it."""
    _claim(out)
    return [_study(model, each, out / "patients", progress) for each in _by_patient(films).values()]


def evaluated_model(bundles: Sequence[str], backend: Choice = Choice.TORCH) -> EvaluatedModel:
    """The bundles, given by folder or shipped name, as one model (several are an ensemble), on the backend chosen.

    PyTorch is the reference: what others give is held against it.
    """
    loaded = [model for name in bundles for model in load_models(find_bundle(name), backend)]
    predictor = Predictor(loaded)
    return EvaluatedModel(
        read=lambda film: _read(predictor, film),
        identities=tuple(bundle.identity for bundle in loaded),
        digest=" ".join(bundle.digest for bundle in loaded),
        means=mean_of_means([bundle.training_means for bundle in loaded]),
        run_by=predictor.engines,
    )


def software_with(run_by: Sequence[str]) -> str:
    """The software and what ran its networks."""
    return f"{SOFTWARE}, networks run by {', '.join(dict.fromkeys(run_by))}" if run_by else SOFTWARE


def _read(predictor: Predictor, film: FilmTruth) -> FilmReading:
    identity = FilmIdentity(film.patient, film.limb, film.side, film.quarter_turns_cw, "the data set")
    return predictor.read(read_film(film.path), identity).reading


def _by_patient(films: Sequence[FilmTruth]) -> dict[str, list[FilmTruth]]:
    grouped: dict[str, list[FilmTruth]] = {}
    for film in films:
        grouped.setdefault(film.patient, []).append(film)
    return grouped


def _claim(out: Path) -> None:
    """Make the folder, unless something else than an evaluation lies there."""
    if out.exists() and (not out.is_dir() or (any(out.iterdir()) and not (out / "patients").is_dir())):
        raise OutputConflict(f"{out}: is there and holds no evaluation; name a new folder or remove this one")
    (out / "patients").mkdir(parents=True, exist_ok=True)


def _study(model: EvaluatedModel, films: Sequence[FilmTruth], store: Path, progress: Progress) -> StudyReading:
    """A patient's readings: those stored, if they were made from the same files by the same model."""
    folder, key = store / folder_name(films[0].patient), _key(model, films)
    if (folder / STUDY_FILE).is_file():
        stored = read_study(folder / STUDY_FILE)
        if stored.key == key:
            for film in films:
                progress(film.film)
            return stored.study
    study = _read_patient(model, films, progress)
    folder.mkdir(parents=True, exist_ok=True)
    write_study(folder, StudyFile(key, study))
    return study


def _key(model: EvaluatedModel, films: Sequence[FilmTruth]) -> str:
    """Changes with the model, the software, the films' files, and how they are said to lie."""
    parts = [SOFTWARE, model.digest]
    for film in films:
        parts += [film.film, film.limb, film.side, str(film.quarter_turns_cw), content_digest(str(film.path))]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _read_patient(model: EvaluatedModel, films: Sequence[FilmTruth], progress: Progress) -> StudyReading:
    readings: list[FilmReading] = []
    refused: list[RefusedFilm] = []
    for film in films:
        try:
            readings.append(model.read(film))
        except OpenSvHError as failure:
            refused.append(RefusedFilm(str(film.path), str(failure)))
        progress(film.film)
    return StudyReading(films[0].patient, tuple(readings), tuple(refused), model.identities, SOFTWARE)


def _visits(folder: Path) -> Visits | None:
    path = folder / VISITS
    return visits_from(path) if path.is_file() else None


def beside_truth(films: Sequence[FilmTruth], studies: Sequence[StudyReading]) -> Iterator[ReadFilm]:
    """Each film with its reading, or with the reason why there is none."""
    readings = {reading.film: reading for study in studies for reading in study.films}
    reasons = {film.film: film.reason for study in studies for film in study.refused}
    for film in films:
        name = str(film.path)
        yield ReadFilm(film, readings.get(name), reasons.get(name, ""))


def _write(model: EvaluatedModel, evaluation: Evaluation, figures: Figures, heading: Heading, out: Path) -> None:
    metrics = {
        "software": SOFTWARE,
        "run_by": list(model.run_by),
        "data": heading.data,
        "models": [{"name": each.name, "version": each.version, "sha256": each.sha256} for each in model.identities],
        **figures,
    }
    write_whole(out / "metrics.json", json.dumps(metrics, indent=1, allow_nan=False) + "\n")
    write_whole(out / "report.html", evaluation_page(heading, evaluation, figures))
    if "scores" in figures:
        write_whole(out / "sites.csv", evaluation.site_table().to_csv(float_format="%.5f"))
