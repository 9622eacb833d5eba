"""Small films of the sheet."""

from types import SimpleNamespace

import numpy as np
import pytest

from opensvh.domain.anatomy import Limb, Side
from opensvh.reporting.dicom.sheet_films import film_view
from opensvh.reporting.overlay import picture_of
from opensvh.reporting.palette import grade_colour


def test_a_ring_lies_on_the_pixel_of_its_joint(make: SimpleNamespace) -> None:
    film = make.film_reading("film.png", Limb.FOOT, Side.LEFT)
    pixels = np.zeros(make.size, np.float32)
    point = film.points["MTP3"]
    pixels[round(point.y) - 2 : round(point.y) + 3, round(point.x) - 2 : round(point.x) + 3] = 1
    view = film_view(picture_of(pixels, film, None), film, 452, 302)
    assert view.pixels.shape[0] <= 302
    assert view.pixels.shape[1] <= 452
    rows, columns = np.nonzero(view.pixels > 128)
    ring = view.rings[list(film.points).index("MTP3")]
    assert (ring.x, ring.y) == (pytest.approx(columns.mean() + 0.5, abs=1), pytest.approx(rows.mean() + 0.5, abs=1))
    assert ring.colour == grade_colour(3 / 10)


def test_the_limb_fills_the_view(make: SimpleNamespace) -> None:
    film = make.film_reading("film.png", Limb.HAND, Side.LEFT)
    view = film_view(picture_of(np.zeros(make.size, np.float32), film, None), film, 452, 520)
    assert max(view.pixels.shape[0] / 520, view.pixels.shape[1] / 452) == 1
