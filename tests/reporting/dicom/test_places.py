"""Places in DICOM's own count."""

import pytest
from pydicom.dataset import Dataset

from opensvh.domain.geometry import Box, Point
from opensvh.reporting.dicom.places import box_on_image, on_image


@pytest.fixture
def header() -> Dataset:
    image = Dataset()
    image.Columns, image.Rows = 30, 40
    return image


def test_the_centre_of_the_first_pixel_is_half_a_pixel_from_the_corner(header: Dataset) -> None:
    assert on_image(Point(0, 0), header) == (0.5, 0.5)
    assert on_image(Point(29, 39), header) == (29.5, 39.5)


def test_what_lies_beyond_the_edge_is_moved_onto_it(header: Dataset) -> None:
    assert on_image(Point(-3, 80), header) == (0, 40)


def test_a_box_covers_its_pixels_to_their_edges(header: Dataset) -> None:
    assert box_on_image(Box(2, 3, 10, 50), header) == ((2, 3), (10, 3), (10, 40), (2, 40))
