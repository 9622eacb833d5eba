"""What is a limb's is never covered: the whole silhouette, each of two limbs, a box where nothing else can be told."""

import numpy as np
import pytest
from numpy.typing import NDArray

from opensvh.domain.anatomy import Limb, Side
from opensvh.domain.geometry import Box
from opensvh.domain.placement import LimbPlacement
from opensvh.preprocessing.burned_in_limbs import limb_pixels

Film = tuple[NDArray[np.float32], Box]


def placed(box: Box, turn_cw_deg: float = 0.0) -> LimbPlacement:
    return LimbPlacement(Limb.HAND, Side.LEFT, turn_cw_deg, box)


def test_tissue_and_forearm_are_the_limb_s_and_the_ground_is_not(hand: Film) -> None:
    film, box = hand
    pixels = limb_pixels(film, [placed(box)])
    assert pixels[film > 0.3].mean() > 0.98
    assert pixels[950, 390]  # the forearm, below the box
    assert not pixels[:60].any()
    assert not pixels[:, 620:].any()


@pytest.mark.parametrize("turns", [1, 2])
def test_a_limb_lies_as_it_likes(hand: Film, turns: int) -> None:
    film, box = hand
    turned = np.ascontiguousarray(np.rot90(film, turns))
    rows, columns = film.shape
    laid = {
        1: Box(box.top, columns - box.right, box.bottom, columns - box.left),
        2: Box(columns - box.right, rows - box.bottom, columns - box.left, rows - box.top),
    }[turns]
    pixels = limb_pixels(turned, [placed(laid, 90.0 * turns)])
    assert pixels[turned > 0.3].mean() > 0.98


def test_both_of_two_limbs_are_kept(hand: Film) -> None:
    film, box = hand
    both = np.concatenate([film, film[:, ::-1]], axis=1)
    columns = film.shape[1]
    other = Box(2 * columns - box.right, box.top, 2 * columns - box.left, box.bottom)
    pixels = limb_pixels(both, [placed(box), placed(other)])
    assert pixels[both > 0.3].mean() > 0.97
    assert not pixels[:60].any()


def test_a_limb_that_cannot_be_drawn_is_its_box() -> None:
    film = np.full((300, 300), 0.5, np.float32)
    pixels = limb_pixels(film, [placed(Box(50, 60, 200, 220))])
    assert pixels[60:220, 50:200].all()
    assert not pixels[:40].any()


def test_a_limb_that_nobody_saw_is_kept_where_it_enters_by_the_edge(hand: Film) -> None:
    film, box = hand
    film = film.copy()
    film[200:700, 720:] = 0.5
    pixels = limb_pixels(film, [placed(box)])
    assert pixels[200:700, 730:].mean() > 0.95
    assert not pixels[:60].any()
