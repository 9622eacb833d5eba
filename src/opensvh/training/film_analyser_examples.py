"""Pictures for the film analyser: example n of a run is a function of the run's seed and n alone.

A sheet of one or two limbs or of none, varied in its grey levels, with letters and edges as films have them. How films
are laid on a sheet is `film_analyser_sheets`'.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from opensvh.domain.geometry import Point
from opensvh.preprocessing.augment import AugmentationConfig, augment
from opensvh.preprocessing.overview import overview
from opensvh.targets.limb_maps import SeenLimb, encode_limbs
from opensvh.training.dataset import example_generator
from opensvh.training.film_analyser_cache import SmallFilm
from opensvh.training.film_analyser_sheets import Image, Sheet, any_size, one_limb, two_limbs, whole_film

GREY = AugmentationConfig(
    rotation_deg=0, scale=0, stretch=0, shift=0, gamma=0.5, contrast=0.3, blur_share=0.4, blur_px=1.4, noise=0.04
)
"""How grey levels vary; where the limb lies is varied by the sheet."""
LETTERS = ("L", "R", "LEFT", "RIGHT", "PA", "AP", "12.04.19", "M 54")


class Shares(BaseModel):
    """How often an example is what; probabilities."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    none: float = Field(default=0.14, ge=0, le=1)
    """Without a limb."""
    drawn: float = Field(default=0.3, ge=0, le=1)
    """Of those, drawn at random instead of a real film."""
    pair: float = Field(default=0.14, ge=0, le=1)
    whole: float = Field(default=0.42, ge=0, le=1)
    """The film much as it is; the rest shows one limb of it in any direction."""
    real: float = Field(default=0.42, ge=0, le=1)
    """Of limbs, on real films."""


class Example(NamedTuple):
    """`image` float32 [1, side, side]; `maps` and `weights` float32 [12, side / 8, side / 8]."""

    image: NDArray[np.float32]
    maps: NDArray[np.float32]
    weights: NDArray[np.float32]


@dataclass(frozen=True)
class SheetSource:
    """The films that sheets are made of, sorted; at least one of `simulated` and `real` holds limbs."""

    simulated: tuple[SmallFilm, ...]
    real: tuple[SmallFilm, ...]
    without: tuple[SmallFilm, ...]

    @classmethod
    def of(cls, films: Sequence[SmallFilm]) -> "SheetSource":
        """Films by what they are."""
        return cls(
            tuple(film for film in films if any(limb.score for limb in film.limbs) and not film.is_real),
            tuple(film for film in films if any(limb.score for limb in film.limbs) and film.is_real),
            tuple(film for film in films if not film.limbs),
        )

    def with_limb(self, real_share: float, rng: np.random.Generator) -> SmallFilm:
        """A film with a limb, a real one that often; of two drawn rather the one whose side is known."""
        wants_real = rng.random() < real_share
        films = self.real if (wants_real and self.real) or not self.simulated else self.simulated
        first, second = (films[int(index)] for index in rng.integers(len(films), size=2))
        return first if any(limb.side for limb in first.limbs) else second


def varied_example(source: SheetSource, shares: Shares, side_px: int, seed: int, number: int) -> Example:
    """Example `number` of a run."""
    rng = example_generator(seed, number)
    sheet = drawn_sheet(source, shares, side_px, rng)
    image = marked(sheet.image, rng)
    image, _ = augment(image, {}, rng, GREY)
    return example_of(replace(sheet, image=image), side_px)


def example_of(sheet: Sheet, side_px: int) -> Example:
    """A sheet as the network takes it, and what it should find there."""
    seen = overview(sheet.image, side_px)

    def within(limbs: Sequence[SeenLimb]) -> list[SeenLimb]:
        scale = seen.frame.scale
        centres = seen.frame.to_model(limb.centre for limb in limbs)
        return [
            replace(limb, centre=Point(*centre), length=limb.length * scale, width=limb.width * scale)
            for limb, centre in zip(limbs, centres, strict=True)
        ]

    targets = encode_limbs(within(sheet.limbs), side_px, within(sheet.ignored))
    return Example(seen.image[None], targets.maps, targets.weights)


