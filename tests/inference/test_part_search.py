"""Guesses of where a limb goes on beyond its film, against the whole limb that a film was cut from."""

import numpy as np
import pytest

from opensvh.domain.anatomy import POINTS, Limb
from opensvh.domain.geometry import Box, Point, Size
from opensvh.domain.placement import Pose
from opensvh.inference.film_analysis import MARGIN
from opensvh.inference.part_search import part_guesses
from opensvh.inference.shape_model_file import shipped_shape_models
from opensvh.preprocessing.joint_box import box_around

LENGTH_PX = 1000.0
NEAR = 0.13
"""Networks are trained on limbs up to a tenth off their place and a fifth off their size."""


def joints(limb: Limb) -> dict[str, Point]:
    """The mean limb, digits up, in the middle of a wide film."""
    mean = shipped_shape_models()[limb].mean
    return {
        name: Point(900 + LENGTH_PX * x, 900 + LENGTH_PX * y) for name, (x, y) in zip(POINTS[limb], mean, strict=True)
    }


def kept(limb: Limb, edge: str, depth: float) -> Box:
    """What a film shows that ends at one edge of the limb, so much of its box cut off."""
    box = box_around(list(joints(limb).values()), limb)
    down, across = round(depth * box.height), round(depth * box.width)
    return {
        "top": Box(0, box.top + down, 1800, 1800),
        "bottom": Box(0, 0, 1800, box.bottom - down),
        "left": Box(box.left + across, 0, 1800, 1800),
        "right": Box(0, 0, box.right - across, 1800),
    }[edge]


def seen(limb: Limb, film: Box) -> Box:
    """The limb's region on that film, as the film analyser gives it, in pixels of the film."""
    box = box_around(list(joints(limb).values()), limb)
    box = Box(
        max(box.left, film.left), max(box.top, film.top), min(box.right, film.right), min(box.bottom, film.bottom)
    )
    wide = box.grown(round(MARGIN * max(box.width, box.height)))
    return Box(
        max(wide.left, film.left) - film.left,
        max(wide.top, film.top) - film.top,
        min(wide.right, film.right) - film.left,
        min(wide.bottom, film.bottom) - film.top,
    )


def misses(limb: Limb, film: Box, quarter_turns: int = 0) -> list[float]:
    """Mean distance of each guess from the whole limb, in limb lengths; the film stored turned counter-clockwise."""
    region, size = seen(limb, film), Size(film.width, film.height)
    truth = {name: Point(x - film.left, y - film.top) for name, (x, y) in joints(limb).items()}
    for _ in range(quarter_turns):
        last = size.width - 1
        truth = {name: Point(y, last - x) for name, (x, y) in truth.items()}
        region = Box(region.top, size.width - region.right, region.bottom, size.width - region.left)
        size = Size(size.height, size.width)
    pose = Pose(90.0 * quarter_turns, region=region)
    guesses = part_guesses(shipped_shape_models()[limb], pose, size)
    return [
        float(np.mean([np.hypot(*np.subtract(guess[name], at)) for name, at in truth.items()])) / LENGTH_PX
        for guess in guesses
    ]


@pytest.mark.parametrize("limb", Limb)
def test_a_limb_that_lies_free_is_not_continued(limb: Limb) -> None:
    assert misses(limb, Box(0, 0, 1800, 1800)) == []
    assert list(part_guesses(shipped_shape_models()[limb], Pose(), Size(100, 100))) == []


@pytest.mark.parametrize("limb", Limb)
@pytest.mark.parametrize("edge", ["top", "bottom", "left", "right"])
@pytest.mark.parametrize("depth", [0.2, 0.35, 0.5])
def test_a_cut_limb_is_continued_over_the_edge(limb: Limb, edge: str, depth: float) -> None:
    assert min(misses(limb, kept(limb, edge, depth))) < NEAR


@pytest.mark.parametrize("quarter_turns", [1, 2, 3])
def test_a_cut_limb_is_continued_however_it_lies(quarter_turns: int) -> None:
    film = kept(Limb.HAND, "bottom", 0.4)
    assert misses(Limb.HAND, film, quarter_turns) == pytest.approx(misses(Limb.HAND, film), abs=0.01)
