"""Export bundles for another library, as one: int8's ranges and the check of the scores come from simulated films.

Nothing is needed beside the bundles. Graphs are `inference.export`'s, films `simulation`'s.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from opensvh.domain.backends import Precision
from opensvh.domain.errors import BundleInvalid, ConfigInvalid, OpenSvHError
from opensvh.domain.reading import FilmReading
from opensvh.inference.backends import Values
from opensvh.inference.backends_choice import ready_folder
from opensvh.inference.bundle import Bundle, find_bundle, load_bundle
from opensvh.inference.export import CalibrationFilms, Target, compared, export_bundles
from opensvh.inference.export_bundle import Calibration, Equality, ExportedModel, ExportHeader, Model
from opensvh.inference.export_films import DrawnFilm, canonical_picture, drawn_films
from opensvh.inference.predictor import Predictor
from opensvh.io.identity import FilmIdentity
from opensvh.preprocessing.config import PreprocessingConfig

CHECKED_APART = 1
"""Films that scores are compared on come from the next seed: none of them gave a range."""
ROUNDING_FILMS = 8
Progress = Callable[[str], None]


@dataclass(frozen=True)
class ExportSettings:
    """What is exported, and on how many simulated films: int8's ranges, and the comparison of the scores."""

    target: Target
    calibration_films: int = 48
    checked_films: int = 8
    seed: int = 0

    @property
    def calibrated_on(self) -> int:
        """How many films the numbers of the graph are set by: ranges need many, roundings a few, fp32 none."""
        needed = {Precision.INT8: self.calibration_films, Precision.BF16: min(self.calibration_films, ROUNDING_FILMS)}
        return needed.get(self.target.precision, 0)

    @property
    def steps(self) -> int:
        """How many films `export` tells of at most."""
        return self.checked_films + self.calibrated_on


def export(
    names: Sequence[str], out: Path | None, settings: ExportSettings, progress: Progress = lambda film: None
) -> ExportHeader:
    """Export the bundles named into `out`, as one; `progress` is told each film that is done with. Without `out` one
    bundle is made ready for this machine: its graph lies where `load_models` looks for it.

    Raises ConfigInvalid for what cannot be exported here, BundleInvalid, OutputConflict.
    """
    settings.target.check()
    if out is None:
        if len(names) != 1:
            raise ConfigInvalid("several bundles as one need a folder of their own: name it by -o")
        out = ready_folder(find_bundle(names[0]), settings.target.backend, settings.target.precision)
    bundles = [load_bundle(find_bundle(name)) for name in names]
    _refuse_overwriting(out, bundles)
    calibration = _calibration(settings, progress) if settings.calibrated_on else None

    def check(before: Sequence[Bundle], after: Sequence[ExportedModel]) -> Equality | None:
        films = drawn_films(settings.checked_films, settings.seed + CHECKED_APART)
        return compared(_read_twice(before, after, films, progress)) if settings.checked_films else None

    return export_bundles(out, bundles, settings.target, calibration, check)


def _refuse_overwriting(out: Path, bundles: Sequence[Bundle]) -> None:
    for bundle in bundles:
        if out.resolve() == bundle.folder.resolve():
            raise BundleInvalid(f"{out}: is the bundle to be exported, and its weights are still wanted; name another")


def _calibration(settings: ExportSettings, progress: Progress) -> CalibrationFilms:
    @lru_cache(maxsize=1)  # members of one size share the films
    def pictures(config: PreprocessingConfig) -> Sequence[Values]:
        return list(_canonical(settings.calibrated_on, settings.seed, config, progress))

    return CalibrationFilms(pictures, Calibration(films=settings.calibrated_on, seed=settings.seed))


def _canonical(count: int, seed: int, config: PreprocessingConfig, progress: Progress) -> Iterator[Values]:
    for film in drawn_films(count, seed):
        yield canonical_picture(film, config)
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
