"""The model in a process of its own, so that a film that takes it down takes no reader's session along.

Everything here runs in that process; `assistant` starts it and hands it one film after another.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from opensvh.domain.anatomy import Limb, Side
from opensvh.io.identity import KnownFilm

if TYPE_CHECKING:
    from opensvh.inference.film_reader import FilmReader


@dataclass(frozen=True)
class FilmJob:
    """A film of the library: its path, and limb and side where they are known."""

    path: str
    patient: str
    limb: str | None
    side: str | None


@dataclass(frozen=True)
class FilmAnswer:
    """What the model says of a film: `body` is a ModelView in JSON, "" where `problem` says why there is none."""

    model: str
    body: str
    doubt: float
    problem: str


_loaded: dict[str, Any] = {}
"""The one model of this process: a pool's initializer can hand its work nothing else."""


def load(models: tuple[str, ...]) -> None:
    """Make the model ready; called once, when the process starts."""
    from opensvh.domain.backends import Choice
    from opensvh.inference.backends_choice import load_models
    from opensvh.inference.bundle import find_bundle
    from opensvh.inference.film_analyser_graphs import load_networks
    from opensvh.inference.film_analysis import FilmAnalyser
    from opensvh.inference.film_reader import FilmReader
    from opensvh.inference.predictor import Predictor

    bundles = [model for name in models for model in load_models(find_bundle(name), Choice.AUTO)]
    _loaded["reader"] = FilmReader(Predictor(bundles), FilmAnalyser(load_networks(Choice.AUTO)))
    _loaded["identities"] = tuple(bundle.identity for bundle in bundles)


def read_one(job: FilmJob) -> FilmAnswer:
    """Read the limb of a film; a film that is refused, or shows something else, is a problem in words."""
    from opensvh.domain.errors import OpenSvHError
    from opensvh.io.image import read_film
    from opensvh.serving.workbench.model_view import doubt_of, view_of

    try:
        outcome = _reader().read(read_film(job.path), _known(job))
    except OpenSvHError as failure:
        return FilmAnswer(_model(), "", 1.0, _without_path(str(failure), job.path))
    fitting = [each.reading for each in outcome.read if job.side in (None, each.reading.side.value)]
    if not fitting:
        reasons = "; ".join(each.reason for each in outcome.refused) or "no such limb is read on it"
        return FilmAnswer(_model(), "", 1.0, _without_path(reasons, job.path))
    view = view_of(fitting[0])
    return FilmAnswer(_model(), view.model_dump_json(), doubt_of(view), "")


def score_folder(folder: str) -> str:
    """Score the films in a folder as `opensvh score` does; a JSON list of studies, one a patient and visit."""
    import json
    import tempfile

    from opensvh.domain.reading import StudyReading
    from opensvh.reporting.study_file import STUDY_FILE, StudyFile, write_study
    from opensvh.workflows.films import FilmHints, find_films, group_films
    from opensvh.workflows.score import SOFTWARE
    from opensvh.workflows.visit_reading import read_visit
    from opensvh.workflows.visits import visits_of

    patients, refused = group_films(find_films([Path(folder)], apart_from=Path(folder) / "none"), FilmHints())
    studies = []
    for patient in patients:
        for visit in visits_of(patient):
            read = read_visit(_reader(), visit, lambda film: None)
            study = StudyReading(
                visit.patient, read.films, read.refused, _loaded["identities"], SOFTWARE, visit.date, visit.name
            )
            with tempfile.TemporaryDirectory() as scratch:
                write_study(Path(scratch), StudyFile("", study, ""))
                studies.append(json.loads((Path(scratch) / STUDY_FILE).read_text(encoding="utf-8")))
    answer = {"studies": studies, "refused": [{"film": each.film, "reason": each.reason} for each in refused]}
    return json.dumps(answer).replace(f"{folder}/", "")


def _reader() -> "FilmReader":
    reader: FilmReader = _loaded["reader"]
    return reader


def _model() -> str:
    return " + ".join(f"{each.name} {each.version} {each.sha256[:12]}" for each in _loaded["identities"])


def _known(job: FilmJob) -> KnownFilm:
    limb = Limb(job.limb) if job.limb else None
    side = Side(job.side) if job.side else None
    stated = frozenset(name for name, value in (("limb", limb), ("side", side)) if value)
    return KnownFilm(job.patient, limb, side, stated=stated, source="the workbench")


def _without_path(text: str, path: str) -> str:
    return text.replace(f"{path}: ", "").replace(path, "the film")
