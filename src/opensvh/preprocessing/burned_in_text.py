"""Text burned into a film beside its limbs: where it is, and whether the film can be cleared of it.

Letters are thin strokes, brighter or darker than what lies within a stroke's reach, with sharp edges; every such mark
off the limbs counts as text, be it a name, a logo or a ruler: nothing that anybody wants is lost there. On a limb only
what stands in a line of like letters counts, since bones have edges of their own. Filling in is `burned_in_cover`'s,
reading side letters `side_marker`'s.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import cv2
import numpy as np
from numpy.typing import NDArray

from opensvh.domain.geometry import Box
from opensvh.preprocessing.burned_in_rim import marks_at_the_rim, window

Grey = NDArray[np.float32]
Mask = NDArray[np.bool_]

WORKING_PX = 2000
"""Longest side of the film that is searched: text of five pixels' height on the largest plates is still seen."""
STROKES = (0.004, 0.012, 0.03)
"""Reach of the filters that find strokes, of the film's longer side: from hair lines to the largest letters'."""
LEAST_REACH_PX = 5
FAINTEST, NOISES = 0.05, 7.0
"""A stroke stands out by this much of the film's range, and by so many standard deviations of what is round it."""
SHARP = 0.55
"""An edge of text rises by this share of its contrast from one pixel to the second next."""
LARGEST, SMALLEST_PX = 0.16, 3
"""Longer side of a mark, at most (share of the film's) and at least: longer ones are wires, borders, rulers' lines;
smaller ones are dust."""
PLATE, GROUND_SPREAD, GROUND_SHARE = (0.9, 1.8), 0.05, 0.6
"""A label's plate ends so many heights beyond its text, and what is round it is looked at up to so many; where more
than this share of that lies within this spread of the ground's level, the label lies beside the limb."""
OWN = 0.3
"""A mark of which this share lies on a limb is the limb's: its skin line, a ring."""
HALO = 0.004
"""Covered round text, of the longer side: blurred edges and what compression left round them."""
LINE_GAP, LINE_SHARED, ALIKE, WIDEST = 0.9, 0.6, 1.6, 1.8
"""Letters of a line lie within this many of their heights, share this much of their height, differ by
no more than this factor, and are no wider than so many heights."""
LINE_ON_LIMB = 3
"""So many letters in a line on a limb are text."""
WRITTEN_LEVELS, WRITTEN_RISE = (0.7, 0.8, 0.88, 0.94), 0.2
"""Letters on a limb are looked for above these levels, and below their complements; along their outlines the film
rises by this much on average within two pixels: text over bone is written to be read, and bones have softer edges."""
WRITTEN_CONTRAST = 0.15
"""By which it stands out from skin and ground: what software draws along the skin does by less."""
SMALLEST_LETTER_PX = 6
TALLEST_ON_LIMB = 0.06
"""Of the film's longer side."""


@dataclass(frozen=True)
class BurnedInText:
    """What a film carries: `cover` [rows, columns] is to be filled in, `boxes` are its parts; `over_limb` are boxes of
    text that cannot be covered without loss."""

    cover: Mask
    boxes: tuple[Box, ...]
    over_limb: tuple[Box, ...]


@dataclass(frozen=True)
class _Mark:
    """A connected stroke that stands out: its box, the share of it that lies on a limb, what found it, and by how much
    of the film's range it stands out."""

    box: Box
    on_limb: float
    kind: int
    contrast: float = 1.0


