"""How the film analyser's second network learns what a limb shows: cut-outs nearly upright, as the first gives them.

The run itself is `film_analyser_run`'s, films are `film_analyser_cache`'s.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from opensvh.domain.anatomy import Limb
from opensvh.domain.geometry import Point, Size
from opensvh.model.film_analyser_config import ANSWERS, FLAGS, LimbLookConfig
from opensvh.model.limb_look import LimbLookNet
from opensvh.preprocessing.augment import augment
from opensvh.preprocessing.overview import robustly_stretched
from opensvh.targets.limb_maps import SeenLimb
from opensvh.training.dataset import example_generator
from opensvh.training.film_analyser import weighted_mean
from opensvh.training.film_analyser_cache import SmallFilm
from opensvh.training.film_analyser_examples import GREY, SheetSource, marked, nothing_drawn
from opensvh.training.film_analyser_lay import Lay, moved_limb
from opensvh.training.film_analyser_run import Schedule, Task
from opensvh.training.film_analyser_sheets import laid
from opensvh.training.not_limbs import DRAWN, SPOILT

FLAG_WEIGHTS = (2.0, 1.0, 1.0, 1.0, 1.0, 2.0)
TURN_SPREAD_DEG, AFAR_SHARE = 14.0, 0.12
"""Standard deviation of the turn left over, and how often it is any turn at all: the first network may be wrong."""
DRAWN_SHARE, SPOILT_SHARE = 0.3, 0.3
"""Of the cut-outs without a limb; the others are of films of other parts of the body."""
SHIFT, ZOOM = 0.07, 0.18
"""Standard deviations of the middle, in longer sides, and of the logarithm of the size."""


class LookRun(Schedule):
    """The run of the second network; `real` the share of real films, `none` that of cut-outs without a limb."""

    model: LimbLookConfig = LimbLookConfig()
    real: float = Field(default=0.5, ge=0, le=1)
    none: float = Field(default=0.3, ge=0, le=1)
    average_decay: float = Field(default=0.995, ge=0, lt=1)


class LookExample(NamedTuple):
    """`image` float32 [1, side, side], the answers and their weights in the loss [8] (see `model.limb_look.FLAGS`)."""

    image: NDArray[np.float32]
    answers: NDArray[np.float32]
    weights: NDArray[np.float32]


@dataclass(frozen=True)
class LookTask:
    """Cut-outs of these films' limbs."""

    source: SheetSource
    config: LookRun

    def task(self) -> Task:
        """What a run wants to know."""
        return Task(lambda: LimbLookNet(self.config.model), self.example, look_losses)

    def example(self, seed: int, number: int) -> LookExample:
        """Example `number` of a run."""
        rng = example_generator(seed, number)
        image, answers, weights = self._without_limb(rng) if rng.random() < self.config.none else self._of_limb(rng)
        varied, _ = augment(marked(image, rng), {}, rng, GREY)
        return LookExample(robustly_stretched(varied)[None], answers, weights)

    def _of_limb(self, rng: np.random.Generator) -> LookExample:
        film = self.source.with_limb(self.config.real, rng)
        limb = _sure_limb(film, rng)
        lay = _nearly_upright(limb, self.config.model, rng)
        return LookExample(laid(film, lay, self._size).image, *answers_of(moved_limb(limb, lay)))

    def _without_limb(self, rng: np.random.Generator) -> LookExample:
        """Any part of a film without a limb, a film of one that is spoilt, or something drawn."""
        answers, weights = np.zeros((2, ANSWERS), np.float32)
        weights[FLAGS.index("limb")] = 1
        kind, films = rng.random(), self.source.without
        if kind < DRAWN_SHARE:
            return LookExample(self._drawn(rng), answers, weights)
        if kind < DRAWN_SHARE + SPOILT_SHARE or not films:
            whole = self._of_limb(rng).image
            return LookExample(SPOILT[int(rng.integers(len(SPOILT)))](whole, rng), answers, weights)
        film = films[int(rng.integers(len(films)))]
        return LookExample(laid(film, _anywhere(film, self.config.model, rng), self._size).image, answers, weights)

    def _drawn(self, rng: np.random.Generator) -> NDArray[np.float32]:
        drawn = (*DRAWN, nothing_drawn)[int(rng.integers(len(DRAWN) + 1))](self.config.model.side_px, rng)
        return np.asarray(cv2.resize(drawn, tuple(self._size), interpolation=cv2.INTER_LINEAR), np.float32)

    @property
    def _size(self) -> Size:
        return Size(self.config.model.side_px, self.config.model.side_px)


