"""What lies on a film beside the limb: side letter, words, a logo, borders, another limb at the edge, wires, scratches.

Drawn last and never mirrored with the anatomy. The exposure and the grey levels of the limb are in `film`. Kinds and
frequencies are this project's choice, made while looking at clinical hand and foot films, those of FracAtlas first;
each word is made up here.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from opensvh.domain.anatomy import Limb, Side
from opensvh.domain.geometry import Box
from opensvh.simulation.films.borders import draw_borders
from opensvh.simulation.films.stamps import (
    Stamp,
    askew,
    in_ring,
    logo_stamp,
    mirrored,
    on_plate,
    place,
    quarter_turned,
    ruler_stamp,
    stacked,
    text_stamp,
)

FloatImage = NDArray[np.float32]

WORDS = {
    Limb.HAND: ("Hand", "HAND", "Wrist", "Hand PA", "HAND AP", "Hand B/V", "Hands dv", "Fingers"),
    Limb.FOOT: ("Foot", "FOOT", "Foot DP", "FOOT AP", "Foot B/V", "Toes", "ANKLE", "Vorfuss dp"),
}
WRONG_SIDE = 0.02
"""Share of side letters that name the other side: laid down by mistake."""
OTHER_LIMB = {Limb.HAND: 0.03, Limb.FOOT: 0.22}
"""Share of films with a piece of another limb at the edge: a helper's hand, the other foot."""
OTHER_TRIES, COARSE = 12, 8
"""Places tried for it, each on every eighth pixel."""


@dataclass(frozen=True)
class Shown:
    """What a film shows: where the limb is [rows, columns], which it is, and the box that holds its joints if known."""

    mask: NDArray[np.bool_]
    side: Side
    limb: Limb
    joints: Box | None = None


def draw_marks(image: FloatImage, shown: Shown, rng: np.random.Generator) -> FloatImage:
    """A copy of `image` (levels in [0, 1]) with its marks."""
    marked = image.copy()
    if rng.random() < OTHER_LIMB[shown.limb]:
        _draw_other_limb(marked, shown.mask, rng)
    if rng.random() < 0.03:
        _draw_wire(marked, rng)
    if rng.random() < 0.03:
        _draw_scratches(marked, rng)
    draw_borders(marked, shown.limb, shown.mask, shown.joints, rng)
    draw_labels(marked, shown, rng)
    return marked


def draw_labels(image: FloatImage, shown: Shown, rng: np.random.Generator) -> None:
    """Letters, words, logo and ruler for one limb, in place; `image` may be a part of a film."""
    for stamp in _draw_stamps(shown.side, shown.limb, image.shape[0], rng):
        place(image, stamp, shown.mask, 0.45 if rng.random() < 0.6 else 0.0, rng)


def _draw_stamps(side: Side, limb: Limb, rows: int, rng: np.random.Generator) -> list[Stamp]:
    """The side letter mostly, a word beside it often, a logo, lines of made-up study text and a ruler at times.

    All of a film's stamps are turned alike by the console; most consoles are read with the digits down.
    """
    height = int(rows * rng.uniform(0.014, 0.04))
    stamps = []
    if rng.random() < 0.7:
        stamps.append(_side_marker(side, limb, height, rng))
    if rng.random() < 0.45:
        stamps.append(logo_stamp(int(rows * rng.uniform(0.035, 0.085)), rng))
    if rng.random() < 0.15:
        stamps.append(_study_text(max(8, int(rows * rng.uniform(0.008, 0.014))), rng))
    if rng.random() < 0.04:
        stamps.append(ruler_stamp(int(rows * rng.uniform(0.15, 0.5)), rng))
    turns = int(rng.choice((0, 2, 1, 3), p=(0.4, 0.5, 0.05, 0.05)))
    return [quarter_turned(stamp, turns) for stamp in stamps]


def _side_marker(side: Side, limb: Limb, height: int, rng: np.random.Generator) -> Stamp:
    """The side's letter, with a word beside it half of the time, often on a dark plate, now and then in a ring.

    A lead letter is laid down by hand: askew, sometimes face down and so mirrored, sometimes the wrong one.
    """
    other = Side.LEFT if side is Side.RIGHT else Side.RIGHT
    named = other if rng.random() < WRONG_SIDE else side
    letter = text_stamp(named.value, height, max(1, int(height * rng.uniform(0.08, 0.22))), rng)
    if rng.random() < 0.55:
        word = text_stamp(str(rng.choice(WORDS[limb])), max(7, int(height * rng.uniform(0.35, 0.6))), 1, rng)
        letter = stacked(letter, word) if rng.random() < 0.6 else stacked(word, letter)
    kind = rng.random()
    if kind < 0.5:
        return on_plate(letter, float(rng.uniform(0, 0.1)))
    letter = mirrored(letter) if rng.random() < 0.06 else letter
    letter = askew(letter, float(rng.normal(0, 12))) if rng.random() < 0.4 else letter
    return in_ring(letter, rng) if kind < 0.6 else letter


