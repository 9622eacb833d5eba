"""The one place where the node meets the scoring workflow: films of a study -> a folder with results.

Runs in the worker process; what a job and its outcome are is said here, how the worker lives and dies is `worker`'s.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from opensvh.domain.errors import OpenSvHError
from opensvh.io.dicom_source import DicomSource, dicom_source
from opensvh.io.identity import FilmClaims
from opensvh.io.image import read_film
from opensvh.serving.journal import struck

if TYPE_CHECKING:
    from opensvh.workflows.score import Run
    from opensvh.workflows.visits import EarlierResults

FORMATS = ("dicom",)
"""Of `workflows.results`: what is sent. The page and study.json are written beside it."""


@dataclass(frozen=True)
class ScoreJob:
    """Films (path -> SOP Instance UID) of one study, and the folder to write into.

    `careful`: decode every film before the workflow sees any, so that the one that kills the worker is known;
    `earlier`: what was read of the same patient's other studies, which the reports compare with.
    """

    study: str
    films: dict[str, str]
    out: Path
    careful: bool
    earlier: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What came of a study: how many films and limbs were read, and why others were not (UID, reason without names)."""

    films: int
    limbs: int
    scores: int
    refused: tuple[tuple[str, str], ...]


Holding = Callable[[str | None], None]
"""Called with the UID of the film that is about to be read, with None after it. May raise before a film, to stop."""


class Scorer:
    """A loaded model, ready for study after study."""

    def __init__(self, models: tuple[str, ...], threads: int | None) -> None:
        from opensvh.domain.backends import Choice
        from opensvh.inference.backends_choice import load_models
        from opensvh.inference.bundle import find_bundle
        from opensvh.inference.film_analyser_graphs import load_networks
        from opensvh.inference.film_analysis import FilmAnalyser
        from opensvh.inference.film_reader import FilmReader
        from opensvh.inference.predictor import Predictor
        from opensvh.inference.threads import use_threads

        if threads is not None:
            use_threads(threads)
        bundles = [model for name in models for model in load_models(find_bundle(name), Choice.AUTO)]
        self.names = tuple(f"{each.identity.name} {each.identity.version}" for each in bundles)
        self._reader = FilmReader(Predictor(bundles), FilmAnalyser(load_networks(Choice.AUTO)))

    def score(self, job: ScoreJob, holding: Holding) -> Outcome:
        """Score the films into `job.out`, whole when this returns."""
        from opensvh.serving.earlier_visits import earlier_visits
        from opensvh.workflows.films import FilmHints, group_films

        sources = [source for path in job.films if (source := _source(path)) is not None]
        if job.careful:
            _decode_each(job.films, holding)
        # A study is of one patient (PS3.3, A.1.2), whoever its films name; without an ID it has a name of its own.
        hints = FilmHints(FilmClaims(patient=next((each.patient_id for each in sources if each.patient_id), job.study)))
        patients, refused = group_films([Path(path) for path in job.films], hints)
        run = self._run(job, holding, earlier_visits(job.earlier, patients))
        studies = [study for patient in patients for study, _ in run.patient(patient)]
        refused += [film for study in studies for film in study.refused]
        limbs = [limb for study in studies for limb in study.films]
        words = [word for source in sources for word in _names(source)]
        return Outcome(
            films=len({limb.film for limb in limbs}),
            limbs=len(limbs),
            scores=sum(site.expected is not None for limb in limbs for site in limb.sites),
            refused=tuple((job.films.get(each.film, ""), struck(each.reason, words)) for each in refused),
        )

    def _run(self, job: ScoreJob, holding: Holding, earlier: "EarlierResults") -> "Run":
        from opensvh.serving.announcing_reader import AnnouncingReader
        from opensvh.workflows.results import chosen_formats
        from opensvh.workflows.score import Run

        reader = self._reader
        announcing = AnnouncingReader(reader.predictor, reader.analyser, reader.shapes, job.films, holding)
        return Run(job.out, announcing, lambda film: None, chosen_formats(FORMATS), earlier)


def _source(path: str) -> DicomSource | None:
    try:
        return dicom_source(path)
    except OpenSvHError:  # refused with its reason when it is read
        return None


def _decode_each(films: dict[str, str], holding: Holding) -> None:
    for path, uid in films.items():
        holding(uid)
        with suppress(OpenSvHError):  # as above
            read_film(path)
        holding(None)


def _names(source: DicomSource) -> Iterator[str]:
    """What a message must not quote of a patient."""
    yield from (source.patient_id, source.patient_name, source.accession_number, source.patient_birth_date)
    yield from source.patient_name.replace("=", "^").split("^")
