"""Places on a film as DICOM counts them: from the outer corner of the first pixel, whose centre is at 0.5, 0.5.

PS3.3 C.18.6.1.2 (SCOORD) and C.10.5.1.2 (annotations in units PIXEL); here a pixel's centre is at whole numbers.
"""

from pydicom.dataset import Dataset

from opensvh.domain.geometry import Box, Point

Place = tuple[float, float]
"""Column and row."""


def on_image(point: Point, header: Dataset) -> Place:
    """A point of the film, moved onto the image where it lies beyond its edge."""
    return _within(point.x + 0.5, header.Columns), _within(point.y + 0.5, header.Rows)


def box_on_image(box: Box, header: Dataset) -> tuple[Place, ...]:
    """The outer corners of the part of a box that is on the image, clockwise from the upper left."""
    return tuple(on_image(corner, header) for corner in box.corners())


def _within(value: float, size: int) -> float:
    return min(max(value, 0.0), float(size))
