"""Who reads real films under evaluation: told limb, side and turn, or given a film alone."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from opensvh.domain.errors import FilmUnidentified, LimbNotFound
from opensvh.domain.reading import FilmReading, ModelIdentity
from opensvh.evaluation.truth import FilmTruth
from opensvh.inference.bundle import Bundle, find_bundle, load_bundle
from opensvh.inference.film_analyser_bundle import load_analyser
from opensvh.inference.film_analysis import FilmAnalyser
from opensvh.inference.film_reader import FilmReader
from opensvh.inference.predictor import Predictor
from opensvh.inference.shape_model_file import SHIPPED_SHAPES
from opensvh.io.identity import FilmIdentity, KnownFilm
from opensvh.io.radiograph import Radiograph
from opensvh.workflows.films import content_digest

Read = Callable[[Radiograph, FilmTruth | None], tuple[FilmReading, ...]]


@dataclass(frozen=True)
class RealReader:
    """A model under evaluation on real films.

    `read` raises OpenSvHError where it refuses a film; what is known of the film beside its picture (None: nothing) is
    used only where `told`. `digest` changes with anything in the model that could change a reading.
    """

    read: Read
    identities: tuple[ModelIdentity, ...]
    digest: str
    told: bool


def told_reader(bundles: Sequence[str]) -> RealReader:
    """The bundles, given by folder or shipped name, told limb, side and turn of each film."""
    loaded = _loaded(bundles)
    predictor = Predictor(loaded)

    def read(radiograph: Radiograph, film: FilmTruth | None) -> tuple[FilmReading, ...]:
        if film is None:
            raise FilmUnidentified(f"{radiograph.path}: limb, side and turn are not known; mark it in joints.json")
        identity = FilmIdentity(film.patient, film.limb, film.side, film.quarter_turns_cw, "the data set")
        return (predictor.read(radiograph, identity).reading,)

    return RealReader(read, _identities(loaded), _digest(loaded), told=True)


def film_reader(bundles: Sequence[str]) -> RealReader:
    """The bundles as the product reads films, given the pixels of each and nothing else: no name, no tags."""
    loaded, analyser = _loaded(bundles), load_analyser()
    reader = FilmReader(Predictor(loaded), FilmAnalyser(analyser))
    digest = f"{_digest(loaded)} {analyser.header.weights_sha256} {content_digest(str(SHIPPED_SHAPES))}"
    return untold_reader(reader, _identities(loaded), digest)


def untold_reader(reader: FilmReader, identities: tuple[ModelIdentity, ...], digest: str) -> RealReader:
    """A reader that finds limb, side and turn by itself."""

    def read(radiograph: Radiograph, film: FilmTruth | None) -> tuple[FilmReading, ...]:
        outcome = reader.read(radiograph, KnownFilm(patient=radiograph.path))
        if not outcome.read:
            raise LimbNotFound("; ".join(each.reason for each in outcome.refused))
        return tuple(each.reading for each in outcome.read)

    return RealReader(read, identities, digest, told=False)


def _loaded(bundles: Sequence[str]) -> list[Bundle]:
    return [load_bundle(find_bundle(name)) for name in bundles]


def _identities(bundles: Sequence[Bundle]) -> tuple[ModelIdentity, ...]:
    return tuple(bundle.identity for bundle in bundles)


def _digest(bundles: Sequence[Bundle]) -> str:
    return " ".join(bundle.digest for bundle in bundles)
