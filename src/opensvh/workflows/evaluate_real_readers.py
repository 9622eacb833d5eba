"""Who reads real films under evaluation: told limb, side and turn, or given a film alone."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from opensvh.domain.backends import Choice
from opensvh.domain.errors import FilmUnidentified, LimbNotFound
from opensvh.domain.reading import FilmReading, ModelIdentity
from opensvh.evaluation.truth import FilmTruth
from opensvh.inference.backends_choice import load_models
from opensvh.inference.bundle import find_bundle
from opensvh.inference.export_bundle import Model
from opensvh.inference.film_analyser_graphs import load_networks
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
    used only where `told`. `digest` changes with anything in the model that could change a reading; `run_by`: backend
    and precision of each network.
    """

    read: Read
    identities: tuple[ModelIdentity, ...]
    digest: str
    told: bool
    run_by: tuple[str, ...] = ()


def told_reader(bundles: Sequence[str], backend: Choice = Choice.TORCH) -> RealReader:
    """The bundles, given by folder or shipped name, told limb, side and turn of each film."""
    loaded = _loaded(bundles, backend)
    predictor = Predictor(loaded)

    def read(radiograph: Radiograph, film: FilmTruth | None) -> tuple[FilmReading, ...]:
        if film is None:
            raise FilmUnidentified(f"{radiograph.path}: limb, side and turn are not known; mark it in joints.json")
        identity = FilmIdentity(film.patient, film.limb, film.side, film.quarter_turns_cw, "the data set")
        return (predictor.read(radiograph, identity).reading,)

    return RealReader(read, _identities(loaded), _digest(loaded), told=True, run_by=predictor.engines)


def film_reader(bundles: Sequence[str], backend: Choice = Choice.TORCH) -> RealReader:
    """The bundles as the product reads films, given the pixels of each and nothing else: no name, no tags."""
    loaded, analyser = _loaded(bundles, backend), load_networks(backend)
    reader = FilmReader(Predictor(loaded), FilmAnalyser(analyser))
    digest = f"{_digest(loaded)} {analyser.header.weights_sha256} {content_digest(str(SHIPPED_SHAPES))}"
    return replace(untold_reader(reader, _identities(loaded), digest), run_by=reader.predictor.engines)


def untold_reader(reader: FilmReader, identities: tuple[ModelIdentity, ...], digest: str) -> RealReader:
    """A reader that finds limb, side and turn by itself."""

    def read(radiograph: Radiograph, film: FilmTruth | None) -> tuple[FilmReading, ...]:
        outcome = reader.read(radiograph, KnownFilm(patient=radiograph.path))
        if not outcome.read:
            raise LimbNotFound("; ".join(each.reason for each in outcome.refused))
        return tuple(each.reading for each in outcome.read)

    return RealReader(read, identities, digest, told=False)


def _loaded(bundles: Sequence[str], backend: Choice) -> list[Model]:
    return [model for name in bundles for model in load_models(find_bundle(name), backend)]


def _identities(bundles: Sequence[Model]) -> tuple[ModelIdentity, ...]:
    return tuple(bundle.identity for bundle in bundles)


def _digest(bundles: Sequence[Model]) -> str:
    return " ".join(bundle.digest for bundle in bundles)