def _study_text(height: int, rng: np.random.Generator) -> Stamp:
    """One to three lines as burnt in by a console: a number, a date, exposure data."""
    day, month, year = rng.integers(1, 29), rng.integers(1, 13), rng.integers(1998, 2025)
    lines = (
        f"{rng.integers(1000, 99999)} {day:02d}.{month:02d}.{year}",
        f"{rng.integers(45, 61)} kV {rng.uniform(1, 6):.1f} mAs",
        f"S {rng.integers(100, 900)} L {rng.uniform(1.6, 2.4):.1f}",
    )
    stamp = text_stamp(lines[0], height, 1, rng)
    for line in lines[1 : int(rng.integers(1, 4))]:
        stamp = stacked(stamp, text_stamp(line, height, 1, rng))
    return stamp


def _draw_other_limb(image: FloatImage, limb: NDArray[np.bool_], rng: np.random.Generator) -> None:
    """A piece of the limb's own picture, turned and moved so that it reaches in at a side, in place.

    At most a quarter of it is on the film and none of it on the limb: nobody would score it.
    """
    height, width = image.shape
    places = (_beside(limb, rng) for _ in range(OTHER_TRIES))
    place_beside = next((each for each in places if each is not None), None)
    if place_beside is None:
        return
    near = cv2.warpAffine(limb.astype(np.float32), place_beside, (width, height))
    level = float(np.median(image[:: max(height // 50, 1), :: max(width // 50, 1)]))
    other = cv2.warpAffine(image, place_beside, (width, height), borderValue=level)
    # A little beyond the skin comes along, so that the halo of the edge enhancement does.
    near = cv2.blur(cv2.dilate(near, np.ones((9, 9))), (9, 9))
    near = np.minimum(near, 1 - cv2.blur(limb.astype(np.float32), (3, 3)))
    image += near * (other - image)


def _beside(limb: NDArray[np.bool_], rng: np.random.Generator) -> NDArray[np.float64] | None:
    """A random affine map [2, 3] of the film that takes the limb to a side; None where it lands badly.

    That is on the limb, with more than a quarter on the film, or with the end that the film cut off in sight.
    """
    height, width = limb.shape
    place = cv2.getRotationMatrix2D((width / 2, height / 2), float(rng.uniform(-60, 60)), float(rng.uniform(0.8, 1.1)))
    if rng.random() < 0.5:
        place = place @ np.array([[-1, 0, width - 1], [0, 1, 0], [0, 0, 1]], np.float64)
    place[0, 2] += float(rng.choice((-1, 1)) * rng.uniform(0.45, 0.8)) * width
    place[1, 2] += float(rng.uniform(-0.3, 0.6)) * height
    rows, columns = np.nonzero(limb[::COARSE, ::COARSE])
    if rows.size == 0:
        return None
    x, y = place @ np.stack([columns * COARSE, rows * COARSE, np.ones(rows.size)])
    inside = (x >= 0) & (x < width) & (y >= 0) & (y < height)
    hits = limb[y[inside].astype(int), x[inside].astype(int)]
    cut_off = inside & (rows == rows.max()) & bool(limb[-1].any())
    if hits.any() or cut_off.any() or not 0.01 < inside.mean() < 0.25:
        return None
    return np.asarray(place, np.float64)


def _draw_wire(image: FloatImage, rng: np.random.Generator) -> None:
    """A thread or wire lying on the cassette: a thin bright curve across a part of the film."""
    height, width = image.shape
    start = rng.uniform(0, 1, 2) * (width, height)
    steps = np.cumsum(rng.normal(0, 0.25, 60) + rng.normal(0, 0.05))
    points = start + np.cumsum(np.stack([np.cos(steps), np.sin(steps)], axis=1), axis=0) * height * 0.01
    shade = np.zeros(image.shape, np.float32)
    cv2.polylines(shade, [points.astype(np.int32)], False, float(rng.uniform(0.05, 0.3)), 1, cv2.LINE_AA)
    np.minimum(image + shade, 1.0, out=image)


def _draw_scratches(image: FloatImage, rng: np.random.Generator) -> None:
    """Some straight thin scratches, light or dark."""
    height, width = image.shape
    shade = np.zeros(image.shape, np.float32)
    for _ in range(int(rng.integers(1, 5))):
        start = rng.uniform(0, 1, 2) * (width, height)
        end = start + rng.normal(0, 0.12, 2) * (width, height)
        corners = [tuple(int(value) for value in point) for point in (start, end)]
        cv2.line(shade, corners[0], corners[1], float(rng.choice([-1.0, 1.0]) * rng.uniform(0.05, 0.3)), 1, cv2.LINE_AA)
    np.clip(image + shade, 0, 1, out=image)
