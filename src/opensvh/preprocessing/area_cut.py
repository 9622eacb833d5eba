"""A cut with fractions of a pixel: what joints make of a limb's box, not rounded to whole pixels of the film.

A second look lies where the first one found the joints. Rounded, its picture would jump by a pixel where a joint moves
by a hundredth of one, and the scores with it: two backends whose joints differ by as much would read different films.
On whole pixels the picture is `scale`'s.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from opensvh.domain.anatomy import Limb
from opensvh.domain.geometry import Box, Point, Size
from opensvh.preprocessing.config import PreprocessingConfig
from opensvh.preprocessing.joint_box import MARGINS
from opensvh.preprocessing.scale import BACKGROUND_PERCENTILE, CanonicalFilm
from opensvh.preprocessing.turn import PosedFilm

Pixels = NDArray[np.float32]


@dataclass(frozen=True)
class Span:
    """A stretch of one axis in pixels as `Box` counts them: from pixel `first` up to, but not with, `end`."""

    first: float
    end: float

    @property
    def length(self) -> float:
        return self.end - self.first

    def grown(self, before: float, after: float) -> "Span":
        """With so much more at each end."""
        return Span(self.first - before, self.end + after)

    def shared(self, other: "Span") -> float:
        """How much of both is the same, pixels."""
        return max(0.0, min(self.end, other.end) - max(self.first, other.first))


@dataclass(frozen=True)
class Area:
    """As `geometry.Box`, in fractions of a pixel."""

    across: Span
    down: Span

    @classmethod
    def of(cls, box: Box) -> "Area":
        """The box itself."""
        return cls(Span(box.left, box.right), Span(box.top, box.bottom))

    @property
    def box(self) -> Box:
        """The nearest whole pixels, one at least."""
        left, top = round(self.across.first), round(self.down.first)
        return Box(left, top, max(round(self.across.end), left + 1), max(round(self.down.end), top + 1))

    def overlap(self, other: "Area") -> float:
        """Intersection over union, in [0, 1]."""
        shared = self.across.shared(other.across) * self.down.shared(other.down)
        both = self.across.length * self.down.length + other.across.length * other.down.length
        return shared / (both - shared)


def area_around(points: Sequence[Point], limb: Limb) -> Area:
    """The limb's area from its joints, in the pixels of `points`: `joint_box.box_around`, which rounds it outwards, as
    it is on average."""
    across, down = (Span(min(each) - 0.5, max(each) + 1.5) for each in zip(*points, strict=True))
    unit = max(down.length - 2 if limb is Limb.HAND else across.length - 2, 1.0)
    margins = MARGINS[limb]
    return Area(
        across.grown(margins.left * unit, margins.right * unit), down.grown(margins.top * unit, margins.bottom * unit)
    )


def canonical_film_of_area(film: PosedFilm, area: Area, config: PreprocessingConfig) -> CanonicalFilm:
    """`scale.canonical_film_of_box` for an area in pixels of the posed film."""
    size, cut = Size(config.width, config.height), picture_area(area, config)
    across, down = size.width / cut.across.length, size.height / cut.down.length
    # Outer edges stay outer edges; a pixel's centre lies half a pixel from its own.
    matrix = (
        (across, 0.0, (0.5 - cut.across.first) * across - 0.5),
        (0.0, down, (0.5 - cut.down.first) * down - 0.5),
    )
    return CanonicalFilm(scaled_cut(film.picture, cut, size), film.frame.mapped(matrix, size), area.box, film.frame)


def picture_area(area: Area, config: PreprocessingConfig) -> Area:
    """`scale.picture_box` of an area: what the picture shows of the film."""
    margin = config.margin * max(area.across.length, area.down.length)
    across, down = area.across.grown(margin, margin), area.down.grown(margin, margin)
    if config.aspect == "stretch":
        return Area(across, down)
    aspect = config.width / config.height
    wider = max(0.0, down.length * aspect - across.length) / 2
    higher = max(0.0, across.length / aspect - down.length) / 2
    return Area(across.grown(wider, wider), down.grown(higher, higher))


def scaled_cut(picture: Pixels, cut: Area, size: Size) -> Pixels:
    """The area of a picture [rows, columns] brought to a size; past the picture's edge the level of its background.

    Along an axis that shrinks a pixel is the mean of what it covers, along another it lies between its neighbours.
    """
    rows, columns = picture.shape
    down, across = _weights(cut.down, size.height, rows), _weights(cut.across, size.width, columns)
    inside = np.ascontiguousarray(picture[down.first : down.end, across.first : across.end])
    level = _level(picture, cut)
    lower = down.applied(inside - level)
    scaled = across.applied(np.ascontiguousarray(lower.T)).T
    return np.asarray(np.clip(np.ascontiguousarray(scaled) + level, 0.0, 1.0), dtype=np.float32)


def _level(picture: Pixels, cut: Area) -> np.float32:
    """What `scale.cut_out` fills with: the background's level in what the cut shows of the picture."""
    rows, columns = (
        slice(min(max(round(span.first), 0), length - 1), max(round(span.end), 1))
        for span, length in zip((cut.down, cut.across), picture.shape, strict=True)
    )
    return np.float32(np.percentile(picture[rows, columns][::8, ::8], BACKGROUND_PERCENTILE))


@dataclass(frozen=True)
class _Weights:
    """What each of the picture's pixels along an axis counts in each of the cut's: pixels `first` to `end`, `taps` of
    them in each pixel of the cut from `starts` on, by `shares` [pixels of the cut, taps]."""

    first: int
    end: int
    starts: NDArray[np.intp]
    shares: Pixels

    def applied(self, values: Pixels) -> Pixels:
        """[pixels, any] -> [pixels of the cut, any]."""
        summed = np.zeros((len(self.starts), values.shape[1]), np.float32)
        for tap, share in enumerate(self.shares.T):
            summed += values[np.clip(self.starts + tap, 0, len(values) - 1)] * share[:, None]
        return summed


def _weights(span: Span, size: int, length: int) -> _Weights:
    """Of a span that is brought to `size` pixels, on an axis of `length`."""
    step = span.length / size
    reach = max(step, 1.0)
    middles = span.first - 0.5 + (np.arange(size) + 0.5) * step
    starts = np.ceil(middles - (reach + 1) / 2).astype(int)
    taps = int(np.ceil(reach)) + 1
    places = starts[:, None] + np.arange(taps)
    apart = np.abs(places - middles[:, None])
    # Shrinking, the part of a pixel that is covered; else how near it lies: the same formula, since reach is 1 then.
    shares = np.clip((reach + 1) / 2 - apart, 0, 1) / reach
    shares[(places < 0) | (places >= length)] = 0
    first = int(np.clip(starts[0], 0, length - 1))
    end = int(np.clip(places[-1, -1] + 1, first + 1, length))
    return _Weights(first, end, starts - first, shares.astype(np.float32))
