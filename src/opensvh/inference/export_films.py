"""Simulated films for an export: what ranges and roundings are calibrated on, and what scores are compared on.

Nothing is needed beside the program: the films are drawn when they are wanted, one at a time.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from opensvh.domain.anatomy import FILM_CODES, Limb, Side
from opensvh.domain.placement import Pose
from opensvh.inference.backends import Values
from opensvh.io.radiograph import Radiograph
from opensvh.preprocessing.config import PreprocessingConfig
from opensvh.preprocessing.scale import canonical_film
from opensvh.preprocessing.turn import posed
from opensvh.simulation.cohort import Cohort, film_of, visits_of


@dataclass(frozen=True)
class DrawnFilm:
    """A simulated film and what it shows."""

    radiograph: Radiograph
    limb: Limb
    side: Side


def drawn_films(count: int, seed: int) -> Iterator[DrawnFilm]:
    """So many simulated films, four a patient, one at a time."""
    cohort = Cohort(seed)
    for index in range(count):
        number, code = index // len(FILM_CODES) + 1, tuple(FILM_CODES)[index % len(FILM_CODES)]
        film = film_of(cohort, number, visits_of(cohort, number)[0], code)
        pixels = film.pixels.astype(np.float32) / np.float32(255)
        yield DrawnFilm(Radiograph(pixels, f"simulated film {index + 1}", film.pixel_mm), *FILM_CODES[code])


def canonical_picture(film: DrawnFilm, config: PreprocessingConfig) -> Values:
    """The film as a model of that configuration sees it; raises LimbNotFound."""
    upright = posed(film.radiograph.pixels, Pose(0.0, film.side is Side.RIGHT))
    return canonical_film(upright, film.limb, config).image
