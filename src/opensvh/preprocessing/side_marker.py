"""The side letter on a film: a lone L or R beside the limb, as lead letters and consoles put it there.

Only what is plain is told: a bright letter on a darker ground, apart from other letters, at any quarter turn, read
forwards or in a mirror. What the letter is worth against names and tags is `inference.film_reader`'s.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from opensvh.domain.anatomy import Side
from opensvh.domain.geometry import Box

Grey = NDArray[np.float32]
Mask = NDArray[np.uint8]
Span = tuple[int, int]

LEVELS = (0.6, 0.75, 0.9)
"""Levels, in [0, 1], above which a letter stands out."""
HEIGHTS = (0.008, 0.1)
"""Height of a letter as a share of the film's longer side: 2 to 30 mm on a large film."""
SMALLEST_PX, SLIMMEST = 9, 0.35
"""Least height of a letter, and its least width by its height."""
GRID = 24
"""Letters are compared as pictures of so many pixels a side."""
ALIKE, AHEAD = 0.78, 0.04
"""Correlation with L or R from which a shape is one, and by how much it must lead before every other letter."""
LETTERS = "LRABCDEFGHJKMNPQSTUVXYZ123456789"
FONTS = (cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_DUPLEX, cv2.FONT_HERSHEY_TRIPLEX)
STROKES = (3, 6, 9)
"""Thickness of the drawn letters, which are about 44 px tall."""
DRAWN_SCALE = 2.0


@dataclass(frozen=True)
class SideMarker:
    """A side letter: `box` in pixels of the film as stored, `mirrored` where it reads as in a mirror; turned clockwise
    by `quarter_turns_cw` it stands upright; `likeness` to its letter in [0, 1]."""

    side: Side
    box: Box
    mirrored: bool
    quarter_turns_cw: int
    likeness: float


def find_side_markers(pixels: Grey) -> tuple[SideMarker, ...]:
    """Every side letter of a film [rows, columns] in [0, 1], each once, the clearest first."""
    found: list[SideMarker] = []
    for marker in sorted(_markers(pixels), key=lambda each: -each.likeness):
        if all(marker.box.overlap(other.box) == 0 for other in found):
            found.append(marker)
    return tuple(found)


def _markers(pixels: Grey) -> Iterator[SideMarker]:
    for level in LEVELS:
        count, labels, stats, _ = cv2.connectedComponentsWithStats((pixels > level).astype(np.uint8))
        boxes = [Box(x, y, x + w, y + h) for x, y, w, h, _ in stats[1:count].tolist()]
        sized = [number for number, box in enumerate(boxes) if _sized(box, max(pixels.shape))]
        for number in sized:
            box = boxes[number]
            if _stands_alone(box, [boxes[other] for other in sized if other != number]):
                shape = (labels[box.top : box.bottom, box.left : box.right] == number + 1).astype(np.uint8)
                yield from _read(shape, box)


def _sized(box: Box, longer_side: int) -> bool:
    tall, wide = max(box.height, box.width), min(box.height, box.width)
    fits = HEIGHTS[0] * longer_side <= tall <= HEIGHTS[1] * longer_side
    return fits and wide >= SMALLEST_PX * SLIMMEST and tall >= SMALLEST_PX and wide / tall >= SLIMMEST


def _stands_alone(box: Box, others: list[Box]) -> bool:
    """No shape of a letter's size beside it in a line, upright or down the film: otherwise it is part of a word."""
    size = max(box.height, box.width)
    alike = [other for other in others if 0.7 < max(other.height, other.width) / size < 1.4]
    return not any(
        _in_line((box.left, box.right), (other.left, other.right), (box.top, box.bottom), (other.top, other.bottom))
        or _in_line((box.top, box.bottom), (other.top, other.bottom), (box.left, box.right), (other.left, other.right))
        for other in alike
    )


def _in_line(along: Span, other_along: Span, across: Span, other_across: Span) -> bool:
    """Whether two boxes stand one after the other on a line that runs `along`."""
    shared = min(across[1], other_across[1]) - max(across[0], other_across[0])
    tall = min(across[1] - across[0], other_across[1] - other_across[0])
    apart = max(along[0], other_along[0]) - min(along[1], other_along[1])
    return shared > 0.6 * tall and apart < 0.8 * tall


def _read(shape: Mask, box: Box) -> Iterator[SideMarker]:
    """The letter, if it is L or R and no other."""
    poses = [(turns, mirror, _normal(_laid(shape, turns, mirror))) for turns in range(4) for mirror in (False, True)]
    letters, templates = _templates()
    scores = np.array([templates @ picture for _, _, picture in poses])
    best, template = np.unravel_index(int(scores.argmax()), scores.shape)
    letter, likeness = letters[template], float(scores[best, template])
    upright = scores[best, [other != letter for other in letters]].max()
    if letter not in "LR" or likeness < ALIKE or likeness - upright < AHEAD:
        return
    turns, mirror, _ = poses[best]
    yield SideMarker(Side(letter), box, mirror, turns, likeness)


def _laid(shape: Mask, quarter_turns_cw: int, mirror: bool) -> Mask:
    turned = np.rot90(shape, -quarter_turns_cw)
    return np.ascontiguousarray(turned[:, ::-1] if mirror else turned)


def _normal(shape: Mask) -> NDArray[np.float64]:
    """A letter's mask as a vector of mean 0 and length 1, stretched to one size."""
    stretched = cv2.resize(255 * shape, (GRID, GRID), interpolation=cv2.INTER_AREA).astype(np.float64)
    picture = cv2.GaussianBlur(stretched, (0, 0), 0.8).ravel()
    picture -= picture.mean()
    length = float(np.linalg.norm(picture))
    return np.asarray(picture / length if length else picture, np.float64)


@cache
def _templates() -> tuple[tuple[str, ...], NDArray[np.float64]]:
    """Letters and their pictures [templates, GRID x GRID]."""
    drawn = [(letter, _drawn(letter, font, stroke)) for letter in LETTERS for font in FONTS for stroke in STROKES]
    return tuple(letter for letter, _ in drawn), np.stack([_normal(shape) for _, shape in drawn])


def _drawn(letter: str, font: int, stroke: int) -> Mask:
    canvas = np.zeros((120, 120), np.uint8)
    cv2.putText(canvas, letter, (30, 85), font, DRAWN_SCALE, 1, stroke)
    rows, columns = np.flatnonzero(canvas.any(axis=1)), np.flatnonzero(canvas.any(axis=0))
    return canvas[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
