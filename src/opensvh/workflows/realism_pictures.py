"""The pictures that a classifier is asked to tell apart: whole films, limbs cut out of them, and joints.

All come from upright films; the limb's picture is cut as the networks' are, so that framing does not tell.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from opensvh.domain.errors import LimbNotFound
from opensvh.domain.placement import Pose
from opensvh.evaluation.film_measures import FilmMeasures, UprightFilm, measure_film
from opensvh.evaluation.sampling import Pixels
from opensvh.preprocessing.config import PreprocessingConfig
from opensvh.preprocessing.joint_box import box_around
from opensvh.preprocessing.scale import BACKGROUND_PERCENTILE, canonical_film, canonical_film_of_box
from opensvh.preprocessing.turn import posed
from opensvh.workflows.compared_films import ComparedFilm, upright

FILM_PX, JOINT_PX = 224, 96
VIEWS = ("film", "limb", "joints")
"""The whole film as stored but upright; the limb cut out as for a network; squares around its joints."""
JOINTS_OF_SIMULATED = 10
"""Joints taken of a simulated film, drawn by chance: there are more of these films than of real ones."""


@dataclass(frozen=True)
class FilmSample:
    """A film as it is compared: what was measured on it, and its pictures by view."""

    measures: FilmMeasures
    real: bool
    pictures: dict[str, list[Pixels]]


@dataclass(frozen=True)
class PictureSet:
    """The pictures of one view: levels in [0, 1] [pictures, rows, columns], whether real, whose, of which film."""

    pictures: NDArray[np.float32]
    real: NDArray[np.bool_]
    groups: NDArray[np.str_]


def sample_films(
    films: Sequence[ComparedFilm], rng: np.random.Generator, progress: Callable[[str], None]
) -> list[FilmSample]:
    """Read, measure and cut every film."""
    samples = []
    for film in films:
        samples.append(_sample(film, rng))
        progress(film.name)
    return samples


def picture_set(samples: Sequence[FilmSample], view: str) -> PictureSet:
    """All pictures of a view, in the order of the films."""
    rows = [(picture, sample) for sample in samples for picture in sample.pictures[view]]
    return PictureSet(
        np.stack([picture for picture, _ in rows]).astype(np.float32),
        np.array([sample.real for _, sample in rows]),
        # A person is never both, whatever the sets call theirs.
        np.array([f"{'real' if sample.real else 'simulated'} {sample.measures.group}" for _, sample in rows]),
    )


def _sample(film: ComparedFilm, rng: np.random.Generator) -> FilmSample:
    whole = upright(film)
    measures = measure_film(whole)
    joints = list(measures.patches.values())
    if not film.real and len(joints) > JOINTS_OF_SIMULATED:
        joints = [joints[i] for i in sorted(rng.choice(len(joints), JOINTS_OF_SIMULATED, replace=False))]
    pictures: dict[str, list[Pixels]] = {
        "film": [_letterboxed(whole.pixels)],
        "limb": [_limb_picture(whole)],
        "joints": [
            np.asarray(cv2.resize(each, (JOINT_PX, JOINT_PX), interpolation=cv2.INTER_AREA), np.float32)
            for each in joints
        ],
    }
    return FilmSample(measures, film.real, pictures)


def _letterboxed(pixels: Pixels) -> Pixels:
    """The whole film in a square, its aspect kept, filled up with the level of its background."""
    rows, columns = pixels.shape
    scale = FILM_PX / max(rows, columns)
    size = max(round(columns * scale), 1), max(round(rows * scale), 1)
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    square = np.full((FILM_PX, FILM_PX), np.percentile(small, BACKGROUND_PERCENTILE), dtype=np.float32)
    top, left = (FILM_PX - size[1]) // 2, (FILM_PX - size[0]) // 2
    square[top : top + size[1], left : left + size[0]] = small
    return square


def _limb_picture(film: UprightFilm) -> Pixels:
    """The limb as a network sees it; cut around its joints where its outline cannot be found."""
    config = PreprocessingConfig(width=FILM_PX, height=FILM_PX)
    try:
        return canonical_film(posed(film.pixels, Pose()), film.limb, config).image
    except LimbNotFound:
        box = box_around(list(film.points.values()), film.limb)
        return canonical_film_of_box(posed(film.pixels, Pose()), box, config).image