def find_burned_in_text(film: Grey, limbs: Mask, kept: Sequence[Box] = ()) -> BurnedInText:
    """Text of a film [rows, columns] in [0, 1] with its limbs' pixels; `kept` boxes (side letters) stay."""
    scale = min(1.0, WORKING_PX / max(film.shape))
    small = np.asarray(cv2.resize(film, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.float32)
    on_limb = cv2.resize(limbs.astype(np.uint8), small.shape[::-1], interpolation=cv2.INTER_NEAREST) > 0
    lines = {_joined(line): line for line in _lines(list(_letters(small, on_limb)))}
    beside = [box for box, line in lines.items() if _is_beside(small, on_limb, line)]
    marks = list(_marks(small, on_limb))
    letters = [_scaled(box, 1 / scale) for box in kept]
    rim = marks_at_the_rim(small, on_limb, list(_written_at_skin(marks)), letters)
    limbs, halo = limbs.copy(), _halo(film.shape)
    for line in (*beside, *rim.beside):  # the silhouette has taken a label at the skin for a part of the limb
        on_limb[window(line.grown(1))] = False
        limbs[window(_scaled(line, scale).grown(halo))] = False
    off_limb = [mark.box for mark in marks if on_limb[window(mark.box)].mean() < OWN or mark.on_limb < OWN]
    cover = _cover([*off_limb, *rim.beside], film.shape, scale)
    for box in kept:
        cover[window(box.grown(halo))] = 0
    cover[limbs] = 0
    over_limb = dict.fromkeys(
        _scaled(box, scale) for box in (*(line for line in lines if line not in beside), *rim.across)
    )
    return BurnedInText(cover > 0, tuple(_boxes(cover)), tuple(over_limb))


def _written_at_skin(marks: Sequence[_Mark]) -> Iterator[list[Box]]:
    """Bright strokes that a silhouette holds, those of each width by themselves."""
    for kind in range(0, 2 * len(STROKES), 2):  # dark ones there are the gaps between letters and limb
        yield [
            mark.box for mark in marks if mark.kind == kind and mark.on_limb > 0 and mark.contrast > WRITTEN_CONTRAST
        ]


def _is_beside(film: Grey, limbs: Mask, line: Sequence[_Mark]) -> bool:
    """Whether round the letters that a silhouette holds lies the film's ground for the most part, not the limb."""
    held = _joined([letter for letter in line if letter.on_limb > 0])
    height = min(_joined(line).height, _joined(line).width)
    around = window(held.grown(4 * height))
    ground = film[around][~limbs[around]]
    if ground.size == 0:
        return False
    ring = np.zeros(film.shape, dtype=np.bool_)
    ring[window(held.grown(round(PLATE[1] * height)))] = True
    ring[window(held.grown(round(PLATE[0] * height)))] = False
    ring[window(_joined(line).grown(round(PLATE[0] * height)))] = False
    return bool(np.mean(np.abs(film[ring] - np.median(ground)) < GROUND_SPREAD) > GROUND_SHARE)


def _cover(boxes: Sequence[Box], shape: tuple[int, ...], scale: float) -> NDArray[np.uint8]:
    """Whole boxes, so that no outline of a letter stays, with what lies between letters of a word."""
    cover, halo = np.zeros(shape, dtype=np.uint8), _halo(shape)
    for box in boxes:
        cover[window(_scaled(box, scale).grown(halo))] = 1
    between = 4 * halo + 1
    for word in (np.ones((1, between), np.uint8), np.ones((between, 1), np.uint8)):
        cover = np.asarray(cv2.morphologyEx(cover, cv2.MORPH_CLOSE, word))
    return cover


def _halo(shape: tuple[int, ...]) -> int:
    return max(2, round(HALO * max(shape)))


def _scaled(box: Box, scale: float) -> Box:
    """A box of the reduced film on the film, whole pixels outwards."""
    first, last = (math.floor(box.left / scale), math.floor(box.top / scale)), (box.right / scale, box.bottom / scale)
    return Box(*first, math.ceil(last[0]), math.ceil(last[1]))


def _marks(film: Grey, limbs: Mask) -> Iterator[_Mark]:
    """Bright and dark strokes of each width."""
    longer = max(film.shape)
    least = np.maximum(FAINTEST, NOISES * _spread(film))
    rises = _rises(film)
    for kind, (share, is_dark) in enumerate(product(STROKES, (False, True))):
        reach = max(LEAST_REACH_PX, round(share * longer)) | 1
        filtering = cv2.MORPH_BLACKHAT if is_dark else cv2.MORPH_TOPHAT
        out = np.asarray(cv2.morphologyEx(film, filtering, np.ones((reach, reach), np.uint8)))
        for box, (contrast, rise), on_limb in _components(out > least, (np.asarray(out, np.float32), rises), limbs):
            if SMALLEST_PX <= max(box.width, box.height) <= LARGEST * longer and rise >= SHARP * contrast:
                yield _Mark(box, on_limb, kind, contrast)


def _letters(film: Grey, limbs: Mask) -> Iterator[_Mark]:
    """Sharp bright and dark shapes of a letter's size, on limbs or off them."""
    tallest = TALLEST_ON_LIMB * max(film.shape)
    rises = _rises(film)
    for kind, (level, is_dark) in enumerate(product(WRITTEN_LEVELS, (False, True))):
        shapes = film < 1 - level if is_dark else film > level
        count, labels, stats = _labelled(shapes)
        outline = shapes & (cv2.erode(shapes.astype(np.uint8), np.ones((3, 3), np.uint8)) == 0)
        rise = _mean(rises, labels, outline, count)
        on_limb = _mean(limbs, labels, shapes, count)
        for number in np.flatnonzero(rise >= WRITTEN_RISE).tolist():
            left, top, width, height, _ = stats[number].tolist()
            if number and SMALLEST_LETTER_PX <= max(width, height) <= tallest:
                yield _Mark(Box(left, top, left + width, top + height), float(on_limb[number]), kind)


def _components(strokes: Mask, pictures: Sequence[Grey], limbs: Mask) -> Iterator[tuple[Box, tuple[float, ...], float]]:
    """Connected strokes: box, greatest level in each picture, share on a limb."""
    count, labels, stats = _labelled(strokes)
    where = labels[strokes]
    most = np.zeros((len(pictures), count), np.float32)
    for row, picture in zip(most, pictures, strict=True):
        np.maximum.at(row, where, picture[strokes])
    on_limb = np.bincount(where, weights=limbs[strokes], minlength=count) / np.maximum(stats[:, cv2.CC_STAT_AREA], 1)
    for number, (left, top, width, height, _area) in enumerate(stats[1:].tolist(), 1):
        box = Box(left, top, left + width, top + height)
        yield box, tuple(most[:, number].tolist()), float(on_limb[number])


def _labelled(shapes: Mask) -> tuple[int, NDArray[np.int32], NDArray[np.int32]]:
    """How many connected parts there are, 0 the rest, which pixel is whose, and their boxes and areas."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(shapes.astype(np.uint8))
    return count, np.asarray(labels, np.int32), np.asarray(stats, np.int32)


def _mean(picture: Grey | Mask, labels: NDArray[np.int32], where: Mask, count: int) -> NDArray[np.float64]:
    """The picture's mean over each labelled part's pixels of `where`."""
    parts = labels[where]
    sums = np.bincount(parts, weights=picture[where], minlength=count)
    return np.asarray(sums / np.maximum(np.bincount(parts, minlength=count), 1), np.float64)


def _spread(film: Grey) -> Grey:
    """Noise round each pixel: the mean difference from the middle of nine, without what strokes add."""
    noise = np.abs(film - cv2.medianBlur(film, 3))
    coarse = cv2.resize(noise, None, fx=1 / 16, fy=1 / 16, interpolation=cv2.INTER_AREA)
    typical = cv2.erode(cv2.GaussianBlur(coarse, (0, 0), 2.0), np.ones((5, 5), np.uint8))
    return np.asarray(cv2.resize(typical, film.shape[::-1], interpolation=cv2.INTER_LINEAR))


def _rises(film: Grey) -> Grey:
    """The steepest change within two pixels, down or across, in the nearest pixels."""
    square = np.ones((3, 3), np.uint8)
    return np.asarray(cv2.morphologyEx(film, cv2.MORPH_GRADIENT, square), np.float32)


def _lines(marks: Sequence[_Mark]) -> Iterator[list[_Mark]]:
    """Lines of so many like letters of one kind, upright or down the film, at least one of them on a limb."""
    for turned in (False, True):
        spans = [_turned(mark.box) if turned else mark.box for mark in marks]
        order = sorted(range(len(marks)), key=lambda number: spans[number].left)
        taken: set[int] = set()
        for first in order:
            line = [first] if first not in taken else []
            for other in order:
                if line and other not in line and marks[other].kind == marks[first].kind:
                    line += [other] if _follows(spans[line[-1]], spans[other]) else []
            if len(line) >= LINE_ON_LIMB and any(marks[number].on_limb > 0 for number in line):
                taken.update(line)
                yield [marks[number] for number in line]


def _turned(box: Box) -> Box:
    """With rows and columns exchanged: a line down the film becomes an upright one."""
    return Box(box.top, box.left, box.bottom, box.right)


def _follows(letter: Box, other: Box) -> bool:
    """Whether another letter of about this height stands next in a line from left to right."""
    height, tall = letter.height, other.height
    shared = min(letter.bottom, other.bottom) - max(letter.top, other.top)
    gap = other.left - letter.right
    is_alike = max(height, tall) < ALIKE * min(height, tall) and max(letter.width, other.width) < WIDEST * height
    return is_alike and shared > LINE_SHARED * max(height, tall) and -0.3 * height < gap < LINE_GAP * height


def _joined(line: Sequence[_Mark]) -> Box:
    boxes = [mark.box for mark in line]
    return Box(
        min(box.left for box in boxes),
        min(box.top for box in boxes),
        max(box.right for box in boxes),
        max(box.bottom for box in boxes),
    )


def _boxes(cover: NDArray[np.uint8]) -> Iterator[Box]:
    count, _, stats, _ = cv2.connectedComponentsWithStats(cover)
    for left, top, width, height, _ in stats[1:count].tolist():
        yield Box(left, top, left + width, top + height)
