"""Who reads real films under evaluation: told limb, side and turn, or given a film alone."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from opensvh.domain.errors import FilmUnidentified
from opensvh.domain.placement import LimbPlacement
from opensvh.domain.reading import FilmReading, ModelIdentity
from opensvh.evaluation.real_reads import ReadLimb
from opensvh.evaluation.truth import FilmTruth
from opensvh.inference.bundle import find_bundle, load_bundle
from opensvh.inference.predictor import Predictor
from opensvh.io.identity import FilmIdentity
from opensvh.io.radiograph import Radiograph


class LimbReader(Protocol):
    """Finds the limbs of a film by itself and reads each; raises OpenSvHError where it refuses the film."""

    def read(self, radiograph: Radiograph) -> Sequence[tuple[LimbPlacement, FilmReading]]: ...


@dataclass(frozen=True)
class RealReader:
    """A model under evaluation on real films.

    `read` raises OpenSvHError where it refuses a film; what is known of the film beside its picture (None: nothing) is
    used only where `told`. `digest` changes with anything in the model that could change a reading.
    """

    read: Callable[[Radiograph, FilmTruth | None], tuple[ReadLimb, ...]]
    identities: tuple[ModelIdentity, ...]
    digest: str
    told: bool


def told_reader(bundles: Sequence[str]) -> RealReader:
    """The bundles, given by folder or shipped name, told limb, side and turn of each film."""
    loaded = [load_bundle(find_bundle(name)) for name in bundles]
    predictor = Predictor(loaded)

    def read(radiograph: Radiograph, film: FilmTruth | None) -> tuple[ReadLimb, ...]:
        if film is None:
            raise FilmUnidentified(f"{radiograph.path}: limb, side and turn are not known; mark it in joints.json")
        identity = FilmIdentity(film.patient, film.limb, film.side, film.quarter_turns_cw, "the data set")
        return (ReadLimb(None, predictor.read(radiograph, identity).reading),)

    identities = tuple(bundle.identity for bundle in loaded)
    return RealReader(read, identities, " ".join(bundle.digest for bundle in loaded), told=True)


def film_reader(bundles: Sequence[str]) -> RealReader:
    """The bundles as the product reads films: given each film and nothing else."""
    raise FilmUnidentified(f"{', '.join(bundles)}: cannot find out limb, side and turn by itself yet; give --told")


def untold_reader(reader: LimbReader, identities: tuple[ModelIdentity, ...], digest: str) -> RealReader:
    """A reader that is given each film and nothing else."""

    def read(radiograph: Radiograph, film: FilmTruth | None) -> tuple[ReadLimb, ...]:
        return tuple(ReadLimb(placement, reading) for placement, reading in reader.read(radiograph))

    return RealReader(read, identities, digest, told=False)
