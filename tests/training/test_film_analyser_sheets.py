"""Films laid on a sheet: a limb goes where its pixels go, mirrored it changes sides, and a cut leaves the seen part."""

import numpy as np
import pytest

from opensvh.domain.anatomy import Limb, Side
from opensvh.domain.geometry import Point, Size
from opensvh.targets.limb_maps import SeenLimb
from opensvh.training.film_analyser_cache import SmallFilm
from opensvh.training.film_analyser_lay import Lay, moved_limb, visible
from opensvh.training.film_analyser_sheets import laid, one_limb, two_limbs, whole_film

LIMB = SeenLimb(Limb.HAND, Point(60, 90), 0.0, 100.0, 50.0, {"left": 1.0})


def film() -> SmallFilm:
    """A dark film with a bright spot at the middle fingertip, a fainter one at the thumb."""
    pixels = np.full((200, 120), 30, np.uint8)
    pixels[45:50, 58:63] = 250
    pixels[88:93, 78:83] = 160
    return SmallFilm(pixels, (LIMB,), 30 / 255, False, "P")


def tip(limb: SeenLimb) -> tuple[float, float]:
    right, down = limb.direction
    return limb.centre.x + 0.43 * limb.length * right, limb.centre.y + 0.43 * limb.length * down


def brightest(image: np.ndarray) -> tuple[float, float]:
    rows, columns = np.nonzero(image > 0.75)
    return float(columns.mean()), float(rows.mean())


@pytest.mark.parametrize("mirror", [False, True])
@pytest.mark.parametrize("angle", [0.0, 90.0, 215.0])
@pytest.mark.parametrize("scale", [1.0, 0.5])
def test_tip_goes_with_its_pixels(angle: float, mirror: bool, scale: float) -> None:
    sheet = laid(film(), Lay(angle, mirror, scale, Point(60, 90), Point(110, 100)), Size(220, 200))
    (limb,) = sheet.limbs
    assert brightest(sheet.image) == pytest.approx(tip(limb), abs=1.5)
    assert limb.side is (Side.RIGHT if mirror else Side.LEFT)
    right, down = limb.direction
    thumb_way = 1 if limb.side is Side.LEFT else -1
    thumb = round(limb.centre.x - thumb_way * 20 * scale * down), round(limb.centre.y + thumb_way * 20 * scale * right)
    assert sheet.image[thumb[1], thumb[0]] == pytest.approx(160 / 255, abs=0.08)


def test_cut_limb_is_what_is_left_of_it() -> None:
    part, share = visible(LIMB, Size(120, 90))
    assert part is not None
    assert share == pytest.approx(0.5, abs=0.05)
    assert part.length == pytest.approx(50, abs=4)
    assert part.width == pytest.approx(50, abs=0.01)
    assert part.centre.y == pytest.approx(65, abs=2)


def test_limb_off_the_film_is_gone() -> None:
    assert visible(LIMB, Size(120, 20)) == (None, 0.0)


def test_two_turns_are_one() -> None:
    twice = moved_limb(
        moved_limb(LIMB, Lay(30, True, 2.0, Point(0, 0), Point(5, 5))), Lay(30, True, 0.5, Point(0, 0), Point(0, 0))
    )
    assert twice.angle_deg == pytest.approx(0.0, abs=1e-9) or twice.angle_deg == pytest.approx(360.0)
    assert (twice.side, twice.length) == (Side.LEFT, 100.0)


@pytest.mark.parametrize("seed", range(4))
def test_two_limbs_of_two_films_lie_apart(seed: int) -> None:
    sheet = two_limbs(film(), film(), 256, np.random.default_rng(seed))
    assert max(sheet.image.shape) <= 257
    assert len(sheet.limbs) == 2
    first, second = (limb.centre for limb in sheet.limbs)
    assert abs(first.x - second.x) + abs(first.y - second.y) > 60


def test_limbs_come_in_every_direction_and_size() -> None:
    rng = np.random.default_rng(0)
    limbs = [limb for _ in range(60) for limb in one_limb(film(), 256, rng).limbs]
    quarters = {int(limb.angle_deg // 90) for limb in limbs}
    assert quarters == {0, 1, 2, 3}
    assert min(limb.length for limb in limbs) < 90 < 180 < max(limb.length for limb in limbs)


def test_whole_film_is_never_larger_than_asked() -> None:
    rng = np.random.default_rng(0)
    assert all(max(whole_film(film(), 256, rng).image.shape) == 256 for _ in range(8))
