"""Two limbs on one film, and films that cut a limb: points stay on what they mark."""

import numpy as np
import pytest
from numpy.typing import NDArray

from opensvh.domain.anatomy import Limb, Side
from opensvh.domain.geometry import Point
from opensvh.simulation.films.two_limbs import CUTS, ProjectedLimb, cut_film, film_of_two

PLACES = {"tip": (70, 60), "middle": (60, 150), "thumb": (110, 170), "wrist": (70, 250)}


def limb(side: Side, pixel_mm: float = 0.4, enlarged: int = 1) -> ProjectedLimb:
    """A slab of flesh with a bony dot at each point, thumb on the inner side; a right one mirrored."""
    bone, soft = np.zeros((300, 160), np.float32), np.zeros((300, 160), np.float32)
    soft[30:, 40:130] = 15.0
    for x, y in PLACES.values():
        bone[y - 2 : y + 3, x - 2 : x + 3] = 12.0
    points = {name: Point(float(x), float(y)) for name, (x, y) in PLACES.items()}
    if side is Side.RIGHT:
        bone, soft = bone[:, ::-1].copy(), soft[:, ::-1].copy()
        points = {name: Point(159 - point.x, point.y) for name, point in points.items()}
    if enlarged > 1:
        bone, soft = (np.repeat(np.repeat(part, enlarged, 0), enlarged, 1) for part in (bone, soft))
        shift = (enlarged - 1) / 2
        points = {name: Point(p.x * enlarged + shift, p.y * enlarged + shift) for name, p in points.items()}
    return ProjectedLimb(side, bone, soft, points, pixel_mm / enlarged)


def brightness_at(pixels: NDArray[np.uint8], point: Point) -> float:
    x, y = round(point.x), round(point.y)
    around = pixels[max(y - 12, 0) : y + 13, max(x - 12, 0) : x + 13].astype(float)
    return float(pixels[y - 1 : y + 2, x - 1 : x + 2].mean() - np.median(around))


@pytest.mark.parametrize("seed", range(4))
def test_every_point_of_both_sides_lies_on_its_bone(seed: int) -> None:
    film = film_of_two(limb(Side.RIGHT, enlarged=2), limb(Side.LEFT), Limb.HAND, np.random.default_rng(seed))
    assert [each.side for each in film.limbs] == [Side.LEFT, Side.RIGHT]
    for each in film.limbs:
        assert set(each.points) == set(PLACES)
        assert all(brightness_at(film.pixels, point) > 15 for point in each.points.values())


def test_thumbs_lie_inwards_and_boxes_do_not_overlap() -> None:
    left, right = film_of_two(limb(Side.LEFT), limb(Side.RIGHT), Limb.FOOT, np.random.default_rng(1)).limbs
    assert left.points["thumb"].x > left.points["middle"].x
    assert right.points["thumb"].x < right.points["middle"].x
    assert left.box.overlap(right.box) == 0.0
    assert all(left.box.contains(point) for point in left.points.values())


def test_the_same_seed_gives_the_same_film() -> None:
    films = [
        film_of_two(limb(Side.LEFT), limb(Side.RIGHT), Limb.HAND, np.random.default_rng(seed)).pixels for seed in (5, 5)
    ]
    assert np.array_equal(*films)


@pytest.mark.parametrize("cut", CUTS)
def test_a_cut_film_keeps_the_points_that_it_shows_and_no_others(cut: str) -> None:
    whole = limb(Side.LEFT)
    pixels = np.clip(whole.bone_mm * 20, 0, 255).astype(np.uint8)
    lost = set()
    for seed in range(20):
        shown, points = cut_film(pixels, whole.points, cut, np.random.default_rng(seed))
        assert all(shown[round(point.y), round(point.x)] > 200 for point in points.values())
        lost |= set(whole.points) - set(points)
    nearest = {"distal": "tip", "proximal": "wrist", "left": "middle", "right": "thumb"}
    opposite = {"distal": "wrist", "proximal": "tip", "left": "thumb", "right": "middle"}
    assert nearest[cut] in lost
    assert opposite[cut] not in lost
