"""Points, boxes, and the reversible map between a film's pixels and a model's; the only place that converts.

Coordinates are (x, y) in pixels, x to the right and y down, a pixel's centre at integer coordinates: the pixel in
column c covers c - 0.5 to c + 0.5. Image operations live in `preprocessing`; each has its twin here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple


class Point(NamedTuple):
    """A place on a film, in pixels."""

    x: float
    y: float


class Size(NamedTuple):
    """Width and height of an image, in pixels."""

    width: int
    height: int


@dataclass(frozen=True)
class Box:
    """An axis-parallel rectangle from its left and top pixel up to, but not with, column `right` and row `bottom`.

    Whole pixels, as array slices take them: `image[box.top:box.bottom, box.left:box.right]`. It may reach past the
    image. Raises ValueError if empty.
    """

    left: int
    top: int
    right: int
    bottom: int

    def __post_init__(self) -> None:
        if self.right <= self.left or self.bottom <= self.top:
            raise ValueError(f"empty box {self}")

    @property
    def width(self) -> int:
        return self.right - self.left

    @property
    def height(self) -> int:
        return self.bottom - self.top

    @property
    def centre(self) -> Point:
        """The middle, between pixels where a side is even."""
        return Point((self.left + self.right - 1) / 2, (self.top + self.bottom - 1) / 2)

    def contains(self, point: Point) -> bool:
        """Whether the point lies on one of the box's pixels."""
        return self.left - 0.5 <= point.x < self.right - 0.5 and self.top - 0.5 <= point.y < self.bottom - 0.5

    def grown(self, margin: int) -> "Box":
        """The box with `margin` pixels more on each side."""
        return Box(self.left - margin, self.top - margin, self.right + margin, self.bottom + margin)

    def overlap(self, other: "Box") -> float:
        """Intersection over union, in [0, 1]."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.bottom, other.bottom) - max(self.top, other.top)
        if width <= 0 or height <= 0:
            return 0.0
        shared = width * height
        return shared / (self.width * self.height + other.width * other.height - shared)

    def corners(self) -> tuple[Point, Point, Point, Point]:
        """The outer corners (at pixel edges), clockwise from the upper left."""
        left, top, right, bottom = self.left - 0.5, self.top - 0.5, self.right - 0.5, self.bottom - 0.5
        return Point(left, top), Point(right, top), Point(right, bottom), Point(left, bottom)


Matrix = tuple[tuple[float, float, float], tuple[float, float, float]]


@dataclass(frozen=True)
class Frame:
    """A reversible map from film pixels (as stored) to model pixels, with the size of the model's image.

    Built step by step from `Frame.of(film size)`: turn, mirror, crop, scale, in that order. Each step returns a new
    frame that maps film pixels to the image after it. `matrix` is the 2 x 3 affine map [[a, b, tx], [c, d, ty]].
    """

    size: Size
    matrix: Matrix = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0))

    @classmethod
    def of(cls, size: Size) -> "Frame":
        """The frame that changes nothing."""
        return cls(size)

    def turned(self, quarter_turns_cw: int) -> "Frame":
        """After turning the image clockwise by quarter turns."""
        frame = self
        for _ in range(quarter_turns_cw % 4):
            width, height = frame.size
            frame = frame._then(((0.0, -1.0, height - 1.0), (1.0, 0.0, 0.0)), Size(height, width))
        return frame

    def mirrored(self) -> "Frame":
        """After exchanging left and right."""
        return self._then(((-1.0, 0.0, self.size.width - 1.0), (0.0, 1.0, 0.0)), self.size)

    def cropped(self, box: Box) -> "Frame":
        """After cutting out a box, padded where it reaches past the image."""
        return self._then(((1.0, 0.0, -float(box.left)), (0.0, 1.0, -float(box.top))), Size(box.width, box.height))

    def scaled(self, size: Size) -> "Frame":
        """After resizing to `size`; outer edges stay outer edges, so pixel centres move by half a pixel's change."""
        across, down = size.width / self.size.width, size.height / self.size.height
        return self._then(((across, 0.0, (across - 1) / 2), (0.0, down, (down - 1) / 2)), size)

    def strided(self, stride: int) -> "Frame":
        """After a network that gives one pixel for each `stride` x `stride` of the image's."""
        return self.scaled(Size(self.size.width // stride, self.size.height // stride))

    def mapped(self, matrix: Matrix, size: Size | None = None) -> "Frame":
        """After any further affine map of the image (augmentation)."""
        return self._then(matrix, size or self.size)

    def to_model(self, points: Iterable[Point]) -> list[Point]:
        """Film pixels to model pixels."""
        return [_apply(self.matrix, point) for point in points]

    def to_film(self, points: Iterable[Point]) -> list[Point]:
        """Model pixels to film pixels: the inverse of `to_model`."""
        inverse = invert(self.matrix)
        return [_apply(inverse, point) for point in points]

    @property
    def scale(self) -> float:
        """Model pixels per film pixel: the square root of the area ratio."""
        (a, b, _), (c, d, _) = self.matrix
        return float(abs(a * d - b * c) ** 0.5)

    @property
    def mirrors(self) -> bool:
        """Whether the map exchanges left and right."""
        (a, b, _), (c, d, _) = self.matrix
        return a * d - b * c < 0

    def _then(self, matrix: Matrix, size: Size) -> "Frame":
        return Frame(size, compose(matrix, self.matrix))


def compose(after: Matrix, before: Matrix) -> Matrix:
    """The map that applies `before`, then `after`."""
    (a, b, x), (c, d, y) = after
    (e, f, u), (g, h, v) = before
    return (
        (a * e + b * g, a * f + b * h, a * u + b * v + x),
        (c * e + d * g, c * f + d * h, c * u + d * v + y),
    )


def invert(matrix: Matrix) -> Matrix:
    """The inverse map; raises ValueError where there is none."""
    (a, b, x), (c, d, y) = matrix
    determinant = a * d - b * c
    if determinant == 0:
        raise ValueError("the map has no inverse")
    p, q, r, s = d / determinant, -b / determinant, -c / determinant, a / determinant
    return (p, q, -(p * x + q * y)), (r, s, -(r * x + s * y))


def _apply(matrix: Matrix, point: Point) -> Point:
    (a, b, x), (c, d, y) = matrix
    return Point(a * point.x + b * point.y + x, c * point.x + d * point.y + y)
