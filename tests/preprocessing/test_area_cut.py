"""A cut with fractions of a pixel is `scale`'s on whole ones, and moves smoothly between them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opensvh.domain.anatomy import Limb
from opensvh.domain.geometry import Box, Point, Size
from opensvh.domain.placement import Pose
from opensvh.preprocessing.area_cut import (
    Area,
    Span,
    area_around,
    canonical_film_of_area,
    picture_area,
    scaled_cut,
)
from opensvh.preprocessing.config import PreprocessingConfig
from opensvh.preprocessing.joint_box import box_around
from opensvh.preprocessing.scale import canonical_film_of_box, picture_box
from opensvh.preprocessing.turn import posed

SMALL = PreprocessingConfig(width=96, height=128)
FILM = np.random.default_rng(5).random((260, 220), dtype=np.float32)


@pytest.mark.parametrize("aspect", ["keep", "stretch"])
@pytest.mark.parametrize(
    "box",
    [Box(20, 30, 180, 240), Box(-15, 20, 150, 250), Box(60, 100, 250, 290), Box(80, 90, 140, 170)],
    ids=["inside", "past the left edge", "past the corner", "enlarged"],
)
def test_whole_pixels_are_cut_as_ever(box: Box, aspect: str) -> None:
    config = SMALL.model_copy(update={"aspect": aspect, "margin": 0.0})
    film = posed(FILM, Pose())
    shown = picture_box(box, config)
    once, now = canonical_film_of_box(film, box, config), canonical_film_of_area(film, Area.of(box), config)
    assert picture_area(Area.of(box), config).overlap(Area.of(shown)) > 0.98
    if (shown.width, shown.height) == (box.width, box.height):
        whole = (slice(2, -2), slice(2, -2))  # where it is enlarged, the outermost see what is past the cut
        assert np.abs(now.image[whole] - once.image[whole]).max() < 1e-4
        assert np.allclose(now.frame.matrix, once.frame.matrix)
    assert now.box == box


@given(st.floats(-30, 90), st.floats(-30, 90), st.floats(60, 250))
def test_the_picture_moves_no_further_than_the_cut(left: float, top: float, length: float) -> None:
    def cut(moved: float) -> Area:
        return Area(Span(left + moved, left + moved + length), Span(top, top + length))

    once, moved = (scaled_cut(FILM, cut(each), Size(48, 48)) for each in (0.0, 0.01))
    # The level past the edge is a percentile of the pixels that are inside, and may step by those of one row.
    assert np.abs(once - moved).mean() < 0.012


def test_a_bright_dot_lies_where_the_frame_says() -> None:
    film = np.zeros((260, 220), np.float32)
    film[120:123, 90:93] = 1
    area = Area(Span(30.37, 151.9), Span(51.2, 213.6))
    canonical = canonical_film_of_area(posed(film, Pose()), area, SMALL)
    rows, columns = np.mgrid[:128, :96]
    total = canonical.image.sum()
    seen = (canonical.image * columns).sum() / total, (canonical.image * rows).sum() / total
    assert seen == pytest.approx(tuple(canonical.frame.to_model([Point(91, 121)])[0]), abs=0.05)


@pytest.mark.parametrize("limb", list(Limb))
def test_an_area_is_a_box_not_rounded(limb: Limb) -> None:
    points = [Point(40.3, 50.8), Point(120.6, 61.1), Point(88.2, 170.4)]
    area, box = area_around(points, limb), box_around(points, limb)
    for exact, rounded in (
        (area.across.first, box.left),
        (area.across.end, box.right),
        (area.down.first, box.top),
        (area.down.end, box.bottom),
    ):
        assert abs(exact - rounded) <= 0.5
    assert area.box.overlap(box) > 0.97
