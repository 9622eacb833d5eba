"""How well a film analyser finds marked limbs: on the films as stored, and on copies turned and mirrored.

What the whole program makes of the films is `evaluate`'s.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from opensvh.domain.anatomy import Limb, Side
from opensvh.domain.geometry import Box, Point
from opensvh.domain.placement import LimbPlacement
from opensvh.io.annotations.records import MarkedFilm
from opensvh.io.image import read_film

TURN_WITHIN_DEG = 25.0
FREE_TURN_DEG = 25.0
COPIES = ("as stored", "quarter turns", "free turns", "mirrored")
Analyse = Callable[[NDArray[np.float32]], Sequence[LimbPlacement]]


@dataclass(frozen=True)
class Lying:
    """A film's pixels in [0, 1] and how its marked limb lies: the truth that a placement is held against."""

    pixels: NDArray[np.float32]
    limb: Limb
    side: Side
    turn_cw_deg: float
    points: tuple[Point, ...]

    @property
    def hull(self) -> Box:
        """The box of the joints."""
        x, y = [point.x for point in self.points], [point.y for point in self.points]
        return Box(math.floor(min(x)), math.floor(min(y)), math.ceil(max(x)) + 1, math.ceil(max(y)) + 1)


def analyser_figures(films: Sequence[MarkedFilm], analyse: Analyse, seed: int = 0) -> dict[str, dict[str, float]]:
    """By kind of copy: how many, the shares on which limb, apparent side and turn are right and the box holds all
    joints, the share with exactly one limb found, and the median error of the turn in degrees."""
    rng = np.random.default_rng(seed)
    outcomes: dict[str, list[dict[str, float]]] = {name: [] for name in COPIES}
    for film in films:
        stored = lying(film)
        for name, copy in copies(stored, rng):
            outcomes[name].append(_outcome(copy, analyse(copy.pixels)))
    return {name: _summed(each) for name, each in outcomes.items() if each}


def lying(film: MarkedFilm) -> Lying:
    """A marked film as stored."""
    turn = 90.0 * film.quarter_turns_cw
    return Lying(read_film(film.path).pixels, film.limb, film.side, turn, tuple(film.points.values()))


def copies(stored: Lying, rng: np.random.Generator) -> Iterator[tuple[str, Lying]]:
    """The film itself and copies of it, each with its kind (see `COPIES`)."""
    yield "as stored", stored
    for quarter in (1, 2, 3):
        yield "quarter turns", turned_copy(stored, 90.0 * quarter)
    for _ in range(2):
        turn = 90.0 * int(rng.integers(4)) + float(rng.uniform(-FREE_TURN_DEG, FREE_TURN_DEG))
        yield "free turns", turned_copy(stored, turn)
    yield "mirrored", mirrored_copy(stored)


def turned_copy(stored: Lying, degrees_cw: float) -> Lying:
    """The film turned clockwise on a sheet that holds it all, its background in the corners."""
    rows, columns = stored.pixels.shape
    cosine, sine = math.cos(math.radians(degrees_cw)), math.sin(math.radians(degrees_cw))
    width = round(columns * abs(cosine) + rows * abs(sine))
    height = round(rows * abs(cosine) + columns * abs(sine))
    middle = np.array([(columns - 1) / 2, (rows - 1) / 2])
    linear = np.array([[cosine, -sine], [sine, cosine]])
    shift = np.array([(width - 1) / 2, (height - 1) / 2]) - linear @ middle
    sides = np.concatenate([stored.pixels[0], stored.pixels[-1], stored.pixels[:, 0], stored.pixels[:, -1]])
    pixels = cv2.warpAffine(
        stored.pixels,
        np.column_stack([linear, shift]),
        (width, height),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=float(np.median(sides)),
    )
    points = tuple(Point(*map(float, linear @ point + shift)) for point in stored.points)
    turn = (stored.turn_cw_deg - degrees_cw) % 360
    return Lying(np.asarray(pixels, np.float32), stored.limb, stored.side, turn, points)


def mirrored_copy(stored: Lying) -> Lying:
    """Left and right exchanged: a left limb looks like a right one."""
    last = stored.pixels.shape[1] - 1
    points = tuple(Point(last - point.x, point.y) for point in stored.points)
    side = Side.RIGHT if stored.side is Side.LEFT else Side.LEFT
    pixels = np.ascontiguousarray(stored.pixels[:, ::-1])
    return Lying(pixels, stored.limb, side, -stored.turn_cw_deg % 360, points)


def _outcome(copy: Lying, found: Sequence[LimbPlacement]) -> dict[str, float]:
    """What is right of the placement that covers the marked joints best; all wrong where none does."""
    best = max(found, key=lambda each: each.box.overlap(copy.hull), default=None)
    if best is None or best.box.overlap(copy.hull) == 0:
        return {"limb": 0.0, "side": 0.0, "turn": 0.0, "box": 0.0, "one": 0.0, "turn_error_deg": 180.0}
    off = abs(math.remainder(best.turn_cw_deg - copy.turn_cw_deg, 360.0))
    return {
        "limb": float(best.limb is copy.limb),
        "side": float(best.apparent_side is copy.side),
        "turn": float(off <= TURN_WITHIN_DEG),
        "box": float(all(best.box.contains(point) for point in copy.points)),
        "one": float(len(found) == 1),
        "turn_error_deg": off,
    }


def _summed(outcomes: Sequence[Mapping[str, float]]) -> dict[str, float]:
    shares = {
        name: float(np.mean([each[name] for each in outcomes])) for name in ("limb", "side", "turn", "box", "one")
    }
    errors = [each["turn_error_deg"] for each in outcomes]
    return {"films": float(len(outcomes)), **shares, "turn_error_median_deg": float(np.median(errors))}