def answers_of(limb: SeenLimb) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The right answers of a limb, and their weights: none for what is not known."""
    known = {**limb.flags, "foot": float(limb.limb is Limb.FOOT), "limb": 1.0}
    answers, weights = np.zeros((2, ANSWERS), np.float32)
    for place, name in enumerate(FLAGS):
        answers[place], weights[place] = known.get(name, 0.0), float(name in known)
    answers[len(FLAGS) :], weights[len(FLAGS) :] = limb.direction, 1
    return answers, weights


def look_losses(output: Tensor, wanted: Sequence[Tensor]) -> dict[str, Tensor]:
    """What wrong answers [batch, 8] cost."""
    found, (true, weights) = output.float(), wanted
    flags, direction = slice(0, len(FLAGS)), slice(len(FLAGS), None)
    doubt = binary_cross_entropy_with_logits(found[:, flags], true[:, flags], reduction="none") * weights[:, flags]
    turned = weighted_mean((found[:, direction] - true[:, direction]).square(), weights[:, direction])
    by_flag = doubt.sum(dim=0) / weights[:, flags].sum(dim=0).clamp(min=1) * torch.tensor(FLAG_WEIGHTS)
    return {**dict(zip(FLAGS, by_flag, strict=True)), "direction": 4 * turned}


def _sure_limb(film: SmallFilm, rng: np.random.Generator) -> SeenLimb:
    limbs = [limb for limb in film.limbs if limb.score > 0]
    return limbs[int(rng.integers(len(limbs)))]


def _nearly_upright(limb: SeenLimb, config: LimbLookConfig, rng: np.random.Generator) -> Lay:
    """The limb in the middle of the cut-out and upright, but for what the first network leaves."""
    longest = max(limb.length, limb.width)
    left_over = rng.uniform(0, 360) if rng.random() < AFAR_SHARE else rng.normal(0, TURN_SPREAD_DEG)
    shift = rng.normal(0, SHIFT * longest, size=2)
    middle = (config.side_px - 1) / 2
    mirror = bool(rng.random() < 0.5)
    own = -limb.angle_deg if mirror else limb.angle_deg
    return Lay(
        angle_deg=float(left_over) - own,
        mirror=mirror,
        scale=config.side_px / (config.shown * longest) * math.exp(float(rng.normal(0, ZOOM))),
        source=Point(limb.centre.x + float(shift[0]), limb.centre.y + float(shift[1])),
        goal=Point(middle, middle),
        replicate=bool(rng.random() < 0.3),
    )


def _anywhere(film: SmallFilm, config: LimbLookConfig, rng: np.random.Generator) -> Lay:
    """Some part of a film, turned anyhow."""
    rows, columns = film.pixels.shape
    shown = float(rng.uniform(0.3, 1.1)) * max(rows, columns)
    source = Point(columns * float(rng.uniform(0.25, 0.75)), rows * float(rng.uniform(0.25, 0.75)))
    middle = (config.side_px - 1) / 2
    turn, mirror = float(rng.uniform(0, 360)), bool(rng.random() < 0.5)
    return Lay(turn, mirror, config.side_px / shown, source, Point(middle, middle), bool(rng.random() < 0.3))