def drawn_sheet(source: SheetSource, shares: Shares, side_px: int, rng: np.random.Generator) -> Sheet:
    """A sheet of one or two limbs, or of none."""
    kind = rng.random()
    if kind < shares.none:
        if source.without and rng.random() >= shares.drawn:
            return whole_film(source.without[int(rng.integers(len(source.without)))], side_px, rng)
        return Sheet(nothing_drawn(side_px, rng), ())
    film = source.with_limb(shares.real, rng)
    if kind < shares.none + shares.pair:
        return two_limbs(film, _fellow(film, source, rng), side_px, rng)
    if kind < shares.none + shares.pair + shares.whole:
        return whole_film(film, side_px, rng)
    return one_limb(film, side_px, rng)


def nothing_drawn(side_px: int, rng: np.random.Generator) -> Image:
    """No film of a limb: clouds of any grain, with or without bars and discs as bright as bones, or noise alone."""
    size = any_size(side_px, rng)
    image = np.zeros((size.height, size.width), np.float32)
    for octave in range(int(rng.integers(1, 7))):
        cells = (2 ** (octave + 1), 2 ** (octave + 1))
        grain = cv2.resize(rng.standard_normal(cells).astype(np.float32), tuple(size), interpolation=cv2.INTER_CUBIC)
        image += np.asarray(grain, np.float32) * np.float32(rng.uniform(0.2, 1) * 0.7**octave)
    image = (image - image.min()) / max(float(np.ptp(image)), 1e-6)
    for _ in range(int(rng.integers(0, 8))):
        _draw_body(image, rng)
    if rng.random() < 0.2:
        image = rng.random(image.shape, dtype=np.float32)
    return np.asarray(np.clip(image, 0, 1), np.float32)


def _fellow(film: SmallFilm, source: SheetSource, rng: np.random.Generator) -> SmallFilm:
    """Who lies beside: the same film, another of its kind of limb and origin, seldom one of any."""
    if rng.random() < 0.3:
        return film
    films = source.real if film.is_real else source.simulated
    for _ in range(8):
        other = films[int(rng.integers(len(films)))]
        if other.limbs[0].limb is film.limbs[0].limb:
            return other
    return films[int(rng.integers(len(films)))]


def _draw_body(image: Image, rng: np.random.Generator) -> None:
    """A bar or a disc, brighter than what lies under it, in place."""
    rows, columns = image.shape
    bodies = np.zeros_like(image)
    start = (int(rng.integers(columns)), int(rng.integers(rows)))
    thick = int(rng.uniform(0.03, 0.2) * max(rows, columns))
    if rng.random() < 0.7:
        end = (int(rng.integers(columns)), int(rng.integers(rows)))
        cv2.line(bodies, start, end, (1.0,), thick)
    else:
        cv2.circle(bodies, start, thick, (1.0,), -1)
    soft = cv2.GaussianBlur(bodies, (0, 0), float(rng.uniform(0.7, 4)))
    image += np.asarray(soft, np.float32) * np.float32(rng.uniform(0.2, 0.7))


def marked(image: Image, rng: np.random.Generator) -> Image:
    """The film with letters anywhere, and bright or dark edges as cassettes and shutters leave them."""
    image = image.copy()
    rows, columns = image.shape
    while rng.random() < 0.4:
        place = (int(rng.integers(columns)), int(rng.integers(rows)))
        letters = LETTERS[int(rng.integers(len(LETTERS)))]
        size, level = float(rng.uniform(0.3, 1.1)), float(rng.uniform(0.6, 1))
        ink = np.zeros(image.shape, np.uint8)
        cv2.putText(ink, letters, place, cv2.FONT_HERSHEY_SIMPLEX, size, (255,), int(rng.integers(1, 4)))
        image = np.maximum(image, ink.astype(np.float32) * np.float32(level / 255))
    for turn in range(4):
        if rng.random() < 0.12:
            depth = max(round(float(rng.uniform(0.01, 0.08)) * image.shape[turn % 2]), 1)
            np.rot90(image, turn)[:depth] = 0.0 if rng.random() < 0.5 else float(rng.uniform(0.5, 1))
    return image
