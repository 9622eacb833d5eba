from pathlib import Path

import cv2
import numpy as np
import pytest
from limb_pose import SHAPES
from patches import SHOWN_LENGTHS, SHOWN_PX, STORED_PX, MarkedLimb, cut_patches, open_patches

from opensvh.domain.anatomy import Limb, Side
from opensvh.domain.geometry import Point

LENGTH_PX = 900.0


def marked_limb(folder: Path, degrees: float = 0.0, side: Side = Side.LEFT) -> MarkedLimb:
    """A hand of the mean shape whose middle finger is a bar, and a dot on the thumb's side of MCP3."""
    size = 1200
    film = np.full((size, size), 20, np.uint8)
    points = {name: Point(600 + LENGTH_PX * x, 600 + LENGTH_PX * y) for name, (x, y) in SHAPES[Limb.HAND].items()}
    near, far = points["MCP3"], points["PIP3"]
    cv2.line(film, (int(near.x), int(near.y)), (int(far.x), int(far.y)), 200, 12)
    cv2.circle(film, (int(near.x) + 40, int(near.y)), 8, 255, -1)
    turn = cv2.getRotationMatrix2D((600, 600), -degrees, 1)
    film = cv2.warpAffine(film, turn, (size, size), borderValue=20)
    points = {name: Point(*(turn @ (x, y, 1))) for name, (x, y) in points.items()}
    if side is Side.RIGHT:
        film = film[:, ::-1]
        points = {name: Point(size - 1 - x, y) for name, (x, y) in points.items()}
    path = folder / f"hand{degrees:g}{side}.png"
    cv2.imwrite(str(path), film)
    return MarkedLimb(path.name, path, Limb.HAND, side, points)


@pytest.mark.parametrize("degrees", [0.0, 37.0, 180.0])
@pytest.mark.parametrize("side", Side)
def test_a_patch_is_upright_and_as_on_a_left_hand_however_the_film_lies(
    tmp_path: Path, degrees: float, side: Side
) -> None:
    patch = dict(cut_patches(marked_limb(tmp_path, degrees, side)))["MCP3"]
    middle = STORED_PX // 2
    assert patch[10:middle, middle - 2 : middle + 2].mean() > 150, "the finger goes up from the middle"
    assert patch[middle + 15 :, middle - 2 : middle + 2].mean() < 60
    dot = 40 * SHOWN_PX / (LENGTH_PX * SHOWN_LENGTHS)
    assert patch[middle - 1 : middle + 2, round(middle + dot)].mean() > 150, "the thumb is on the right"


def test_limbs_of_any_size_on_the_film_give_patches_of_one_scale(tmp_path: Path) -> None:
    limb = marked_limb(tmp_path)
    twice = cv2.resize(cv2.imread(str(limb.path), cv2.IMREAD_GRAYSCALE), None, fx=2, fy=2)
    path = tmp_path / "twice.png"
    cv2.imwrite(str(path), twice)
    points = {name: Point(2 * x + 0.5, 2 * y + 0.5) for name, (x, y) in limb.points.items()}
    larger = dict(cut_patches(MarkedLimb("twice", path, limb.limb, limb.side, points)))
    for name, patch in cut_patches(limb):
        assert np.abs(patch.astype(float) - larger[name]).mean() < 2


def test_stored_patches_are_not_cut_again(tmp_path: Path) -> None:
    limb = marked_limb(tmp_path)
    first = open_patches(tmp_path / "store", [limb], lambda done, of: None)
    limb.path.unlink()
    again = open_patches(tmp_path / "store", [limb], lambda done, of: None)
    assert again.index == first.index
    assert np.array_equal(again.pixels, first.pixels)


def test_a_limb_with_too_few_points_gives_no_patches(tmp_path: Path) -> None:
    limb = marked_limb(tmp_path)
    few = MarkedLimb("few", limb.path, limb.limb, limb.side, {"MCP3": limb.points["MCP3"]})
    assert list(cut_patches(few)) == []
