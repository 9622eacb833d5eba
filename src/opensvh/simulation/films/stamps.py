"""Small pictures that lie on a film: side letters, words, a logo, a ruler; and finding them a place beside the limb.

Which of them a film carries is told in `marks`. Every word and every logo is made up here.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

FloatImage = NDArray[np.float32]

FONTS = (cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_DUPLEX, cv2.FONT_HERSHEY_TRIPLEX, cv2.FONT_HERSHEY_COMPLEX)
TRIES = 20


@dataclass(frozen=True)
class Stamp:
    """A small picture: `level` [rows, columns] in [0, 1], drawn where `cover` [rows, columns] in [0, 1] is above 0."""

    level: FloatImage
    cover: FloatImage


def text_stamp(text: str, height: int, thickness: int, rng: np.random.Generator) -> Stamp:
    """White letters of `height` pixels without a ground."""
    font = int(rng.choice(FONTS))
    (_, unit_height), _ = cv2.getTextSize(text, font, 1.0, thickness)
    scale = height / max(unit_height, 1)
    (width, tall), below = cv2.getTextSize(text, font, scale, thickness)
    pad = thickness + 2
    cover = np.zeros((tall + below + 2 * pad, width + 2 * pad), np.uint8)
    cv2.putText(cover, text, (pad, tall + pad), font, scale, 255, thickness, cv2.LINE_AA)
    share = (cover / 255).astype(np.float32)
    return Stamp(np.full_like(share, rng.uniform(0.8, 1.0)), share)


def logo_stamp(size: int, rng: np.random.Generator) -> Stamp:
    """A light frame around a dark or light field with a shape of a few corners and a strip of text."""
    field, ink = (0.05, 0.95) if rng.random() < 0.4 else (0.95, 0.05)
    level = np.full((size, size), field, np.float32)
    centre = np.array([size / 2, size * 0.42])
    angles = np.sort(rng.uniform(0, 2 * np.pi, int(rng.integers(3, 8))))
    radii = size * rng.uniform(0.15, 0.38, angles.size)
    corners = centre + np.stack([np.cos(angles), np.sin(angles)], axis=1) * radii[:, None]
    cv2.fillPoly(level, [corners.astype(np.int32)], ink, cv2.LINE_AA)
    cv2.rectangle(level, (int(size * 0.15), int(size * 0.82)), (int(size * 0.85), int(size * 0.9)), ink, -1)
    cv2.rectangle(level, (0, 0), (size - 1, size - 1), float(rng.uniform(0.85, 1.0)), max(1, size // 20))
    return Stamp(level, np.ones_like(level))


def ruler_stamp(length: int, rng: np.random.Generator) -> Stamp:
    """A line with ticks, the longer ones each fifth."""
    tick = max(length // 30, 3)
    cover = np.zeros((length, 3 * tick), np.float32)
    cv2.line(cover, (1, 0), (1, length - 1), 1.0, 1)
    for number, row in enumerate(np.linspace(1, length - 2, int(rng.choice((11, 21, 26))))):
        reach = 2 * tick if number % 5 == 0 else tick
        cv2.line(cover, (1, int(row)), (reach, int(row)), 1.0, 1)
    return Stamp(np.full_like(cover, rng.uniform(0.7, 1.0)), cover)


def stacked(above: Stamp, below: Stamp) -> Stamp:
    """One stamp over the other, on a common middle."""
    width = max(above.level.shape[1], below.level.shape[1])

    def widened(part: FloatImage) -> FloatImage:
        left = (width - part.shape[1]) // 2
        return np.pad(part, ((0, 0), (left, width - part.shape[1] - left)))

    return Stamp(
        np.vstack([widened(above.level), widened(below.level)]),
        np.vstack([widened(above.cover), widened(below.cover)]),
    )


def on_plate(stamp: Stamp, level: float) -> Stamp:
    """The stamp on a plate of a dark level."""
    ground = stamp.cover * stamp.level + (1 - stamp.cover) * np.float32(level)
    return Stamp(ground, np.ones_like(ground))


def in_ring(stamp: Stamp, rng: np.random.Generator) -> Stamp:
    """The stamp inside a lead ring."""
    size = int(np.hypot(*stamp.level.shape)) + 8
    top, left = ((size - length) // 2 for length in stamp.level.shape)
    rows, columns = stamp.level.shape
    cover = np.zeros((size, size), np.float32)
    cover[top : top + rows, left : left + columns] = stamp.cover
    cv2.circle(cover, (size // 2, size // 2), size // 2 - 3, 1.0, int(rng.integers(1, 4)), cv2.LINE_AA)
    return Stamp(np.full_like(cover, float(stamp.level.max())), cover)


def quarter_turned(stamp: Stamp, turns: int) -> Stamp:
    return Stamp(np.rot90(stamp.level, turns).copy(), np.rot90(stamp.cover, turns).copy())


def mirrored(stamp: Stamp) -> Stamp:
    return Stamp(stamp.level[:, ::-1].copy(), stamp.cover[:, ::-1].copy())


def askew(stamp: Stamp, degrees: float) -> Stamp:
    """The stamp as a hand lays down a lead letter."""
    size = int(np.hypot(*stamp.level.shape)) + 2
    rows, columns = stamp.level.shape
    matrix = cv2.getRotationMatrix2D((columns / 2, rows / 2), degrees, 1.0)
    matrix[:, 2] += ((size - columns) / 2, (size - rows) / 2)
    level = cv2.warpAffine(stamp.level, matrix, (size, size), borderMode=cv2.BORDER_REPLICATE)
    cover = cv2.warpAffine(stamp.cover, matrix, (size, size))
    return Stamp(np.asarray(level, np.float32), np.asarray(cover, np.float32))


def place(image: FloatImage, stamp: Stamp, limb: NDArray[np.bool_], rows_from: float, rng: np.random.Generator) -> None:
    """Draw the stamp, in place, beside the limb and close to it where that can be; left away where it would cover it.

    `rows_from` is the part of the film's height above which it is not put.
    """
    rows, columns = stamp.level.shape
    height, width = image.shape
    if rows >= height or columns >= width:
        return
    highest = int(rows_from * (height - rows))
    tops, lefts = rng.integers(highest, height - rows, TRIES), rng.integers(0, width - columns, TRIES)
    scores = [_unfit(limb, (int(top), int(left)), (rows, columns)) for top, left in zip(tops, lefts, strict=True)]
    if min(scores) > 0.15:
        return
    best = int(np.argmin(scores))
    under = image[tops[best] : tops[best] + rows, lefts[best] : lefts[best] + columns]
    under += stamp.cover * (stamp.level - under)


def _unfit(limb: NDArray[np.bool_], corner: tuple[int, int], size: tuple[int, int]) -> float:
    """The part of the limb under a stamp; below 0 where there is none and the limb is within a stamp's size."""
    (top, left), (rows, columns) = corner, size
    covered = np.count_nonzero(limb[top : top + rows, left : left + columns]) / (rows * columns)
    if covered > 0:
        return covered
    around = limb[max(top - rows, 0) : top + 2 * rows : 4, max(left - columns, 0) : left + 2 * columns : 4]
    return -min(float(np.count_nonzero(around)) / max(around.size, 1), 0.2)
