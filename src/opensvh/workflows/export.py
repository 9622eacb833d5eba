"""Export bundles for another library, as one: int8's ranges and the check of the scores come from simulated films.

Nothing is needed beside the bundles. Graphs are `inference.export`'s, films `simulation`'s.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from opensvh.domain.anatomy import FILM_CODES, Limb, Side
from opensvh.domain.backends import Precision
from opensvh.domain.errors import BundleInvalid, OpenSvHError
from opensvh.domain.placement import Pose
from opensvh.domain.reading import FilmReading
from opensvh.inference.backends import Values
from opensvh.inference.bundle import Bundle, find_bundle, load_bundle
from opensvh.inference.export import CalibrationFilms, Target, compared, export_bundles
from opensvh.inference.export_bundle import Calibration, Equality, ExportedModel, ExportHeader, Model
from opensvh.inference.predictor import Predictor
from opensvh.io.identity import FilmIdentity
from opensvh.io.radiograph import Radiograph
from opensvh.preprocessing.config import PreprocessingConfig
from opensvh.preprocessing.scale import canonical_film
from opensvh.preprocessing.turn import posed
from opensvh.simulation.cohort import Cohort, film_of, visits_of

CHECKED_APART = 1
"""Films that scores are compared on come from the next seed: none of them gave a range."""
Progress = Callable[[str], None]


@dataclass(frozen=True)
class ExportSettings:
    """What is exported, and on how many simulated films: int8's ranges, and the comparison of the scores."""

    target: Target
    calibration_films: int = 48
    checked_films: int = 8
    seed: int = 0

    @property
    def steps(self) -> int:
        """How many films `export` tells of at most."""
        return self.checked_films + self.calibration_films * (self.target.precision is Precision.INT8)


@dataclass(frozen=True)
class DrawnFilm:
    """A simulated film and what it shows."""

    radiograph: Radiograph
    limb: Limb
    side: Side


def export(
    names: Sequence[str], out: Path, settings: ExportSettings, progress: Progress = lambda film: None
) -> ExportHeader:
    """Export the bundles named into `out`, as one; `progress` is told each film that is done with.

    Raises ConfigInvalid for what cannot be exported here, BundleInvalid, OutputConflict.
    """
    settings.target.check()
    bundles = [load_bundle(find_bundle(name)) for name in names]
    _refuse_overwriting(out, bundles)
    calibration = _calibration(settings, progress) if settings.target.precision is Precision.INT8 else None

    def check(before: Sequence[Bundle], after: Sequence[ExportedModel]) -> Equality | None:
        films = drawn_films(settings.checked_films, settings.seed + CHECKED_APART)
        return compared(_read_twice(before, after, films, progress)) if settings.checked_films else None

    return export_bundles(out, bundles, settings.target, calibration, check)


def drawn_films(count: int, seed: int) -> Iterator[DrawnFilm]:
    """So many simulated films, four a patient, one at a time."""
    cohort = Cohort(seed)
    for index in range(count):
        number, code = index // len(FILM_CODES) + 1, tuple(FILM_CODES)[index % len(FILM_CODES)]
        film = film_of(cohort, number, visits_of(cohort, number)[0], code)
        pixels = film.pixels.astype(np.float32) / np.float32(255)
        yield DrawnFilm(Radiograph(pixels, f"simulated film {index + 1}", film.pixel_mm), *FILM_CODES[code])


def _refuse_overwriting(out: Path, bundles: Sequence[Bundle]) -> None:
    for bundle in bundles:
        if out.resolve() == bundle.folder.resolve():
            raise BundleInvalid(f"{out}: is the bundle to be exported, and its weights are still wanted; name another")


def _calibration(settings: ExportSettings, progress: Progress) -> CalibrationFilms:
    @lru_cache(maxsize=1)  # members of one size share the films
    def pictures(config: PreprocessingConfig) -> Sequence[Values]:
        return list(_canonical(settings.calibration_films, settings.seed, config, progress))

    return CalibrationFilms(pictures, Calibration(films=settings.calibration_films, seed=settings.seed))


def _canonical(count: int, seed: int, config: PreprocessingConfig, progress: Progress) -> Iterator[Values]:
    for film in drawn_films(count, seed):
        upright = posed(film.radiograph.pixels, Pose(0.0, film.side is Side.RIGHT))
        yield canonical_film(upright, film.limb, config).image
        progress(film.radiograph.path)


def _read_twice(
    before: Sequence[Model], after: Sequence[Model], films: Iterator[DrawnFilm], progress: Progress
) -> Iterator[tuple[FilmReading, FilmReading]]:
    """Each film's readings by both; a film that shows neither of them a limb tells nothing and is passed over."""
    for film in films:
        identity = FilmIdentity("simulated", film.limb, film.side, 0, "simulation")
        try:
            one, two = (Predictor(models).read(film.radiograph, identity).reading for models in (before, after))
        except OpenSvHError:
            continue
        finally:
            progress(film.radiograph.path)
        yield one, two
